/**
 * What somebody wrote and has not handed in. It outlives the screen that it was written on, so that going
 * elsewhere loses nothing: it stands there when they come back, until the window is closed. It is theirs
 * alone.
 */

import { app } from "./app.svelte";

const notes = new Map<string, unknown>();

export type Note<V> = { read: () => V | null; keep: (value: V) => void; drop: () => void };

/** What was written of this, by whoever is signed in while a component starts. */
export function unsaved<V>(what: string): Note<V> {
  const { mode, address, person } = app.session ?? {};
  const key = JSON.stringify([mode, address, person?.id, what]);
  return {
    read: () => (notes.get(key) as V | undefined) ?? null,
    keep: (value) => void notes.set(key, value),
    drop: () => void notes.delete(key),
  };
}

/** Another demo begins: what was written in the one before is about nothing in it. */
export function forgetAll(): void {
  notes.clear();
}
