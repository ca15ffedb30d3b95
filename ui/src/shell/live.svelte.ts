/**
 * What is on screen: loaded from the desk, loaded again when the desk says that something changed.
 * Old data stays while new data is on its way, and a slow answer never overwrites a newer one. What
 * another question had for an answer goes when this one has none.
 */

import { asProblem } from "../host/problems";
import type { Page, Problem } from "../host/types";

let changes = $state(0);

/** The desk said `changed`. */
export function noteChange(): void {
  changes += 1;
}

export class Live<V> {
  value = $state.raw<V | null>(null);
  problem = $state.raw<Problem | null>(null);
  loading = $state(true);
  #asked = 0;
  /** Whether the value answers another question than the one asked last. */
  #other = false;

  /**
   * Asks; `other` where the question is not the one that was asked before. `load` is told how to learn whether
   * somebody still waits for it.
   */
  async take(load: (awaited: () => boolean) => Promise<V | null>, other = false): Promise<void> {
    const mine = ++this.#asked;
    this.loading = true;
    this.#other ||= other;
    try {
      const value = await load(() => mine === this.#asked);
      if (mine !== this.#asked) return;
      this.value = value;
      this.problem = null;
      this.#other = false;
    } catch (thrown) {
      if (mine !== this.#asked) return;
      if (this.#other) this.value = null;
      this.problem = asProblem(thrown);
    }
    this.loading = false;
  }
}

/**
 * Loads now, and again when a reactive value that `load` reads before its first `await` changes, or
 * the desk reports a change. Called while a component starts.
 */
export function live<V>(load: () => Promise<V | null>): Live<V> {
  const it = new Live<V>();
  const another = asked();
  $effect(() => void it.take(load, another()));
  return it;
}

/** Tells, each time it is asked, whether something else than the desk's change is why. */
function asked(): () => boolean {
  let before: number | null = null;
  return () => {
    const same = before !== null && before !== changes;
    before = changes;
    return !same;
  };
}

/** The same page of the list in another order; null: the list's own. */
export function inOrder(page: Page | null, sort: string | null): Page | null {
  return sort === null ? page : { after: null, limit: null, ...page, sort };
}

type Part = { next: string | null };

/** A list that comes page by page: what is loaded of it so far, and the way to the rest. */
export class Listed<V extends Part> extends Live<V> {
  #ask: (page: Page | null) => Promise<V | null>;
  #join: (before: V, page: V) => V;
  #pages = 1;

  constructor(ask: (page: Page | null) => Promise<V | null>, join: (before: V, page: V) => V) {
    super();
    this.#ask = ask;
    this.#join = join;
  }

  /** As many pages as were loaded before, or every one. */
  async load(everything: boolean, awaited: () => boolean = () => true): Promise<V | null> {
    let whole = await this.#ask(null);
    for (let n = 1; whole?.next && awaited() && (everything || n < this.#pages); n++) {
      whole = await this.#after(whole);
    }
    return whole;
  }

  /** Loads the page after what is loaded. */
  async further(): Promise<void> {
    const before = this.value;
    if (this.loading || before === null || before.next === null) return;
    await this.take(async () => {
      const joined = await this.#after(before);
      this.#pages += 1;
      return joined;
    });
  }

  async #after(before: V): Promise<V> {
    const page = await this.#ask({ after: before.next, limit: null });
    return page === null ? before : this.#join(before, page);
  }
}

/** As [`live`], page by page; all of it while `everything` says so, a filter is set, say. */
export function listed<V extends Part>(
  ask: (page: Page | null) => Promise<V | null>,
  join: (before: V, page: V) => V,
  everything: () => boolean = () => false,
): Listed<V> {
  const it = new Listed<V>(ask, join);
  const another = asked();
  // Its answer, not what it is made of: another letter in a filter asks for nothing anew.
  const whole = $derived(everything());
  $effect(() => {
    const all = whole;
    void it.take((awaited) => it.load(all, awaited), another());
  });
  // Who has left the screen waits for no further page.
  $effect(() => () => void it.take(() => Promise.resolve(null)));
  return it;
}

/** Joins pages whose list is called `rows`: the rest is the newest page's. */
export function byRows<R, V extends { rows: R[] }>(before: V, page: V): V {
  return { ...page, rows: [...before.rows, ...page.rows] };
}
