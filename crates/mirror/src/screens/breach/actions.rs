//! What this person may do about a breach now and, if not, why.

use super::{detail::claim, exclusion::ExclusionView, found::Found};
use crate::{Overlay, Viewer, screens::show::Action};
use chrono::{DateTime, Utc};
use makegood_domain::{
    Code, Problem,
    breach::BreachState,
    credit::{Claim, Decision},
    person::Permission,
    policy::require,
};
use std::collections::BTreeMap;

/// The verbs of a breach's page.
pub(super) fn actions(
    found: &Found,
    exclusions: &[ExclusionView],
    viewer: &Viewer,
    overlay: &Overlay,
) -> BTreeMap<String, Action> {
    let may = |permission| require(&viewer.actor, permission);
    let refuse = |message: &str| Err(Problem::new(Code::WrongState, message));
    let key = found.breach.id.to_string();
    let queued = overlay.about("breach", &key).is_some();
    let review = may(Permission::Review).and_then(|()| match found.breach.state {
        _ if queued => refuse("your review is waiting to be sent"),
        BreachState::Cleared => refuse("a revision cleared this breach"),
        _ => Ok(()),
    });
    let snooze = review.clone().and_then(|()| match found.breach.state {
        BreachState::Confirmed => refuse("it is confirmed already"),
        _ => Ok(()),
    });
    let open: Vec<&ExclusionView> =
        exclusions.iter().filter(|one| one.state == "proposed").collect();
    let admit = may(Permission::DecideExclusion).and_then(|()| {
        if open.iter().any(|one| one.may_decide) {
            return Ok(());
        }
        let why = open.first().map(|one| one.why_not.as_deref().unwrap_or("it waits to be sent"));
        refuse(why.unwrap_or("no exclusion is proposed"))
    });
    let actions = [
        ("review", review),
        ("snooze", snooze),
        ("propose_exclusion", may(Permission::ProposeExclusion)),
        ("admit_exclusion", admit),
        (
            "propose_credit",
            may(Permission::ProposeCredit).and_then(|()| may_propose(found, overlay, viewer.now)),
        ),
        ("goodwill", may(Permission::ProposeCredit)),
    ];
    actions.into_iter().map(|(verb, may)| (verb.to_owned(), may.into())).collect()
}

/// Whether the settlement's credit can be proposed now.
fn may_propose(found: &Found, overlay: &Overlay, now: DateTime<Utc>) -> Result<(), Problem> {
    let refuse = |message: String| Err(Problem::new(Code::WrongState, message));
    let Some(credit) = &found.credit else {
        return match found.settlement {
            None => refuse("the measurement is not locked yet".to_owned()),
            Some(_) => refuse("the contract owes nothing for this window".to_owned()),
        };
    };
    if overlay.about("credit", &credit.id.to_string()).is_some() {
        return refuse(format!("a decision about {} waits to be sent", credit.number));
    }
    match (credit.decision, credit.claim) {
        (Decision::Drafted | Decision::Returned, Claim::NotNeeded | Claim::Filed) => Ok(()),
        (Decision::Drafted | Decision::Returned, _) => refuse(format!(
            "the customer has to claim it: {}",
            claim(credit, now).unwrap_or_default()
        )),
        (decision, _) => {
            refuse(format!("{} is {}", credit.number, decision.as_str().replace('_', " ")))
        }
    }
}
