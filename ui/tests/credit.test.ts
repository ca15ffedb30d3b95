import { fireEvent, render, screen, within } from "@testing-library/svelte";
import { beforeEach, describe, expect, it } from "vitest";
import { fixtureHost } from "../src/host/fixture";
import type { Credits, Page } from "../src/host/types";
import Shell from "../src/shell/Shell.svelte";
import { app } from "../src/shell/app.svelte";
import { noteChange } from "../src/shell/live.svelte";
import { argsOf, desk, type Asked } from "./desk";

async function open(query: string, over = {}): Promise<Asked[]> {
  location.hash = "#/credits";
  dispatchEvent(new HashChangeEvent("hashchange"));
  const asked = desk(query, over);
  render(Shell);
  await screen.findByTestId("credit-CR-311");
  return asked;
}

describe("approving", () => {
  beforeEach(() => {
    app.session = null;
    app.sending = [];
    app.said = null;
  });

  it("law 7: carries the version and the amount that was seen, of each credit", async () => {
    const asked = await open("person=ines");
    await fireEvent.click(screen.getByTestId("select-CR-311"));
    await fireEvent.click(screen.getByTestId("select-CR-312"));
    await fireEvent.click(screen.getByTestId("approve-selected"));
    const confirm = await screen.findByTestId("confirm-approve");
    await expect.poll(() => confirm.getAttribute("aria-disabled")).toBeNull();
    await fireEvent.click(confirm);
    await screen.findByTestId("send-bar");
    expect(argsOf(asked, "approve_credits")).toEqual([
      {
        items: [
          { id: "cr-311", version: 2, amountMinor: "120000" },
          { id: "cr-312", version: 2, amountMinor: "80000" },
        ],
      },
    ]);
  });

  it("shows one total per currency, never a sum across them", async () => {
    await open("person=ines");
    for (const number of ["CR-311", "CR-312", "CR-313"]) {
      await fireEvent.click(screen.getByTestId(`select-${number}`));
    }
    const bar = await screen.findByTestId("selection");
    await within(bar).findByText("EUR 1,400.00");
    within(bar).getByText("USD 800.00");
  });

  it("can be cancelled while it waits: every command is taken back", async () => {
    const asked = await open("person=ines");
    await fireEvent.click(await screen.findByTestId("approve-credit"));
    const confirm = await screen.findByTestId("confirm-approve");
    await expect.poll(() => confirm.getAttribute("aria-disabled")).toBeNull();
    await fireEvent.click(confirm);
    await fireEvent.click(await screen.findByTestId("cancel-sending"));
    await expect.poll(() => argsOf(asked, "cancel_commands")).toEqual([{ ids: ["command-1"] }]);
    await expect.poll(() => screen.queryByTestId("send-bar")).toBeNull();
  });

  it("says why one may not, and sends nothing", async () => {
    const asked = await open("person=dana");
    const button = await screen.findByTestId("approve-credit");
    expect(button).toHaveAttribute("aria-disabled", "true");
    expect(button).toHaveAttribute("title", "Finance approves credits");
    await fireEvent.click(button);
    expect(screen.queryByTestId("confirm-approve")).toBeNull();
    expect(argsOf(asked, "approve_credits")).toEqual([]);
  });

  it("a refusal is worded by its code and stays until dismissed", async () => {
    await open("person=ines", {
      approve_credits: () => {
        throw { code: "stale", message: "CR-311 is now €1,300.00" };
      },
    });
    await fireEvent.click(await screen.findByTestId("approve-credit"));
    const confirm = await screen.findByTestId("confirm-approve");
    await expect.poll(() => confirm.getAttribute("aria-disabled")).toBeNull();
    await fireEvent.click(confirm);
    const toast = await screen.findByTestId("toast");
    expect(toast).toHaveTextContent("It has changed since you looked");
    expect(toast).toHaveTextContent("CR-311 is now €1,300.00 (stale)");
  });
});

