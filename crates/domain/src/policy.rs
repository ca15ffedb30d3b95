//! The approval matrix (law 5): who may decide a credit, and when a second approver is needed.
//! Central enforces it in the transaction; a desk asks the same functions to explain it.

use crate::{
    command::Verb,
    contact::Contact,
    credit::{Credit, Decision},
    error::{Code, Problem},
    id::PersonId,
    person::{Actor, Permission, Role, TokenKind, carry},
};
use makegood_engine::money::{Currency, Money};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// One version of the approval matrix. Credits keep the version under which they were proposed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// From 1; the highest is in force.
    pub version: i64,
    /// The currency that the limit is written in.
    pub base: String,
    /// From this sum per customer group and calendar month on, a second approver is required.
    pub limit: Money,
    /// What one unit of another currency is in `base`: decimal text. Money is never added across
    /// currencies without such a named rate.
    pub rates: BTreeMap<String, String>,
    /// Up to which sum per customer group and calendar month a role may approve, in the base
    /// currency; a role that is not listed has no such limit.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub role_limits: BTreeMap<Role, Money>,
}

impl Policy {
    /// This version with a rate for what others alone know: credits that were proposed under them are
    /// weighed by this one, too, and no version ever changes. The next later one's counts, else the last
    /// earlier one's; of another base currency none does.
    #[must_use]
    pub fn completed<'p>(&self, versions: impl IntoIterator<Item = &'p Self>) -> Self {
        let mut whole = self.clone();
        let mut others: Vec<&Self> =
            versions.into_iter().filter(|other| other.base == self.base).collect();
        others.sort_by_key(|other| {
            (other.version < self.version, other.version.abs_diff(self.version))
        });
        for (code, rate) in others.iter().flat_map(|other| &other.rates) {
            whole.rates.entry(code.clone()).or_insert_with(|| rate.clone());
        }
        whole
    }

    /// What `amount` weighs in the base currency's major units, exact. A recovery weighs as much as
    /// a credit of its size: splitting into plus and minus must not evade the limit.
    ///
    /// # Errors
    /// [`Code::Invalid`] when the matrix names no rate for the currency, or the product overflows.
    pub fn weight(&self, amount: Money) -> Result<Decimal, Problem> {
        self.weight_of(i128::from(amount.minor()), amount.currency())
    }

    /// The same of so many minor units of a currency: of a sum that no [`Money`] may hold.
    ///
    /// # Errors
    /// As [`Policy::weight`].
    pub fn weight_of(&self, minor: i128, currency: Currency) -> Result<Decimal, Problem> {
        let code = currency.code();
        let refuse = |what: &str| {
            Problem::new(
                Code::Invalid,
                format!(
                    "approval matrix v{}: {what} for {code}; have an administrator add the rate",
                    self.version
                ),
            )
        };
        let rate = if code == self.base {
            Decimal::ONE
        } else {
            let text = self.rates.get(code).ok_or_else(|| refuse("no rate"))?;
            let rate = text.parse::<Decimal>().map_err(|_| refuse("unreadable rate"))?;
            // By one below that a group's month would become less, the more is granted.
            if rate <= Decimal::ZERO {
                return Err(refuse("no rate above 0"));
            }
            rate
        };
        let out_of_range = || refuse("amount out of range");
        let major = major(minor, currency).ok_or_else(out_of_range)?.abs();
        major.checked_mul(rate).ok_or_else(out_of_range)
    }

    /// Whether a group's total (in base units) asks for a second approver: Σ amount ÷ limit ≥ 1.
    #[must_use]
    pub fn needs_second(&self, group_total: Decimal) -> bool {
        limit_of(self.limit).is_none_or(|limit| group_total >= limit)
    }

    /// Whether a group's total (in base units) lies within what these roles may approve: the
    /// highest limit of those that approve at all.
    #[must_use]
    pub fn allows(&self, roles: &BTreeSet<Role>, group_total: Decimal) -> bool {
        let approve = |role: &&Role| role.permissions().contains(&Permission::ApproveCredit);
        roles.iter().filter(approve).any(|role| {
            let limit = self.role_limits.get(role).copied();
            limit.is_none_or(|limit| limit_of(limit).is_some_and(|limit| group_total <= limit))
        })
    }
}

