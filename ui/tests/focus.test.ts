import { fireEvent, render, screen } from "@testing-library/svelte";
import { beforeEach, describe, expect, it } from "vitest";
import { fixtureHost } from "../src/host/fixture";
import Shell from "../src/shell/Shell.svelte";
import { app } from "../src/shell/app.svelte";
import { noteChange } from "../src/shell/live.svelte";
import { desk } from "./desk";

async function open(gone: Set<string>): Promise<void> {
  const inner = fixtureHost(new URLSearchParams("person=dana"));
  location.hash = "#/alerts";
  dispatchEvent(new HashChangeEvent("hashchange"));
  desk("person=dana", {
    alerts: async () => {
      const it = await inner.call("alerts");
      const left = (one: { number: string }): boolean => !gone.has(one.number);
      return { ...it, open: it.open.filter(left), ended: it.ended.filter(left) };
    },
  });
  render(Shell);
  await screen.findByTestId("alert-AL-12");
}
const rows = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>("[data-row]")];

describe("focus", () => {
  beforeEach(() => {
    app.session = null;
    app.said = null;
  });

  it("goes to the row that is current when a sync takes the row that had it", async () => {
    const gone = new Set<string>();
    await open(gone);
    const first = rows()[0]!;
    const second = rows()[1]!;
    await fireEvent.click(first);
    first.focus();
    gone.add(first.dataset.testid?.replace("alert-", "") ?? "");
    noteChange();
    await expect.poll(() => first.isConnected).toBe(false);
    expect(second).toHaveFocus();
    expect(second).toHaveAttribute("aria-current", "true");
  });

  it("goes there, too, when what opened a dialog is gone once it closes", async () => {
    const gone = new Set<string>();
    await open(gone);
    const row = screen.getByTestId("alert-AL-12");
    await fireEvent.click(row);
    row.focus();
    await fireEvent.keyDown(row, { key: "l" });
    const note = await screen.findByTestId("acknowledge-note");
    note.focus();
    gone.add("AL-12");
    noteChange();
    await expect.poll(() => row.isConnected).toBe(false);
    await fireEvent.click(screen.getByTestId("confirm-acknowledge"));
    await expect.poll(() => note.isConnected).toBe(false);
    await expect.poll(() => document.activeElement?.getAttribute("data-row")).not.toBeNull();
    expect(document.activeElement).toHaveAttribute("tabindex", "0");
  });

  it("goes to the page where no list is left", async () => {
    const gone = new Set<string>();
    await open(gone);
    const row = screen.getByTestId("alert-AL-12");
    row.focus();
    for (const one of rows()) gone.add(one.dataset.testid?.replace("alert-", "") ?? "");
    noteChange();
    await expect.poll(() => row.isConnected).toBe(false);
    expect(document.activeElement?.tagName).toBe("MAIN");
  });
});
