import { fireEvent, render, screen } from "@testing-library/svelte";
import { tick } from "svelte";
import { beforeEach, describe, expect, it } from "vitest";
import { desk } from "./desk";
import { deadlines } from "../src/host/fixture/deadline";
import type { DeadlineTab } from "../src/host/types";
import { app } from "../src/shell/app.svelte";
import { noteChange } from "../src/shell/live.svelte";
import Shell from "../src/shell/Shell.svelte";

const current = (): string | undefined =>
  document.querySelector<HTMLElement>('[role="tab"][aria-selected="true"]')?.dataset["testid"];
function go(hash: string): void {
  location.hash = hash;
  dispatchEvent(new HashChangeEvent("hashchange"));
}

/** Somebody with a dispute and no deadline, until `brings` says otherwise. */
async function open(): Promise<() => void> {
  let mine = false;
  desk("person=dana", {
    deadlines: ({ tab }: { tab: DeadlineTab | null }) => {
      const list = deadlines(tab ?? (mine ? "mine" : "disputes"), "dana", false);
      return { ...list, counts: { ...list.counts, mine: mine ? list.counts.mine : 0 } };
    },
  });
  go("#/deadlines");
  render(Shell);
  await screen.findByTestId("dispute-strip");
  return () => {
    mine = true;
    noteChange();
  };
}

describe("deadlines while a sync goes on", () => {
  beforeEach(() => {
    app.session = null;
    app.said = null;
  });

  it("law 6: what is being answered stays when a deadline of one's own comes", async () => {
    const brings = await open();
    expect(current()).toBe("deadlines-tab-disputes");
    await fireEvent.keyDown(window, { key: "a" });
    await fireEvent.input(await screen.findByTestId("dispute-text"), { target: { value: "it was ours" } });
    brings();
    await expect.poll(() => screen.getByTestId("deadlines-tab-mine").textContent).toMatch(/[1-9]/);
    expect(screen.getByTestId("dispute-text")).toHaveValue("it was ours");
    expect(current()).toBe("deadlines-tab-disputes");
  });

  it("the address names another tab, and without one it is seen anew", async () => {
    const brings = await open();
    brings();
    await fireEvent.click(screen.getByTestId("deadlines-tab-running"));
    expect(current()).toBe("deadlines-tab-running");
    go("#/deadlines");
    await expect.poll(current).toBe("deadlines-tab-mine");
  });

  it("a change that comes before the first answer leaves nobody on the tab before", async () => {
    let open = (): void => undefined;
    const waits = new Promise<void>((go) => (open = go));
    desk("person=dana", {
      deadlines: async ({ tab }: { tab: DeadlineTab | null }) => {
        if (tab === null) await waits;
        return deadlines(tab, "dana", false);
      },
    });
    go("#/deadlines?tab=ended");
    render(Shell);
    await screen.findByTestId("deadline-CR-288");
    go("#/deadlines");
    await tick();
    noteChange();
    await tick();
    open();
    await screen.findByTestId("deadline-CR-302");
    expect(current()).toBe("deadlines-tab-mine");
  });

  it("an address that names no tab there is shows the first", async () => {
    desk("person=ines");
    go("#/credits?tab=everything&sort=best");
    render(Shell);
    await screen.findByTestId("credit-CR-311");
    expect(current()).toBe("credit-tab-awaiting");
  });
});