fn limit_of(limit: Money) -> Option<Decimal> {
    major(i128::from(limit.minor()), limit.currency())
}

/// So many minor units in their currency's major unit.
fn major(minor: i128, currency: Currency) -> Option<Decimal> {
    let digits = u32::from(currency.minor_digits());
    Decimal::try_from_i128_with_scale(minor, digits).ok()
}

/// Whether the actor may do `permission` at all, by role.
///
/// # Errors
/// [`Code::RoleMissing`], naming the verb; [`Code::TokenMayNotApprove`] for a personal token and what no
/// script does.
pub fn require(actor: &Actor, permission: Permission) -> Result<(), Problem> {
    if actor.may(permission) {
        return in_person(actor, permission);
    }
    confined(actor, permission)?;
    Err(Problem::new(
        Code::RoleMissing,
        format!(
            "{} may not {}; ask somebody with that role",
            actor.name,
            permission.as_str().replace('_', " ")
        ),
    ))
}

/// Refuses a personal token what stays with people who signed in (law 5), whatever it carries.
fn in_person(actor: &Actor, permission: Permission) -> Result<(), Problem> {
    if actor.token_kind == TokenKind::Session || permission.for_scripts() {
        return Ok(());
    }
    let verb = permission.as_str().replace('_', " ");
    let why = format!("personal tokens never {verb}; sign in and do it in person");
    Err(Problem::new(Code::TokenMayNotApprove, why))
}

/// Refuses what the actor's token leaves out.
///
/// # Errors
/// [`Code::RoleMissing`], naming the verb.
pub fn confined(actor: &Actor, permission: Permission) -> Result<(), Problem> {
    if actor.confined_to.as_ref().is_none_or(|verbs| verbs.contains(&permission)) {
        return Ok(());
    }
    let verb = permission.as_str().replace('_', " ");
    let why = format!("this token may not {verb}; sign in, or use a token that may");
    Err(Problem::new(Code::RoleMissing, why))
}

/// Whether the actor may approve this credit as its next approver; in whose place, where their own
/// roles don't carry it.
///
/// # Errors
/// [`Code::RoleMissing`], [`Code::TokenMayNotApprove`], [`Code::ScopeMissing`], [`Code::WrongState`],
/// [`Code::OwnProposal`], [`Code::SameApprover`].
pub fn may_approve(actor: &Actor, credit: &Credit) -> Result<Option<PersonId>, Problem> {
    require(actor, Permission::ApproveCredit)?;
    if actor.token_kind == TokenKind::Personal {
        return Err(Problem::new(
            Code::TokenMayNotApprove,
            "personal tokens never approve; sign in and decide in person",
        ));
    }
    if !actor.scope.holds(credit.customer) {
        return Err(Problem::new(
            Code::ScopeMissing,
            format!("{} lies outside your scope; ask an administrator", credit.number),
        ));
    }
    if !matches!(credit.decision, Decision::Proposed | Decision::ApprovedOnce) {
        return Err(Problem::new(
            Code::WrongState,
            format!(
                "{} is {}, not awaiting approval",
                credit.number,
                credit.decision.as_str().replace('_', " ")
            ),
        ));
    }
    if credit.proposed_by.contains(&actor.person) {
        return Err(Problem::new(
            Code::OwnProposal,
            format!("you proposed or amended {}; somebody else has to decide it", credit.number),
        ));
    }
    if approvers(credit).any(|person| person == actor.person) {
        return Err(Problem::new(
            Code::SameApprover,
            format!(
                "you gave the first approval of {}; the second has to be another person's",
                credit.number
            ),
        ));
    }
    in_place(actor, credit)
}

/// In whose place the actor decides. Nobody's who decided about the credit themselves: a delegate
/// would lend them a second voice.
///
/// # Errors
/// [`Code::OwnProposal`], [`Code::SameApprover`] where nobody is left in whose place they may.
pub fn in_place(actor: &Actor, credit: &Credit) -> Result<Option<PersonId>, Problem> {
    if carry(&actor.roles, Permission::ApproveCredit) {
        return Ok(None);
    }
    let proposed = |person| credit.proposed_by.contains(&person);
    let approved = |person| approvers(credit).any(|approver| approver == person);
    let carries =
        |(_, roles): &(&PersonId, &BTreeSet<Role>)| carry(roles, Permission::ApproveCredit);
    let mut others = actor.acts_for.iter().filter(carries).map(|(person, _)| *person);
    let free = others.clone().find(|person| !proposed(*person) && !approved(*person));
    if free.is_some() {
        return Ok(free);
    }
    let code = if others.any(approved) { Code::SameApprover } else { Code::OwnProposal };
    let why = format!(
        "whoever you act for has decided about {} before; somebody else has to decide it",
        credit.number
    );
    Err(Problem::new(code, why))
}

