/**
 * What crosses the seam between the desk and its screens. Every number arrives ready to show: no
 * screen computes with money or time. The shapes are generated from the desk's own types; what stands
 * here besides is narrower than text, or what the seam itself adds.
 */

import type { OutboxRow as Queueing } from "../bindings/OutboxRow";
import type { OutboxView as Outbox } from "../bindings/OutboxView";
import type { Session as Seat } from "../bindings/Session";
import type { StatementChoice } from "../bindings/StatementChoice";
import type { Verb } from "../bindings/Verb";

export type { Authoring } from "../bindings/Authoring";
export type { BreachTab } from "../bindings/BreachTab";
export type { CatchUp } from "../bindings/CatchUp";
export type { CreditTab } from "../bindings/CreditTab";
export type { Difference } from "../bindings/Difference";
export type { DisputeRow } from "../bindings/DisputeRow";
export type { Draft } from "../bindings/Draft";
export type { DraftChange } from "../bindings/DraftChange";
export type { DraftPast } from "../bindings/DraftPast";
export type { DraftRow } from "../bindings/DraftRow";
export type { DraftStart } from "../bindings/DraftStart";
export type { PortfolioView } from "../bindings/PortfolioView";
export type { Proposal } from "../bindings/Proposal";
export type { ProposalDecision } from "../bindings/ProposalDecision";
export type { ProposalRow } from "../bindings/ProposalRow";
export type { Page } from "../bindings/Page";
export type { TermsTemplate } from "../bindings/TermsTemplate";
export type { AlertRow } from "../bindings/AlertRow";
export type { Alerts } from "../bindings/Alerts";
export type { DeadlineRow } from "../bindings/DeadlineRow";
export type { DeadlineTab } from "../bindings/DeadlineTab";
export type { Deadlines } from "../bindings/Deadlines";
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
export type { ExclusionProposal } from "../bindings/ExclusionProposal";
export type { ExclusionSide } from "../bindings/ExclusionSide";
export type { ExclusionView } from "../bindings/ExclusionView";
export type { Explanation } from "../bindings/Explanation";
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
export type { Preview } from "../bindings/Preview";
export type { Progress } from "../bindings/Progress";
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
export type { SyncState } from "../bindings/SyncState";
export type { TableInForce } from "../bindings/TableInForce";
export type { TablePreview } from "../bindings/TablePreview";
export type { TableRow } from "../bindings/TableRow";
export type { TableTaken } from "../bindings/TableTaken";
export type { Term } from "../bindings/Term";
export type { Verification } from "../bindings/Verification";
export type { Welcome } from "../bindings/Welcome";
export type { WindowSeen } from "../bindings/WindowSeen";

/** Every refused command; `code` is from a closed list and is what screens word by. */
export type Problem = { code: string; message: string; path?: string | null; current?: unknown };
export type Verbs = { [verb: string]: Verb };
export type Theme = "system" | "light" | "dark";
export type Session = Seat & { theme: Theme };
/** The order of a list of credits, amounts within each currency. */
export type CreditSort = "oldest" | "newest" | "largest" | "smallest";
export type OutboxRow = Queueing & { state: "queued" | "sent" | "confirmed" | "refused" | "stale" };
export type OutboxView = Omit<Outbox, "rows"> & { rows: OutboxRow[] };
/** What a statement is of. */
export type StatementOf = StatementChoice["of"];
/** The ids of the commands that went to the outbox. */
export type Accepted = { commandId: string };
