import { fireEvent, render, screen } from "@testing-library/svelte";
import { beforeEach, describe, expect, it } from "vitest";
import { fixtureHost } from "../src/host/fixture";
import Shell from "../src/shell/Shell.svelte";
import { app } from "../src/shell/app.svelte";
import { argsOf, desk, type Asked } from "./desk";

async function open(query: string, seen: string, over = {}): Promise<Asked[]> {
  location.hash = "#/statements";
  dispatchEvent(new HashChangeEvent("hashchange"));
  const asked = desk(query, over);
  render(Shell);
  await screen.findByTestId(seen);
  return asked;
}

describe("the month's run", () => {
  beforeEach(() => {
    app.session = null;
    app.said = null;
  });

  it("where no month is there yet, says so", async () => {
    const none = { ...(await fixtureHost(new URLSearchParams()).call("portfolio", {})), months: [] };
    await open("person=sam", "issue-all-ready", { portfolio: () => none });
    await screen.findByText("No month has ended yet.");
  });

  it("where the months can't be had, says why", async () => {
    await open("person=sam", "issue-all-ready", {
      portfolio: () => Promise.reject({ code: "database", message: "the file is locked" }),
    });
    expect(await screen.findByRole("alert")).toHaveTextContent("the file is locked");
  });

  it("says what it would do and what it leaves, and begins when that was seen", async () => {
    const asked = await open("person=sam", "issue-all-ready");
    await screen.findByTestId("run-gmbh");
    await fireEvent.keyDown(window, { key: "I", shiftKey: true });
    const held = await screen.findByTestId("issue-all-held");
    expect(held.textContent).toContain("An SLA credit is not approved");
    expect(argsOf(asked, "begin_statement_batch")).toEqual([]);
    await fireEvent.change(screen.getByTestId("issue-all-language"), { target: { value: "de" } });
    await fireEvent.click(screen.getByTestId("confirm-issue-all"));
    await expect
      .poll(() => argsOf(asked, "begin_statement_batch"))
      .toEqual([{ month: "2026-10", language: "de" }]);
  });

  it("is paused and cancelled while it is on its way, and no second one begins", async () => {
    const asked = await open("person=sam&batch=running", "batch");
    expect(screen.getByTestId("batch-counts").textContent).toContain("212 of 388 sealed");
    await fireEvent.keyDown(window, { key: "I", shiftKey: true });
    expect(screen.queryByTestId("issue-all")).toBeNull();
    await fireEvent.click(screen.getByTestId("batch-pause"));
    await expect.poll(() => argsOf(asked, "pause_statement_batch")).toEqual([{ id: "b-1" }]);
    await fireEvent.click(screen.getByTestId("batch-cancel"));
    await expect.poll(() => argsOf(asked, "cancel_statement_batch")).toEqual([{ id: "b-1" }]);
  });

  it("names what failed at its end, tries it again, and shows the signed list", async () => {
    const asked = await open("person=sam&batch=done", "batch");
    expect(screen.getByTestId("batch-failures").textContent).toContain("CR-309 is not approved");
    expect(screen.queryByTestId("batch-pause")).toBeNull();
    await fireEvent.click(screen.getByTestId("batch-retry"));
    await expect.poll(() => argsOf(asked, "retry_statement_batch")).toEqual([{ id: "b-1" }]);
    await fireEvent.click(screen.getByTestId("batch-list"));
    await expect.poll(() => argsOf(asked, "show_statement_list")).toEqual([{ month: "2026-10" }]);
  });

  it("is the account manager's to begin", async () => {
    const asked = await open("person=dana", "issue-all-ready");
    await screen.findByTestId("run-gmbh");
    await fireEvent.keyDown(window, { key: "I", shiftKey: true });
    expect(screen.queryByTestId("issue-all")).toBeNull();
    expect(argsOf(asked, "plan_statement_batch")).toEqual([]);
  });

  it("asks for the password of a locked seal, and begins nothing with a wrong one", async () => {
    const asked = await open("person=sam&seal=locked", "issue-all-ready");
    await screen.findByTestId("run-gmbh");
    await fireEvent.keyDown(window, { key: "I", shiftKey: true });
    await screen.findByTestId("issue-all-held");
    await fireEvent.input(await screen.findByTestId("unlock-seal"), { target: { value: "wrong" } });
    await fireEvent.click(screen.getByTestId("confirm-issue-all"));
    expect((await screen.findByRole("alert")).textContent).toContain("does not open");
    expect(argsOf(asked, "begin_statement_batch")).toEqual([]);
    await fireEvent.input(screen.getByTestId("unlock-seal"), { target: { value: "right" } });
    await fireEvent.click(screen.getByTestId("confirm-issue-all"));
    await expect.poll(() => argsOf(asked, "begin_statement_batch").length).toBe(1);
    expect(argsOf(asked, "unlock_seal")).toEqual([{ secret: "wrong" }, { secret: "right" }]);
  });

  it("issues nothing without a seal, and says where one is chosen", async () => {
    const asked = await open("person=sam&seal=none", "issue-all-ready");
    await screen.findByTestId("run-gmbh");
    await fireEvent.keyDown(window, { key: "I", shiftKey: true });
    expect((await screen.findByTestId("no-seal")).textContent).toContain("settings");
    await fireEvent.click(screen.getByTestId("confirm-issue-all"));
    expect(argsOf(asked, "begin_statement_batch")).toEqual([]);
  });
});

