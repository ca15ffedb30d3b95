//! What the screens show: one file per noun, each number ready to be shown.
//!
//! Every screen is a function of one consistent view of the mirror ([`Reader`](crate::Reader)), who
//! looks ([`Viewer`](crate::Viewer)) and what waits in the outbox ([`Overlay`](crate::Overlay)).

mod alert;
mod attainment;
mod audit;
mod breach;
mod contact;
mod credit;
mod customer;
mod deadline;
mod delivery;
mod dispute;
mod distance;
mod house;
mod nav;
mod page;
mod policy;
mod portfolio;
mod search;
mod settlement;
mod show;
mod statement;
mod termination;

pub use alert::{AlertRow, Alerts, alerts};
pub use attainment::{BurnDown, BurnPoint, LineDetail, LineNote, LineTitle, line_detail};
pub use audit::{AuditChain, AuditEntry, AuditLog, AuditRow, audit_log, on_record};
pub use breach::{
    Breach, BreachCounts, BreachCredit, BreachGroup, BreachInbox, BreachIncident, BreachItem,
    BreachNote, BreachOutage, BreachTab, CountedBar, EvidenceTimeline, ExclusionBar, ExclusionForm,
    ExclusionFormKind, ExclusionView, Narrative, OutageBar, Recomputed, Term, Tick, TimelineEvent,
    UnknownBar, breach, breach_inbox,
};
pub use contact::ContactRow;
pub use credit::{
    CreditCounts, CreditDetail, CreditRow, CreditTab, Credits, Selection, SelectionTotal, Step,
    credit, credits, credits_selection,
};
pub use customer::{
    Customer, CustomerList, CustomerRow, CustomerTabs, HistoryMonth, SlaHistory, customer,
    customers,
};
pub use deadline::{DeadlineCounts, DeadlineRow, DeadlineTab, Deadlines, deadlines};
pub use delivery::{DeliveryRow, DeliveryRun, SaidRow, StatementDelivery, Unsent, sealed, unsent};
pub use dispute::DisputeRow;
pub use house::people;
pub use nav::{NavCounts, nav_counts};
pub use page::Page;
pub use policy::{Matrix, MatrixRow};
pub use portfolio::{
    MonthChoice, Portfolio, PortfolioRow, PortfolioSummary, PortfolioView, portfolio,
};
pub use search::{SearchHit, search};
pub use settlement::settlement;
pub use show::{
    Action, Fact, Moment, MoneyView, Status, date as shown_day, month_short as shown_month,
};
pub use statement::{
    Blocker, HeldBy, NOTHING_CHANGED, NOTHING_LOCKED, ReadyCustomer, StatementChoice,
    StatementCustomer, StatementLine, StatementMonth, StatementRow, numbered, statement_choices,
    statement_month, statement_outdated, statements_held, statements_missing, statements_ready,
};

pub(crate) use house::Promise;
pub(crate) use portfolio::drawn;
pub(crate) use statement::{Books, Standing};