describe("one round of approvals after another", () => {
  beforeEach(() => {
    app.session = null;
    app.sending = [];
    app.said = null;
  });
  const approve = async (): Promise<void> => {
    await fireEvent.keyDown(window, { key: "a" });
    const confirm = await screen.findByTestId("confirm-approve");
    await expect.poll(() => confirm.getAttribute("aria-disabled")).toBeNull();
    await fireEvent.click(confirm);
    await expect.poll(() => screen.queryByTestId("confirm-approve")).toBeNull();
  };

  it("each has its own time, and Cancel takes back its own alone", async () => {
    let sent = 0;
    const asked = await open("person=ines&many", {
      approve_credits: ({ items }: { items: { id: string }[] }) =>
        items.map((one) => ({ id: one.id, commandId: `round-${++sent}` })),
    });
    await fireEvent.click(screen.getByTestId("credit-CR-402"));
    await approve();
    await approve();
    await expect.poll(() => screen.getAllByTestId("send-bar").length).toBe(2);
    const [first] = screen.getAllByTestId("cancel-sending");
    await fireEvent.click(first as HTMLElement);
    await expect.poll(() => screen.getAllByTestId("send-bar").length).toBe(1);
    // The key takes back the newest.
    await fireEvent.keyDown(window, { key: "z" });
    await expect.poll(() => screen.queryByTestId("send-bar")).toBeNull();
    expect(argsOf(asked, "cancel_commands")).toEqual([{ ids: ["round-1"] }, { ids: ["round-2"] }]);
  });

  it("what had left already is not said to be taken back", async () => {
    await open("person=ines", { cancel_commands: () => 0 });
    await approve();
    await fireEvent.keyDown(window, { key: "z" });
    expect(await screen.findByTestId("toast")).toHaveTextContent("0 cancelled, 1 already sent");
  });

  it("goes on with the next that can be decided", async () => {
    const asked = await open("person=ines&many");
    await fireEvent.click(screen.getByTestId("credit-CR-402"));
    await approve();
    await expect.poll(() => location.hash).toBe("#/credits/cr-403");
    await approve();
    const ids = argsOf(asked, "approve_credits").map(
      (args) => (args as { items: { id: string }[] }).items[0]?.id,
    );
    expect(ids).toEqual(["cr-402", "cr-403"]);
  });

  it("a key that is held does not decide twice, nor what it opened", async () => {
    await open("person=ines");
    await fireEvent.keyDown(window, { key: "a", repeat: true });
    expect(screen.queryByTestId("approve")).toBeNull();
    await fireEvent.keyDown(window, { key: "a" });
    const confirm = await screen.findByTestId("confirm-approve");
    const held = new KeyboardEvent("keydown", {
      key: "Enter",
      repeat: true,
      bubbles: true,
      cancelable: true,
    });
    confirm.dispatchEvent(held);
    expect(held.defaultPrevented).toBe(true);
  });
});

describe("a credit in the panel", () => {
  beforeEach(() => {
    app.session = null;
    app.sending = [];
    app.said = null;
  });

  it("is decided even where the tab does not list it", async () => {
    const asked = await open("person=ines&many");
    const hash = "#/credits/cr-311?tab=posted";
    location.hash = hash;
    dispatchEvent(new HashChangeEvent("hashchange"));
    await expect.poll(() => screen.queryByTestId("credit-CR-402")).toBeNull();
    await expect.poll(() => screen.queryByTestId("credit-number")?.textContent).toBe("CR-311");
    await fireEvent.click(screen.getByTestId("approve-credit"));
    const confirm = await screen.findByTestId("confirm-approve");
    await expect.poll(() => confirm.getAttribute("aria-disabled")).toBeNull();
    await fireEvent.click(confirm);
    await expect
      .poll(() => argsOf(asked, "approve_credits"))
      .toEqual([{ items: [{ id: "cr-311", version: 2, amountMinor: "120000" }] }]);
  });

  it("stays when another comes before it", async () => {
    const inner = fixtureHost(new URLSearchParams("person=ines&many"));
    const whole: Credits = await inner.call("credits", { tab: "awaiting", page: null });
    let rows = whole.rows.slice(1);
    await open("person=ines&many", { credits: () => ({ ...whole, rows, next: null }) }).catch(
      () => undefined,
    );
    const [first, second] = whole.rows;
    await expect.poll(() => screen.queryByTestId("credit-number")?.textContent).toBe(second?.number);
    rows = whole.rows;
    noteChange();
    await screen.findByTestId(`credit-${first?.number ?? ""}`);
    expect(screen.getByTestId("credit-number")).toHaveTextContent(second?.number ?? "");
  });

  it("of one tab does not stay when the next tab fails, and stays when it fails itself", async () => {
    const inner = fixtureHost(new URLSearchParams("person=ines"));
    let fails = false;
    await open("person=ines", {
      credits: (args: Parameters<typeof inner.call<"credits">>[1]) => {
        if (fails) throw { code: "database", message: "locked" };
        return inner.call("credits", args);
      },
    });
    fails = true;
    noteChange();
    await screen.findByText(/locked/);
    screen.getByTestId("credit-CR-311");
    await fireEvent.click(screen.getByTestId("credit-tab-posted"));
    await expect.poll(() => screen.queryByTestId("credit-CR-311")).toBeNull();
  });

  it("several are returned once each, however often it is tried", async () => {
    let fails = true;
    const asked = await open("person=ines", {
      return_credit: ({ id }: { id: string }) => {
        if (id === "cr-312" && fails) throw { code: "database", message: "locked" };
        return null;
      },
    });
    await fireEvent.click(screen.getByTestId("select-CR-311"));
    await fireEvent.click(screen.getByTestId("select-CR-312"));
    await fireEvent.click(screen.getByTestId("return-selected"));
    await fireEvent.input(await screen.findByTestId("return-reason"), {
      target: { value: "the wrong month" },
    });
    await fireEvent.click(screen.getByTestId("confirm-return"));
    await screen.findByTestId("toast");
    fails = false;
    await fireEvent.click(screen.getByTestId("confirm-return"));
    await expect.poll(() => screen.queryByTestId("confirm-return")).toBeNull();
    expect(argsOf(asked, "return_credit").map((args) => (args as { id: string }).id)).toEqual([
      "cr-311",
      "cr-312",
      "cr-312",
    ]);
  });
});

