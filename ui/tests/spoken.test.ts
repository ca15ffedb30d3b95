import { fireEvent, render, screen } from "@testing-library/svelte";
import { beforeEach, describe, expect, it } from "vitest";
import { fixtureHost } from "../src/host/fixture";
import type { OutboxRow, StatementBatch } from "../src/host/types";
import Approve from "../src/credit/Approve.svelte";
import { credits } from "../src/host/fixture/credit";
import SendBar from "../src/shell/SendBar.svelte";
import Shell from "../src/shell/Shell.svelte";
import { app } from "../src/shell/app.svelte";
import Batch from "../src/statement/Batch.svelte";
import { desk } from "./desk";

function open(hash: string, query: string, over: Parameters<typeof desk>[1] = {}): void {
  location.hash = hash;
  dispatchEvent(new HashChangeEvent("hashchange"));
  desk(query, over);
  render(Shell);
}

beforeEach(() => {
  app.session = null;
  app.said = null;
  app.sending = [];
});

describe("what a screen reader hears", () => {
  it("is told once that something is about to be sent, and no seconds", async () => {
    desk("person=ines");
    app.sending = [
      {
        text: "approval of CR-311",
        what: "approval of CR-311",
        ids: ["c-1"],
        until: performance.now() + 8000,
      },
    ];
    render(SendBar);
    const bar = screen.getByTestId("send-bar");
    expect(bar.closest("[role=status], [aria-live]")).toBeNull();
    const spoken = screen.getByTestId("send-spoken");
    expect(spoken).toHaveAttribute("role", "status");
    const words = spoken.textContent;
    expect(words).toContain("approval of CR-311");
    await expect.poll(() => bar.textContent, { timeout: 3000 }).toContain("in 7 s");
    expect(spoken.textContent).toBe(words);
  });

  it("is told what is selected and what it comes to, and reads it at the row", async () => {
    open("#/credits", "person=ines");
    await fireEvent.click(await screen.findByTestId("select-CR-311"));
    await fireEvent.click(screen.getByTestId("select-CR-312"));
    const spoken = await screen.findByTestId("selection-spoken");
    expect(spoken).toHaveAttribute("role", "status");
    await expect.poll(() => spoken.textContent).toMatch(/^2 selected, (EUR|USD) /);
    expect(screen.getByTestId("credit-CR-311")).toHaveTextContent(/CR-311.*selected/);
    expect(screen.getByTestId("credit-CR-313")).not.toHaveTextContent(/selected/);
  });

  it("is told of a run in steps of ten, and of its end", async () => {
    const batch = (await fixtureHost(new URLSearchParams("person=sam&batch=running")).call(
      "statement_batch",
      {
        month: "2026-10",
      },
    )) as StatementBatch;
    const of = (sealed: number, ended = false): StatementBatch => ({
      ...batch,
      total: 200,
      sealed,
      failed: 0,
      ended,
    });
    const { rerender } = render(Batch, { batch: of(101), monthName: "October 2026" });
    const spoken = screen.getByTestId("batch-spoken");
    expect(screen.getByTestId("batch-counts")).not.toHaveAttribute("aria-live");
    expect(spoken).toHaveTextContent("Issuing October 2026: 50 %");
    const words = spoken.textContent;
    await rerender({ batch: of(119), monthName: "October 2026" });
    expect(spoken.textContent).toBe(words);
    await rerender({ batch: of(120), monthName: "October 2026" });
    expect(spoken).toHaveTextContent("60 %");
    await rerender({ batch: of(200, true), monthName: "October 2026" });
    expect(spoken).toHaveTextContent("Run for October 2026 done: 200 of 200 sealed");
  });
});

describe("what came back", () => {
  it("is told when there is more of it, and reads beside the sync state", async () => {
    const inner = fixtureHost(new URLSearchParams("person=ines&outbox"));
    const { rows } = await inner.call("outbox");
    let more: OutboxRow[] = [];
    const state = await inner.call("sync_state");
    open("#/portfolio", "person=ines&outbox", {
      outbox: () => ({ rows: [...more, ...rows], waiting: 1 }),
      sync_state: () => ({ ...state, waiting: 1, detail: "1 change waiting, 2 came back" }),
    });
    const spoken = await screen.findByTestId("sync-spoken");
    await expect.poll(() => spoken.textContent).toContain("2 came back");
    await app.refresh();
    // What had come back before is no news.
    expect(app.said).toBeNull();
    const back = rows.find((one) => one.state === "refused");
    if (!back) throw new Error("one was refused");
    more = [
      { ...back, id: "o-8" },
      { ...back, id: "o-9" },
    ];
    await app.refresh();
    await expect.poll(() => app.said?.text).toBe("2 changes came back");
    expect(app.said?.detail).toContain("outbox");
    app.said = null;
    more = [];
    await app.refresh();
    await new Promise((done) => setTimeout(done, 20));
    expect(app.said).toBeNull();
  });

  it("each sync that changed nothing is told to nobody", async () => {
    open("#/portfolio", "person=dana");
    await expect.poll(() => screen.getByTestId("sync-spoken").textContent).toBe("Online");
  });
});

describe("totals that can't be had", () => {
  const broken = {
    credits_selection: () => Promise.reject({ code: "database", message: "the file is locked" }),
  };

  it("are said at the approval, instead of adding up for ever", async () => {
    desk("person=ines", broken);
    const rows = credits("awaiting", true, new Set()).rows.slice(0, 2);
    render(Approve, { rows, onclose: () => undefined, ondone: () => undefined });
    expect(await screen.findByText(/the file is locked/)).toBeInTheDocument();
    expect(screen.queryByText("Adding up…")).toBeNull();
  });

  it("are said beside the selection", async () => {
    open("#/credits", "person=ines", broken);
    await fireEvent.click(await screen.findByTestId("select-CR-311"));
    expect(await screen.findByTestId("selection")).toHaveTextContent(/1 selected/);
    await expect.poll(() => screen.getByTestId("selection").textContent).toContain("the file is locked");
  });
});
