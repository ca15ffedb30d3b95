//! A ready mirror as it arrives, from wherever an earlier attempt broke off.

use super::{Central, line::Reply};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use makegood_domain::{
    Code, Problem,
    wire::{CURSOR_HEADER, EXTENT_HEADER, Extent, Part},
};
use reqwest::{Method, Response, StatusCode};
use serde::{Deserialize, Serialize};

/// Which bytes a file is of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stamp {
    /// By which central knows them again.
    pub(crate) etag: String,
    /// Their SHA-256.
    pub(crate) digest: Vec<u8>,
    /// How many there are.
    pub(crate) bytes: u64,
    /// Where a mirror of them stands.
    pub(crate) cursor: String,
    /// Which release's tables it has; an older desk did not note it.
    #[serde(default)]
    pub(crate) schema: i64,
    /// What is in it, table by table; nothing: central does not say.
    #[serde(default)]
    pub(crate) extent: Vec<Extent>,
}

/// A file on its way.
#[derive(Debug)]
pub(crate) struct Arriving {
    /// What it is.
    pub(crate) stamp: Stamp,
    /// With which byte it goes on.
    pub(crate) from: u64,
    reply: Reply,
}

impl Central {
    /// A scope as a packed mirror file with tables of version `schema`; after `had` bytes of the one
    /// that `stamp` tells of, where central still has that.
    ///
    /// # Errors
    /// As [`Central::scope`]; [`Code::WireVersion`] when central cuts other tables; [`Code::Busy`].
    pub(crate) async fn snapshot(
        &self,
        part: Part,
        schema: i64,
        had: Option<(&Stamp, u64)>,
    ) -> Result<Arriving, Problem> {
        let mut request = self
            .request(Method::GET, "v1/sync/snapshot")?
            .query(&[("part", part.as_str()), ("schema", &schema.to_string())]);
        if let Some((stamp, bytes)) = had {
            request =
                request.header("if-range", &stamp.etag).header("range", format!("bytes={bytes}-"));
        }
        let reply = self.answer(request).await?;
        let from = match (reply.response.status(), had) {
            (StatusCode::PARTIAL_CONTENT, Some((_, bytes))) => bytes,
            _ => 0,
        };
        let stamp = read(&reply.response, from, schema).ok_or_else(|| {
            let address = self.address();
            let why = format!("{address} sent a snapshot that does not say what it is");
            Problem::new(Code::CentralAnswer, why)
        })?;
        Ok(Arriving { stamp, from, reply })
    }

    /// How many rows there are of each table.
    ///
    /// # Errors
    /// As [`Central::scope`]; [`Code::NotFound`] from a central of an older release.
    pub(crate) async fn extent(&self) -> Result<Vec<Extent>, Problem> {
        self.json(self.request(Method::GET, "v1/sync/extent")?).await
    }
}

fn read(response: &Response, from: u64, schema: i64) -> Option<Stamp> {
    let text = |name: &str| response.headers().get(name)?.to_str().ok();
    let digest = text("repr-digest")?.strip_prefix("sha-256=:")?.strip_suffix(':')?;
    Some(Stamp {
        etag: text("etag")?.to_owned(),
        digest: STANDARD.decode(digest).ok()?,
        bytes: from.checked_add(response.content_length()?)?,
        cursor: text(CURSOR_HEADER)?.to_owned(),
        schema,
        extent: text(EXTENT_HEADER)
            .and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default(),
    })
}

impl Arriving {
    /// The next piece; `None`: it is all here.
    ///
    /// # Errors
    /// [`Code::CentralUnreachable`] when the connection broke.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, Problem> {
        self.reply.chunk().await
    }
}
