/**
 * What crosses the seam between the desk and its screens. Every number arrives ready to show: no
 * screen computes with money or time.
 */

export type Money = { minor: string; currency: string; amount: string; symbol: string };
export type Moment = { at: string; utc: string; short: string; local: string | null; zone: string | null };
export type Status = "met" | "at_risk" | "breached" | "no_data";
/** Every refused command; `code` is from a closed list and is what screens word by. */
export type Problem = { code: string; message: string; path?: string | null; detail?: unknown };
export type Verb = { enabled: boolean; reason: string | null };
export type Verbs = { [verb: string]: Verb };
export type Fact = { label: string; value: string; explain?: string | null };

export type Role = "csm" | "finance" | "account_manager" | "admin";
export type Theme = "system" | "light" | "dark";
export type Person = { id: string; name: string; role: Role; roleName: string };
export type Session = {
  mode: "none" | "demo" | "central";
  person: Person | null;
  people: { id: string; name: string; role: string; roleName: string; current: boolean }[];
  permissions: string[];
  theme: Theme;
  companyName: string | null;
  address: string | null;
  folder: string;
};
export type SyncState = {
  state: "online" | "syncing" | "offline" | "stale" | "revoked";
  text: string;
  detail: string;
  waiting: number;
  asOf: Moment | null;
  progress: { done: number; total: number | null; what: string } | null;
};
export type NavCounts = { breachInbox: number; credits: number; outbox: number; renewals: number };

export type Portfolio = {
  month: string;
  monthName: string;
  months: { label: string; name: string; state: "open" | "closing" | "locked" }[];
  view: string;
  summary: {
    breached: number;
    atRisk: number;
    estimated: Money[];
    renewals90: number;
    asOf: Moment;
  };
  rows: PortfolioRow[];
  total: number;
  footer: string;
};
export type PortfolioRow = {
  lineId: string;
  customerId: string;
  customer: string;
  contract: string;
  sla: string;
  windowNote: string;
  status: Status;
  internalObjective: string | null;
  objective: string;
  actual: string | null;
  allowanceLeft: string | null;
  gap: string | null;
  spark: number[];
  sparkZero: number;
  credit: Money | null;
  breachId: string | null;
};
export type LineDetail = {
  lineId: string;
  month: string;
  title: { customer: string; contract: string; sla: string };
  status: Status;
  allowance: string;
  windowMinutes: string;
  left: string;
  burnDown: {
    points: { x: number; y: number; label: string }[];
    zeroY: number;
    ticks: { x: number; label: string }[];
    maxLabel: string;
  };
  note: { x: number; title: string; text: string } | null;
  facts: Fact[];
  breachId: string | null;
  settlementId: string | null;
};

export type BreachTab = "to_review" | "snoozed" | "decided";
export type BreachItem = {
  id: string;
  number: string;
  customer: string;
  contract: string;
  sla: string;
  credit: Money | null;
  left: string;
  state: string;
  queued: boolean;
};
export type BreachInbox = {
  tab: BreachTab;
  counts: { toReview: number; snoozed: number; decided: number };
  groups: { title: string | null; note: string | null; items: BreachItem[] }[];
};
export type Term = { figure: string; caption: string; operator: string; explain?: string | null };
export type EvidenceTimeline = {
  from: Moment;
  to: Moment;
  zoneNote: string;
  ticks: { x: number; label: string }[];
  outages: { x1: number; x2: number; label: string; counted: boolean }[];
  exclusions: { x1: number; x2: number; label: string; note: string; admitted: boolean; state: string }[];
  unknown: { x1: number; x2: number; label: string }[];
  counted: { x1: number; x2: number; label: string }[];
  total: string;
  events: { n: number; x: number; time: string; text: string; source: string; hash: string }[];
};
export type ExclusionView = {
  id: string;
  version: number;
  kind: string;
  kindName: string;
  from: Moment;
  to: Moment;
  minutes: string;
  clause: string;
  notice: string;
  admissible: boolean;
  state: "proposed" | "admitted" | "refused";
  proposedBy: string;
  decidedBy: string | null;
  effectWith: string;
  effectWithout: string;
  mayDecide: boolean;
  whyNot: string | null;
  queued: boolean;
};
export type ExclusionForm = {
  kinds: { kind: string; name: string; clause: string; notice: string }[];
  from: string;
  to: string;
  notifiedAt: string | null;
};
export type Breach = {
  id: string;
  number: string;
  version: number;
  customerId: string;
  customer: string;
  contract: string;
  contractId: string;
  sla: string;
  month: string;
  monthName: string;
  currency?: string | null;
  status: Status;
  state: "to_review" | "confirmed" | "not_a_breach" | "merged" | "snoozed" | "cleared";
  facts: Fact[];
  timeline: EvidenceTimeline;
  outages: { from: Moment; to: Moment; minutes: string; counted: string; why: string }[];
  exclusions: ExclusionView[];
  arithmetic: Term[];
  counterfactual: string | null;
  policyNote: string | null;
  /** Why figures are missing: the calculation file is not here yet. */
  note?: string | null;
  rootCause: string | null;
  rootCauses: string[];
  incident: { id: string; number: string; title: string; contracts: number } | null;
  narratives: { language: string; text: string }[];
  notes: { by: string; at: Moment; text: string }[];
  credit: { id: string; number: string; amount: Money; state: string; version: number } | null;
  settlementId: string;
  settlementVersion: number;
  settlementState: string;
  claim: string | null;
  exclusionForm?: ExclusionForm | null;
  actions: Verbs;
};

