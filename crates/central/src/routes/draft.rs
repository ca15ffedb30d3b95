//! Drafts over HTTP: writing contracts and SLA lines, looking at them, trying them on the past, and
//! proposing them.

use super::{Asked, Body, Named, id, json, schema};
use crate::{
    app::App,
    auth::{self, Asker},
    draft::{self, Amend, Past, Start},
    import::document::Treatment,
    problem::{self, Refusal},
    proposal::Imported,
    store,
};
use axum::{Json, extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use makegood_domain::{
    Code, Problem,
    draft::Draft,
    id::{ContractId, DraftId},
    person::{Actor, Permission},
    proposal::Difference,
};
use makegood_engine::library::{TEMPLATES, template};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

/// Most drafts in one answer.
const MOST: i64 = 500;
/// How many months are looked back on where nobody says.
const MONTHS: u32 = 12;

/// Who may write: whoever imports, for every customer.
fn author(asker: &Asker) -> Result<&Actor, Problem> {
    let actor = asker.require(Permission::Import)?;
    auth::every_customer(actor)?;
    Ok(actor)
}

/// A draft in a list: without its document.
fn listed(draft: &Draft) -> Value {
    let mut shown = json!(draft);
    if let Some(fields) = shown.as_object_mut() {
        fields.remove("document");
    }
    shown
}

/// `GET /v1/authoring`: what a draft can name.
///
/// # Errors
/// No right to import.
#[utoipa::path(get, path = "/v1/authoring", responses((status = 200, body = schema::draft::Authoring)))]
pub async fn choices(State(app): State<App>, asker: Asker) -> Result<Json<Value>, Refusal> {
    author(&asker)?;
    let mut conn = app.store().reading().await?;
    let choices = store::draft::choices(&mut conn).await?;
    let templates: Vec<Value> = TEMPLATES
        .iter()
        .map(|one| json!({ "id": one.id, "title": one.title().unwrap_or_default() }))
        .collect();
    Ok(Json(json!({
        "templates": templates,
        "legal_entities": choices.legal_entities,
        "customers": choices.customers,
        "contracts": choices.contracts,
        "series": choices.series,
    })))
}

/// `GET /v1/templates/{id}`: published terms to start from.
///
/// # Errors
/// No right to import; no such template.
#[utoipa::path(
    get, path = "/v1/templates/{id}",
    params(("id" = String, Path, description = "Its name", example = "aws-s3-standard")),
    responses((status = 200, body = schema::draft::Template))
)]
pub async fn terms(asker: Asker, Named(name): Named) -> Result<Json<Value>, Refusal> {
    author(&asker)?;
    let found = template(&name).ok_or_else(|| {
        Problem::new(Code::NotFound, format!("no template is called {name:?}; see /v1/authoring"))
    })?;
    let broken = |why: makegood_engine::Refusal| Problem::new(Code::Internal, why.to_string());
    let text = found.terms().map_err(broken)?.to_json();
    let terms: Value = serde_json::from_str(&text)
        .map_err(|error| Problem::new(Code::Internal, format!("{name}: {error}")))?;
    let title = found.title().map_err(broken)?;
    Ok(Json(json!({ "id": found.id, "title": title, "left_out": found.left_out, "terms": terms })))
}

/// `GET /v1/drafts`: the 500 that were changed last and are not thrown away.
///
/// # Errors
/// No right to import.
#[utoipa::path(get, path = "/v1/drafts", responses((status = 200, body = Vec<schema::draft::DraftListed>)))]
pub async fn list(State(app): State<App>, asker: Asker) -> Result<Json<Value>, Refusal> {
    author(&asker)?;
    let mut conn = app.store().reading().await?;
    let newest = store::draft::newest(&mut conn, MOST).await?;
    Ok(Json(Value::Array(newest.iter().map(listed).collect())))
}

/// What a new draft starts from: `document` or `amend`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Begun {
    /// What it is about.
    title: String,
    /// What is written so far.
    #[schema(required = false, value_type = Option<Object>)]
    document: Option<Value>,
    /// The next version of this contract, as its present one is.
    amend: Option<Amended>,
}

/// Which contract is amended.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Amended {
    #[schema(value_type = String, format = Uuid)]
    contract: ContractId,
    /// From when the next version counts.
    valid_from: DateTime<Utc>,
    /// `next_window`, `split` or `whole_window`.
    #[serde(default)]
    #[schema(required = false, value_type = String)]
    treatment: Treatment,
}

/// `POST /v1/drafts`.
///
/// # Errors
/// No right to import; no title; neither or both to start from; no such contract.
#[utoipa::path(
    post, path = "/v1/drafts", request_body = Begun,
    responses((status = 201, body = schema::draft::Draft))
)]
pub async fn begin(
    State(app): State<App>,
    asker: Asker,
    body: Body,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let actor = author(&asker)?;
    let Begun { title, document, amend } = json(body)?;
    let start = match (document, amend) {
        (Some(document), None) => Start::Document(written(&document)?),
        (None, Some(Amended { contract, valid_from, treatment })) => {
            Start::Amend(Amend { contract, valid_from, treatment })
        }
        _ => {
            let why = "say what to start from: either a document or a contract to amend";
            return Err(Refusal(Problem::new(Code::Invalid, why).at("document")));
        }
    };
    let begun = draft::begin(app.store(), actor.person, &title, start).await?;
    Ok((StatusCode::CREATED, Json(json!(begun))))
}

