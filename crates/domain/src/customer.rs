//! Parties: our legal entities, customers and their groups.

use crate::id::{CustomerGroupId, CustomerId, LegalEntityId, PersonId};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// One of ours: who stands on the letterhead and seals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegalEntity {
    /// Its id.
    pub id: LegalEntityId,
    /// Short key used by imports: `DE`.
    pub key: String,
    /// Legal name.
    pub name: String,
    /// Address, one line each.
    pub address: Vec<String>,
    /// Tax ids and register lines for the foot of documents.
    pub legal_lines: Vec<String>,
    /// ISO 4217.
    pub functional_currency: String,
    /// BCP 47.
    pub locale: String,
    /// Which key seals: `2026-A`.
    pub seal: Option<String>,
    /// How its documents look; absent: its name in ink, on A4.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub letterhead: Option<Letterhead>,
}

/// How a legal entity's documents look. What is absent stays as it is without a letterhead.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Letterhead {
    /// The text of an SVG, or a PNG in base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logo: Option<String>,
    /// Of title, headings and name: `#14161a`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heading: Option<String>,
    /// Of rules: `#14161a`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// `a4` or `letter`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paper: Option<String>,
}

impl Letterhead {
    /// The longest logo, in bytes of its text: every desk holds it.
    pub const MOST_LOGO: usize = 96 * 1024;

    /// The first field that can't be right, and why; that a logo can be drawn and a colour be read is
    /// only known where documents are laid out.
    #[must_use]
    pub fn flaw(&self) -> Option<(&'static str, String)> {
        for (field, colour) in [("heading", &self.heading), ("rule", &self.rule)] {
            let is_colour = |text: &String| {
                let digits = text.strip_prefix('#').unwrap_or_default();
                digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
            };
            if let Some(text) = colour.as_ref().filter(|text| !is_colour(text)) {
                return Some((field, format!("{text:?} is no colour; write it as #14161a")));
            }
        }
        if let Some(paper) = &self.paper
            && !matches!(paper.as_str(), "a4" | "letter")
        {
            return Some(("paper", format!("{paper:?} is no paper; choose a4 or letter")));
        }
        let most = Self::MOST_LOGO / 1024;
        let long = self.logo.as_ref().is_some_and(|logo| logo.len() > Self::MOST_LOGO);
        long.then(|| ("logo", format!("is over {most} KB; make it smaller")))
    }
}

/// A customer: a legal person that we promised something to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    /// Its id.
    pub id: CustomerId,
    /// Key used by imports (a CRM or billing id); never shown as identity.
    pub key: String,
    /// Its group; every customer has one, if only of its own.
    pub group: CustomerGroupId,
    /// Name of the group, to show.
    pub group_name: String,
    /// Legal name.
    pub name: String,
    /// Postal address for documents, one line each, after the name.
    pub address: Vec<String>,
    /// ISO 3166 alpha-2.
    pub country: String,
    /// BCP 47.
    pub locale: String,
    /// IANA zone.
    pub time_zone: String,
    /// Segment for filters.
    pub segment: Option<String>,
    /// When it left.
    pub churned_on: Option<NaiveDate>,
    /// Customer success manager.
    pub csm: Option<PersonId>,
    /// Account manager.
    pub account_manager: Option<PersonId>,
}

#[cfg(test)]
mod tests {
    use super::Letterhead;

    #[test]
    fn a_letterhead_that_can_not_be_right_names_its_field() {
        let flaw = |json: &str| {
            let letterhead: Letterhead = serde_json::from_str(json).unwrap();
            letterhead.flaw().map(|(field, _)| field)
        };
        assert_eq!(flaw("{}"), None);
        assert_eq!(flaw(r##"{"heading": "#0b3d5c", "rule": "#0B3D5C", "paper": "letter"}"##), None);
        assert_eq!(flaw(r#"{"heading": "blue"}"#), Some("heading"));
        assert_eq!(flaw(r##"{"rule": "#0b3d5"}"##), Some("rule"));
        assert_eq!(flaw(r#"{"paper": "A4"}"#), Some("paper"));
        let long =
            Letterhead { logo: Some("x".repeat(Letterhead::MOST_LOGO + 1)), ..<_>::default() };
        assert_eq!(long.flaw().map(|(field, _)| field), Some("logo"));
    }
}
