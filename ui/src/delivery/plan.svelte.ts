/** What sending would come to, for the contacts of a role. */

import { untrack } from "svelte";
import { app } from "../shell/app.svelte";

export class Planned<P> {
  role = $state("accounts_payable");
  plan = $state.raw<P | null>(null);
}

/** Asks now, and again for another role; what can't be planned is said, and the dialog closes. */
export function planned<P>(ask: (role: string) => Promise<P>, close: () => void): Planned<P> {
  const it = new Planned<P>();
  $effect(() => {
    const asked = it.role;
    // What is sent is what is shown: another role's plan is not.
    it.plan = null;
    let gone = false;
    // Of the role alone: whatever else is loaded anew meanwhile takes no plan from who reads it.
    untrack(() => ask(asked)).then(
      (found) => {
        if (!gone) it.plan = found;
      },
      (thrown: unknown) => {
        if (gone) return;
        app.complain(thrown);
        close();
      },
    );
    return () => {
      gone = true;
    };
  });
  return it;
}
