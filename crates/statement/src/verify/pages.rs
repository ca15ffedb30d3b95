//! What the pages print, compared with what the calculation files compute: a statement whose paper
//! says something else than its data must not pass.

use crate::document::Language;
use crate::figures::bad;
use crate::font::glyph_of;
use crate::pdf::read::File;
use crate::pdf::{Dict, Value};
use crate::words::Words;
use makegood_engine::case::Case;
use makegood_engine::money::Money;
use makegood_engine::result::CaseResult;

/// More pages than this no statement has.
const MOST_PAGES: usize = 5_000;

/// All that is printed, as glyphs of the regular face without the spaces between: two characters
/// that look alike because they share a glyph are the same on paper.
pub(super) struct Printed {
    glyphs: Vec<u32>,
    words: Words,
    /// Whether amounts bear their currency's code.
    pub(super) mixed: bool,
}

/// A case with what it computes to, and what the statement calls it.
pub(super) struct Computed<'a> {
    pub(super) contract: &'a str,
    pub(super) slas: Vec<&'a str>,
    pub(super) case: &'a Case,
    pub(super) result: &'a CaseResult,
}

impl Printed {
    /// Reads all pages.
    pub(super) fn read(file: &File<'_>) -> Result<Self, String> {
        let root = file.dict(file.trailer()?.get("Root"), "the catalog")?;
        let language = match root.get("Lang") {
            Some(Value::Bytes(tag)) => Language::of_tag(tag),
            _ => None,
        };
        let words = Words::new(language.ok_or("its language is none that statements have")?);
        let pages = file.dict(root.get("Pages"), "the list of pages")?;
        let Some(Value::Array(kids)) = pages.get("Kids") else {
            return Err("the list of pages is broken".into());
        };
        if kids.len() > MOST_PAGES {
            return Err(format!("it has more than {MOST_PAGES} pages"));
        }
        let mut glyphs = Vec::new();
        let mut fonts = None;
        for kid in kids {
            let page = file.dict(Some(kid), "a page")?;
            if fonts.is_none() {
                fonts = Some(Fonts::read(file, &page)?);
            }
            let content = file.stream(page.get("Contents"), "a page's content")?;
            let content = std::str::from_utf8(&content).map_err(|_| "a page is broken")?;
            if let Some(fonts) = &fonts {
                fonts.collect(content, &mut glyphs)?;
            }
        }
        Ok(Self { glyphs, words, mixed: false })
    }

    /// Whether the pages print each line of this case as it computes.
    pub(super) fn states(&self, computed: &Computed<'_>) -> Result<(), String> {
        let words = self.words;
        let lines = computed.result.lines.iter().zip(&computed.case.lines).zip(&computed.slas);
        for ((result, line), sla) in lines {
            let percent = result.percent.as_deref();
            let (attainment, bad) = match percent {
                Some(percent) => (words.percent(percent), bad(line, result, words)),
                None => ("–".to_owned(), "–".to_owned()),
            };
            let verdict = words.say(match result.met {
                Some(true) => "result_met",
                Some(false) => "result_missed",
                None => "result_not_measured",
            });
            let objective = words.percent(line.terms.objective.as_str());
            let row = [computed.contract, sla, &objective, &attainment, &bad, &verdict].concat();
            if !self.holds(&row) {
                return Err(format!(
                    "the pages do not print {sla} with {attainment}, {bad}, {verdict}"
                ));
            }
            let credit = Money::parse_decimal(&result.credit, computed.case.contract.currency);
            let credit = credit.map_err(|error| error.to_string())?;
            let amount = words.money(credit, self.mixed);
            if credit.minor() != 0 && line.terms.credit.is_some() && !self.holds(&amount) {
                return Err(format!("the pages do not print the credit of {sla}, {amount}"));
            }
        }
        Ok(())
    }

    fn holds(&self, text: &str) -> bool {
        let mut wanted = Vec::new();
        push(text, &mut wanted);
        self.glyphs.windows(wanted.len().max(1)).any(|window| window == wanted)
    }
}

fn push(text: &str, glyphs: &mut Vec<u32>) {
    let visible = text.chars().filter(|letter| !letter.is_whitespace());
    glyphs.extend(visible.map(|letter| glyph_of(letter).unwrap_or(u32::MAX)));
}

/// By face: what each glyph number stands for.
struct Fonts(Vec<(String, Vec<String>)>);

