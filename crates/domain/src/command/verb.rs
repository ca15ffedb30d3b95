//! What is said of decisions without knowing what they are about.

use super::Verb;
use crate::{
    contact::ContactWanted,
    delivery::{Acknowledged, Delivered},
    person::Permission,
};

impl Verb {
    /// Whether only a signed-in person may decide it: personal tokens never do (law 5).
    #[must_use]
    pub fn is_personal(&self) -> bool {
        matches!(
            self,
            Self::DecideExclusion { .. }
                | Self::AdmitLateClaim { .. }
                | Self::ApproveCredit { .. }
                | Self::ReturnCredit { .. }
                | Self::NotGrantCredit { .. }
                | Self::ConfirmContact { .. }
        )
    }

    /// What whoever decides it must be allowed to do.
    #[must_use]
    pub fn permission(&self) -> Permission {
        match self {
            Self::ReviewBreach { .. }
            | Self::ReviewIncident { .. }
            | Self::JoinIncident { .. }
            | Self::MergeIncident { .. }
            | Self::SnoozeBreach { .. }
            | Self::AcknowledgeAlert { .. } => Permission::Review,
            Self::ProposeExclusion { .. } => Permission::ProposeExclusion,
            Self::DecideExclusion { .. } => Permission::DecideExclusion,
            Self::ProposeCredit { .. }
            | Self::ProposeGoodwill { .. }
            | Self::FileClaim { .. }
            | Self::CloseDeadline { .. }
            | Self::AnswerDispute { .. } => Permission::ProposeCredit,
            Self::AdmitLateClaim { .. }
            | Self::ApproveCredit { .. }
            | Self::ReturnCredit { .. }
            | Self::NotGrantCredit { .. } => Permission::ApproveCredit,
            Self::IssueStatement { .. }
            | Self::SealStatement { .. }
            | Self::VoidStatement { .. }
            | Self::RecordDelivery(_) => Permission::IssueStatement,
            Self::PutContact(_)
            | Self::ConfirmContact { .. }
            | Self::EndContact { .. }
            | Self::RecordBounce { .. }
            | Self::RecordAcknowledgement(_) => Permission::KeepContacts,
        }
    }

    /// The name that `kind` bears on the wire, and audit events after it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::ReviewBreach { .. } => "review_breach",
            Self::ReviewIncident { .. } => "review_incident",
            Self::JoinIncident { .. } => "join_incident",
            Self::MergeIncident { .. } => "merge_incident",
            Self::SnoozeBreach { .. } => "snooze_breach",
            Self::ProposeExclusion { .. } => "propose_exclusion",
            Self::DecideExclusion { .. } => "decide_exclusion",
            Self::ProposeCredit { .. } => "propose_credit",
            Self::ProposeGoodwill { .. } => "propose_goodwill",
            Self::FileClaim { .. } => "file_claim",
            Self::AdmitLateClaim { .. } => "admit_late_claim",
            Self::CloseDeadline { .. } => "close_deadline",
            Self::ApproveCredit { .. } => "approve_credit",
            Self::ReturnCredit { .. } => "return_credit",
            Self::NotGrantCredit { .. } => "not_grant_credit",
            Self::IssueStatement { .. } => "issue_statement",
            Self::SealStatement { .. } => "seal_statement",
            Self::VoidStatement { .. } => "void_statement",
            Self::AcknowledgeAlert { .. } => "acknowledge_alert",
            Self::PutContact(_) => "put_contact",
            Self::ConfirmContact { .. } => "confirm_contact",
            Self::EndContact { .. } => "end_contact",
            Self::RecordDelivery(_) => "record_delivery",
            Self::RecordBounce { .. } => "record_bounce",
            Self::RecordAcknowledgement(_) => "record_acknowledgement",
            Self::AnswerDispute { .. } => "answer_dispute",
        }
    }

    /// The entity that it is about, and its id.
    #[must_use]
    pub fn target(&self) -> (&'static str, String) {
        match self {
            Self::ReviewBreach { breach, .. }
            | Self::SnoozeBreach { breach, .. }
            | Self::JoinIncident { breach, .. } => ("breach", breach.to_string()),
            Self::ReviewIncident { incident, .. } | Self::MergeIncident { incident, .. } => {
                ("incident", incident.to_string())
            }
            Self::ProposeExclusion { exclusion, .. } | Self::DecideExclusion { exclusion, .. } => {
                ("exclusion", exclusion.to_string())
            }
            Self::ProposeCredit { credit, .. }
            | Self::ProposeGoodwill { credit, .. }
            | Self::FileClaim { credit, .. }
            | Self::AdmitLateClaim { credit, .. }
            | Self::ApproveCredit { credit, .. }
            | Self::ReturnCredit { credit, .. }
            | Self::NotGrantCredit { credit, .. } => ("credit", credit.to_string()),
            Self::AcknowledgeAlert { alert, .. } => ("alert", alert.to_string()),
            Self::CloseDeadline { deadline, .. } => ("deadline", deadline.to_string()),
            Self::IssueStatement { statement, .. }
            | Self::SealStatement { statement, .. }
            | Self::VoidStatement { statement, .. } => ("statement", statement.to_string()),
            Self::PutContact(ContactWanted { contact, .. })
            | Self::ConfirmContact { contact, .. }
            | Self::EndContact { contact, .. } => ("contact", contact.to_string()),
            Self::RecordDelivery(Delivered { delivery, .. })
            | Self::RecordBounce { delivery, .. } => ("delivery", delivery.to_string()),
            Self::RecordAcknowledgement(Acknowledged { acknowledgement, .. })
            | Self::AnswerDispute { acknowledgement, .. } => {
                ("acknowledgement", acknowledgement.to_string())
            }
        }
    }
}
