//! Problems as HTTP answers: RFC 9457 problem details with a `code` of the closed list.

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use makegood_domain::{Code, Problem};
use serde_json::{Value, json};

/// A [`Problem`] on its way out over HTTP.
#[derive(Debug)]
pub struct Refusal(pub Problem);

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

/// The problem document: `{type, title, status, detail, code, path?, current?}`.
#[must_use]
pub fn document(problem: &Problem) -> Value {
    let code = problem.code.as_str();
    let mut document = json!({
        "type": format!("urn:makegood:problem:{code}"),
        "title": title(problem.code),
        "status": problem.code.http_status(),
        "detail": problem.message,
        "code": code,
    });
    if let Some(path) = &problem.path {
        document["path"] = json!(path);
    }
    if let Some(current) = &problem.current {
        document["current"] = current.clone();
    }
    document
}

/// The code in words: the same for every occurrence, as RFC 9457 §3.1.4 asks.
fn title(code: Code) -> String {
    let words = code.as_str().replace('_', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let Self(problem) = self;
        let status = StatusCode::from_u16(problem.code.http_status())
            .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        if status.is_server_error() {
            tracing::error!(code = problem.code.as_str(), "{}", problem.message);
        }
        let mut response = Response::new(Body::from(document(&problem).to_string()));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if problem.code == Code::Busy {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("10"));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer realm=\"makegood\""),
            );
        }
        response
    }
}
