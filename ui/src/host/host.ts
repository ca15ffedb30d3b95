/** The one door: everything that a screen asks of the desk, and everything it is told. */

import type * as T from "./types";

/** A credit at the version and the amount that its author sees. */
type CreditSeen = { id: string; version: number; amountMinor: string };

/** Name of a command → its arguments and its answer, as the shell declares them. */
export interface Commands {
  session(): T.Session;
  start_demo(): T.Session;
  connect(a: { address: string; token: string }): T.Session;
  welcome(a: { address: string }): T.Welcome;
  sign_in(a: { address: string }): T.Session;
  sign_in_by_device(a: { address: string }): T.Session;
  elsewhere(): T.Elsewhere | null;
  take_along(): T.Session;
  cancel_sign_in(): void;
  sign_out(): T.Session;
  switch_person(a: { person: string }): T.Session;
  reset_demo(): T.Session;
  set_theme(a: { theme: T.Theme }): T.Session;
  sync_state(): T.SyncState;
  sync_now(): void;
  nav_counts(): T.NavCounts;
  portfolio(a: { month?: string | null; view?: T.PortfolioView | null; page?: T.Page | null }): T.Portfolio;
  line_detail(a: { lineId: string; month: string }): T.LineDetail;
  breach_inbox(a: { tab: T.BreachTab; page?: T.Page | null }): T.BreachInbox;
  breach(a: { id: string }): T.Breach;
  credits(a: { tab: T.CreditTab; page?: T.Page | null }): T.Credits;
  credit(a: { id: string }): T.CreditDetail;
  credits_selection(a: { ids: string[] }): T.Selection;
  customers(a?: { page?: T.Page | null }): T.CustomerList;
  customer(a: { id: string }): T.Customer;
  statement_month(a: { month: string; page?: T.Page | null }): T.StatementMonth;
  statement_preview(a: {
    customerId: string;
    of: T.StatementOf;
    month: string;
    page: number;
    language: string;
    statementId?: string | null;
  }): T.Preview;
  explain(a: { settlementId: string; lineId: string; key?: string | null }): T.Explanation;
  outbox(): T.OutboxView;
  audit_log(a?: { page?: T.Page | null }): T.AuditLog;
  search(a: { text: string }): T.SearchHit[];

  alerts(a?: { page?: T.Page | null }): T.Alerts;
  acknowledge_alert(a: { id: string; version: number; note: string | null }): T.Accepted;

  deadlines(a: { tab: T.DeadlineTab | null; page?: T.Page | null }): T.Deadlines;
  file_claim(a: { id: string; version: number; claimedOn: string; log: string | null }): T.Accepted;
  claim_log(a: { id: string; log: string }): T.ClaimLog;
  admit_late_claim(a: { id: string; version: number; reason: string }): T.Accepted;
  close_deadline(a: { id: string; version: number; note: string }): T.Accepted;

  put_contact(a: T.ContactEntry): T.Accepted;
  confirm_contact(a: { id: string; version: number; address: string }): T.Accepted;
  end_contact(a: { id: string; version: number; reason: string }): T.Accepted;
  plan_contacts(a: { table: string }): T.ContactImport;
  import_contacts(a: { table: string }): T.ContactImport;

  delivery_plan(a: { statementId: string; role: string }): T.DeliveryPlan;
  send_statement(a: T.SendStatement): string;
  month_sending(a: { month: string; role: string }): T.MonthSending;
  send_month(a: T.SendMonth): T.MonthSending;
  settle_delivery(a: { id: string; arrived: boolean }): void;
  drop_delivery(a: { id: string }): void;
  add_statement_file(a: { statementId: string; path: string }): string;
  export_statement(a: { statementId: string; folder: string }): string;
  record_bounce(a: { id: string; version: number; address: string; reason: string }): T.Accepted;
  record_acknowledgement(a: T.SaidEntry): T.Accepted;
  answer_dispute(a: { id: string; version: number; upheld: boolean; answer: string }): T.Accepted;
  mail(): T.MailView;
  set_mail(a: { settings: T.MailSettings; password: string | null }): T.MailView;

  authoring(): T.Authoring;
  terms_template(a: { id: string }): T.TermsTemplate;
  drafts(): T.DraftRow[];
  draft(a: { id: string }): T.Draft;
  draft_past(a: { id: string }): T.DraftPast;
  begin_draft(a: T.DraftStart): T.Draft;
  change_draft(a: T.DraftChange): T.Draft;
  discard_draft(a: { id: string; revision: number }): void;
  propose_draft(a: { id: string; revision: number }): T.Draft;
  proposals(): T.ProposalRow[];
  proposal(a: { id: string }): T.Proposal;
  decide_proposal(a: T.ProposalDecision): T.Proposal;

