/**
 * The desk without a desk: Northwind's October, for page tests, component tests and pictures. It is
 * no part of the shipped bundle; it computes nothing and remembers little.
 */

import { breach, explanation, inbox } from "./fixture/breach";
import { credit, credits, selection } from "./fixture/credit";
import {
  batch,
  batchPlan,
  customer,
  customers,
  preview,
  seal,
  statementMonth,
  statementRuns,
  verification,
} from "./fixture/customer";
import { statementChoices } from "./fixture/statement";
import { alerts } from "./fixture/alert";
import { auditLog } from "./fixture/audit";
import { askedAnswers } from "./fixture/checklist";
import { claimLog, deadlines } from "./fixture/deadline";
import { contactAnswers } from "./fixture/contact";
import { deliveryAnswers } from "./fixture/delivery";
import { authoring, draft, draftPast, draftRows, proposal, proposalRows } from "./fixture/draft";
import { messages, resent } from "./fixture/message";
import { peopleAnswers, sessionOf } from "./fixture/people";
import { lineDetail, portfolio } from "./fixture/portfolio";
import { syncState } from "./fixture/sync";
import { tableAnswers } from "./fixture/table";
import { moment } from "./fixture/words";
import type { Commands, Events, Host } from "./host";
import type { Accepted, OutboxRow, Problem, SearchHit, Session, Theme } from "./types";

export type Answers = {
  [C in keyof Commands]: (
    ...args: Parameters<Commands[C]>
  ) => ReturnType<Commands[C]> | Promise<ReturnType<Commands[C]>>;
};

export class Desk {
  person: string | null;
  theme: Theme;
  queued = new Set<string>();
  rows: OutboxRow[] = [];
  heard: Partial<{ [E in keyof Events]: (payload: Events[E]) => void }> = {};
  /** Breaks a sign-in off that waits. */
  waiting: ((problem: Problem) => void) | null = null;
  #ids = 0;

  constructor(readonly query: URLSearchParams) {
    this.person = query.get("person");
    this.theme = (query.get("theme") as Theme | null) ?? "light";
    if (query.has("outbox")) this.rows = outboxRows();
  }

  get finance(): boolean {
    return this.person === "ines" || this.person === "tomas";
  }
  get empty(): boolean {
    return this.query.has("empty");
  }
  session(): Session {
    const kept = !this.query.has("unkept");
    return sessionOf(this.person, this.theme, this.query.get("central"), this.query.has("admin"), kept);
  }
  accept(what: string, target: string): Accepted {
    this.#ids += 1;
    const id = `command-${this.#ids}`;
    this.rows.unshift(row(id, what, target, "queued"));
    queueMicrotask(() => this.heard.changed?.(null));
    return { commandId: id };
  }
  /** Nobody comes back from the browser here. */
  wait(): Promise<Session> {
    return new Promise((_, reject) => {
      this.waiting = reject;
    });
  }
  refuse(problem: Problem): never {
    throw problem;
  }
}

function row(id: string, what: string, target: string, state: OutboxRow["state"]): OutboxRow {
  return {
    id,
    at: moment("2026-11-09T08:15:00Z", "9 Nov 2026, 08:15"),
    what,
    target,
    state,
    receipt: state === "confirmed" ? "A-1042" : null,
    problem:
      state === "stale"
        ? {
            code: "stale",
            message:
              "CR-312 changed after you looked: it was USD 800.00, it is USD 1,200.00. Look again and decide.",
          }
        : state === "refused"
          ? {
              code: "own_proposal",
              message: "You proposed CR-313. Ines Keller or Tomas Vrba can approve it.",
            }
          : null,
    typed: [],
    again: state === "stale" || state === "refused" ? { amount: "$1,200.00", seen: "3 120000" } : null,
    review: null,
    sendAt: null,
  };
}

function outboxRows(): OutboxRow[] {
  return [
    {
      ...row("o-4", "Goodwill proposed", "Northwind GmbH NW-1, EUR 200.00", "queued"),
      typed: [
        { label: "Amount", text: "€200.00", now: null },
        { label: "Reason", text: "The quarter’s busiest night", now: null },
      ],
    },
    row("o-3", "Approval", "CR-312, Northwind Inc", "stale"),
    {
      ...row("o-5", "Review BR-1043", "Northwind GmbH, NW-1", "stale"),
      problem: {
        code: "stale",
        message: "BR-1043 changed after you looked: you saw version 1, it is at version 2.",
      },
      typed: [
        { label: "Root cause", text: "Hardware", now: null },
        {
          label: "Customer reads, English",
          text: "A disk failed, and its spare was not in place.",
          now: "A disk failed. It was replaced within the hour.",
        },
      ],
      again: null,
      review: "br-1042",
    },
    row("o-2", "Approval", "CR-313, Northwind GmbH", "refused"),
    row("o-1", "Breach confirmed", "BR-1042, Northwind GmbH", "confirmed"),
  ];
}

