//! What whoever runs central says about its identity provider.

use crate::outgoing;
use makegood_domain::{Code, Problem, person::Role};
use serde::Deserialize;
use std::str::FromStr;

/// Longest life of a session, in hours.
const LONGEST: u16 = 24;

/// An OpenID provider, and what its claims mean here. Desks are its *public* client: no secret.
#[derive(Debug, Clone, PartialEq, Eq, clap::Args, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// The provider's issuer URL, exactly as it writes it in its tokens
    #[arg(long = "oidc-issuer", value_name = "URL", required = false, requires = "client_id")]
    pub issuer: String,
    /// The id under which it knows the desk: a public client
    #[arg(long = "oidc-client-id", value_name = "ID", required = false, requires = "issuer")]
    pub client_id: String,
    /// Whom its ID tokens are for, where that is not the client id
    #[arg(long = "oidc-audience", value_name = "ID", requires = "issuer")]
    #[serde(default)]
    pub audience: Option<String>,
    /// A scope to ask for beside `openid`, `profile` and `offline_access`; may stand several times
    #[arg(long = "oidc-scope", value_name = "SCOPE", requires = "issuer")]
    #[serde(default)]
    pub scopes: Vec<String>,
    /// The claim with somebody's roles (`groups`, `realm_access.roles`); without it roles are given
    /// at central
    #[arg(long = "oidc-roles-claim", value_name = "CLAIM", requires = "issuer")]
    #[serde(default)]
    pub roles_claim: Option<String>,
    /// What a value of that claim means: `sla-approvers=finance`; may stand several times. Without
    /// it the values are roles' own names
    #[arg(long = "oidc-role", value_name = "VALUE=ROLE", requires = "roles_claim")]
    #[serde(default)]
    pub roles: Vec<RoleName>,
    /// The claim with the keys of the customers somebody may see (`*`: all); without it scopes are
    /// given at central
    #[arg(long = "oidc-customers-claim", value_name = "CLAIM", requires = "issuer")]
    #[serde(default)]
    pub customers_claim: Option<String>,
    /// Whether somebody whom central does not list is added when they first sign in
    #[arg(long = "oidc-admit-unknown", requires = "issuer")]
    #[serde(default)]
    pub admit_unknown: bool,
    /// How long a session lives, in hours: 1 to 24
    #[arg(long = "oidc-session-hours", value_name = "HOURS", default_value_t = 12)]
    #[serde(default = "half_a_day")]
    pub session_hours: u16,
    /// After so many days somebody has to prove anew who they are, where the provider says when
    /// they last did
    #[arg(long = "oidc-sign-in-days", value_name = "DAYS", default_value_t = 30)]
    #[serde(default = "a_month")]
    pub sign_in_days: u16,
}

/// A value of the roles' claim, and the role that it means.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct RoleName {
    /// As the provider writes it.
    pub value: String,
    /// What it is here.
    pub role: Role,
}

fn half_a_day() -> u16 {
    12
}

fn a_month() -> u16 {
    30
}

impl Provider {
    /// A provider whose people, roles and scopes stand in central's own table.
    #[must_use]
    pub fn new(issuer: impl Into<String>, client_id: impl Into<String>) -> Self {
        Self {
            issuer: issuer.into(),
            client_id: client_id.into(),
            audience: None,
            scopes: Vec::new(),
            roles_claim: None,
            roles: Vec::new(),
            customers_claim: None,
            admit_unknown: false,
            session_hours: half_a_day(),
            sign_in_days: a_month(),
        }
    }

    /// Whom its ID tokens are for.
    pub(super) fn audience(&self) -> &str {
        self.audience.as_deref().unwrap_or(&self.client_id)
    }

    /// What a desk asks for.
    #[must_use]
    pub fn scopes(&self) -> Vec<String> {
        let own = self.scopes.iter().map(String::as_str);
        let all = ["openid", "profile", "offline_access"].into_iter().chain(own);
        all.map(str::to_owned).collect()
    }

    /// # Errors
    /// [`Code::Invalid`], at the setting that can't be.
    pub(crate) fn check(&self) -> Result<(), Problem> {
        let refuse = |at: &str, why: &str| {
            Err(Problem::new(Code::Invalid, format!("identity provider: {at}: {why}")).at(at))
        };
        let url = reqwest::Url::parse(&self.issuer);
        if !url.is_ok_and(|url| outgoing::is_safe(&url)) {
            let why = "write it as https://id.example.com; http:// is for this very machine";
            return refuse("issuer", why);
        }
        if self.client_id.trim().is_empty() {
            return refuse("client_id", "name the client that the provider knows desks by");
        }
        if !(1..=LONGEST).contains(&self.session_hours) {
            return refuse("session_hours", "a session lives 1 to 24 hours");
        }
        if self.sign_in_days == 0 {
            return refuse("sign_in_days", "nobody could sign in; give 1 or more");
        }
        if !self.roles.is_empty() && self.roles_claim.is_none() {
            return refuse("roles", "they are values of a claim; name it as roles_claim");
        }
        Ok(())
    }
}

impl FromStr for RoleName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let way_out =
            "write it as VALUE=ROLE, with csm, finance, controller, account_manager or admin";
        // The value may hold `=` (a directory's name does); a role never does.
        let (value, role) = text.rsplit_once('=').ok_or(way_out)?;
        let role = Role::parse(role).ok_or(way_out)?;
        Ok(Self { value: value.to_owned(), role })
    }
}

impl TryFrom<String> for RoleName {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}
