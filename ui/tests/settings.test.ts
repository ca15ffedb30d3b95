import { fireEvent, render, screen, within } from "@testing-library/svelte";
import { beforeEach, describe, expect, it } from "vitest";
import { fixtureHost } from "../src/host/fixture";
import Shell from "../src/shell/Shell.svelte";
import { app } from "../src/shell/app.svelte";
import { forgetAll } from "../src/shell/unsaved";
import { argsOf, desk, type Asked } from "./desk";

function open(hash: string, query: string, over = {}): Asked[] {
  location.hash = hash;
  dispatchEvent(new HashChangeEvent("hashchange"));
  const asked = desk(query, over);
  render(Shell);
  return asked;
}
const type = (id: string, value: string): Promise<boolean> =>
  fireEvent.input(screen.getByTestId(id), { target: { value } });
const choose = (id: string, value: string): Promise<boolean> =>
  fireEvent.change(screen.getByTestId(id), { target: { value } });

beforeEach(() => {
  app.session = null;
  app.said = null;
  forgetAll();
});

describe("settings", () => {
  it("lead to what one may ask for, and to nothing else", async () => {
    open("#/settings", "person=ines");
    await screen.findByTestId("open-tables");
    screen.getByTestId("open-sources");
    expect(screen.queryByTestId("open-people")).toBeNull();
    expect(screen.queryByTestId("open-messages")).toBeNull();
  });
});

describe("the mail server", () => {
  it("is asked for at no port that is none", async () => {
    const asked = open("#/settings", "person=sam");
    await screen.findByTestId("mail-port");
    for (const port of ["46 5", "0", "65536", "smtp", ""]) {
      await type("mail-port", port);
      screen.getByText("Enter a port from 1 to 65535");
      await fireEvent.click(screen.getByTestId("save-mail"));
    }
    expect(argsOf(asked, "set_mail")).toEqual([]);
    await type("mail-port", "2525");
    await fireEvent.click(screen.getByTestId("save-mail"));
    await expect.poll(() => argsOf(asked, "set_mail")).toMatchObject([{ settings: { port: 2525 } }]);
  });
});

describe("verifying a file", () => {
  it("shows a verdict below the path that it is about, and no other", async () => {
    const inner = fixtureHost(new URLSearchParams("person=dana"));
    let answer: () => void = () => undefined;
    open("#/settings", "person=dana", {
      verify_file: async (args: { path: string }) => {
        await new Promise<void>((go) => (answer = go));
        return inner.call("verify_file", args);
      },
    });
    await screen.findByTestId("verify-path");
    await type("verify-path", "/tmp/a.pdf");
    await fireEvent.click(screen.getByTestId("verify-file"));
    await type("verify-path", "/tmp/b.pdf");
    answer();
    await expect.poll(() => screen.getByTestId("verify-file").textContent?.trim()).toBe("Verify");
    expect(screen.queryByTestId("verification")).toBeNull();
    await type("verify-path", "/tmp/a.pdf");
    await screen.findByTestId("verification");
  });
});

describe("people", () => {
  it("law 5: a change of roles and scope is proposed", async () => {
    const asked = open("#/settings/people", "person=ines&admin");
    await fireEvent.click(await screen.findByTestId("known-lee"));
    await fireEvent.click(screen.getByTestId("change-person"));
    const form = within(await screen.findByTestId("person-form"));
    expect((form.getByTestId("person-customers") as HTMLTextAreaElement).value).toContain("NW-DE");
    await fireEvent.click(form.getByTestId("role-account_manager"));
    await choose("person-scope", "all");
    await fireEvent.click(form.getByTestId("confirm-person"));
    await expect.poll(() => app.said?.text).toBe("P-13 is waiting for a second person");
    const wanted = argsOf(asked, "propose_person")[0] as { roles: string[]; customers: string | null };
    expect(wanted.roles).toEqual(["csm", "account_manager"]);
    expect(wanted.customers).toBeNull();
  });

  it("somebody approves in another's place between two times", async () => {
    const asked = open("#/settings/people", "person=ines&admin");
    await fireEvent.click(await screen.findByTestId("known-ines"));
    await fireEvent.click(screen.getByTestId("delegate"));
    await choose("delegate-who", "tomas");
    await type("delegate-from", "2026-11-20 08:00");
    await type("delegate-to", "2026-11-10 08:00");
    await fireEvent.click(screen.getByTestId("confirm-delegate"));
    screen.getByText("From must be before To");
    await type("delegate-to", "2026-11-27 08:00");
    await fireEvent.click(screen.getByTestId("confirm-delegate"));
    await expect.poll(() => argsOf(asked, "propose_delegation").length).toBe(1);
    expect(argsOf(asked, "propose_delegation")).toEqual([
      { person: "ines", delegate: "tomas", from: "2026-11-20T08:00:00Z", to: "2026-11-27T08:00:00Z" },
    ]);
  });

  it("the access review goes into a folder", async () => {
    const asked = open("#/settings/people", "person=ines&admin");
    await fireEvent.click(await screen.findByTestId("export-review"));
    await type("folder-path", " /tmp/review ");
    await fireEvent.click(screen.getByTestId("confirm-folder"));
    await expect.poll(() => app.said?.detail).toBe("/tmp/review/access-review-2026-11-09.csv");
    expect(argsOf(asked, "export_access_review")).toEqual([{ folder: "/tmp/review" }]);
  });

  it("whoever does not administer is told so", async () => {
    open("#/settings/people", "person=dana");
    await screen.findByText("role_missing");
    expect(screen.queryByTestId("new-person")).toBeNull();
  });
});

