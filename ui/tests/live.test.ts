import { describe, expect, it } from "vitest";
import { fixtureHost } from "../src/host/fixture";
import { provideHost, type Commands, type Host } from "../src/host/host";
import type { SyncState } from "../src/host/types";
import { app } from "../src/shell/app.svelte";
import { byRows, Listed, Live } from "../src/shell/live.svelte";

describe("what is on screen", () => {
  it("a slow answer never overwrites a newer one", async () => {
    const live = new Live<string>();
    let answer: (text: string) => void = () => undefined;
    const slow = live.take(() => new Promise<string>((resolve) => (answer = resolve)));
    await live.take(() => Promise.resolve("new"));
    answer("old");
    await slow;
    expect(live.value).toBe("new");
  });

  it("old data stays when loading anew fails, and the problem is known", async () => {
    const live = new Live<string>();
    await live.take(() => Promise.resolve("data"));
    await live.take(() => Promise.reject({ code: "database", message: "locked" }));
    expect(live.value).toBe("data");
    expect(live.problem?.code).toBe("database");
  });
});

describe("another question", () => {
  it("that fails does not leave what the one before was answered", async () => {
    const live = new Live<string>();
    await live.take(() => Promise.resolve("October"), true);
    await live.take(() => Promise.reject({ code: "database", message: "locked" }), true);
    expect(live.value).toBeNull();
    // Nor does asking it again.
    await live.take(() => Promise.reject({ code: "database", message: "locked" }));
    expect([live.value, live.problem?.code]).toEqual([null, "database"]);
    await live.take(() => Promise.resolve("September"));
    await live.take(() => Promise.reject({ code: "database", message: "locked" }));
    expect(live.value).toBe("September");
  });
});

describe("what every screen shares", () => {
  it("a slow answer overwrites neither a newer one nor what the desk told since", async () => {
    const inner = fixtureHost(new URLSearchParams("person=ines"));
    const state = (await inner.call("sync_state")) as SyncState;
    const answers: ((text: string) => void)[] = [];
    let told: (state: SyncState) => void = () => undefined;
    provideHost({
      ...inner,
      call: ((command: keyof Commands, args: never) =>
        command === "sync_state"
          ? new Promise<SyncState>((go) => answers.push((text) => go({ ...state, text })))
          : (inner.call as (c: string, a: never) => Promise<unknown>)(command, args)) as Host["call"],
      listen: (event, heard) => {
        if (event === "sync") told = heard as unknown as typeof told;
        return Promise.resolve(() => undefined);
      },
    });
    const start = app.start();
    answers[0]?.("at the start");
    await start;
    const first = app.refresh();
    const second = app.refresh();
    answers[2]?.("newest");
    await second;
    answers[1]?.("older");
    await first;
    expect(app.sync?.text).toBe("newest");
    const third = app.refresh();
    told({ ...state, text: "told" });
    answers[3]?.("asked before");
    await third;
    expect(app.sync?.text).toBe("told");
  });
});

/** Pages of two of a list of five. */
function pagesOfFive(fails: () => boolean = () => false): {
  asked: (string | null)[];
  list: Listed<{ rows: number[]; next: string | null }>;
} {
  const asked: (string | null)[] = [];
  const list = new Listed<{ rows: number[]; next: string | null }>((page) => {
    const after = page?.after ?? null;
    asked.push(after);
    if (after !== null && fails()) return Promise.reject({ code: "database", message: "locked" });
    const from = Number(after ?? 0);
    const rows = [1, 2, 3, 4, 5].slice(from, from + 2);
    return Promise.resolve({ rows, next: from + 2 < 5 ? String(from + 2) : null });
  }, byRows);
  return { asked, list };
}

describe("a list that comes page by page", () => {
  it("goes on after what is loaded, and ends", async () => {
    const { asked, list } = pagesOfFive();
    await list.take(() => list.load(false));
    expect(list.value).toEqual({ rows: [1, 2], next: "2" });
    for (const rows of [
      [1, 2, 3, 4],
      [1, 2, 3, 4, 5],
      [1, 2, 3, 4, 5],
    ]) {
      await list.further();
      expect(list.value?.rows).toEqual(rows);
    }
    expect(asked).toEqual([null, "2", "4"]);
  });

  it("shows as much as before when something changed, and all of it to a filter", async () => {
    const { list } = pagesOfFive();
    await list.take(() => list.load(false));
    await list.further();
    await list.take(() => list.load(false));
    expect(list.value?.rows).toEqual([1, 2, 3, 4]);
    const whole = pagesOfFive().list;
    await whole.take(() => whole.load(true));
    expect(whole.value).toEqual({ rows: [1, 2, 3, 4, 5], next: null });
  });
  it("a page that fails is asked for again, and no more than it", async () => {
    let fails = true;
    const { asked, list } = pagesOfFive(() => fails);
    await list.take(() => list.load(false));
    await list.further();
    expect([list.value?.rows, list.problem?.code]).toEqual([[1, 2], "database"]);
    fails = false;
    await list.take(() => list.load(false));
    expect([list.value?.rows, list.problem]).toEqual([[1, 2], null]);
    expect(asked).toEqual([null, "2", null]);
  });

  it("asks for no further page once something else is asked", async () => {
    const { asked, list } = pagesOfFive();
    const whole = list.take((awaited) => list.load(true, awaited));
    await list.take(() => Promise.resolve(null));
    await whole;
    expect(asked).toEqual([null]);
    expect(list.value).toBeNull();
  });
});
