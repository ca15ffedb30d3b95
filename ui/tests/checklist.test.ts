import { fireEvent, render, screen, within } from "@testing-library/svelte";
import { beforeEach, describe, expect, it } from "vitest";
import { fixtureHost } from "../src/host/fixture";
import Shell from "../src/shell/Shell.svelte";
import { app } from "../src/shell/app.svelte";
import { noteChange } from "../src/shell/live.svelte";
import { argsOf, desk, type Asked } from "./desk";

function open(hash: string, query: string, over = {}): Asked[] {
  location.hash = hash;
  dispatchEvent(new HashChangeEvent("hashchange"));
  const asked = desk(query, over);
  render(Shell);
  return asked;
}
function refuse(code: string): () => never {
  return () => {
    throw { code, message: "sla.example does not answer" };
  };
}

describe("month end", () => {
  beforeEach(() => {
    app.session = null;
    app.said = null;
  });

  it("begins with one's own, and leads to where each thing is done", async () => {
    open("#/checklist", "person=dana");
    await screen.findByTestId("left-unreviewed_breach-NW-1");
    expect(screen.queryByTestId("left-gap-NW-1")).toBeNull();
    expect(screen.getByTestId("closing-month")).toHaveTextContent("4 left, locks 4 Dec 2026");
    await fireEvent.click(screen.getByTestId("open-left"));
    expect(location.hash).toBe("#/breaches/b-nw1");
  });

  it("whoever has done the last of their own stays where they are", async () => {
    const inner = fixtureHost(new URLSearchParams("person=dana"));
    const it = await inner.call("checklist");
    let rows = it.rows;
    open("#/checklist", "person=dana", { checklist: () => ({ ...it, rows }) });
    await screen.findByTestId("left-unreviewed_breach-NW-1");
    rows = it.rows.filter((one) => !one.mine);
    noteChange();
    await expect.poll(() => screen.queryByTestId("left-unreviewed_breach-NW-1")).toBeNull();
    expect(screen.queryByTestId("left-gap-NW-1")).toBeNull();
  });

  it("who has nothing to do sees everybody's; a late source leads an administrator to the sources", async () => {
    open("#/checklist", "person=ines&admin");
    await fireEvent.click(await screen.findByTestId("left-late_source-NW-3"));
    await fireEvent.click(screen.getByTestId("open-left"));
    expect(location.hash).toBe("#/settings/sources");
  });

  it("who may not see the sources reads why, and is led nowhere", async () => {
    open("#/checklist", "person=sam");
    await fireEvent.click(await screen.findByTestId("left-late_source-NW-3"));
    expect(screen.getByTestId("why-not-open")).toHaveTextContent("administrators only");
    await fireEvent.click(screen.getByTestId("open-left"));
    await fireEvent.dblClick(screen.getByTestId("left-late_source-NW-3"));
    expect(location.hash).toBe("#/checklist");
  });

  it("offline it says that your service can't be asked", async () => {
    open("#/checklist", "person=dana", { checklist: refuse("central_unreachable") });
    await screen.findByText("central_unreachable");
    expect(screen.queryByText("Nothing is left to do.")).toBeNull();
  });
});

describe("locking a month by hand", () => {
  beforeEach(() => {
    app.session = null;
    app.said = null;
  });
  const choose = (id: string, value: string): Promise<boolean> =>
    fireEvent.change(screen.getByTestId(id), { target: { value } });

  it("shows what is left and what it does, and locks what was shown", async () => {
    const asked = open("#/checklist", "person=ines&admin");
    await screen.findByTestId("lock-month-open");
    await fireEvent.keyDown(window, { key: "L", shiftKey: true });
    await screen.findByTestId("lock-nothing-left");
    screen.getByText("Lock 2 contracts");
    await choose("lock-which", "all");
    expect(screen.getByTestId("lock-left")).toHaveTextContent("Left to do in 2 contracts");
    expect(screen.getByTestId("lock-left")).toHaveTextContent("BR-1050 is to review");
    screen.getByText(/Nobody can unlock it/);
    await choose("lock-which", "one");
    await choose("lock-contract", "nw-1");
    await fireEvent.click(screen.getByTestId("confirm-lock"));
    await expect.poll(() => argsOf(asked, "lock_windows").length).toBe(1);
    const windows = [{ contractId: "nw-1", label: "2026-11", seen: "seen-NW-1" }];
    expect(argsOf(asked, "lock_windows")).toEqual([{ windows }]);
    await expect.poll(() => app.said?.text).toBe("November 2026 is locked for 1 contract");
  });

  it("says the first and the last time at which what is chosen locks by itself", async () => {
    const [month] = await fixtureHost(new URLSearchParams("admin")).call("closing_months");
    const later = { at: "2026-12-05T05:00:00Z", utc: "5 Dec 2026, 05:00" };
    const windows = month!.windows.map((one, at) => (at === 0 ? { ...one, locks: later } : one));
    open("#/checklist", "person=ines&admin", { closing_months: () => [{ ...month, windows }] });
    await fireEvent.click(await screen.findByTestId("lock-month-open"));
    await screen.findByText(/they lock from 4 Dec 2026, 23:00 to 5 Dec 2026, 05:00 UTC/);
    await choose("lock-which", "one");
    await screen.findByText(/it locks on 5 Dec 2026, 05:00 UTC/);
  });

  it("says what was refused, and why", async () => {
    const why = "NW-1, 2026-11 has changed since you looked; look again and decide";
    open("#/checklist", "person=ines&admin", { lock_windows: () => ({ locked: 1, refused: [why] }) });
    await fireEvent.click(await screen.findByTestId("lock-month-open"));
    await fireEvent.click(await screen.findByTestId("confirm-lock"));
    await expect.poll(() => app.said?.detail).toBe(why);
    expect(app.said?.bad).toBe(true);
  });

  it("offline nothing is locked, and the dialog says why", async () => {
    const asked = open("#/checklist", "person=ines&admin", { closing_months: refuse("central_unreachable") });
    await fireEvent.click(await screen.findByTestId("lock-month-open"));
    await screen.findByText("Your service can’t be reached");
    await fireEvent.click(screen.getByTestId("confirm-lock"));
    expect(argsOf(asked, "lock_windows")).toEqual([]);
  });

  it("whoever may not is told so", async () => {
    open("#/checklist", "person=dana");
    const button = await screen.findByTestId("lock-month-open");
    await expect.poll(() => button.title).toContain("ask an administrator");
    await fireEvent.click(button);
    expect(screen.queryByTestId("lock-month")).toBeNull();
  });
});