function reads(
  desk: Desk,
): Pick<
  Answers,
  "portfolio" | "line_detail" | "breach_inbox" | "breach" | "credits" | "credit" | "credits_selection"
> {
  return {
    portfolio: () => portfolio(desk.empty),
    line_detail: ({ lineId }) => lineDetail(lineId),
    breach_inbox: ({ tab }) => inbox(tab, desk.empty),
    breach: ({ id }) => breach(id, desk.person ?? ""),
    credits: ({ tab, page }) =>
      credits(tab, desk.finance, desk.queued, desk.query.has("many"), page?.sort ?? null),
    credit: ({ id }) => credit(id, desk.finance),
    credits_selection: ({ ids }) => selection(ids),
  };
}

function sessions(
  desk: Desk,
): Pick<
  Answers,
  | "session"
  | "start_demo"
  | "connect"
  | "welcome"
  | "sign_in"
  | "sign_in_by_device"
  | "elsewhere"
  | "take_along"
  | "cancel_sign_in"
  | "sign_out"
  | "switch_person"
  | "reset_demo"
  | "set_theme"
> {
  return {
    session: () => desk.session(),
    start_demo: () => {
      desk.person = "dana";
      return desk.session();
    },
    connect: ({ address }) =>
      desk.refuse({
        code: "token_invalid",
        message: `${address} does not know this token. Ask your administrator for one.`,
      }),
    welcome: ({ address }) => ({
      address,
      company: "Fjordline Cloud",
      demo: false,
      provider: desk.query.has("tokens") ? null : "id.fjordline.example",
    }),
    sign_in: () => desk.wait(),
    sign_in_by_device: () => {
      const address = "https://id.fjordline.example/device";
      queueMicrotask(() => {
        desk.heard.device_code?.({ address, code: "BCQJ-XCLG", whole: `${address}?user_code=BCQJ-XCLG` });
      });
      return desk.wait();
    },
    elsewhere: () =>
      desk.query.has("elsewhere")
        ? { address: "https://sla.fjordline.example", waiting: 2, returned: 1 }
        : null,
    take_along: () => desk.session(),
    cancel_sign_in: () => desk.waiting?.({ code: "sign_in_refused", message: "You broke the sign-in off." }),
    sign_out: () => {
      desk.person = null;
      return desk.session();
    },
    switch_person: ({ person }) => {
      desk.person = person;
      return desk.session();
    },
    reset_demo: () => {
      desk.person = "dana";
      desk.rows = [];
      desk.queued.clear();
      return desk.session();
    },
    set_theme: ({ theme }) => {
      desk.theme = theme;
      return desk.session();
    },
  };
}

function search(text: string): SearchHit[] {
  const all: SearchHit[] = [
    { kind: "customer", id: "gmbh", title: "Northwind GmbH", note: "Northwind group" },
    { kind: "breach", id: "b-nw1", title: "BR-1042", note: "Northwind GmbH NW-1" },
    { kind: "credit", id: "cr-311", title: "CR-311", note: "Northwind GmbH, EUR 1,200.00" },
  ];
  return all.filter((hit) => `${hit.title} ${hit.note}`.toLowerCase().includes(text.toLowerCase()));
}

function contracts(
  desk: Desk,
): Pick<
  Answers,
  | "authoring"
  | "terms_template"
  | "drafts"
  | "draft"
  | "draft_past"
  | "begin_draft"
  | "change_draft"
  | "discard_draft"
  | "propose_draft"
  | "proposals"
  | "proposal"
  | "decide_proposal"
> {
  return {
    authoring: () => authoring(),
    terms_template: () => ({
      title: "Object storage, requests in 5-minute slots",
      leftOut: ["Claims are open until the end of the second billing cycle after."],
      terms: JSON.stringify({ objective: "99.9", window: { calendar: "month", time_zone: "UTC" } }),
    }),
    drafts: () => (desk.empty ? [] : draftRows),
    draft: () => draft(),
    draft_past: () => draftPast(),
    begin_draft: ({ title }) => ({ ...draft(), title, revision: 1 }),
    change_draft: ({ title, document, revision }) => ({
      ...draft(),
      title,
      document,
      revision: revision + 1,
    }),
    discard_draft: () => undefined,
    propose_draft: () => ({ ...draft(), state: "proposed", proposal: "p-12" }),
    proposals: () => (desk.empty ? [] : proposalRows()),
    proposal: ({ id }) => proposal(id, desk.finance),
    decide_proposal: ({ id }) => proposal(id, desk.finance),
  };
}

function writes(
  desk: Desk,
): Omit<
  Answers,
  keyof ReturnType<typeof reads> | keyof ReturnType<typeof sessions> | keyof ReturnType<typeof contracts>