describe("pages of credits", () => {
  beforeEach(() => {
    app.session = null;
    app.sending = [];
  });

  it("what later pages bring stands beside what is there, and nothing twice", async () => {
    const inner = fixtureHost(new URLSearchParams("person=ines&many"));
    const whole: Credits = await inner.call("credits", { tab: "awaiting", page: null });
    const [first, ...others] = whole.decidedToday;
    const [own, theirs, more] = [whole.rows.slice(0, 3), whole.notYours, whole.rows.slice(3, 5)];
    const as = (number: string): Credits["notYours"] =>
      theirs.slice(0, 1).map((row) => ({ ...row, id: number.toLowerCase(), number }));
    // What was decided today is told with each page.
    const pages: Record<string, Credits> = {
      "": { ...whole, rows: own, next: "second", decidedToday: first ? [first] : [] },
      second: { ...whole, rows: more, notYours: as("CR-901"), next: "third" },
      third: { ...whole, rows: [], notYours: as("CR-902"), next: null },
    };
    const asked = await open("person=ines", {
      credits: ({ page }: { page: Page | null }) => pages[page?.after ?? ""],
    });
    await fireEvent.click(screen.getByTestId("more"));
    await screen.findByTestId("credit-CR-901");
    await fireEvent.click(screen.getByTestId("more"));
    await screen.findByTestId("credit-CR-902");
    expect(screen.queryByTestId("more")).toBeNull();
    const all = [...own, ...more, ...theirs, ...as("CR-901"), ...as("CR-902"), ...whole.decidedToday];
    expect([theirs.length, others.length > 0, more.length]).toEqual([1, true, 2]);
    const shown = screen.getAllByTestId(/^credit-CR-/).map((row) => row.dataset["testid"]);
    expect(shown).toEqual(all.map((row) => `credit-${row.number}`));
    const after = argsOf(asked, "credits").map((args) => (args as { page: Page | null }).page?.after ?? "");
    expect(after.slice(-2)).toEqual(["second", "third"]);
  });
});

