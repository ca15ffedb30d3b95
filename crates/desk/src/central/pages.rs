//! Pages of changes as they arrive: each can be applied before the next is here.

use super::{MOST_BYTES, line::Reply};
use makegood_domain::{
    Code, Problem,
    wire::{Change, Frame, LineReader},
};
use std::{fmt, io::Write};

/// One whole page.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// Its changes.
    pub changes: Vec<Change>,
    /// Where the desk stands after it.
    pub cursor: String,
    /// Whether more are ready now.
    pub more: bool,
    /// Central's clock, seconds since 1970.
    pub now: i64,
}

/// Pages as they arrive: each can be applied before the next is here.
pub struct Pages {
    reply: Reply,
    decoder: Option<zstd::stream::write::Decoder<'static, Vec<u8>>>,
    text: Vec<u8>,
    read: usize,
    reader: LineReader,
    open: Option<Vec<Change>>,
    /// Where the answer broke off, after pages that were whole.
    broke: Option<Problem>,
}

impl fmt::Debug for Pages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").field("address", &self.reply.address).finish_non_exhaustive()
    }
}

impl Pages {
    pub(super) fn new(reply: Reply) -> Result<Self, Problem> {
        let packed = reply.response.headers().get("content-encoding").is_some_and(|v| v == "zstd");
        let decoder = if packed {
            Some(zstd::stream::write::Decoder::new(Vec::new()).map_err(|error| {
                Problem::new(Code::Internal, format!("no decoder for zstd: {error}"))
            })?)
        } else {
            None
        };
        Ok(Self {
            reply,
            decoder,
            text: Vec::new(),
            read: 0,
            reader: LineReader::default(),
            open: None,
            broke: None,
        })
    }

    /// The next whole page; `None` at the end of the answer. A page without its end is no page.
    ///
    /// # Errors
    /// [`Code::CentralUnreachable`] when the connection breaks, [`Code::CentralAnswer`] when the
    /// bytes are not what central sends.
    pub async fn next(&mut self) -> Result<Option<Page>, Problem> {
        loop {
            if let Some(page) = self.take_page()? {
                return Ok(Some(page));
            }
            match self.reply.chunk().await? {
                Some(chunk) => self.feed(&chunk)?,
                None if self.open.is_none() && self.read == self.text.len() => return Ok(None),
                None => {
                    return Err(Problem::new(
                        Code::CentralUnreachable,
                        format!(
                            "{}: the answer broke off in a page; it is asked for again",
                            self.reply.address
                        ),
                    ));
                }
            }
        }
    }

    /// The next pages as one, of about so many rows where more are ready; `None` at the end of the
    /// answer.
    ///
    /// # Errors
    /// As [`Pages::next`].
    pub async fn several(&mut self, rows: usize) -> Result<Option<Page>, Problem> {
        if let Some(problem) = self.broke.take() {
            return Err(problem);
        }
        let Some(mut all) = self.next().await? else { return Ok(None) };
        while all.more && all.changes.len() < rows {
            match self.next().await {
                Ok(Some(page)) => {
                    all.changes.extend(page.changes);
                    all = Page { changes: all.changes, ..page };
                }
                Ok(None) => break,
                Err(problem) => {
                    // What came whole stays: over a line that breaks often nothing would ever come.
                    self.broke = Some(problem);
                    break;
                }
            }
        }
        Ok(Some(all))
    }

    fn feed(&mut self, chunk: &[u8]) -> Result<(), Problem> {
        self.text.drain(..self.read);
        self.read = 0;
        let Some(decoder) = &mut self.decoder else {
            self.text.extend_from_slice(chunk);
            return self.bounded();
        };
        decoder.write_all(chunk).and_then(|()| decoder.flush()).map_err(|error| {
            Problem::new(Code::CentralAnswer, format!("{}: bad zstd: {error}", self.reply.address))
        })?;
        self.text.append(decoder.get_mut());
        self.bounded()
    }

    fn bounded(&self) -> Result<(), Problem> {
        if self.text.len() <= MOST_BYTES {
            return Ok(());
        }
        Err(Problem::new(Code::CentralAnswer, format!("{}: a line too long", self.reply.address)))
    }

    fn take_page(&mut self) -> Result<Option<Page>, Problem> {
        while let Some(length) = self.text[self.read..].iter().position(|byte| *byte == b'\n') {
            let line = &self.text[self.read..self.read + length];
            self.read += length + 1;
            if line.is_empty() {
                continue;
            }
            let frame = self.reader.read(line).map_err(|error| {
                Problem::new(
                    Code::CentralAnswer,
                    format!("{}: bad frame: {error}", self.reply.address),
                )
            })?;
            match (frame, &mut self.open) {
                (Frame::Page { rows }, None) => {
                    self.open = Some(Vec::with_capacity(rows.min(10_000)));
                }
                (Frame::Change(change), Some(changes)) => changes.push(change),
                (Frame::End { cursor, more, now }, Some(changes)) => {
                    let changes = std::mem::take(changes);
                    self.open = None;
                    return Ok(Some(Page { changes, cursor, more, now }));
                }
                _ => {
                    return Err(Problem::new(
                        Code::CentralAnswer,
                        format!("{}: frames out of order", self.reply.address),
                    ));
                }
            }
        }
        Ok(None)
    }
}