  review_breach(a: {
    breachId: string;
    version: number;
    rootCause: string;
    narratives: Record<string, string>;
    note: string | null;
  }): T.Accepted;
  snooze_breach(a: { breachId: string; version: number; until: string; reason: string }): T.Accepted;
  propose_exclusion(a: T.ExclusionProposal): T.Accepted;
  decide_exclusion(a: { id: string; version: number; admit: boolean; reason: string | null }): T.Accepted;
  exclusion_effect(a: { id: string }): T.ExclusionEffect[];
  draft_exclusion_effect(a: T.ExclusionProposal): T.ExclusionEffect[];
  checklist(): T.Checklist;
  closing_months(): T.ClosingMonth[];
  lock_windows(a: { windows: T.WindowSeen[] }): T.LockOutcome;
  sources(): T.SourceRow[];
  people(): T.People;
  propose_person(a: T.PersonEntry): T.ProposalRow;
  propose_delegation(a: T.DelegationEntry): T.ProposalRow;
  export_access_review(a: { folder: string }): string;
  resend_message(a: { id: string }): void;
  table_in_force(a: { table: string; page?: T.Page | null }): T.TableInForce;
  messages(a: { state: string; page?: T.Page | null }): T.Messages;
  try_table(a: { table: string; text: string }): T.TablePreview;
  take_table(a: { table: string; text: string }): T.TableTaken;
  propose_credit(a: CreditSeen): T.Accepted;
  propose_goodwill(a: { contractId: string; month: string; amount: string; reason: string }): T.Accepted;
  approve_credits(a: { items: CreditSeen[] }): T.Accepted[];
  return_credit(a: { id: string; version: number; reason: string }): T.Accepted;
  cancel_commands(a: { ids: string[] }): number;
  retry_command(a: { id: string; seen: string }): void;
  discard_command(a: { id: string }): void;
  statement_choices(a: { customerId: string; month: string }): T.StatementChoice[];
  statement_runs(a: { customerId: string; month: string }): T.StatementRun[];
  issue_statement(a: { customerId: string; of: T.StatementOf; month: string; language: string }): T.Accepted;
  seal(): T.SealView;
  choose_seal(a: { choice: T.SealChoice; secret: string; keep: boolean }): T.SealView;
  unlock_seal(a: { secret: string }): T.SealView;
  plan_statement_batch(a: { month: string }): T.BatchPlan;
  begin_statement_batch(a: { month: string; language: string }): string;
  statement_batch(a: { month: string }): T.StatementBatch | null;
  pause_statement_batch(a: { id: string }): void;
  resume_statement_batch(a: { id: string }): void;
  cancel_statement_batch(a: { id: string }): void;
  retry_statement_batch(a: { id: string }): void;
  show_statement_list(a: { month: string }): void;
  verify_file(a: { path: string }): T.Verification;
  verify_statement(a: { id: string }): T.Verification;
  open_statement(a: { id: string }): void;
  open_credit_notice(a: { number: string }): void;
}

/** What the desk tells of its own accord. */
export interface Events {
  /** Something in the local copy, the outbox or the sync state changed: what is on screen reloads. */
  changed: unknown;
  sync: T.SyncState;
  progress: T.Progress;
  /** Somebody signs in by this code. */
  device_code: T.DeviceCode;
}

export type Unlisten = () => void;

export interface Host {
  /** Runs a command; a refusal rejects with a `Problem`. */
  call<C extends keyof Commands>(
    command: C,
    ...args: Parameters<Commands[C]>
  ): Promise<ReturnType<Commands[C]>>;
  listen<E extends keyof Events>(event: E, heard: (payload: Events[E]) => void): Promise<Unlisten>;
  /** Files dropped on the window, as paths. */
  onDrop(dropped: (paths: string[]) => void): Promise<Unlisten>;
}

let current: Host | null = null;

/** Chosen once, by the entry point. */
export function provideHost(host: Host): void {
  current = host;
}

export function host(): Host {
  if (current === null) throw new Error("no host was provided before the first screen");
  return current;
}

/** Runs a command of the desk. */
export const call: Host["call"] = (command, ...args) => host().call(command, ...args);