describe("many credits", () => {
  beforeEach(() => {
    app.session = null;
    app.sending = [];
  });
  const filter = (text: string): Promise<boolean> =>
    fireEvent.input(screen.getByTestId("filter-credits"), { target: { value: text } });

  it("a filter leaves what holds its words, and all of it is selected at once", async () => {
    await open("person=ines&many");
    await fireEvent.keyDown(window, { key: "/" });
    expect(document.activeElement).toBe(screen.getByTestId("filter-credits"));
    await filter("nw-1 northwind");
    expect(screen.queryByTestId("credit-CR-400")).toBeNull();
    screen.getByTestId("credit-CR-313");
    await fireEvent.keyDown(screen.getByTestId("filter-credits"), { key: "Enter" });
    await fireEvent.keyDown(window, { key: "X", shiftKey: true });
    await screen.findByText("2 selected");
    // What was selected stays so, and is counted where it is not seen.
    await filter("customer 007");
    await screen.findByText("2 selected, 2 hidden by the filter");
    await fireEvent.keyDown(screen.getByTestId("filter-credits"), { key: "Escape" });
    await screen.findByText("2 selected");
    screen.getByTestId("credit-CR-400");
  });

  it("what is open is decided, whatever the filter leaves", async () => {
    const asked = await open("person=ines&many");
    await fireEvent.click(screen.getByTestId("credit-CR-402"));
    await filter("nw-1 northwind");
    expect(screen.queryByTestId("credit-CR-402")).toBeNull();
    await fireEvent.keyDown(window, { key: "a" });
    await screen.findByRole("dialog");
    const confirm = screen.getByTestId("confirm-approve");
    await expect.poll(() => confirm.getAttribute("aria-disabled")).toBeNull();
    await fireEvent.click(confirm);
    // That one, and not the first that the filter leaves.
    const ids = (): string[] =>
      (argsOf(asked, "approve_credits") as { items: { id: string }[] }[]).flatMap((one) =>
        one.items.map((item) => item.id),
      );
    await expect.poll(ids).toEqual(["cr-402"]);
  });

  it("the head of a column sorts, says so, and the address keeps it", async () => {
    const asked = await open("person=ines&many");
    const amount = screen.getByRole("columnheader", { name: "Amount" });
    const age = screen.getByRole("columnheader", { name: "Age" });
    expect([amount, age].map((head) => head.getAttribute("aria-sort"))).toEqual(["none", "descending"]);
    await fireEvent.click(screen.getByTestId("sort-amount"));
    expect(location.hash).toContain("sort=largest");
    await expect.poll(() => amount.getAttribute("aria-sort")).toBe("descending");
    expect(age).toHaveAttribute("aria-sort", "none");
    const last = (): unknown => (argsOf(asked, "credits").at(-1) as { page: { sort: string } }).page.sort;
    await expect.poll(last).toBe("largest");
    // One step moves the selection, and the order stays.
    await fireEvent.keyDown(window, { key: "j" });
    expect(location.hash).toContain("sort=largest");
    await fireEvent.click(screen.getByTestId("sort-amount"));
    await expect.poll(() => amount.getAttribute("aria-sort")).toBe("ascending");
    await fireEvent.click(screen.getByTestId("sort-amount"));
    expect(location.hash).not.toContain("sort");
    await fireEvent.click(screen.getByTestId("sort-age"));
    expect(location.hash).toContain("sort=newest");
  });

  it("Shift and a click select all between", async () => {
    const asked = await open("person=ines&many");
    await fireEvent.click(screen.getByTestId("select-CR-402"));
    await fireEvent.click(screen.getByTestId("select-CR-406"), { shiftKey: true });
    await screen.findByText("5 selected");
    // And the other way round, off again.
    await fireEvent.click(screen.getByTestId("select-CR-403"), { shiftKey: true });
    await screen.findByText("1 selected");
    const last = argsOf(asked, "credits_selection").at(-1);
    expect(last).toEqual({ ids: ["cr-402"] });
  });

  it("what the filter leaves nothing of says so", async () => {
    await open("person=ines");
    await filter("nobody");
    await screen.findByText("No credits match “nobody”.");
  });
  it("are all asked for when a filter begins, and not with each letter of it", async () => {
    const asked = await open("person=ines");
    const field = screen.getByTestId("filter-credits");
    const before = argsOf(asked, "credits").length;
    for (const value of ["N", "No", "Nor"]) await fireEvent.input(field, { target: { value } });
    await expect.poll(() => argsOf(asked, "credits").length).toBe(before + 1);
  });

  it("what can't be loaded anew says so above what was loaded before", async () => {
    const inner = fixtureHost(new URLSearchParams("person=ines"));
    let fails = false;
    await open("person=ines", {
      credits: (args: never) =>
        fails ? Promise.reject({ code: "database", message: "locked" }) : inner.call("credits", args),
    });
    fails = true;
    noteChange();
    await expect.poll(() => screen.queryAllByText("locked").length).toBe(1);
    screen.getByTestId("credit-CR-311");
    fails = false;
    noteChange();
    await expect.poll(() => screen.queryAllByText("locked").length).toBe(0);
  });
});