fn written(document: &Value) -> Result<String, Problem> {
    if !document.is_object() {
        return Err(Problem::new(Code::Invalid, "a document is a JSON object").at("document"));
    }
    serde_json::to_string_pretty(document).map_err(|error| {
        Problem::new(Code::Internal, format!("the draft can't be written: {error}"))
    })
}

/// `GET /v1/drafts/{id}`: the draft, and all there is to say about it.
///
/// # Errors
/// No right to import; no such draft.
#[utoipa::path(
    get, path = "/v1/drafts/{id}",
    params(("id" = String, Path, format = Uuid, description = "The draft")),
    responses((status = 200, body = schema::draft::DraftLook))
)]
pub async fn look(
    State(app): State<App>,
    asker: Asker,
    Named(key): Named,
) -> Result<Json<Value>, Refusal> {
    let actor = author(&asker)?;
    let draft = draft::get(app.store(), id(&key, "draft")?).await?;
    let look = draft::look(app.store(), actor.person, &draft).await?;
    Ok(Json(json!({
        "draft": draft,
        "problem": look.problem.as_ref().map(problem::document),
        "findings": look.findings,
        "differences": look.differences,
        "drives_money": look.differences.iter().any(|one: &Difference| one.drives_money),
    })))
}

/// A draft as it is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Changed {
    /// The revision that was looked at.
    revision: i64,
    /// What it is about.
    title: String,
    /// What is written so far.
    #[schema(value_type = Object)]
    document: Value,
}

/// `PUT /v1/drafts/{id}`.
///
/// # Errors
/// No right to import; no such draft; it was changed meanwhile, or is no longer open.
#[utoipa::path(
    put, path = "/v1/drafts/{id}",
    params(("id" = String, Path, format = Uuid, description = "The draft")),
    request_body = Changed,
    responses(
        (status = 200, body = schema::draft::Draft),
        (status = 409, description = "It is no longer open, or was changed meanwhile"),
    )
)]
pub async fn change(
    State(app): State<App>,
    asker: Asker,
    Named(key): Named,
    body: Body,
) -> Result<Json<Value>, Refusal> {
    let actor = author(&asker)?;
    let Changed { revision, title, document } = json(body)?;
    let which = (id::<DraftId>(&key, "draft")?, revision);
    let document = written(&document)?;
    let changed = draft::change(app.store(), actor.person, which, &title, document).await?;
    Ok(Json(json!(changed)))
}

/// Which revision was looked at.
#[derive(Debug, Deserialize, IntoParams, ToSchema)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// The revision that was looked at.
    #[param(example = 1)]
    revision: i64,
}

/// `DELETE /v1/drafts/{id}?revision=3`.
///
/// # Errors
/// As [`change`].
#[utoipa::path(
    delete, path = "/v1/drafts/{id}",
    params(("id" = String, Path, format = Uuid, description = "The draft"), Seen),
    responses(
        (status = 200, body = schema::draft::Draft),
        (status = 409, description = "It is no longer open, or was changed meanwhile"),
    )
)]
pub async fn discard(
    State(app): State<App>,
    asker: Asker,
    Named(key): Named,
    seen: Result<Asked<Seen>, Refusal>,
) -> Result<Json<Value>, Refusal> {
    // Who may not write is told that first.
    let actor = author(&asker)?;
    let Asked(Seen { revision }) = seen?;
    let which = (id::<DraftId>(&key, "draft")?, revision);
    Ok(Json(json!(draft::discard(app.store(), actor.person, which).await?)))
}

/// `POST /v1/drafts/{id}/proposal`: proposes it; where no money rests on it, it takes effect.
///
/// # Errors
/// As [`change`]; whatever is wrong in it.
#[utoipa::path(
    post, path = "/v1/drafts/{id}/proposal",
    params(("id" = String, Path, format = Uuid, description = "The draft")),
    request_body = Seen,
    responses(
        (status = 200, description = "It took effect", body = schema::draft::Draft),
        (status = 202, description = "It waits for a second person", body = schema::Proposal),
        (status = 409, description = "It is no longer open, or was changed meanwhile"),
    )
)]
pub async fn propose(
    State(app): State<App>,
    asker: Asker,
    Named(key): Named,
    body: Body,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let actor = author(&asker)?;
    let Seen { revision } = json(body)?;
    let which = (id::<DraftId>(&key, "draft")?, revision);
    let (draft, imported) = draft::propose(app.store(), actor.person, which).await?;
    Ok(match imported {
        Imported::Applied(_) => (StatusCode::OK, Json(json!(draft))),
        Imported::Waiting(made) => (StatusCode::ACCEPTED, Json(super::proposal::shown(&made))),
    })
}

/// How far to look back.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Back {
    /// 1 to 36 months; 12 without it.
    #[param(minimum = 1, maximum = 36)]
    months: Option<u32>,
}

/// `GET /v1/drafts/{id}/past?months=12`: what its terms would have come to.
///
/// # Errors
/// No right to import; no such draft; whatever is wrong in it.
#[utoipa::path(
    get, path = "/v1/drafts/{id}/past",
    params(("id" = String, Path, format = Uuid, description = "The draft"), Back),
    responses((status = 200, body = Past))
)]
pub async fn past(
    State(app): State<App>,
    asker: Asker,
    Named(key): Named,
    Asked(Back { months }): Asked<Back>,
) -> Result<Json<Past>, Refusal> {
    let actor = author(&asker)?;
    let draft = draft::get(app.store(), id(&key, "draft")?).await?;
    let months = months.unwrap_or(MONTHS);
    Ok(Json(draft::past(app.store(), actor.person, &draft, months).await?))
}
