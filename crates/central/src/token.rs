//! Personal tokens: somebody's own, for their scripts. They carry a part of what their owner may do,
//! never a decision about anything (law 5), so one person is enough to make one.

use crate::{
    app::App,
    house::Issued,
    store::{self, token::NewToken},
};
use chrono::TimeDelta;
use makegood_domain::{
    Code, Problem,
    id::{CustomerId, TokenId},
    person::{Actor, Permission, TokenKind},
    policy,
};
use serde::Deserialize;
use std::collections::BTreeSet;

/// Longest life of a personal token, in days.
const LONGEST: i64 = 365;
/// Longest name, in characters.
const LONGEST_NAME: usize = 80;
/// Most tokens that somebody may have at once.
const MOST: usize = 100;

/// A personal token, as its owner wants it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Personal {
    /// What its owner calls it: 1 to 80 characters.
    pub name: String,
    /// What it may do: at least one verb of its owner's, none that decides.
    pub permissions: BTreeSet<Permission>,
    /// Whom it may see; absent: all whom its owner may, also later ones.
    pub customers: Option<BTreeSet<CustomerId>>,
    /// How long it lives: 1 to 365 days.
    pub days: i64,
}

impl App {
    /// Makes a personal token of `asker`'s.
    ///
    /// # Errors
    /// [`Code::TokenMayNotApprove`] for a token that makes tokens, or would decide;
    /// [`Code::RoleMissing`], [`Code::ScopeMissing`] for more than its owner has; [`Code::Invalid`]
    /// for a name, a life or a list that can't be; [`Code::Database`].
    pub async fn make_personal_token(
        &self,
        asker: TokenId,
        wanted: Personal,
    ) -> Result<Issued, Problem> {
        let name = check(&wanted)?;
        let mut tx = self.store().begin(None).await?;
        let now = tx.now();
        let actor = store::actor::by_id(tx.conn(), asker, now).await?;
        tx.act_as(actor.person);
        within(&actor, &wanted)?;
        if store::token::held(tx.conn(), actor.person, now).await?.len() >= MOST {
            let why = format!("you have {MOST} tokens already; revoke those that you don't need");
            return Err(Problem::new(Code::Invalid, why));
        }
        let text = crate::auth::new_token(self.random());
        let token = NewToken {
            name: Some(name),
            permissions: Some(wanted.permissions),
            customers: wanted.customers,
            ..NewToken::new(
                self.store().ids().make(),
                actor.person,
                TokenKind::Personal,
                crate::auth::hash(&text),
                now + TimeDelta::days(wanted.days),
            )
        };
        tx.add_token(&token).await?;
        tx.commit().await?;
        Ok(Issued { id: token.id, text, expires_at: token.expires_at })
    }

    /// Ends a token: one's own, or anybody's for an administrator.
    ///
    /// # Errors
    /// [`Code::RoleMissing`] for somebody else's; [`Code::TokenMayNotApprove`] for a personal token that
    /// would end another; [`Code::NotFound`]; [`Code::Database`].
    pub async fn revoke_token_as(&self, actor: &Actor, id: TokenId) -> Result<(), Problem> {
        if actor.token_kind == TokenKind::Personal && id != actor.token {
            let why = "a personal token ends itself and no other; sign in and end it in person";
            return Err(Problem::new(Code::TokenMayNotApprove, why));
        }
        let mut tx = self.store().begin(Some(actor.person)).await?;
        let owner = store::token::owner(tx.conn(), id).await;
        if !owner.as_ref().is_ok_and(|owner| *owner == actor.person) {
            // Whoever may not revoke it does not learn whether there is such a token.
            policy::require(actor, Permission::Administer)?;
        }
        owner?;
        tx.revoke_token(id).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Whether such a token can be; the name as it is kept.
fn check(wanted: &Personal) -> Result<String, Problem> {
    let refuse = |at: &str, why: &str| Err(Problem::new(Code::Invalid, why).at(at));
    let name = wanted.name.trim();
    let letters = name.chars().count();
    if letters == 0 || letters > LONGEST_NAME || name.chars().any(char::is_control) {
        return refuse("name", "give the token a name of 1 to 80 characters: what is it for?");
    }
    if !(1..=LONGEST).contains(&wanted.days) {
        return refuse("days", "a personal token lives 1 to 365 days");
    }
    if wanted.permissions.is_empty() {
        return refuse(
            "permissions",
            "a token that may do nothing is of no use; name what it may do",
        );
    }
    if wanted.customers.as_ref().is_some_and(BTreeSet::is_empty) {
        return refuse("customers", "name at least one customer, or leave the list out");
    }
    Ok(name.to_owned())
}

/// A token never carries more than its owner has, and no decision.
fn within(actor: &Actor, wanted: &Personal) -> Result<(), Problem> {
    if actor.token_kind == TokenKind::Personal {
        let why = "personal tokens make no tokens; sign in and make it in person";
        return Err(Problem::new(Code::TokenMayNotApprove, why));
    }
    for verb in &wanted.permissions {
        if !verb.for_scripts() {
            let why = format!("no script may {}; leave it out", verb.as_str().replace('_', " "));
            return Err(Problem::new(Code::TokenMayNotApprove, why).at("permissions"));
        }
        policy::require(actor, *verb).map_err(|problem| problem.at("permissions"))?;
    }
    for customer in wanted.customers.iter().flatten() {
        crate::auth::in_scope(actor, *customer, "a customer of the list")
            .map_err(|problem| problem.at("customers"))?;
    }
    Ok(())
}
