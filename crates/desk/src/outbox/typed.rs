//! What its author wrote or chose in a decision that is not in effect: it can be read, and taken along,
//! whatever becomes of it.

use chrono::{DateTime, Utc};
use makegood_domain::{
    Problem,
    breach::Breach,
    claim::LoggedOutage,
    command::Verb,
    contact::ContactWanted,
    delivery::{Acknowledged, Delivered},
    id::BreachId,
    incident::Hit,
};
use makegood_mirror::{Reader, screens::Moment};
use serde::Serialize;
use std::collections::BTreeMap;
use ts_rs::TS;

/// Something that its author wrote or chose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct Typed {
    /// What it is: `Reason`.
    pub label: String,
    /// As it was written.
    pub text: String,
    /// What stands there now, where that is something else.
    pub now: Option<String>,
}

fn typed(label: impl Into<String>, text: impl Into<String>) -> Typed {
    Typed { label: label.into(), text: text.into(), now: None }
}

/// One that may be absent.
fn perhaps(label: &str, text: Option<&String>) -> Vec<Typed> {
    text.map(|text| typed(label, text)).into_iter().collect()
}

fn instant(at: DateTime<Utc>) -> String {
    format!("{} UTC", Moment::utc(at).utc)
}

/// What was written in a decision.
pub(super) fn of(verb: &Verb) -> Vec<Typed> {
    match verb {
        Verb::ReviewBreach { root_cause, narratives, note, .. } => {
            let mut all = vec![typed(CAUSE, root_cause)];
            all.extend(narratives.iter().map(|(language, text)| told(language, text)));
            all.extend(note.as_ref().map(|note| typed("Internal note", note)));
            all
        }
        Verb::ReviewIncident { root_cause, first_degraded_at, detected_at, narratives, .. } => {
            let mut all = vec![typed(CAUSE, root_cause)];
            all.extend(first_degraded_at.map(|at| typed("First felt", instant(at))));
            all.extend(detected_at.map(|at| typed("Noticed", instant(at))));
            let texts = narratives.values().flatten();
            all.extend(texts.map(|(language, text)| told(language, text)));
            all
        }
        Verb::SnoozeBreach { until, reason, .. } => {
            vec![typed("Until", instant(*until)), typed(REASON, reason)]
        }
        Verb::ProposeExclusion { kind, from, to, notified_at, clause, .. } => {
            let mut all = vec![typed("Kind", kind.replace('_', " "))];
            all.extend([typed("From", instant(*from)), typed("To", instant(*to))]);
            all.extend(notified_at.map(|at| typed("Told the customer", instant(at))));
            all.extend(clause.as_ref().map(|clause| typed("Clause", clause)));
            all
        }
        Verb::DecideExclusion { reason, .. } => perhaps(REASON, reason.as_ref()),
        Verb::ProposeCredit { amount, .. } | Verb::ApproveCredit { amount, .. } => {
            vec![typed("Amount seen", amount.symbol())]
        }
        Verb::ProposeGoodwill { amount, reason, .. } => {
            vec![typed("Amount", amount.symbol()), typed(REASON, reason)]
        }
        Verb::FileClaim { claimed_on, log, .. } => {
            let mut all = vec![typed("Asked on", claimed_on.to_string())];
            all.extend((!log.is_empty()).then(|| typed("Their log", logged(log))));
            all
        }
        Verb::CloseDeadline { note, .. } => vec![typed("How", note)],
        Verb::AcknowledgeAlert { note, .. } => perhaps("Internal note", note.as_ref()),
        Verb::AdmitLateClaim { reason, .. }
        | Verb::ReturnCredit { reason, .. }
        | Verb::NotGrantCredit { reason, .. }
        | Verb::VoidStatement { reason, .. }
        | Verb::EndContact { reason, .. } => vec![typed(REASON, reason)],
        Verb::PutContact(contact) => of_contact(contact),
        Verb::ConfirmContact { address, .. } => vec![typed("Address", address)],
        Verb::RecordDelivery(delivered) => of_delivery(delivered),
        Verb::RecordBounce { address, reason, .. } => {
            vec![typed("Address", address), typed("Bounce message", reason)]
        }
        Verb::RecordAcknowledgement(said) => of_acknowledgement(said),
        Verb::AnswerDispute { answer, .. } => vec![typed("Answer", answer)],
        Verb::JoinIncident { .. }
        | Verb::MergeIncident { .. }
        | Verb::IssueStatement { .. }
        | Verb::SealStatement { .. } => Vec::new(),
    }
}

const CAUSE: &str = "Root cause";
const REASON: &str = "Reason";

/// What a customer reads in a language; nothing: it is taken back.
fn told(language: &str, text: &str) -> Typed {
    let text = if text.trim().is_empty() { "Taken back" } else { text };
    typed(reads(language), text)
}

fn reads(language: &str) -> String {
    let language = match language {
        "de" => "German",
        "en" => "English",
        other => other,
    };
    format!("Customer reads, {language}")
}

fn logged(log: &[LoggedOutage]) -> String {
    let lines = log.iter().map(|one| format!("{} – {}", instant(one.from), instant(one.to)));
    lines.collect::<Vec<_>>().join("\n")
}

fn of_contact(contact: &ContactWanted) -> Vec<Typed> {
    vec![
        typed("Name", &contact.name),
        typed("Address", &contact.address),
        typed("What for", contact.role.title()),
    ]
}

fn of_delivery(delivered: &Delivered) -> Vec<Typed> {
    let to: Vec<&str> = delivered.to.iter().map(|one| one.address.as_str()).collect();
    let mut all = Vec::new();
    all.extend((!to.is_empty()).then(|| typed("To", to.join(", "))));
    all.extend(delivered.reason.as_ref().map(|reason| typed("Resent because", reason)));
    all.extend(delivered.why.as_ref().map(|why| typed("Result", why)));
    all
}

fn of_acknowledgement(said: &Acknowledged) -> Vec<Typed> {
    let mut all = vec![
        typed("Who said it", &said.by_name),
        typed("On", said.on.to_string()),
        typed("Said", if said.accepted { "They accept it" } else { "They dispute it" }),
    ];
    all.extend(said.note.as_ref().map(|note| typed("Note", note)));
    all
}

/// The breach that a decision reviews.
pub(super) fn reviewed(verb: &Verb) -> Option<BreachId> {
    match verb {
        Verb::ReviewBreach { breach, .. } => Some(*breach),
        _ => None,
    }
}

/// What stands on a breach's review now, by label; a colleague may have written it meanwhile.
///
/// # Errors
/// [`makegood_domain::Code::NotFound`] for one that is gone, or outside of one's scope;
/// [`makegood_domain::Code::Database`].
pub(super) async fn standing(
    reader: &mut Reader,
    breach: BreachId,
) -> Result<BTreeMap<String, String>, Problem> {
    let customer = reader.get::<Breach>(&breach.to_string()).await?.row.customer;
    let hits: Vec<Hit> = reader.of_customer(customer).await?;
    let Some(hit) = hits.into_iter().find(|hit| hit.breaches.contains(&breach)) else {
        return Ok(BTreeMap::new());
    };
    let told = hit.narratives.into_iter().map(|(language, text)| (reads(&language), text));
    let cause = hit.root_cause.map(|cause| (CAUSE.to_owned(), cause));
    Ok(told.chain(cause).collect())
}

/// Lays beside what was typed what stands there now.
pub(super) fn lay_beside(typed: &mut [Typed], mut stands: BTreeMap<String, String>) {
    for one in typed {
        one.now = stands.remove(&one.label).filter(|now| *now != one.text);
    }
}
