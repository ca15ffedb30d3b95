import { fireEvent, render, screen } from "@testing-library/svelte";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { fixtureHost } from "../src/host/fixture";
import Shell from "../src/shell/Shell.svelte";
import { app } from "../src/shell/app.svelte";
import { noteChange } from "../src/shell/live.svelte";
import { argsOf, desk, type Asked } from "./desk";

async function open(query: string, hash: string, seen: string, over = {}): Promise<Asked[]> {
  location.hash = hash;
  dispatchEvent(new HashChangeEvent("hashchange"));
  const asked = desk(query, over);
  render(Shell);
  await screen.findByTestId(seen);
  return asked;
}
const type = async (testid: string, value: string): Promise<void> => {
  await fireEvent.input(await screen.findByTestId(testid), { target: { value } });
};
const press = (key: string): Promise<boolean> => fireEvent.keyDown(window, { key });
const click = async (testid: string): Promise<void> => {
  await fireEvent.click(await screen.findByTestId(testid));
};

describe("contacts", () => {
  beforeEach(() => {
    app.session = null;
    app.said = null;
  });

  it("law 5: who entered an address reads why somebody else has to confirm it", async () => {
    const contacts = "#/customers/gmbh/contacts";
    const asked = await open("person=dana", contacts, "contact-h.vogt@northwind.example");
    await press("j");
    expect((await screen.findByTestId("why-not-confirm")).textContent).toContain("somebody else");
    await press("y");
    expect(screen.queryByTestId("contact-confirm")).toBeNull();
    expect(argsOf(asked, "confirm_contact")).toEqual([]);
  });

  it("what is being entered for one customer is not entered for the next", async () => {
    await open("person=sam", "#/customers/gmbh/contacts", "new-contact");
    await press("n");
    await type("contact-name", "Ann");
    location.hash = "#/customers/rail/contacts";
    dispatchEvent(new HashChangeEvent("hashchange"));
    await expect.poll(() => screen.queryByTestId("contact-name")).toBeNull();
  });

  it("law 7: an address is confirmed at the version that was seen", async () => {
    const contacts = "#/customers/gmbh/contacts";
    const asked = await open("person=sam", contacts, "contact-h.vogt@northwind.example");
    await press("j");
    await press("y");
    expect((await screen.findByTestId("contact-seen")).textContent).toBe("h.vogt@northwind.example");
    await click("decide-contact");
    await expect
      .poll(() => argsOf(asked, "confirm_contact"))
      .toEqual([{ id: "ct-2", version: 3, address: "h.vogt@northwind.example" }]);
    await expect.poll(() => app.said?.text).toContain("Contact confirmed");
  });

  it("what is no mailbox is not entered", async () => {
    const contacts = "#/customers/gmbh/contacts";
    const asked = await open("person=sam", contacts, "new-contact");
    await press("n");
    await type("contact-name", "Ann");
    await type("contact-address", "ann@northwind");
    await click("save-contact");
    expect(argsOf(asked, "put_contact")).toEqual([]);
    await type("contact-address", "ann@northwind.example");
    await click("save-contact");
    await expect.poll(() => argsOf(asked, "put_contact").length).toBe(1);
    expect(argsOf(asked, "put_contact")[0]).toMatchObject({ id: null, role: "accounts_payable", line: "to" });
    await expect.poll(() => app.said?.text).toContain("Contact added");
  });
});

