/**
 * What crosses the seam between the desk and its screens. Every number arrives ready to show: no
 * screen computes with money or time. The shapes are generated from the desk's own types; what stands
 * here besides is narrower than text, or what the seam itself adds.
 */

import type { CatchUp } from "../bindings/CatchUp";
import type { Moment } from "../bindings/Moment";
import type { Typed } from "../bindings/Typed";
import type { Verb } from "../bindings/Verb";

export type { Authoring } from "../bindings/Authoring";
export type { CatchUp } from "../bindings/CatchUp";
export type { Choice } from "../bindings/Choice";
export type { Difference } from "../bindings/Difference";
export type { DisputeRow } from "../bindings/DisputeRow";
export type { Draft } from "../bindings/Draft";
export type { DraftChange } from "../bindings/DraftChange";
export type { DraftPast } from "../bindings/DraftPast";
export type { DraftRow } from "../bindings/DraftRow";
export type { DraftStart } from "../bindings/DraftStart";
export type { Proposal } from "../bindings/Proposal";
export type { ProposalDecision } from "../bindings/ProposalDecision";
export type { ProposalRow } from "../bindings/ProposalRow";
export type { Page } from "../bindings/Page";
export type { TermsTemplate } from "../bindings/TermsTemplate";
export type { AlertRow } from "../bindings/AlertRow";
export type { Alerts } from "../bindings/Alerts";
export type { DeadlineRow } from "../bindings/DeadlineRow";
export type { Deadlines } from "../bindings/Deadlines";
export type { AuditEntry } from "../bindings/AuditEntry";
export type { AuditLog } from "../bindings/AuditLog";
export type { Breach } from "../bindings/Breach";
export type { BreachInbox } from "../bindings/BreachInbox";
export type { BreachItem } from "../bindings/BreachItem";
export type { Checklist } from "../bindings/Checklist";
export type { ChecklistRow } from "../bindings/ChecklistRow";
export type { ClosingMonth } from "../bindings/ClosingMonth";
export type { ClosingWindow } from "../bindings/ClosingWindow";
export type { ContactEntry } from "../bindings/ContactEntry";
export type { ContactImport } from "../bindings/ContactImport";
export type { ContactRow } from "../bindings/ContactRow";
export type { CreditDetail } from "../bindings/CreditDetail";
export type { CreditRow } from "../bindings/CreditRow";
export type { Credits } from "../bindings/Credits";
export type { Customer } from "../bindings/Customer";
export type { CustomerList } from "../bindings/CustomerList";
export type { DelegationEntry } from "../bindings/DelegationEntry";
export type { DeliveryPlan } from "../bindings/DeliveryPlan";
export type { DeliveryRow } from "../bindings/DeliveryRow";
export type { DeviceCode } from "../bindings/DeviceCode";
export type { EvidenceTimeline } from "../bindings/EvidenceTimeline";
export type { Elsewhere } from "../bindings/Elsewhere";
export type { ExclusionEffect } from "../bindings/ExclusionEffect";
export type { ExclusionForm } from "../bindings/ExclusionForm";
export type { ExclusionProposal } from "../bindings/ExclusionProposal";
export type { ExclusionSide } from "../bindings/ExclusionSide";
export type { ExclusionView } from "../bindings/ExclusionView";
export type { Fact } from "../bindings/Fact";
export type { LineDetail } from "../bindings/LineDetail";
export type { LockOutcome } from "../bindings/LockOutcome";
export type { MailSettings } from "../bindings/MailSettings";
export type { MailView } from "../bindings/MailView";
export type { Matrix } from "../bindings/Matrix";
export type { MessageRow } from "../bindings/MessageRow";
export type { Messages } from "../bindings/Messages";
export type { Moment } from "../bindings/Moment";
export type { Money } from "../bindings/Money";
export type { MonthSending } from "../bindings/MonthSending";
export type { NavCounts } from "../bindings/NavCounts";
export type { People } from "../bindings/People";
export type { PersonEntry } from "../bindings/PersonEntry";
export type { PersonRow } from "../bindings/PersonRow";
export type { Portfolio } from "../bindings/Portfolio";
export type { PortfolioRow } from "../bindings/PortfolioRow";
export type { RoleChoice } from "../bindings/RoleChoice";
export type { SaidEntry } from "../bindings/SaidEntry";
export type { SearchHit } from "../bindings/SearchHit";
export type { Selection } from "../bindings/Selection";
export type { SendMonth } from "../bindings/SendMonth";
export type { SendStatement } from "../bindings/SendStatement";
export type { SlaHistory } from "../bindings/SlaHistory";
export type { ClaimLog } from "../bindings/ClaimLog";
export type { SealChoice } from "../bindings/SealChoice";
export type { SealView } from "../bindings/SealView";
export type { BatchPlan } from "../bindings/BatchPlan";
export type { StatementBatch } from "../bindings/StatementBatch";
export type { StatementChoice } from "../bindings/StatementChoice";
export type { StatementDelivery } from "../bindings/StatementDelivery";
export type { StatementMonth } from "../bindings/StatementMonth";
export type { SourceRow } from "../bindings/SourceRow";
export type { StatementRun } from "../bindings/StatementRun";
export type { StatementRow } from "../bindings/StatementRow";
export type { Status } from "../bindings/Status";
export type { TableInForce } from "../bindings/TableInForce";
export type { TablePreview } from "../bindings/TablePreview";
export type { TableRow } from "../bindings/TableRow";
export type { TableTaken } from "../bindings/TableTaken";
export type { Term } from "../bindings/Term";
export type { Welcome } from "../bindings/Welcome";
export type { WindowSeen } from "../bindings/WindowSeen";

/** Every refused command; `code` is from a closed list and is what screens word by. */
export type Problem = { code: string; message: string; path?: string | null; current?: unknown };
export type Verbs = { [verb: string]: Verb };
export type Role = "csm" | "finance" | "controller" | "account_manager" | "admin";
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
  kept: boolean;
  notKept: string | null;
  notKeptIsNews: boolean;
};
export type SyncState = {
  state: "online" | "syncing" | "offline" | "stale" | "revoked" | "expired";
  text: string;
  detail: string;
  waiting: number;
  asOf: Moment | null;
  progress: CatchUp | null;
};
export type BreachTab = "to_review" | "snoozed" | "decided";
/** The order of a list of credits, amounts within each currency. */
export type CreditSort = "oldest" | "newest" | "largest" | "smallest";
export type CreditTab = "awaiting" | "second" | "approved" | "posted" | "returned" | "drafted";
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
  typed: Typed[];
  again: { amount: string | null; seen: string } | null;
  review: string | null;
  sendAt: string | null;
};
export type OutboxView = { rows: OutboxRow[]; waiting: number };
export type Verification = {
  verdict: string;
  ok: boolean;
  file: string;
  sha256: string;
  checks: { name: string; ok: boolean | null; reason: string }[];
  cases: { file: string; title: string; agrees: boolean; text: string }[];
};
/** What a statement is of. */
export type StatementOf =
  { kind: "customer" } | { kind: "contract"; id: string } | { kind: "group"; id: string };
export type Preview = { pages: number; page: number; png: string; sealed: boolean; title: string };
export type Progress = { job: string; done: number; total: number | null; text: string };
/** The ids of the commands that went to the outbox. */
export type Accepted = { commandId: string };
