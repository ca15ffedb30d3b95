//! Law 5: four eyes that can't be walked around, and law 2: no sum across currencies without a rate.

use chrono::{DateTime, TimeDelta, Utc};
use makegood_domain::{
    Clock, Code, Currency, Money,
    command::Verb,
    credit::{Application, Approval, Billing, Claim, Credit, CreditForm, CreditKind, Decision},
    id::{Ids, PersonId},
    person::{Actor, Permission, Role, Scope, TokenKind},
    policy::{self, Policy},
    random::Random,
};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

fn money(text: &str, code: &str) -> Money {
    Money::parse_decimal(text, Currency::parse(code).unwrap()).unwrap()
}

fn noon() -> DateTime<Utc> {
    "2026-11-09T12:00:00Z".parse().unwrap()
}

fn ids() -> Ids {
    Ids::new(Clock::fixed(noon()), Random::seeded(5))
}

fn matrix() -> Policy {
    Policy {
        version: 7,
        base: "EUR".into(),
        limit: money("1500.00", "EUR"),
        rates: BTreeMap::from([("USD".into(), "0.90".into()), ("JPY".into(), "0.0061".into())]),
        role_limits: BTreeMap::new(),
    }
}

fn actor(ids: &Ids, role: Role) -> Actor {
    Actor {
        acts_for: BTreeMap::new(),
        person: ids.make(),
        name: "Ines Keller".into(),
        roles: BTreeSet::from([role]),
        scope: Scope::All,
        scope_revision: 1,
        token: ids.make(),
        token_kind: TokenKind::Session,
        confined_to: None,
        narrowing: None,
    }
}

fn proposed(ids: &Ids, by: PersonId) -> Credit {
    Credit {
        id: ids.make(),
        number: "CR-311".into(),
        kind: CreditKind::Contractual,
        amount: money("1200.00", "EUR"),
        customer: ids.make(),
        group: ids.make(),
        contract: ids.make(),
        legal_entity: ids.make(),
        settlement: Some(ids.make()),
        settlement_revision: 1,
        adjusts: None,
        window: "2026-10".into(),
        form: CreditForm::Invoice,
        decision: Decision::Proposed,
        claim: Claim::NotNeeded,
        claim_until: None,
        billing: Billing::None,
        application: Application::None,
        policy_version: Some(7),
        group_month: Some("2026-11".into()),
        proposed_by: vec![by],
        proposed_at: Some(noon()),
        approvals: Vec::new(),
        reason: None,
    }
}

fn approval(ids: &Ids, person: PersonId, at: DateTime<Utc>) -> Approval {
    Approval {
        delegated_from: None,
        id: ids.make(),
        step: 1,
        person,
        decision: Decision::Approved,
        reason: None,
        seen_hash: String::new(),
        at,
    }
}

#[test]
fn law_5_northwinds_group_total_is_weighed_at_the_named_rate_and_needs_a_second_approver() {
    let matrix = matrix();
    let total: Decimal = [money("1200.00", "EUR"), money("800.00", "USD"), money("200.00", "EUR")]
        .into_iter()
        .map(|amount| matrix.weight(amount).unwrap())
        .sum();
    assert_eq!(total, Decimal::from(2_120));
    assert!(matrix.needs_second(total));
}

#[test]
fn law_5_from_exactly_the_limit_on_a_second_approver_is_needed() {
    let matrix = matrix();
    assert!(!matrix.needs_second(matrix.weight(money("1499.99", "EUR")).unwrap()));
    assert!(matrix.needs_second(matrix.weight(money("1500.00", "EUR")).unwrap()));
}

#[test]
fn law_5_a_rate_that_a_version_lacks_is_the_next_later_ones_else_the_last_earlier_ones() {
    let version = |version: i64, base: &str, rates: &[(&str, &str)]| {
        let rates = rates.iter().map(|(code, rate)| ((*code).to_owned(), (*rate).to_owned()));
        Policy { version, base: base.to_owned(), rates: rates.collect(), ..matrix() }
    };
    let all = [
        version(5, "EUR", &[("CHF", "1.01"), ("SEK", "0.11")]),
        version(6, "EUR", &[("CHF", "1.02"), ("USD", "0.80")]),
        version(7, "EUR", &[("USD", "0.90")]),
        version(8, "USD", &[("GBP", "1.30")]),
        version(9, "EUR", &[("GBP", "1.15"), ("USD", "0.95")]),
        version(10, "EUR", &[("GBP", "1.16"), ("SEK", "0.12")]),
    ];
    let rates = all[2].completed(&all).rates;
    let rates: Vec<_> = rates.iter().map(|(code, rate)| (code.as_str(), rate.as_str())).collect();
    assert_eq!(rates, [("CHF", "1.02"), ("GBP", "1.15"), ("SEK", "0.12"), ("USD", "0.90")]);
}

#[test]
fn law_5_a_recovery_weighs_as_much_as_a_credit_of_its_size() {
    let matrix = matrix();
    assert_eq!(
        matrix.weight(money("-900.00", "EUR")).unwrap(),
        matrix.weight(money("900.00", "EUR")).unwrap()
    );
}