describe("a table of contacts", () => {
  beforeEach(() => {
    app.session = null;
    app.said = null;
  });
  const contacts = "#/customers/gmbh/contacts";
  const head = "customer,name,address,role,language\n";

  it("is seen line by line, and enters nobody while a line can't be right", async () => {
    const asked = await open("person=sam", contacts, "import-contacts");
    await fireEvent.keyDown(window, { key: "I", shiftKey: true });
    await type("import-table", "name,address\n");
    expect((await screen.findByRole("alert")).textContent).toContain("the column is missing");
    await type("import-table", `${head}RAIL,Billing,billing@meridian ,legal,en\n`);
    expect((await screen.findByTestId("import-rows")).textContent).toContain("line 4, address");
    await click("confirm-import");
    expect(argsOf(asked, "import_contacts")).toEqual([]);
    await type("import-table", `${head}NW-DE,Mahnwesen,mahnwesen@northwind.example,legal,de\n`);
    await expect.poll(() => screen.getByTestId("confirm-import").textContent).toContain("Add 1");
    await expect
      .poll(() => screen.getByTestId("confirm-import").getAttribute("aria-disabled"))
      .not.toBe("true");
    await click("confirm-import");
    await expect.poll(() => argsOf(asked, "import_contacts").length).toBe(1);
  });

  it("is nothing for who keeps no contacts", async () => {
    await open("person=ines", contacts, "import-contacts");
    await fireEvent.keyDown(window, { key: "I", shiftKey: true });
    expect(screen.queryByTestId("import")).toBeNull();
  });
});