describe("a statement that is issued from the month's run", () => {
  it("begins in the language that the customer is written to", async () => {
    app.session = null;
    const inner = fixtureHost(new URLSearchParams("person=sam"));
    const asked = await open("person=sam", "run-bw", {
      statement_choices: async (of: Parameters<typeof inner.call<"statement_choices">>[1]) =>
        (await inner.call("statement_choices", of)).map((one) => ({ ...one, language: "de" })),
    });
    await fireEvent.click(screen.getByTestId("run-bw"));
    await fireEvent.keyDown(window, { key: "i" });
    const language = await screen.findByTestId<HTMLSelectElement>("issue-language");
    await expect.poll(() => language.value).toBe("de");
    await fireEvent.click(screen.getByTestId("confirm-issue"));
    await expect.poll(() => argsOf(asked, "issue_statement").length).toBe(1);
    expect(argsOf(asked, "issue_statement")[0]).toMatchObject({ customerId: "bw", language: "de" });
  });
});

describe("a statement of a part", () => {
  beforeEach(() => {
    app.session = null;
    app.said = null;
  });

  async function customer(): Promise<Asked[]> {
    location.hash = "#/customers/gmbh/statements?month=2026-10";
    dispatchEvent(new HashChangeEvent("hashchange"));
    const asked = desk("person=sam");
    render(Shell);
    await screen.findByTestId("issue-part");
    return asked;
  }

  it("is issued of a contract while the whole customer waits", async () => {
    const asked = await customer();
    expect(screen.getByTestId("issue-statement").getAttribute("aria-disabled")).toBe("true");
    await fireEvent.click(screen.getByTestId("issue-part"));
    const of = await screen.findByTestId<HTMLSelectElement>("issue-of");
    await expect.poll(() => of.value).toBe("contract nw-2");
    await fireEvent.click(screen.getByTestId("confirm-issue"));
    await expect
      .poll(() => argsOf(asked, "issue_statement"))
      .toEqual([
        { customerId: "gmbh", of: { kind: "contract", id: "nw-2" }, month: "2026-10", language: "de" },
      ]);
  });

  it("says what stands in the way of a group, and does not issue it", async () => {
    const asked = await customer();
    await fireEvent.click(screen.getByTestId("issue-part"));
    const of = await screen.findByTestId<HTMLSelectElement>("issue-of");
    await expect.poll(() => of.value).toBe("contract nw-2");
    await fireEvent.change(of, { target: { value: "group nw" } });
    expect((await screen.findByTestId("issue-held")).textContent).toContain("BR-1044 is not reviewed");
    await fireEvent.click(screen.getByTestId("confirm-issue"));
    expect(argsOf(asked, "issue_statement")).toEqual([]);
  });
});

describe("one statement on its way", () => {
  beforeEach(() => {
    app.session = null;
    app.said = null;
  });

  async function issued(run: string): Promise<void> {
    await open(`person=sam&run=${run}`, "issue-all-ready");
    await screen.findByTestId("run-gmbh");
    await fireEvent.keyDown(window, { key: "j" });
    await fireEvent.keyDown(window, { key: "i" });
    const send = await screen.findByTestId("confirm-issue");
    await expect.poll(() => send.getAttribute("aria-disabled")).not.toBe("true");
    await fireEvent.click(send);
  }

  it("shows how far it is, and goes on when that is closed", async () => {
    await issued("numbered");
    const steps = await screen.findByTestId("sealing-steps");
    await expect
      .poll(() => steps.querySelector("[aria-current=step]")?.textContent)
      .toContain("sealed and checked");
    await fireEvent.click(screen.getByTestId("close-sealing"));
    expect(screen.queryByTestId("sealing")).toBeNull();
  });

  it("is gone once it is sealed, and says so", async () => {
    await issued("sealed");
    await expect.poll(() => app.said?.text).toMatch(/sealed$/);
    expect(screen.queryByTestId("sealing")).toBeNull();
  });

  it("says what it waits for", async () => {
    await issued("stuck");
    expect((await screen.findByTestId("sealing-waits")).textContent).toContain("tsa.example");
  });
});

describe("a month of many statements", () => {
  beforeEach(() => {
    app.session = null;
  });

  it("the counts lead to what they count, and a filter to one customer", async () => {
    await open("person=sam&many", "run-gmbh");
    const count = screen.getByTestId("statements-blocked").textContent ?? "";
    await fireEvent.click(screen.getByTestId("show-blocked"));
    await expect.poll(() => screen.queryByTestId("run-bw")).toBeNull();
    screen.getByTestId("run-gmbh");
    const rows = (): number => screen.getAllByTestId(/^run-/).length;
    expect(String(rows())).toBe(count);
    expect(location.hash).toContain("state=blocked");
    await fireEvent.input(screen.getByTestId("filter-statements"), { target: { value: "cr-313" } });
    expect(rows()).toBe(1);
    await fireEvent.input(screen.getByTestId("filter-statements"), { target: { value: "cr-999" } });
    screen.getByText("No SLA statements match this filter.");
    await fireEvent.input(screen.getByTestId("filter-statements"), { target: { value: "" } });
    await fireEvent.click(screen.getByTestId("show-blocked"));
    await expect.poll(rows).toBe(400);
  });
});
