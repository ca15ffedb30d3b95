import type { ProposalRow } from "../host/types";
import { app } from "../shell/app.svelte";
import { noteChange } from "../shell/live.svelte";

/** Proposes something; says what became of it, and answers whether it waits now. */
export async function propose(run: () => Promise<ProposalRow>): Promise<boolean> {
  try {
    const made = await run();
    app.say(`${made.number} is waiting for a second person`, "See Contracts, Waiting.");
    noteChange();
    return true;
  } catch (thrown) {
    app.complain(thrown);
    return false;
  }
}