describe("delivery", () => {
  beforeEach(() => {
    app.session = null;
    app.said = null;
  });
  const month = (label: string): string => `#/customers/gmbh/statements?month=${label}`;

  it("is sent again to whom was seen, with a reason", async () => {
    const asked = await open("person=sam&mail=ready", month("2026-08"), "delivery");
    await press("m");
    await screen.findByTestId("send-reason");
    expect((await screen.findByTestId("left-out")).textContent).toContain("not confirmed");
    await click("confirm-send");
    expect(argsOf(asked, "send_statement")).toEqual([]);
    await type("send-reason", "their mailbox was full");
    // Whatever is loaded anew meanwhile, what was planned and typed stands.
    const loaded = argsOf(asked, "customer").length;
    noteChange();
    await expect.poll(() => argsOf(asked, "customer").length).toBeGreaterThan(loaded);
    expect(argsOf(asked, "delivery_plan").length).toBe(1);
    await click("confirm-send");
    await expect
      .poll(() => argsOf(asked, "send_statement"))
      .toEqual([
        {
          statementId: "st-2026-08-2",
          role: "accounts_payable",
          seen: ["kreditoren@northwind.example", "dana@fjordline.example"],
          reason: "their mailbox was full",
        },
      ]);
  });

  it("a file that was added after its dialog was left closes nothing else", async () => {
    let answer: () => void = () => undefined;
    await open("person=sam&mail=ready", month("2026-05"), "page-elsewhere", {
      add_statement_file: () => new Promise<void>((go) => (answer = go)),
    });
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      await click("add-statement-file");
      await type("add-file-path", "/media/a.pdf");
      await click("confirm-add-file");
      await vi.advanceTimersByTimeAsync(10_000);
      await click("cancel-add-file");
      await expect.poll(() => screen.queryByTestId("add-file")).toBeNull();
      await click("record-acknowledgement");
      const said = await screen.findByTestId("said");
      answer();
      await vi.advanceTimersByTimeAsync(100);
      expect(said.isConnected).toBe(true);
    } finally {
      vi.useRealTimers();
    }
  });

  it("a file that is at another desk is added first, and then it is sent", async () => {
    const asked = await open("person=sam&mail=ready", month("2026-05"), "page-elsewhere");
    expect(argsOf(asked, "statement_preview")).toEqual([]);
    await press("v");
    await press("m");
    await screen.findByTestId("file-elsewhere");
    expect(screen.queryByTestId("confirm-send")).toBeNull();
    await click("send-add-file");
    await click("confirm-add-file");
    expect((await screen.findByRole("alert")).textContent).toContain("Enter the file’s path");
    await type("add-file-path", " /media/ST-2026-05-0384-r1.pdf ");
    await click("confirm-add-file");
    await expect
      .poll(() => argsOf(asked, "add_statement_file"))
      .toEqual([{ statementId: "st-2026-05-1", path: "/media/ST-2026-05-0384-r1.pdf" }]);
    await screen.findByTestId("send-to");
    expect(screen.queryByTestId("file-elsewhere")).toBeNull();
    await expect.poll(() => argsOf(asked, "delivery_plan").length).toBeGreaterThan(1);
    await click("confirm-send");
    await expect.poll(() => argsOf(asked, "send_statement").length).toBe(1);
    expect(argsOf(asked, "verify_statement")).toEqual([]);
  });

  it("law 6: what may have gone out is sent again only when somebody says so", async () => {
    const asked = await open("person=sam", month("2026-07"), "delivery-arrived");
    expect(screen.queryByTestId("send-statement")).toBeNull();
    await press("m");
    expect(screen.queryByTestId("send")).toBeNull();
    await click("delivery-again");
    await expect.poll(() => argsOf(asked, "settle_delivery")).toEqual([{ id: "de-3", arrived: false }]);
  });

  it("what was tried and did not leave is named, and goes again only where that is asked for", async () => {
    const asked = await open("person=sam&mail=ready", "#/statements", "run-gmbh");
    await press("m");
    expect((await screen.findByTestId("month-failed")).textContent).toContain("no such user");
    await fireEvent.change(screen.getByTestId("month-role"), { target: { value: "legal" } });
    await click("month-retry");
    await click("confirm-month");
    await expect
      .poll(() => argsOf(asked, "send_month"))
      .toEqual([
        {
          month: "2026-10",
          role: "legal",
          statements: ["st-2026-10-1", "st-2026-10-2"],
          retry: ["st-2026-10-388"],
        },
      ]);
    expect(argsOf(asked, "month_sending")).toEqual([
      { month: "2026-10", role: "accounts_payable" },
      { month: "2026-10", role: "legal" },
    ]);
  });

  it("law 7: what is sent is what was shown, and what failed only where that is asked for", async () => {
    const asked = await open("person=sam&mail=ready", "#/statements", "run-gmbh");
    await press("m");
    await screen.findByTestId("month-leave");
    await click("confirm-month");
    const shown = {
      month: "2026-10",
      role: "accounts_payable",
      statements: ["st-2026-10-1", "st-2026-10-2"],
      retry: [],
    };
    await expect.poll(() => argsOf(asked, "send_month")).toEqual([shown]);
  });

  it("law 7: nothing is sent to a role whose plan was not seen", async () => {
    const inner = fixtureHost(new URLSearchParams("person=sam&mail=ready"));
    const asked = await open("person=sam&mail=ready", "#/statements", "run-gmbh", {
      month_sending: (args: Parameters<typeof inner.call<"month_sending">>[1]) =>
        args.role === "legal" ? new Promise(() => undefined) : inner.call("month_sending", args),
    });
    await press("m");
    await screen.findByTestId("month-leave");
    await fireEvent.change(screen.getByTestId("month-role"), { target: { value: "legal" } });
    await expect.poll(() => argsOf(asked, "month_sending").length).toBe(2);
    await click("confirm-month");
    expect(screen.queryByTestId("month-leave")).toBeNull();
    expect(argsOf(asked, "send_month")).toEqual([]);
  });

  it("the choice of a role stays under the hand while its plan is being made", async () => {
    const august = month("2026-08");
    await open("person=sam&mail=ready", august, "delivery");
    await press("m");
    await screen.findByTestId("send-reason");
    const role = screen.getByTestId<HTMLSelectElement>("send-role");
    role.focus();
    await fireEvent.change(role, { target: { value: "legal" } });
    expect(role.isConnected).toBe(true);
    await screen.findByTestId("send-reason");
    expect(role).toHaveFocus();
    expect(role).toHaveValue("legal");
  });

  it("a dispute says what is disputed", async () => {
    const asked = await open("person=sam", month("2026-09"), "delivery");
    await press("a");
    await type("said-by", "H. Vogt");
    await type("said-on", "2026-10-09");
    await fireEvent.change(await screen.findByTestId("said-what"), { target: { value: "disputed" } });
    await click("confirm-said");
    expect(argsOf(asked, "record_acknowledgement")).toEqual([]);
    await type("said-note", "ten minutes more");
    await click("confirm-said");
    await expect
      .poll(() => argsOf(asked, "record_acknowledgement"))
      .toEqual([
        {
          statementId: "st-2026-09-1",
          byName: "H. Vogt",
          on: "2026-10-09",
          accepted: false,
          note: "ten minutes more",
        },
      ]);
  });
});
