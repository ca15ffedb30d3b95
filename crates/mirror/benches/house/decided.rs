//! What is missed in a month, and what is decided about it.

use super::{
    LINES, at, below, dice, id, is_by_claim, label, money,
    month::{LAST, Spot},
};
use chrono::TimeDelta;
use makegood_domain::{
    audit::AuditEvent,
    breach::{Breach, BreachState},
    credit::{Application, Approval, Billing, Claim, Credit, CreditForm, CreditKind, Decision},
    deadline::{Deadline, DeadlineKind, DeadlineState},
    exclusion::{Exclusion, ExclusionState},
    incident::Incident,
    statement::{Statement, StatementCase, StatementOf, StatementState},
};
use serde_json::json;

/// Incidents of a month.
pub(super) const INCIDENTS: usize = 80;

impl Spot {
    pub(super) fn incident(&self) -> Option<usize> {
        (self.dice(4) % 10 < 6).then(|| self.month * INCIDENTS + self.dice(5) % INCIDENTS)
    }

    pub(super) fn breach(&self, line: usize) -> Breach {
        let state = match self.dice(6) % 100 {
            _ if self.month < LAST => BreachState::Confirmed,
            0..60 => BreachState::ToReview,
            60..65 => BreachState::Snoozed,
            _ => BreachState::Confirmed,
        };
        let reviewed = state == BreachState::Confirmed;
        Breach {
            id: id(12, self.number),
            number: format!("BR-{}", self.number + 1),
            customer: id(3, self.customer),
            contract: id(4, self.customer),
            line: id(6, self.customer * LINES + line),
            window: label(self.month),
            attainment: id(9, self.number * LINES + line),
            settlement: Some(id(10, self.number)),
            state,
            incident: self.incident().map(|number| id(13, number)),
            reviewed_by: reviewed.then(|| id(1, 0)),
            reviewed_at: reviewed.then(|| self.to + TimeDelta::hours(30 + below(90, self.dice(7)))),
            reason: None,
            snoozed_until: (state == BreachState::Snoozed).then(|| at("2026-11-16T08:00:00Z")),
        }
    }

    pub(super) fn decision(&self) -> Decision {
        match self.dice(8) % 100 {
            0..5 if self.month < LAST => Decision::NotGranted,
            _ if self.month < LAST => Decision::Approved,
            0..40 => Decision::Drafted,
            40..70 => Decision::Proposed,
            70..75 => Decision::ApprovedOnce,
            75..77 => Decision::Returned,
            _ => Decision::Approved,
        }
    }

    pub(super) fn credit(&self) -> Credit {
        let decision = self.decision();
        let proposed = !matches!(decision, Decision::Drafted);
        let proposed_at = self.to + TimeDelta::hours(100 + below(90, self.dice(9)));
        let billed = self.month < LAST && decision == Decision::Approved;
        let by_claim = is_by_claim(self.customer);
        let approved = Approval {
            id: id(17, self.number),
            step: 1,
            person: id(1, 51),
            delegated_from: None,
            decision: if decision == Decision::Returned { decision } else { Decision::Approved },
            reason: None,
            seen_hash: "5e".repeat(32),
            at: proposed_at + TimeDelta::hours(2),
        };
        let decided = proposed && decision != Decision::Proposed;
        Credit {
            id: id(11, self.number),
            number: format!("CR-{}", self.number + 1),
            kind: CreditKind::Contractual,
            amount: money(self.owed(), self.customer),
            customer: id(3, self.customer),
            group: id(2, if self.customer % 10 == 9 { self.customer - 1 } else { self.customer }),
            contract: id(4, self.customer),
            legal_entity: id(5, 0),
            settlement: Some(id(10, self.number)),
            settlement_revision: 1,
            adjusts: None,
            window: label(self.month),
            form: CreditForm::Invoice,
            decision,
            claim: match (by_claim, proposed) {
                (false, _) => Claim::NotNeeded,
                (true, true) => Claim::Filed,
                (true, false) => Claim::Invited,
            },
            claim_until: by_claim.then(|| self.to.date_naive() + TimeDelta::days(30)),
            billing: if billed { Billing::Issued } else { Billing::None },
            application: Application::None,
            policy_version: proposed.then_some(7),
            group_month: proposed.then(|| proposed_at.format("%Y-%m").to_string()),
            proposed_by: if proposed { vec![id(1, self.customer % 50)] } else { Vec::new() },
            proposed_at: proposed.then_some(proposed_at),
            approvals: if decided { vec![approved] } else { Vec::new() },
            reason: None,
        }
    }