impl Fonts {
    fn read(file: &File<'_>, page: &Dict) -> Result<Self, String> {
        let resources = file.dict(page.get("Resources"), "a page's resources")?;
        let fonts = file.dict(resources.get("Font"), "a page's fonts")?;
        let mut all = Vec::new();
        for (name, font) in &fonts.0 {
            let font = file.dict(Some(font), "a font")?;
            let map = file.stream(font.get("ToUnicode"), "a font's letters")?;
            let map = std::str::from_utf8(&map).map_err(|_| "a font is broken")?;
            all.push((name.clone(), letters(map)?));
        }
        Ok(Self(all))
    }

    /// Appends what a page's content shows. It is read line by line, in the one form in which it
    /// is written; what shows text in another form is refused.
    fn collect(&self, content: &str, glyphs: &mut Vec<u32>) -> Result<(), String> {
        for line in content.lines() {
            let Some(rest) = line.strip_prefix("BT /") else {
                if line.contains("BT") || line.contains("TJ") || line.contains("Tj") {
                    return Err("a page shows text in a way that statements do not".into());
                }
                continue;
            };
            let broken = || "a page shows text in a way that statements do not".to_owned();
            let (name, rest) = rest.split_once(' ').ok_or_else(broken)?;
            let shown = rest.split_once('[').and_then(|(_, rest)| rest.strip_suffix("] TJ ET"));
            let font = self.0.iter().find(|(have, _)| have == name).ok_or_else(broken)?;
            for part in shown.ok_or_else(broken)?.split('<').skip(1) {
                let digits = part.split('>').next().unwrap_or_default();
                let bytes = hex::decode(digits).map_err(|_| broken())?;
                for pair in bytes.chunks(2) {
                    let &[high, low] = pair else {
                        return Err(broken());
                    };
                    let number = usize::from(u16::from_be_bytes([high, low]));
                    push(font.1.get(number).ok_or_else(broken)?, glyphs);
                }
            }
        }
        Ok(())
    }
}

/// A font's letters by glyph number, from its map to Unicode.
fn letters(map: &str) -> Result<Vec<String>, String> {
    let mut letters = vec![String::new()];
    let pairs = map.lines().filter_map(|line| line.strip_prefix('<')?.strip_suffix('>'));
    for pair in pairs.filter(|pair| pair.contains("> <") && pair.len() > 8) {
        let broken = || "a font's letters are broken".to_owned();
        let (number, text) = pair.split_once("> <").ok_or_else(broken)?;
        if text == "FFFF" && number == "0000" {
            continue;
        }
        let number = usize::from_str_radix(number, 16).map_err(|_| broken())?;
        if number != letters.len() {
            return Err(broken());
        }
        let bytes = hex::decode(text).map_err(|_| broken())?;
        let units: Vec<u16> = bytes
            .chunks(2)
            .map(|pair| u16::from_be_bytes([pair[0], pair.get(1).copied().unwrap_or(0)]))
            .collect();
        letters.push(String::from_utf16(&units).map_err(|_| broken())?);
    }
    Ok(letters)
}

#[cfg(test)]
mod tests {
    use super::*;
    use makegood_engine::compute;

    fn printed(text: &str) -> Printed {
        let mut glyphs = Vec::new();
        push(text, &mut glyphs);
        Printed { glyphs, words: Words::new(Language::En), mixed: false }
    }

    fn states(text: &str) -> Result<(), String> {
        let json = r#"{"format": "makegood/case/1", "contract": {"currency": "EUR"},
            "period": "2026-10", "lines": [{"sla": "API", "fee": "100.00",
            "terms": {"objective": "99.9", "window": {"calendar": "month"},
              "measure": {"uptime": {}}, "credit": {"tiers": [{"below": "99.9", "percent": "10"}]}},
            "evidence": {"outages": [{"from": "2026-10-14T03:00:00Z", "to": "2026-10-14T04:00:00Z"}]}}]}"#;
        let case = Case::parse_file(json.as_bytes()).unwrap().remove(0);
        let result = compute(&case).unwrap().result;
        let computed =
            Computed { contract: "NW-1", slas: vec!["Orders API"], case: &case, result: &result };
        printed(text).states(&computed)
    }

    #[test]
    fn pages_that_print_another_figure_than_the_case_are_found() {
        let row = "NW-1 Orders API 99.9 % 99.865591 % 60 min Missed €10.00 NW-2";
        assert_eq!(states(row), Ok(()));
        for (said, instead) in
            [("99.865591", "99.965591"), ("Missed", "Met"), ("60 min", "6 min"), ("€10", "€1")]
        {
            assert!(states(&row.replace(said, instead)).is_err(), "{instead}");
        }
        assert_eq!(states(&row.replace(' ', "\u{a0}")), Ok(()));
    }
}
