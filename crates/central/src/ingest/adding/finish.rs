//! The end of a push: what it changed is computed anew.

use super::Adding;
use crate::{
    close::{self, Touched},
    ingest::Report,
    store::{series, settlement},
};
use makegood_domain::Problem;
use serde_json::json;

/// How many names that nobody reads are said.
const UNREAD: usize = 20;

impl Adding {
    /// Computes anew what has changed, and keeps it all; a dry run does everything but keep it.
    pub(crate) async fn finish(mut self, reason: &str) -> Result<Report, Problem> {
        if !self.touched.is_empty() {
            let detail = json!({
                "added": self.report.added,
                "corrected": self.report.corrected,
                "repeated": self.report.repeated,
                "sha256": self.digest,
            });
            self.tx.audit("evidence.added", ("source", &self.source), None, detail);
        }
        let source = self.source.clone();
        let read = series::read_by_lines(self.tx.conn(), &source, &self.services).await?;
        let unread = self.services.difference(&read).take(UNREAD);
        self.report.unread = unread.cloned().collect();
        let reached = std::mem::take(&mut self.reached);
        let watched = self.tx.source_delivered(&source, reached).await?;
        // What is corrected in its own time touches one span.
        self.touched.dedup();
        let reason = match self.touched.as_slice() {
            [one] => {
                let (from, to) = (one.from.format("%-d %b %Y %H:%MZ"), one.to.format("%H:%MZ"));
                format!("{reason}, {from} – {to}")
            }
            more => format!("{reason}, {} pieces", more.len()),
        };
        close::revise(&mut self.tx, None, &self.touched, &reason).await?;
        // Windows that are not locked are computed anew as time passes.
        if let Some((from, to)) = watched
            && settlement::any_after(self.tx.conn(), from).await?
        {
            let all = series::under_lines(self.tx.conn(), &source).await?;
            let touched = |series| Touched { series, part: None, from, to };
            let touched: Vec<Touched> = all.into_iter().map(touched).collect();
            let reason = format!("late evidence: watched until {}", to.format("%-d %b %Y %H:%MZ"));
            close::revise(&mut self.tx, None, &touched, &reason).await?;
        }
        if !self.dry_run {
            self.tx.commit().await?;
        }
        Ok(self.report)
    }
}
