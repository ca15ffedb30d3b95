import { fireEvent, render, screen, within } from "@testing-library/svelte";
import { beforeEach, describe, expect, it } from "vitest";
import { fixtureHost } from "../src/host/fixture";
import Shell from "../src/shell/Shell.svelte";
import { app } from "../src/shell/app.svelte";
import { argsOf, desk, type Asked } from "./desk";

function open(over: Parameters<typeof desk>[1] = {}): Asked[] {
  location.hash = "#/outbox";
  dispatchEvent(new HashChangeEvent("hashchange"));
  const asked = desk("person=ines&outbox", over);
  render(Shell);
  return asked;
}

/** The approval that came back; a review came back, too. */
async function stale(): Promise<HTMLElement> {
  const [approval] = await screen.findAllByTestId("outbox-stale");
  return approval!;
}

/** A command that is answered when it is told to. */
function slowly(): { answer: () => void; wait: () => Promise<void> } {
  let answer: () => void = () => undefined;
  const waits = new Promise<void>((go) => (answer = go));
  return { answer: () => answer(), wait: () => waits };
}

describe("the outbox", () => {
  beforeEach(() => {
    app.session = null;
    app.said = null;
  });

  it("law 7: what came back is decided again at the amount that stands beside it", async () => {
    const asked = open();
    const row = within(await stale());
    expect(row.getByTestId("outbox-now")).toHaveTextContent("The amount is $1,200.00 now.");
    await fireEvent.click(row.getByTestId("retry-command"));
    await expect.poll(() => argsOf(asked, "retry_command")).toEqual([{ id: "o-3", seen: "3 120000" }]);
  });

  it("what central fails over says so, and blames nothing on this computer", async () => {
    const host = fixtureHost(new URLSearchParams("person=ines&outbox"));
    const before = await host.call("outbox");
    const problem = { code: "database", message: "central failed over this change" };
    const rows = before.rows.map((row, at) => (at === 0 ? { ...row, state: "sent", problem } : row));
    open({ outbox: () => ({ ...before, rows }) });
    const row = await screen.findByTestId("outbox-sent");
    expect(row).toHaveTextContent("Not taken yet. central failed over this change");
    expect(row).not.toHaveTextContent("local database");
  });

  it("is decided again once, however often it is clicked until the list has come anew", async () => {
    const slow = slowly();
    const asked = open({ retry_command: slow.wait });
    const again = within(await stale()).getByTestId("retry-command");
    await fireEvent.click(again);
    await fireEvent.click(again);
    await fireEvent.click(within(screen.getByTestId("outbox-refused")).getByTestId("retry-command"));
    slow.answer();
    await expect.poll(() => app.said?.text).toBe("Decided again");
    expect(argsOf(asked, "retry_command")).toEqual([{ id: "o-3", seen: "3 120000" }]);
  });

  it("the second click of a double one does nothing to the row that has moved up", async () => {
    const asked = open();
    const take = within(await screen.findByTestId("outbox-queued")).getByTestId("cancel-command");
    await fireEvent.click(take, { detail: 2 });
    expect(argsOf(asked, "discard_command")).toEqual([]);
    await fireEvent.click(take, { detail: 1 });
    await expect.poll(() => argsOf(asked, "discard_command")).toEqual([{ id: "o-4" }]);
  });

  it("what came back is discarded when it was asked, by name", async () => {
    const asked = open();
    await fireEvent.click(within(await stale()).getByTestId("discard-command"));
    const dialog = await screen.findByTestId("discard");
    expect(dialog).toHaveTextContent("Approval");
    expect(dialog).toHaveTextContent("CR-312, Northwind Inc");
    expect(argsOf(asked, "discard_command")).toEqual([]);
    await fireEvent.click(screen.getByTestId("cancel-discard"));
    await expect.poll(() => screen.queryByTestId("discard")).toBeNull();
    expect(argsOf(asked, "discard_command")).toEqual([]);
    await fireEvent.click(within(await stale()).getByTestId("discard-command"));
    await fireEvent.click(await screen.findByTestId("confirm-discard"));
    await expect.poll(() => argsOf(asked, "discard_command")).toEqual([{ id: "o-3" }]);
    await expect.poll(() => screen.queryByText("CR-312, Northwind Inc")).toBeNull();
    expect(screen.queryByTestId("discard")).toBeNull();
  });

  it("what has not left can be taken back while central is waited for", async () => {
    const slow = slowly();
    const asked = open({ sync_now: slow.wait });
    await fireEvent.click(await screen.findByTestId("sync-now"));
    await fireEvent.click(within(screen.getByTestId("outbox-queued")).getByTestId("cancel-command"));
    await expect.poll(() => argsOf(asked, "discard_command")).toEqual([{ id: "o-4" }]);
    slow.answer();
  });

  it("focus stays in the list when a row goes with its buttons", async () => {
    open();
    const take = within(await screen.findByTestId("outbox-queued")).getByTestId("cancel-command");
    take.focus();
    await fireEvent.click(take);
    await expect.poll(() => screen.queryByTestId("outbox-queued")).toBeNull();
    await expect.poll(() => document.activeElement?.closest("[data-testid^=outbox-]")).not.toBeNull();
  });

  it("law 6: what was typed can be read, and a review that came back is written again at its breach", async () => {
    location.hash = "#/outbox";
    dispatchEvent(new HashChangeEvent("hashchange"));
    const asked = desk("person=dana&outbox");
    render(Shell);
    const waiting = within(await screen.findByTestId("outbox-queued"));
    expect(waiting.getByTestId("outbox-typed")).toHaveTextContent("The quarter’s busiest night");
    const [, review] = await screen.findAllByTestId("outbox-stale");
    const row = within(review!);
    expect(row.getByTestId("outbox-typed")).toHaveClass("selectable");
    expect(row.getByTestId("outbox-typed")).toHaveTextContent("its spare was not in place");
    expect(row.getByTestId("outbox-stands")).toHaveTextContent("It was replaced within the hour.");
    expect(row.queryByTestId("retry-command")).toBeNull();
    expect(row.getByTestId("review-again")).toHaveAttribute("href", "#/breaches/br-1042");
    expect(argsOf(asked, "retry_command")).toEqual([]);
  });
  it("what is taken back here is no longer about to be sent", async () => {
    const until = performance.now() + 60_000;
    const sending = { text: "3 approvals, EUR 3,600.00", what: "3 approvals", until };
    open();
    const taken = within(await screen.findByTestId("outbox-queued"));
    app.sending = [
      { ...sending, ids: ["o-4"] },
      { ...sending, ids: ["o-7", "o-4", "o-9"] },
    ];
    await fireEvent.click(taken.getByTestId("cancel-command"));
    await expect.poll(() => app.sending.map((one) => one.ids)).toEqual([["o-7", "o-9"]]);
    expect(screen.getByTestId("send-bar")).toHaveTextContent("2 of 3 approvals");
    app.sending = [];
  });
});
