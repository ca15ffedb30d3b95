/** The form of a dialog: what its fields find wrong holds it up, and is said once somebody tried to send it. */

import { getContext, setContext, untrack } from "svelte";

export class Form {
  tried = $state(false);
  // Plain: it is asked when the form is sent, never shown.
  #wrong = new Set<() => boolean>();

  /** Adds a field by how it is asked whether something is wrong with it; answers how it goes. */
  add(wrong: () => boolean): () => void {
    this.#wrong.add(wrong);
    return () => void this.#wrong.delete(wrong);
  }

  /** Whether it can be sent; whoever asks has tried to. */
  complete(): boolean {
    this.tried = true;
    return [...this.#wrong].every((wrong) => !wrong());
  }
}

const key = Symbol("form");

export function provideForm(): Form {
  return setContext(key, new Form());
}

/** The form that a field stands in; none outside a dialog that sends. */
export function formAround(): Form | undefined {
  return getContext(key);
}

/** What was shown when the dialog opened is what is decided: nothing that arrives later slips in. */
export function asOpened<T>(read: () => T): T {
  return untrack(read);
}
