//! Somebody's own tokens at central: the sessions they have open, and what they made for scripts.

use crate::{
    central::{Held, Made, Own, Wanted},
    desk::{Desk, id},
};
use makegood_domain::{
    Code, Problem,
    person::{Permission, TokenKind},
};
use makegood_mirror::screens::Moment;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use ts_rs::TS;

/// Somebody's own tokens, ready to show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct TokenList {
    /// The newest first.
    pub rows: Vec<TokenRow>,
    /// The verbs that a personal token of theirs may carry.
    pub verbs: Vec<String>,
}

/// One token, without its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct TokenRow {
    /// Its id.
    pub id: String,
    /// `session` or `personal`.
    pub kind: String,
    /// What its owner calls it.
    pub name: Option<String>,
    /// When it was made.
    pub made: Moment,
    /// When it ends.
    pub ends: Moment,
    /// The day of its last use: `9 Nov 2026`.
    pub used: Option<String>,
    /// What it may do; empty: all that its owner may.
    pub verbs: Vec<String>,
    /// How many customers it is confined to, if it is.
    pub customers: Option<u32>,
    /// Whether this desk uses it.
    pub current: bool,
}

/// A personal token, as its owner wants it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct TokenWanted {
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub verbs: Vec<String>,
    /// Ids or names of the customers it may see; absent: all whom its owner may.
    pub customers: Option<Vec<String>>,
    /// How many days it lives, 1 to 365.
    pub days: u16,
}

/// A personal token, the one time that it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct TokenMade {
    /// Its id.
    pub id: String,
    /// Its text.
    pub text: String,
    /// When it ends.
    pub ends: Moment,
}

impl Desk {
    /// Somebody's own tokens, as central has them now.
    ///
    /// # Errors
    /// [`Code::TokenMissing`] while nobody sits here; [`Code::CentralUnreachable`].
    pub async fn tokens(&self) -> Result<TokenList, Problem> {
        let inside = self.inside().await?;
        let Own { tokens, asked_with } = inside.central.tokens().await?;
        let actor = inside.actor();
        let offered =
            Permission::ALL.into_iter().filter(|verb| verb.for_scripts() && actor.may(*verb));
        let row = |held: Held| TokenRow {
            current: held.id == asked_with,
            id: held.id.to_string(),
            kind: match held.kind {
                TokenKind::Session => "session".to_owned(),
                TokenKind::Personal => "personal".to_owned(),
            },
            name: held.name,
            made: Moment::utc(held.issued_at),
            ends: Moment::utc(held.expires_at),
            used: held.used_on.map(|day| day.format("%-d %b %Y").to_string()),
            verbs: held.permissions.iter().flatten().map(|verb| verb.as_str().to_owned()).collect(),
            customers: held.customers.map(|some| u32::try_from(some.len()).unwrap_or(u32::MAX)),
        };
        Ok(TokenList {
            rows: tokens.into_iter().map(row).collect(),
            verbs: offered.map(|verb| verb.as_str().to_owned()).collect(),
        })
    }

    /// Makes a personal token. Its text is in the answer and nowhere else.
    ///
    /// # Errors
    /// [`Code::Invalid`] for a verb that is none; [`Code::NotFound`] for a customer who is not here; why
    /// central makes no such token.
    pub async fn make_token(&self, wanted: TokenWanted) -> Result<TokenMade, Problem> {
        let inside = self.inside().await?;
        let verb = |text: &String| {
            Permission::parse(text)
                .ok_or_else(|| Problem::new(Code::Invalid, format!("{text:?} is no permission")))
        };
        let permissions = wanted.verbs.iter().map(verb).collect::<Result<BTreeSet<_>, _>>()?;
        let mut customers = wanted.customers.as_ref().map(|_| BTreeSet::new());
        for text in wanted.customers.iter().flatten() {
            let found = match id("customer", text) {
                Ok(id) => id,
                Err(_) => self.named_customer(text).await?.id,
            };
            customers.get_or_insert_default().insert(found);
        }
        let wanted =
            Wanted { name: wanted.name, permissions, customers, days: i64::from(wanted.days) };
        let Made { id, token, expires_at } = inside.central.make_token(&wanted).await?;
        Ok(TokenMade { id: id.to_string(), text: token, ends: Moment::utc(expires_at) })
    }

    /// Ends one of somebody's own tokens at once.
    ///
    /// # Errors
    /// [`Code::NotFound`]; [`Code::CentralUnreachable`].
    pub async fn revoke_token(&self, token: &str) -> Result<TokenList, Problem> {
        let inside = self.inside().await?;
        inside.central.revoke_token(id("token", token)?).await?;
        self.tokens().await
    }
}
