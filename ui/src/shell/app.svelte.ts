/** What every screen shares: who one is, the sync state, counts, and what is being said. */

import { call, host } from "../host/host";
import { asProblem, problemTitle } from "../host/problems";
import type { NavCounts, Problem, Progress, Session, SyncState } from "../host/types";
import { noteChange } from "./live.svelte";

type Said = {
  text: string;
  detail: string | null;
  bad: boolean;
  id: number;
  /** The dialog that it was said in; null: on the page. */
  dialog: object | null;
};
/**
 * Approvals about to be sent: they can be cancelled until then. Each round of them has its own time; `what` it was
 * names it without its total.
 */
export type Sending = { text: string; what: string; ids: string[]; until: number };

class App {
  session = $state.raw<Session | null>(null);
  sync = $state.raw<SyncState | null>(null);
  counts = $state.raw<NavCounts | null>(null);
  progress = $state.raw<Progress | null>(null);
  said = $state.raw<Said | null>(null);
  sending = $state.raw<Sending[]>([]);
  /** How many decisions came back to their author; null until that is known. */
  returned = $state.raw<number | null>(null);
  failure = $state.raw<Problem | null>(null);
  palette = $state(false);
  keys = $state(false);
  #said = 0;
  #asked = 0;
  #heard = 0;
  #toldNotKept = false;
  /** Whose `returned` is. */
  #whose = "";
  // Plain, with a counter beside it, as the actions' layers are; the topmost is the last.
  #dialogs: object[] = [];
  #turn = 0;
  #turned = $state(0);

  /** A short word to the person; read out politely, and at once in a dialog, which hides the page below it. */
  say(text: string, detail: string | null = null, bad = false): void {
    this.#said += 1;
    this.said = { text, detail, bad, id: this.#said, dialog: this.#dialogs.at(-1) ?? null };
  }

  /** A dialog opens: what is said until it closes stands in it. Answers how it closes. */
  enter(dialog: object): () => void {
    this.#dialogs.push(dialog);
    this.#turned = ++this.#turn;
    return () => {
      this.#dialogs.splice(this.#dialogs.indexOf(dialog), 1);
      this.#turned = ++this.#turn;
    };
  }

  /** What is said there: in this dialog, or on the page, where also stands what a closed one had to say. */
  saidIn(dialog: object | null): Said | null {
    void this.#turned;
    const said = this.said;
    if (said === null) return null;
    const place = said.dialog !== null && this.#dialogs.includes(said.dialog) ? said.dialog : null;
    return place === dialog ? said : null;
  }

  /** That a session can't be kept is told once: at the sign-in, or when the keychain has answered later. */
  tellNotKept(): void {
    const { notKept = null, notKeptIsNews = false } = this.session ?? {};
    if (!notKept || !notKeptIsNews || this.#toldNotKept) return;
    this.#toldNotKept = true;
    this.say("You have to sign in at each start on this computer", notKept);
  }

  /** A decision was taken back elsewhere: what is about to be sent no longer counts it. */
  takenBack(id: string): void {
    const left = this.sending.map((one) => {
      const ids = one.ids.filter((other) => other !== id);
      return ids.length === one.ids.length ? one : { ...one, ids, text: `${ids.length} of ${one.what}` };
    });
    this.sending = left.filter((one) => one.ids.length > 0);
  }

  complain(thrown: unknown): void {
    const problem = asProblem(thrown);
    this.say(problemTitle(problem), `${problem.message} (${problem.code})`, true);
  }

  /** Asks anew for all of it. A slow answer never overwrites a newer one, nor what the desk has told since. */
  async refresh(): Promise<void> {
    const mine = ++this.#asked;
    const heard = this.#heard;
    try {
      const [session, sync, counts] = await Promise.all([
        call("session"),
        call("sync_state"),
        call("nav_counts"),
      ]);
      if (mine !== this.#asked) return;
      this.session = session;
      if (heard === this.#heard) this.sync = sync;
      this.counts = counts;
      this.failure = null;
      await this.#lookBack(mine);
    } catch (thrown) {
      await this.#sessionOnly(thrown, mine);
    }
  }

  /** What came back is told when there is more of it: it took no effect, and its author may be elsewhere. */
  async #lookBack(mine: number): Promise<void> {
    const { session, counts } = this;
    const whose = JSON.stringify([session?.mode, session?.address, session?.person?.id]);
    // The count holds what waits, too: where it is nothing, there is nothing to look for.
    const rows = counts?.outbox ? (await call("outbox").catch(() => null))?.rows : [];
    if (!rows || mine !== this.#asked) return;
    const back = rows.filter((one) => one.state === "refused" || one.state === "stale").length;
    if (this.#whose !== "" && this.#whose !== whose) this.sending = [];
    const more = this.#whose === whose ? back - (this.returned ?? back) : 0;
    this.#whose = whose;
    this.returned = back;
    if (more <= 0) return;
    this.say(
      more === 1 ? "A change came back" : `${more} changes came back`,
      "See the outbox for why.",
      true,
    );
  }

  /** Before anybody is connected there is a session, and nothing else. */
  async #sessionOnly(thrown: unknown, mine: number): Promise<void> {
    try {
      const session = await call("session");
      if (mine === this.#asked) this.session = session;
    } catch {
      if (mine === this.#asked) this.failure = asProblem(thrown);
    }
  }

  async start(): Promise<void> {
    this.returned = null;
    await this.refresh();
    await host().listen("changed", () => {
      noteChange();
      void this.refresh().then(() => this.tellNotKept());
    });
    await host().listen("sync", (state) => {
      this.#heard += 1;
      this.sync = state;
    });
    await host().listen("progress", (progress) => {
      this.progress = progress;
    });
  }

  /** Why nothing may be issued on what is here; null where it is new enough. */
  tooOld(): string | null {
    if (this.sync?.state === "stale") return "The data is out of date: sync first";
    return this.sync?.state === "expired" ? "Your session has ended: sign in first" : null;
  }
  may(permission: string): boolean {
    return this.session?.permissions.includes(permission) ?? false;
  }
}

export const app = new App();

/** Runs a decision; says what became of it, and answers whether it went to the outbox. */
export async function decide(what: string, run: () => Promise<unknown>): Promise<boolean> {
  try {
    await run();
    const before = app.said;
    noteChange();
    await app.refresh();
    // Once its dialog has closed, which says nothing of it then; not over what was said since.
    setTimeout(() => {
      if (app.said === before || app.said === null) app.say(what, "Queued: not effective until confirmed.");
    });
    return true;
  } catch (thrown) {
    app.complain(thrown);
    return false;
  }
}