    pub(super) fn deadline(&self, credit: &Credit) -> Deadline {
        let open = credit.claim == Claim::Invited;
        Deadline {
            id: id(18, self.number),
            customer: credit.customer,
            contract: credit.contract,
            kind: DeadlineKind::Claim,
            credit: Some(credit.id),
            number: credit.number.clone(),
            window: credit.window.clone(),
            amount: Some(credit.amount),
            ground: None,
            due: self.to.date_naive() + TimeDelta::days(30),
            zone: "Europe/Berlin".to_owned(),
            days: 30,
            owner: Some(id(1, self.customer % 50)),
            state: if open { DeadlineState::Open } else { DeadlineState::Met },
            done_at: (!open).then(|| self.to + TimeDelta::days(4)),
            done_by: (!open).then(|| id(1, 0)),
            note: None,
        }
    }

    pub(super) fn statement(&self) -> Statement {
        Statement {
            id: id(19, self.number),
            number: format!("ST-{}-{:05}", label(self.month), self.customer),
            revision: 1,
            supersedes: None,
            customer: id(3, self.customer),
            of: StatementOf::Customer,
            customers: Vec::new(),
            period: label(self.month),
            legal_entity: id(5, 0),
            language: "en".to_owned(),
            template: 1,
            state: StatementState::Sealed,
            issued_at: self.to + TimeDelta::days(12),
            released_by: id(1, 0),
            rests_on: vec![StatementCase {
                settlement: id(10, self.number),
                revision: 1,
                sha256: "5a".repeat(32),
            }],
            sha256: Some("5b".repeat(32)),
            audit_head: "5c".repeat(32),
            reason: None,
        }
    }

    pub(super) fn event(&self, previous: &str, action: &str, subject: String) -> AuditEvent {
        let mut event = AuditEvent {
            id: id(16, self.number),
            position: i64::try_from(self.number).expect("fits") + 1,
            at: self.to + TimeDelta::days(4),
            person: Some(id(1, self.customer % 50)),
            customer: Some(id(3, self.customer)),
            action: action.to_owned(),
            entity: action.split('.').next().unwrap_or_default().to_owned(),
            subject,
            detail: json!({"reason": "as agreed", "revision": 1}),
            previous: previous.to_owned(),
            hash: String::new(),
        };
        event.hash = event.computed_hash();
        event
    }
}

pub(super) fn incident(number: usize, spot: &Spot) -> Incident {
    let began_at = spot.from + TimeDelta::hours(below(600, dice(number, 0, 0)));
    Incident {
        id: id(13, number),
        number: format!("INC-{number}"),
        title: "Name resolution failed".to_owned(),
        began_at,
        ended_at: Some(began_at + TimeDelta::minutes(51)),
        root_cause: Some("Dependency: DNS".to_owned()),
        detected_at: Some(began_at + TimeDelta::minutes(6)),
        events: Vec::new(),
        merged_into: None,
    }
}

pub(super) fn exclusion(spot: &Spot, line: usize) -> Exclusion {
    Exclusion {
        id: id(14, spot.number),
        customer: id(3, spot.customer),
        series: id(8, line),
        kind: "planned_maintenance".to_owned(),
        from: spot.from + TimeDelta::hours(100),
        to: spot.from + TimeDelta::hours(101),
        notified_at: Some(spot.from),
        clause: None,
        state: ExclusionState::Admitted,
        proposed_by: id(1, 0),
        proposed_at: spot.to,
        decided_by: Some(id(1, 51)),
        decided_at: Some(spot.to),
        reason: None,
    }
}