describe("proposing an exclusion", () => {
  beforeEach(() => {
    app.session = null;
  });

  it("law 7: shows what it would do before it exists, for the times that are filled in", async () => {
    const asked = open("#/breaches/b-nw1", "person=dana");
    await screen.findByTestId("propose-exclusion");
    await fireEvent.click(screen.getByTestId("propose-exclusion"));
    const effects = within(await screen.findByTestId("effects"));
    effects.getByText(/96h of notice; 3 d were given/);
    await fireEvent.input(screen.getByTestId("exclusion-to"), { target: { value: "2026-10-14 0" } });
    expect(screen.queryByTestId("effects")).toBeNull();
    expect(screen.getByTestId("draft-effect")).toHaveTextContent("Enter the times");
    await fireEvent.input(screen.getByTestId("exclusion-to"), { target: { value: "2026-10-14 04:20" } });
    await screen.findByTestId("effects");
    const last = argsOf(asked, "draft_exclusion_effect").at(-1) as { to: string };
    expect(last.to).toBe("2026-10-14T04:20:00Z");
    expect(argsOf(asked, "propose_exclusion")).toEqual([]);
  });

  it("what was answered about other times is not shown beside these", async () => {
    let calls = 0;
    const over = {
      draft_exclusion_effect: () => (++calls === 1 ? [] : new Promise(() => undefined)),
    };
    open("#/breaches/b-nw1", "person=dana", over);
    await fireEvent.click(await screen.findByTestId("propose-exclusion"));
    await screen.findByText("It affects no window that has started.");
    await fireEvent.input(screen.getByTestId("exclusion-to"), { target: { value: "2026-10-14 04:20" } });
    await screen.findByText(/Calculating the effect/);
    expect(calls).toBe(2);
  });

  it("offline it can be proposed all the same, and says when its effect is shown", async () => {
    const over = { draft_exclusion_effect: refuse("central_unreachable") };
    const asked = open("#/breaches/b-nw1", "person=dana", over);
    await fireEvent.click(await screen.findByTestId("propose-exclusion"));
    await expect
      .poll(() => screen.queryByTestId("draft-effect-missing")?.textContent)
      .toContain("shown after you propose it");
    await fireEvent.click(screen.getByTestId("confirm-exclusion"));
    await expect.poll(() => argsOf(asked, "propose_exclusion").length).toBe(1);
  });
});

describe("sources", () => {
  beforeEach(() => {
    app.session = null;
  });

  it("says what last went wrong", async () => {
    open("#/settings/sources", "person=ines&admin");
    await screen.findByTestId("source-prometheus");
    expect(screen.getByTestId("source-problem")).toHaveTextContent("does not answer within 30 s");
  });

  it("whoever may not see them is told so", async () => {
    open("#/settings/sources", "person=dana");
    await screen.findByText("role_missing");
  });
});

describe("deciding an exclusion", () => {
  beforeEach(() => {
    app.session = null;
  });

  it("law 7: shows both ways in every window it touches", async () => {
    const asked = open("#/breaches/b-nw1", "person=lee");
    await fireEvent.click(await screen.findByTestId("decide-admit"));
    const effects = within(await screen.findByTestId("effects"));
    expect(argsOf(asked, "exclusion_effect")).toEqual([{ id: "x-1" }]);
    const [, first] = effects.getAllByRole("row");
    const cells = within(first!).getAllByRole("cell");
    expect(cells[1]).toHaveTextContent("99.885880");
    expect(cells[2]).toHaveTextContent("99.863534");
    effects.getByText(/96h of notice; 3 d were given/);
    expect(effects.getAllByText("€310.00").length).toBe(2);
  });

  it("offline it shows this one alone and says why", async () => {
    open("#/breaches/b-nw1", "person=lee", { exclusion_effect: refuse("central_unreachable") });
    await fireEvent.click(await screen.findByTestId("decide-refuse"));
    await expect
      .poll(() => screen.getByTestId("effect-missing").textContent)
      .toContain("Other windows can’t be shown");
    expect(screen.getByTestId("effect-here")).toHaveTextContent("99.863534");
  });
});