#[test]
fn law_2_a_currency_without_a_named_rate_is_refused_and_minor_units_differ_by_currency() {
    let matrix = matrix();
    assert_eq!(matrix.weight(money("10.00", "GBP")).unwrap_err().code, Code::Invalid);
    assert_eq!(matrix.weight(money("10000", "JPY")).unwrap(), Decimal::from(61));
}

#[test]
fn law_5_who_proposed_or_amended_never_approves() {
    let ids = ids();
    let finance = actor(&ids, Role::Finance);
    let credit = proposed(&ids, finance.person);
    assert_eq!(policy::may_approve(&finance, &credit).unwrap_err().code, Code::OwnProposal);
    let amended = Credit { proposed_by: vec![ids.make(), finance.person], ..credit };
    assert_eq!(policy::may_approve(&finance, &amended).unwrap_err().code, Code::OwnProposal);
}

#[test]
fn law_5_the_second_approver_is_another_person_than_the_first() {
    let ids = ids();
    let (first, second) = (actor(&ids, Role::Finance), actor(&ids, Role::Finance));
    let credit = Credit {
        decision: Decision::ApprovedOnce,
        approvals: vec![approval(&ids, first.person, noon())],
        ..proposed(&ids, ids.make())
    };
    assert_eq!(policy::may_approve(&first, &credit).unwrap_err().code, Code::SameApprover);
    assert!(policy::may_approve(&second, &credit).is_ok());
}

#[test]
fn law_5_an_approval_from_before_the_last_proposal_does_not_bind() {
    let ids = ids();
    let first = actor(&ids, Role::Finance);
    let returned = Approval { decision: Decision::Returned, ..approval(&ids, ids.make(), noon()) };
    let credit = Credit {
        approvals: vec![approval(&ids, first.person, noon()), returned],
        ..proposed(&ids, ids.make())
    };
    assert!(policy::may_approve(&first, &credit).is_ok());
}

#[test]
fn law_5_a_clock_that_was_put_back_lets_nobody_approve_twice() {
    let ids = ids();
    let first = actor(&ids, Role::Finance);
    let before_it_was_proposed = noon() - TimeDelta::hours(1);
    let credit = Credit {
        decision: Decision::ApprovedOnce,
        approvals: vec![approval(&ids, first.person, before_it_was_proposed)],
        ..proposed(&ids, ids.make())
    };
    assert_eq!(policy::may_approve(&first, &credit).unwrap_err().code, Code::SameApprover);
}

#[test]
fn law_5_no_role_but_finance_approves_and_no_personal_token_ever() {
    let ids = ids();
    let credit = proposed(&ids, ids.make());
    for role in [Role::Csm, Role::AccountManager, Role::Admin] {
        let refused = policy::may_approve(&actor(&ids, role), &credit).unwrap_err();
        assert_eq!(refused.code, Code::RoleMissing, "{role:?}");
    }
    let script = Actor { token_kind: TokenKind::Personal, ..actor(&ids, Role::Finance) };
    assert_eq!(policy::may_approve(&script, &credit).unwrap_err().code, Code::TokenMayNotApprove);
}

#[test]
fn a_credit_outside_the_scope_or_not_awaiting_approval_is_refused() {
    let ids = ids();
    let credit = proposed(&ids, ids.make());
    let elsewhere =
        Actor { scope: Scope::Customers(BTreeSet::new()), ..actor(&ids, Role::Finance) };
    assert_eq!(policy::may_approve(&elsewhere, &credit).unwrap_err().code, Code::ScopeMissing);
    for decision in [Decision::Drafted, Decision::Approved, Decision::Returned, Decision::Cancelled]
    {
        let credit = Credit { decision, ..credit.clone() };
        let refused = policy::may_approve(&actor(&ids, Role::Finance), &credit).unwrap_err();
        assert_eq!(refused.code, Code::WrongState, "{decision:?}");
    }
}

#[test]
fn law_5_a_token_for_scripts_carries_no_decision_of_a_persons_and_no_verb_that_it_leaves_out() {
    let ids = ids();
    let amount = money("1200.00", "EUR");
    let approve = Verb::ApproveCredit { credit: ids.make(), amount };
    let propose = Verb::ProposeCredit { credit: ids.make(), amount };
    let person = actor(&ids, Role::Finance);
    assert!(policy::token_carries(&person, &approve).is_ok());
    let script = Actor { token_kind: TokenKind::Personal, ..person };
    let code = |actor: &Actor, verb: &Verb| policy::token_carries(actor, verb).unwrap_err().code;
    assert_eq!(code(&script, &approve), Code::TokenMayNotApprove);
    assert!(policy::token_carries(&script, &propose).is_ok());
    let reader = Actor { confined_to: Some([Permission::Read].into()), ..script };
    assert_eq!(code(&reader, &propose), Code::RoleMissing);
}

#[test]
fn law_5_nobody_decides_the_exclusion_they_proposed() {
    let ids = ids();
    let csm = actor(&ids, Role::Csm);
    assert_eq!(policy::may_decide_exclusion(&csm, csm.person).unwrap_err().code, Code::OwnProposal);
    assert!(policy::may_decide_exclusion(&csm, ids.make()).is_ok());
    let manager = actor(&ids, Role::AccountManager);
    assert_eq!(
        policy::may_decide_exclusion(&manager, ids.make()).unwrap_err().code,
        Code::RoleMissing
    );
}
