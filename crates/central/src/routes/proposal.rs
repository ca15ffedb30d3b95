//! Proposals over HTTP: what somebody wants to change, what would differ, and what a second person
//! says to it (law 5).

use super::{Asked, Body, Named, id, json, schema};
use crate::{
    app::App,
    auth::{self, Asker},
    problem::Refusal,
    proposal::{self, Decision},
    store,
};
use axum::{Json, extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use makegood_domain::{
    Code, Problem,
    delegation::Delegation,
    id::{CustomerId, PersonId},
    person::{Actor, Permission, Person, Role, Scope},
    policy::Policy,
    proposal::{Change, Difference, Proposal, ProposalState},
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use utoipa::{IntoParams, ToSchema};

/// Most proposals in one answer.
const MOST: i64 = 500;

/// Who may see and propose: whoever imports or administers, for every customer.
fn insider(asker: &Asker) -> Result<&Actor, Problem> {
    let actor = asker.require(Permission::Import)?;
    auth::every_customer(actor)?;
    Ok(actor)
}

/// A proposal with the digest that whoever decides names.
pub(super) fn shown(proposal: &Proposal) -> Value {
    let mut shown = json!(proposal);
    shown["seen"] = json!(Difference::digest(&proposal.differences));
    shown
}

/// A proposal in a list: without its document.
fn listed(proposal: &Proposal) -> Value {
    json!({
        "id": proposal.id, "number": proposal.number, "kind": proposal.change.kind(),
        "state": proposal.state, "proposed_by": proposal.proposed_by,
        "proposed_at": proposal.proposed_at, "decided_by": proposal.decided_by,
        "decided_at": proposal.decided_at, "reason": proposal.reason,
        "differences": proposal.differences.len(),
    })
}

/// Which are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// `proposed`, `in_force`, `refused` or `withdrawn`; all of them without it.
    #[param(example = "proposed")]
    state: Option<String>,
}

/// `GET /v1/proposals?state=proposed`: the newest 500.
///
/// # Errors
/// No right to import or administer; no such state.
#[utoipa::path(
    get, path = "/v1/proposals", params(Wanted),
    responses((status = 200, body = Vec<schema::ProposalListed>))
)]
pub async fn list(
    State(app): State<App>,
    asker: Asker,
    Asked(Wanted { state }): Asked<Wanted>,
) -> Result<Json<Value>, Refusal> {
    insider(&asker)?;
    let state = match state {
        Some(text) => Some(ProposalState::parse(&text).ok_or_else(|| {
            let why = format!("{text:?} is none of proposed, in_force, refused, withdrawn");
            Problem::new(Code::Invalid, why).at("state")
        })?),
        None => None,
    };
    let mut conn = app.store().reading().await?;
    let newest = store::proposal::newest(&mut conn, state, MOST).await?;
    Ok(Json(Value::Array(newest.iter().map(listed).collect())))
}

/// `GET /v1/proposals/{id}`.
///
/// # Errors
/// No right to import or administer; no such proposal.
#[utoipa::path(
    get, path = "/v1/proposals/{id}",
    params(("id" = String, Path, format = Uuid, description = "The proposal")),
    responses((status = 200, body = schema::Proposal))
)]
pub async fn get(
    State(app): State<App>,
    asker: Asker,
    Named(key): Named,
) -> Result<Json<Value>, Refusal> {
    insider(&asker)?;
    let mut conn = app.store().reading().await?;
    let found = store::proposal::get(&mut conn, id(&key, "proposal")?).await?;
    let absent = || Problem::new(Code::NotFound, format!("there is no proposal {key}"));
    Ok(Json(shown(&found.ok_or_else(absent)?)))
}

/// What somebody says: `{"put_in_force": {"seen": "…"}}`, `{"refuse": {"reason": "…"}}` or
/// `{"withdraw": {}}`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Said {
    /// Put it in force.
    PutInForce {
        /// The digest of the differences that were seen.
        seen: String,
    },
    /// No.
    Refuse {
        /// Why.
        reason: String,
    },
    /// Take it back.
    Withdraw {},
}

