import { fireEvent, render, screen } from "@testing-library/svelte";
import { beforeEach, describe, expect, it } from "vitest";
import { fixtureHost } from "../src/host/fixture";
import type { BreachInbox } from "../src/host/types";
import Shell from "../src/shell/Shell.svelte";
import { app } from "../src/shell/app.svelte";
import { noteChange } from "../src/shell/live.svelte";
import { argsOf, desk, type Asked } from "./desk";

async function open(query: string, over = {}): Promise<Asked[]> {
  location.hash = "#/breaches/b-nw1";
  dispatchEvent(new HashChangeEvent("hashchange"));
  const asked = desk(query, over);
  render(Shell);
  await screen.findByRole("heading", { name: "Northwind GmbH, October 2026" });
  return asked;
}

describe("a breach", () => {
  beforeEach(() => {
    app.session = null;
  });

  it("law 7: a credit is proposed at the version and amount that was seen", async () => {
    const asked = await open("person=dana");
    await fireEvent.click(screen.getByTestId("propose-credit"));
    expect(await screen.findByTestId("propose-amount")).toHaveTextContent("€1,200.00");
    await fireEvent.click(screen.getByTestId("confirm-propose"));
    await expect
      .poll(() => argsOf(asked, "propose_credit"))
      .toEqual([{ id: "cr-311", version: 2, amountMinor: "120000" }]);
  });

  it("times typed by hand are UTC", async () => {
    const asked = await open("person=dana");
    await fireEvent.click(screen.getByTestId("propose-exclusion"));
    await fireEvent.input(await screen.findByTestId("exclusion-from"), {
      target: { value: "2026-10-14 03:50" },
    });
    await fireEvent.input(screen.getByTestId("exclusion-notified"), { target: { value: "" } });
    await fireEvent.click(screen.getByTestId("confirm-exclusion"));
    await expect
      .poll(() => argsOf(asked, "propose_exclusion"))
      .toEqual([
        {
          breachId: "b-nw1",
          kind: "planned_maintenance",
          from: "2026-10-14T03:50:00Z",
          to: "2026-10-14T04:05:00Z",
          notifiedAt: null,
          clause: "6.1",
        },
      ]);
  });

  it("law 1: an outage that is excused is excused to the second", async () => {
    const it = await fixtureHost(new URLSearchParams("person=dana")).call("breach", { id: "b-nw1" });
    const span = { from: "2026-10-14T03:12:20Z", to: "2026-10-14T04:13:40Z" };
    const over = { breach: () => ({ ...it, exclusionForm: { ...it?.exclusionForm, ...span } }) };
    const asked = await open("person=dana", over);
    await fireEvent.click(screen.getByTestId("propose-exclusion"));
    await fireEvent.click(await screen.findByTestId("confirm-exclusion"));
    await expect.poll(() => argsOf(asked, "propose_exclusion")).toMatchObject([span]);
  });

  it("a malformed time is said in place, and nothing is sent", async () => {
    const asked = await open("person=dana");
    await fireEvent.click(screen.getByTestId("propose-exclusion"));
    await fireEvent.input(await screen.findByTestId("exclusion-from"), { target: { value: "14.10. 3 Uhr" } });
    await fireEvent.click(screen.getByTestId("confirm-exclusion"));
    await screen.findByText("Enter a time like 2026-10-14 03:55");
    expect(argsOf(asked, "propose_exclusion")).toEqual([]);
  });

  it("a review needs its root cause, and sends only the languages that were written", async () => {
    const asked = await open("person=dana");
    await fireEvent.click(screen.getByTestId("review-breach"));
    await fireEvent.click(await screen.findByTestId("confirm-review"));
    await screen.findByText("Choose a root cause");
    await fireEvent.change(screen.getByTestId("review-root-cause"), { target: { value: "Dependency: DNS" } });
    await fireEvent.input(screen.getByTestId("review-narrative-en"), {
      target: { value: " A DNS change. " },
    });
    await fireEvent.click(screen.getByTestId("confirm-review"));
    await expect
      .poll(() => argsOf(asked, "review_breach"))
      .toEqual([
        {
          breachId: "b-nw1",
          version: 3,
          rootCause: "Dependency: DNS",
          narratives: { en: "A DNS change." },
          note: null,
        },
      ]);
  });

  it("law 5: a refusal of an exclusion needs a reason; admitting is the other person’s", async () => {
    const asked = await open("person=lee");
    await fireEvent.click(screen.getByTestId("decide-refuse"));
    await fireEvent.click(await screen.findByTestId("confirm-refuse"));
    await screen.findByText("A refusal needs a reason");
    await fireEvent.click(screen.getByTestId("cancel-decide"));
    await fireEvent.click(screen.getByTestId("decide-admit"));
    await fireEvent.click(await screen.findByTestId("confirm-admit"));
    await expect
      .poll(() => argsOf(asked, "decide_exclusion"))
      .toEqual([{ id: "x-1", version: 1, admit: true, reason: null }]);
  });

  it("is decided once, however often one clicks", async () => {
    let answer: () => void = () => undefined;
    const asked = await open("person=lee", {
      decide_exclusion: () => new Promise<null>((go) => (answer = () => go(null))),
    });
    await fireEvent.click(screen.getByTestId("decide-admit"));
    const confirm = await screen.findByTestId("confirm-admit");
    await fireEvent.click(confirm);
    await fireEvent.click(confirm);
    answer();
    await expect.poll(() => screen.queryByTestId("confirm-admit")).toBeNull();
    expect(argsOf(asked, "decide_exclusion").length).toBe(1);
  });

  it("stays with what is written about it when it leaves the list", async () => {
    location.hash = "#/breaches";
    dispatchEvent(new HashChangeEvent("hashchange"));
    const inner = fixtureHost(new URLSearchParams("person=dana"));
    const whole: BreachInbox = await inner.call("breach_inbox", { tab: "to_review", page: null });
    let gone: string | null = null;
    desk("person=dana", {
      breach_inbox: () => ({
        ...whole,
        groups: whole.groups.map((g) => ({ ...g, items: g.items.filter((one) => one.id !== gone) })),
      }),
    });
    render(Shell);
    await screen.findByRole("heading", { name: "Northwind GmbH, October 2026" });
    await fireEvent.click(screen.getByTestId("review-breach"));
    const text = await screen.findByTestId("review-narrative-en");
    await fireEvent.input(text, { target: { value: "A DNS change." } });
    gone = "b-nw1";
    noteChange();
    await expect.poll(() => document.querySelector('[data-item="b-nw1"]')).toBeNull();
    expect(screen.getByTestId("review-narrative-en")).toHaveValue("A DNS change.");
    // Neither is it lost by a click beside the dialog.
    const dialog = text.closest("dialog") as HTMLDialogElement;
    await fireEvent.pointerDown(dialog);
    await fireEvent.click(dialog);
    expect(screen.getByTestId("review-narrative-en")).toHaveValue("A DNS change.");
  });

  it("the evidence can be read as a table", async () => {
    await open("person=dana");
    await fireEvent.click(screen.getByTestId("toggle-evidence-table"));
    expect(await screen.findByRole("table", { name: "Outages" })).toHaveTextContent("10 min excluded");
  });
});
