//! The letterhead of a legal entity, as central keeps it, made ready for a page.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use makegood_domain::{Code, Problem, customer::LegalEntity};
use makegood_statement::{Colour, Colours, Letterhead, Paper};

/// The letterhead. What central does not say stays as it is by default: ink, on A4, without a logo.
///
/// # Errors
/// [`Code::StatementLayout`] for a colour, a paper or a logo that can't be read.
pub(super) fn letterhead(entity: &LegalEntity) -> Result<Letterhead, Problem> {
    let own = entity.letterhead.clone().unwrap_or_default();
    if let Some((field, why)) = own.flaw() {
        return Err(refused(entity, field, &why));
    }
    let ink = Colours::default();
    let colour =
        |text: &Option<String>, plain| text.as_deref().and_then(Colour::parse).unwrap_or(plain);
    Ok(Letterhead {
        name: entity.name.clone(),
        address: entity.address.clone(),
        legal: entity.legal_lines.clone(),
        logo: own.logo.as_deref().map(|logo| read(entity, logo)).transpose()?,
        colours: Colours {
            heading: colour(&own.heading, ink.heading),
            rule: colour(&own.rule, ink.rule),
        },
        paper: own.paper.as_deref().and_then(Paper::parse).unwrap_or_default(),
    })
}

/// The text of an SVG, or a PNG in base64.
fn read(entity: &LegalEntity, logo: &str) -> Result<Vec<u8>, Problem> {
    if logo.contains("<svg") {
        return Ok(logo.as_bytes().to_vec());
    }
    let packed: String = logo.split_whitespace().collect();
    STANDARD
        .decode(packed)
        .map_err(|_| refused(entity, "logo", "is neither the text of an SVG nor a PNG in base64"))
}

fn refused(entity: &LegalEntity, field: &str, why: &str) -> Problem {
    let path = format!("legal_entity.letterhead.{field}");
    Problem::new(Code::StatementLayout, format!("{}: {path} {why}", entity.name)).at(path)
}
