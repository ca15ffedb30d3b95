/**
 * What is on screen: loaded from the desk, loaded again when the desk says that something changed.
 * Old data stays while new data is on its way, and a slow answer never overwrites a newer one.
 */

import { asProblem } from "../host/problems";
import type { Problem } from "../host/types";

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

  async take(load: () => Promise<V | null>): Promise<void> {
    const mine = ++this.#asked;
    this.loading = true;
    try {
      const value = await load();
      if (mine !== this.#asked) return;
      this.value = value;
      this.problem = null;
    } catch (thrown) {
      if (mine !== this.#asked) return;
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
  $effect(() => {
    void changes;
    void it.take(load);
  });
  return it;
}