describe("messages", () => {
  it("says what became of each, and why one did not arrive", async () => {
    open("#/settings/messages", "person=ines&admin");
    await fireEvent.click(await screen.findByTestId("message-m-2"));
    expect(screen.getByTestId("message-failure")).toHaveTextContent("answers 451");
    expect(screen.getByTestId("message-strip")).toHaveTextContent("Next try 9 Nov 2026, 08:32 UTC");
    await fireEvent.click(screen.getByTestId("messages-tab-given-up"));
    await expect.poll(() => screen.queryByTestId("message-m-2")).toBeNull();
    screen.getByTestId("message-m-1");
  });

  it("what was given up is sent again, and nothing else is", async () => {
    const asked = open("#/settings/messages", "person=ines&admin");
    await fireEvent.click(await screen.findByTestId("message-m-2"));
    expect(screen.queryByTestId("resend-message")).toBeNull();
    await fireEvent.keyDown(window, { key: "s" });
    expect(argsOf(asked, "resend_message")).toEqual([]);
    await fireEvent.click(screen.getByTestId("message-m-1"));
    await fireEvent.click(await screen.findByTestId("resend-message"));
    await expect.poll(() => argsOf(asked, "resend_message")).toEqual([{ id: "m-1" }]);
    await expect.poll(() => screen.queryByTestId("resend-message")).toBeNull();
    expect(screen.getByTestId("message-strip")).toHaveTextContent("Next try");
  });
});

describe("tables", () => {
  const fees = "contract,line,amount,frequency,from\nNW-1,Orders API availability,12500,monthly,2026-09-01\n";

  it("law 5: fees are seen field by field, then proposed", async () => {
    const asked = open("#/settings/tables", "person=ines");
    await screen.findByTestId("table-text");
    await type("table-text", fees);
    await screen.findByText(/a second person has to put them in force/);
    screen.getByText("EUR 12,500.00");
    await fireEvent.click(screen.getByTestId("take-table"));
    await expect.poll(() => location.hash).toBe("#/contracts/p-13/proposal");
    expect(argsOf(asked, "take_table")).toEqual([{ table: "fees", text: fees }]);
  });

  it("what was answered about another table is handed in by nobody", async () => {
    const asked = open("#/settings/tables", "person=ines");
    await screen.findByTestId("table-text");
    await type("table-text", fees);
    await screen.findByTestId("table-says");
    await choose("table-kind", "mrr");
    await fireEvent.click(screen.getByTestId("take-table"));
    expect(argsOf(asked, "take_table")).toEqual([]);
    await screen.findByText(/take effect at once/);
  });

  it("what is in force stands beside what would differ, of the table that is chosen", async () => {
    const asked = open("#/settings/tables", "person=ines");
    expect(await screen.findByTestId("in-force-ch-2")).toHaveTextContent("1 Sep 2027");
    await choose("table-kind", "mrr");
    expect(await screen.findByTestId("in-force-gmbh/2026-10")).toHaveTextContent("€23,000.00");
    expect(screen.queryByTestId("in-force-ch-2")).toBeNull();
    await choose("table-kind", "customers");
    await expect.poll(() => screen.queryByText("In force")).toBeNull();
    const tables = (argsOf(asked, "table_in_force") as { table: string }[]).map((one) => one.table);
    expect([...new Set(tables)]).toEqual(["fees", "mrr"]);
  });

  it("a flaw is said at its line", async () => {
    open("#/settings/tables", "person=ines");
    await screen.findByTestId("table-text");
    await type("table-text", "contract,line");
    await screen.findByText(/line 1: the table has no lines/);
    expect(screen.getByTestId("take-table")).toHaveAttribute("aria-disabled", "true");
  });
});
