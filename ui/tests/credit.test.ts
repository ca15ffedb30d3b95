import { fireEvent, render, screen, within } from "@testing-library/svelte";
import { beforeEach, describe, expect, it } from "vitest";
import { fixtureHost } from "../src/host/fixture";
import type { Credits, Page } from "../src/host/types";
import Shell from "../src/shell/Shell.svelte";
import { app } from "../src/shell/app.svelte";
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
    app.sending = null;
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
    await expect.poll(() => argsOf(asked, "cancel_command")).toEqual([{ id: "command-1" }]);
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

describe("pages of credits", () => {
  beforeEach(() => {
    app.session = null;
    app.sending = null;
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
    app.sending = null;
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
    await screen.findByText("2 selected, 2 not shown by the filter");
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
    expect(location.hash).toBe("#/credits?sort=largest");
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
    expect(location.hash).toBe("#/credits");
    await fireEvent.click(screen.getByTestId("sort-age"));
    expect(location.hash).toBe("#/credits?sort=newest");
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
    await screen.findByText("No credit here matches “nobody”.");
  });
});