export type CreditTab = "awaiting" | "second" | "approved" | "posted" | "returned" | "drafted";
export type CreditRow = {
  id: string;
  number: string;
  customer: string;
  contract: string;
  reason: string;
  amount: Money;
  proposedBy: string;
  age: string;
  needs: string;
  state: string;
  decision: string;
  version: number;
  mayApprove: boolean;
  whyNot: string | null;
  queued: string | null;
};
export type Credits = {
  tab: CreditTab;
  counts: Record<CreditTab, number>;
  rows: CreditRow[];
  notYours: CreditRow[];
  decidedToday: CreditRow[];
};
export type Matrix = {
  title: string;
  rows: { label: string; note: string; amount: string; over: boolean; share: number }[];
  total: string;
  limit: string;
  limitShare: number;
  sentence: string;
  second: boolean;
};
export type CreditDetail = {
  id: string;
  number: string;
  version: number;
  customer: string;
  contract: string;
  customerId: string;
  amount: Money;
  basis: string;
  kind: string;
  decision: string;
  facts: Fact[];
  breachId: string | null;
  settlementId: string | null;
  matrix: Matrix | null;
  steps: { state: "done" | "now" | "to_come"; text: string; time: string }[];
  audit: AuditEntry[];
  actions: Verbs;
};
export type AuditEntry = { at: Moment; who: string; what: string };
export type Selection = {
  count: number;
  totals: { money: Money; count: number }[];
  largest: string;
  needSecond: number;
  mayNot: number;
};

export type CustomerList = {
  rows: {
    id: string;
    name: string;
    group: string | null;
    contracts: number;
    status: Status;
    mrr: Money | null;
    renews: string | null;
    owners: string;
  }[];
};
export type SlaHistory = {
  lineId: string;
  contract: string;
  sla: string;
  objective: string;
  months: { label: string; name: string; percent: string | null; status: Status; state: string }[];
};
export type StatementRow = {
  id: string | null;
  month: string;
  monthName: string;
  number: string | null;
  revision: number | null;
  state: "running" | "ready" | "blocked" | "draft" | "queued" | "sealed" | "superseded";
  stateText: string;
  blockedBy: { text: string; breachId: string | null; creditId: string | null }[];
  issued: string | null;
  sha256: string | null;
  path: string | null;
  lines: { contract: string; status: Status; text: string }[];
  version: number | null;
};
export type Customer = {
  id: string;
  name: string;
  group: string | null;
  contractsText: string;
  facts: Fact[];
  tabs: { slas: number; breaches: number; credits: number; statements: number };
  slas: SlaHistory[];
  breaches: BreachItem[];
  credits: CreditRow[];
  statements: StatementRow[];
  timeline: AuditEntry[];
};
export type StatementMonth = {
  month: string;
  monthName: string;
  ready: number;
  blocked: number;
  sealed: number;
  rows: {
    customerId: string;
    customer: string;
    state: string;
    stateText: string;
    reasons: string[];
    number: string | null;
  }[];
};

export type Explanation = {
  title: string;
  result: string;
  steps: { n: number; text: string; figure: string }[];
  clause: string | null;
  provenance: { label: string; value: string }[];
  agrees: boolean;
  agreesText: string;
  text: string;
};
export type OutboxRow = {
  id: string;
  at: Moment;
  what: string;
  target: string;
  state: "queued" | "sent" | "confirmed" | "refused" | "stale";
  receipt: string | null;
  problem: Problem | null;
  sendAt: string | null;
};
export type OutboxView = { rows: OutboxRow[]; waiting: number };
export type Verification = {
  verdict: string;
  ok: boolean;
  file: string;
  checks: { name: string; ok: boolean | null; reason: string }[];
  cases: { file: string; contract: string; period: string; agrees: boolean }[];
};
export type Preview = { pages: number; page: number; png: string; sealed: boolean; title: string };
export type SearchHit = {
  kind: "customer" | "breach" | "credit" | "statement";
  id: string;
  title: string;
  note: string;
};
export type AuditLog = {
  rows: { n: string; at: Moment; who: string; what: string; subject: string; hash: string }[];
  chain: { ok: boolean; text: string } | null;
};
export type Progress = { job: string; done: number; total: number | null; text: string };
/** The ids of the commands that went to the outbox. */
export type Accepted = { commandId: string; sendAt?: string | null };