/// Whether the actor's token carries a decision, whoever its person is: another of theirs may.
///
/// # Errors
/// [`Code::TokenMayNotApprove`] for what only a signed-in person decides; [`Code::RoleMissing`] for what
/// the token leaves out.
pub fn token_carries(actor: &Actor, verb: &Verb) -> Result<(), Problem> {
    if actor.token_kind == TokenKind::Personal && verb.is_personal() {
        return Err(Problem::new(
            Code::TokenMayNotApprove,
            "personal tokens never decide; sign in and decide in person",
        ));
    }
    confined(actor, verb.permission())
}

/// Who has approved the credit since it was last proposed, and in whose place. That is a matter of the
/// order of the decisions, not of a clock, which may have been put back since: what was approved before
/// lies before a return.
pub fn approvers(credit: &Credit) -> impl Iterator<Item = PersonId> {
    let since = credit
        .approvals
        .iter()
        .rev()
        .take_while(|approval| approval.decision == Decision::Approved);
    since.flat_map(|approval| [Some(approval.person), approval.delegated_from]).flatten()
}

/// Whether the group's total lies within what the actor may approve by their roles, or by those of
/// whom they act for.
///
/// # Errors
/// [`Code::LimitExceeded`], naming the credit and the total.
pub fn within_limit(
    policy: &Policy,
    (actor, in_place_of): (&Actor, Option<PersonId>),
    (credit, group_total): (&Credit, Decimal),
) -> Result<(), Problem> {
    let roles = in_place_of.and_then(|person| actor.acts_for.get(&person)).unwrap_or(&actor.roles);
    if policy.allows(roles, group_total) {
        return Ok(());
    }
    Err(Problem::new(
        Code::LimitExceeded,
        format!(
            "{} takes its group's month to {} {}, above what {} may approve; ask a controller",
            credit.number,
            policy.base,
            group_total.normalize(),
            actor.name
        ),
    ))
}

/// Whether the actor may decide an exclusion that `proposer` proposed.
///
/// # Errors
/// [`Code::RoleMissing`], [`Code::OwnProposal`].
pub fn may_decide_exclusion(actor: &Actor, proposer: PersonId) -> Result<(), Problem> {
    require(actor, Permission::DecideExclusion)?;
    if actor.token_kind == TokenKind::Personal {
        return Err(Problem::new(
            Code::TokenMayNotApprove,
            "personal tokens never decide; sign in and decide in person",
        ));
    }
    if actor.person == proposer {
        return Err(Problem::new(
            Code::OwnProposal,
            "you proposed this exclusion; somebody else has to admit or refuse it",
        ));
    }
    Ok(())
}

/// Whether the actor may confirm this contact: somebody else than who entered it.
///
/// # Errors
/// [`Code::RoleMissing`], [`Code::TokenMayNotApprove`], [`Code::WrongState`], [`Code::OwnProposal`].
pub fn may_confirm_contact(actor: &Actor, contact: &Contact) -> Result<(), Problem> {
    require(actor, Permission::KeepContacts)?;
    if actor.token_kind == TokenKind::Personal {
        return Err(Problem::new(
            Code::TokenMayNotApprove,
            "personal tokens never confirm an address; sign in and do it in person",
        ));
    }
    let done = match (contact.ended_at, contact.confirmed_by) {
        (Some(_), _) => Some("was ended; nothing is sent there"),
        (None, Some(_)) => Some("is confirmed already"),
        (None, None) => None,
    };
    if let Some(done) = done {
        return Err(Problem::new(Code::WrongState, format!("{} {done}", contact.name)));
    }
    if contact.entered_by.contains(&actor.person) {
        return Err(Problem::new(
            Code::OwnProposal,
            format!(
                "you entered or changed {}; somebody else has to confirm the address",
                contact.name
            ),
        ));
    }
    Ok(())
}
