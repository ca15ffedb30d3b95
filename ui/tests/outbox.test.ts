import { fireEvent, render, screen, within } from "@testing-library/svelte";
import { beforeEach, describe, expect, it } from "vitest";
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
    const row = within(await screen.findByTestId("outbox-stale"));
    expect(row.getByTestId("outbox-now")).toHaveTextContent("It stands at $1,200.00 now.");
    await fireEvent.click(row.getByTestId("retry-command"));
    await expect.poll(() => argsOf(asked, "retry_command")).toEqual([{ id: "o-3", seen: "3 120000" }]);
  });

  it("is decided again once, however often it is clicked until the list has come anew", async () => {
    const slow = slowly();
    const asked = open({ retry_command: slow.wait });
    const again = within(await screen.findByTestId("outbox-stale")).getByTestId("retry-command");
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
    await fireEvent.click(within(await screen.findByTestId("outbox-stale")).getByTestId("discard-command"));
    const dialog = await screen.findByTestId("discard");
    expect(dialog).toHaveTextContent("Approval");
    expect(dialog).toHaveTextContent("CR-312, Northwind Inc");
    expect(argsOf(asked, "discard_command")).toEqual([]);
    await fireEvent.click(screen.getByTestId("cancel-discard"));
    await expect.poll(() => screen.queryByTestId("discard")).toBeNull();
    expect(argsOf(asked, "discard_command")).toEqual([]);
    await fireEvent.click(within(screen.getByTestId("outbox-stale")).getByTestId("discard-command"));
    await fireEvent.click(await screen.findByTestId("confirm-discard"));
    await expect.poll(() => argsOf(asked, "discard_command")).toEqual([{ id: "o-3" }]);
    await expect.poll(() => screen.queryByTestId("outbox-stale")).toBeNull();
    expect(screen.queryByTestId("discard")).toBeNull();
  });

  it("focus stays in the list when a row goes with its buttons", async () => {
    open();
    const take = within(await screen.findByTestId("outbox-queued")).getByTestId("cancel-command");
    take.focus();
    await fireEvent.click(take);
    await expect.poll(() => screen.queryByTestId("outbox-queued")).toBeNull();
    await expect.poll(() => document.activeElement?.closest("[data-testid^=outbox-]")).not.toBeNull();
  });
});
