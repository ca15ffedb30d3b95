//! The OpenAPI description, from the routes themselves. Each route says what is its own; what every
//! route may answer is added here.

use super::{OPEN, schema::ProblemDetails};
use makegood_domain::Code;
use utoipa::{
    PartialSchema as _, ToSchema as _,
    openapi::{
        ContentBuilder, OpenApi, Ref, RefOr, Response, ResponseBuilder,
        path::{Operation, ParameterIn, PathItem},
        schema::{ObjectBuilder, Schema, Type},
        security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme},
    },
};

/// What a route may answer, whatever it is about.
const ALWAYS: [(u16, &str); 3] = [
    (429, "Too many requests; `Retry-After` says when to go on"),
    (500, "A defect of ours, or of the database"),
    (503, "Not ready, or not in time"),
];
/// … and where it asks for a token.
const SECURED: [(u16, &str); 4] = [
    (401, "No token, or none that is good"),
    (403, "Role or scope do not allow it"),
    (426, "Another version of the wire is spoken"),
    (507, "The disk is full"),
];

/// The description of these routes, whole.
pub(super) fn complete(mut api: OpenApi) -> OpenApi {
    api.info.title = "Makegood central".to_owned();
    api.info.version = env!("CARGO_PKG_VERSION").to_owned();
    api.info.description =
        Some("Refusals are problem details with a code of a closed list.".to_owned());
    api.info.license = None;
    // Cargo's authors would stand there, and those of a build are not whom a house asks.
    api.info.contact = None;
    for (path, item) in &mut api.paths.paths {
        for operation in operations(item) {
            describe(operation, OPEN.contains(&path.as_str()));
        }
    }
    let components = api.components.get_or_insert_default();
    components.schemas.insert(ProblemDetails::name().into_owned(), problem());
    let bearer = Http::builder().scheme(HttpAuthScheme::Bearer).build();
    components.add_security_scheme("token", SecurityScheme::Http(bearer));
    api
}

/// Every operation that stands in the description, by method and path.
pub(super) fn listed(api: &OpenApi) -> Vec<(&'static str, String)> {
    let mut listed = Vec::new();
    for (path, item) in &api.paths.paths {
        for (method, operation) in [
            ("DELETE", &item.delete),
            ("GET", &item.get),
            ("PATCH", &item.patch),
            ("POST", &item.post),
            ("PUT", &item.put),
        ] {
            if operation.is_some() {
                listed.push((method, path.clone()));
            }
        }
    }
    listed.sort();
    listed
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete]
        .into_iter()
        .flatten()
}

fn describe(operation: &mut Operation, open: bool) {
    let mut refusals = ALWAYS.to_vec();
    let within = |place: &ParameterIn| {
        operation.parameters.iter().flatten().any(|parameter| parameter.parameter_in == *place)
    };
    if within(&ParameterIn::Path) {
        refusals.push((404, "It is not there, or not for this person"));
    }
    if operation.request_body.is_some() {
        refusals.push((413, "The body is larger than this route takes"));
    }
    if operation.request_body.is_some() || within(&ParameterIn::Query) {
        refusals.push((422, "Something is missing, malformed or contradictory"));
    }
    if !open {
        refusals.extend(SECURED);
        let token = SecurityRequirement::new("token", Vec::<String>::new());
        operation.security = Some(vec![token]);
    }
    let responses = &mut operation.responses.responses;
    for (status, told) in refusals {
        let told = ResponseBuilder::new().description(told).build();
        responses.entry(status.to_string()).or_insert(RefOr::T(told));
    }
    for (status, response) in responses.iter_mut() {
        if let RefOr::T(response) = response
            && status.as_str() >= "400"
        {
            refuse(response);
        }
    }
}

fn refuse(response: &mut Response) {
    let shape = Ref::from_schema_name(ProblemDetails::name());
    let content = ContentBuilder::new().schema(Some(shape)).build();
    response.content.insert("application/problem+json".to_owned(), content);
}

/// Problem details, with the closed list of codes.
fn problem() -> RefOr<Schema> {
    let codes = ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(Code::ALL.iter().map(|code| code.as_str())));
    match ProblemDetails::schema() {
        RefOr::T(Schema::Object(mut object)) => {
            object.properties.insert("code".to_owned(), RefOr::T(codes.build().into()));
            RefOr::T(Schema::Object(object))
        }
        other => other,
    }
}