> {
  const drop = (id: string): void => {
    desk.rows = desk.rows.filter((r) => r.id !== id);
  };
  return {
    sync_state: () => syncState(desk),
    sync_now: () => undefined,
    alerts: () => alerts(desk.person ?? "", desk.empty),
    acknowledge_alert: ({ id }) => desk.accept("Alert looked after", id.toUpperCase()),
    deadlines: ({ tab }) => deadlines(tab, desk.person ?? "", desk.empty),
    claim_log: () => claimLog(),
    file_claim: ({ id }) => desk.accept("Claim recorded", id.toUpperCase()),
    admit_late_claim: ({ id }) => desk.accept("Late claim counts", id.toUpperCase()),
    close_deadline: ({ id }) => desk.accept("Deadline met", id.toUpperCase()),
    ...contactAnswers(desk),
    ...deliveryAnswers(desk),
    nav_counts: () => ({
      alerts: desk.empty ? 0 : 1,
      breachInbox: desk.empty ? 0 : 7,
      credits: desk.finance ? 4 : 0,
      deadlines: desk.empty ? 0 : 1,
      outbox: desk.rows.filter((r) => r.state !== "confirmed").length,
      renewals: 0,
    }),
    customers: () => customers(),
    customer: () => customer(desk.person ?? ""),
    statement_month: () => statementMonth(desk.query.has("many")),
    statement_preview: ({ page, statementId }) => preview(page, Boolean(statementId)),
    explain: () => explanation(),
    outbox: () => ({ rows: desk.rows, waiting: desk.rows.filter((r) => r.state === "queued").length }),
    audit_log: () => auditLog(),
    search: ({ text }) => search(text),
    review_breach: ({ breachId }) => desk.accept("Breach confirmed", breachId),
    snooze_breach: ({ breachId }) => desk.accept("Breach snoozed", breachId),
    propose_exclusion: ({ breachId }) => desk.accept("Exclusion proposed", breachId),
    decide_exclusion: ({ id, admit }) => desk.accept(admit ? "Exclusion admitted" : "Exclusion refused", id),
    ...askedAnswers(desk),
    ...peopleAnswers(desk),
    ...tableAnswers,
    messages: ({ state }) => messages(state, desk.empty),
    resend_message: ({ id }) => resent(id),
    propose_credit: ({ id }) => desk.accept("Credit proposed", id),
    propose_goodwill: ({ contractId, amount }) =>
      desk.accept("Goodwill proposed", `${contractId}, ${amount}`),
    approve_credits: ({ items }) =>
      items.map((item) => {
        desk.queued.add(item.id);
        return desk.accept("Approval", item.id.toUpperCase());
      }),
    return_credit: ({ id }) => desk.accept("Return", id.toUpperCase()),
    cancel_commands: ({ ids }) => {
      const taken = desk.rows.filter((r) => ids.includes(r.id));
      for (const row of taken) {
        desk.queued.delete(row.target.toLowerCase());
        drop(row.id);
      }
      return taken.length;
    },
    retry_command: ({ id }) => drop(id),
    discard_command: ({ id }) => drop(id),
    statement_choices: ({ customerId }) => statementChoices(customerId),
    statement_runs: ({ month }) => statementRuns(month, desk.query.get("run") ?? "sealed"),
    issue_statement: ({ customerId }) => desk.accept("SLA statement issued", customerId),
    seal: () => seal(desk.query.get("seal") ?? "demo"),
    choose_seal: ({ choice }) => ({ ...seal("open"), choice }),
    unlock_seal: ({ secret }) => {
      if (secret === "wrong") throw { code: "key_password", message: "The password does not open the seal" };
      return seal("open");
    },
    plan_statement_batch: () => batchPlan(),
    begin_statement_batch: ({ month }) => {
      desk.accept("Run of SLA statements", month);
      return "b-1";
    },
    statement_batch: () => batch(desk.query.get("batch") ?? ""),
    pause_statement_batch: () => undefined,
    resume_statement_batch: () => undefined,
    cancel_statement_batch: () => undefined,
    retry_statement_batch: () => undefined,
    show_statement_list: () => undefined,
    verify_file: ({ path }) => verification(path),
    verify_statement: () => verification("ST-2026-09-0409.pdf"),
    open_statement: () => undefined,
    open_credit_notice: () => undefined,
  };
}

/** `?person=ines&theme=dark&sync=offline&empty&outbox` chooses what is shown. */
export function fixtureHost(query: URLSearchParams): Host {
  const desk = new Desk(query);
  const answers: Answers = { ...sessions(desk), ...reads(desk), ...contracts(desk), ...writes(desk) };
  return {
    async call(command, ...args) {
      await Promise.resolve();
      return answers[command](...args);
    },
    listen(event, heard) {
      Object.assign(desk.heard, { [event]: heard });
      return Promise.resolve(() => {
        delete desk.heard[event];
      });
    },
    onDrop: () => Promise.resolve(() => undefined),
  };
}