/// `POST /v1/proposals/{id}/decision`.
///
/// # Errors
/// As [`proposal::decide`].
#[utoipa::path(
    post, path = "/v1/proposals/{id}/decision",
    params(("id" = String, Path, format = Uuid, description = "The proposal")),
    request_body = Said,
    responses(
        (status = 200, body = schema::Proposal),
        (status = 409, description = "It is decided already, or would change other things than seen"),
    )
)]
pub async fn decide(
    State(app): State<App>,
    asker: Asker,
    Named(key): Named,
    body: Body,
) -> Result<Json<Value>, Refusal> {
    let actor = insider(&asker)?;
    let decision = match json(body)? {
        Said::PutInForce { seen } => Decision::PutInForce(seen),
        Said::Refuse { reason } => Decision::Refuse(reason),
        Said::Withdraw {} => Decision::Withdraw,
    };
    let decided = proposal::decide(app.store(), actor, id(&key, "proposal")?, decision).await?;
    Ok(Json(shown(&decided)))
}

/// Somebody as they are to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WantedPerson {
    issuer: String,
    subject: String,
    name: String,
    #[schema(value_type = Vec<String>)]
    roles: BTreeSet<Role>,
    /// Ids of the customers they may see; absent: every customer.
    #[schema(value_type = Option<Vec<uuid::Uuid>>)]
    customers: Option<BTreeSet<CustomerId>>,
}

/// `POST /v1/people`: proposes somebody's name, roles and scope.
///
/// # Errors
/// No right to administer; a name that is missing; what would change nothing.
#[utoipa::path(
    post, path = "/v1/people", request_body = WantedPerson,
    responses((status = 202, body = schema::Proposal))
)]
pub async fn person(
    State(app): State<App>,
    asker: Asker,
    body: Body,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let actor = asker.require(Permission::Administer)?;
    auth::every_customer(actor)?;
    let wanted: WantedPerson = json(body)?;
    for (field, text) in
        [("issuer", &wanted.issuer), ("subject", &wanted.subject), ("name", &wanted.name)]
    {
        crate::command::required(text, field)?;
    }
    let known = {
        let mut conn = app.store().reading().await?;
        store::person::by_subject(&mut conn, &wanted.issuer, &wanted.subject).await?
    };
    let person = Person {
        id: known.map_or_else(|| app.store().ids().make(), |known| known.id),
        issuer: wanted.issuer,
        subject: wanted.subject,
        name: wanted.name,
        roles: wanted.roles,
    };
    let scope = wanted.customers.map_or(Scope::All, Scope::Customers);
    let made = proposal::propose(app.store(), actor.person, Change::Person { person, scope });
    Ok((StatusCode::ACCEPTED, Json(shown(&made.await?))))
}

/// Who is to approve in whose place.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WantedDelegation {
    #[schema(value_type = String, format = Uuid)]
    person: PersonId,
    #[schema(value_type = String, format = Uuid)]
    delegate: PersonId,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
}

/// `POST /v1/delegations`: proposes that somebody approves in another's place: whoever is away, or an
/// administrator.
///
/// # Errors
/// Neither; people who are not listed; times that are over.
#[utoipa::path(
    post, path = "/v1/delegations", request_body = WantedDelegation,
    responses((status = 202, body = schema::Proposal))
)]
pub async fn delegation(
    State(app): State<App>,
    asker: Asker,
    body: Body,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let actor = asker.require(Permission::Import)?;
    auth::every_customer(actor)?;
    let WantedDelegation { person, delegate, from, to } = json(body)?;
    if person != actor.person {
        asker.require(Permission::Administer)?;
    }
    let delegation = Delegation { id: app.store().ids().make(), person, delegate, from, to };
    let made = proposal::propose(app.store(), actor.person, Change::Delegation(delegation)).await?;
    Ok((StatusCode::ACCEPTED, Json(shown(&made))))
}

/// `POST /v1/policy`: proposes the next approval matrix.
///
/// # Errors
/// No right to administer; a matrix that can't be put in force.
#[utoipa::path(
    post, path = "/v1/policy", request_body = schema::Policy,
    responses((status = 202, body = schema::Proposal))
)]
pub async fn policy(
    State(app): State<App>,
    asker: Asker,
    body: Body,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let actor = asker.require(Permission::Administer)?;
    auth::every_customer(actor)?;
    let policy: Policy = json(body)?;
    let made = proposal::propose(app.store(), actor.person, Change::Policy(policy)).await?;
    Ok((StatusCode::ACCEPTED, Json(shown(&made))))
}
