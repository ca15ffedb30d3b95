//! What the pages print, compared with what the calculation files compute: a statement whose paper
//! says something else than its data must not pass.

use crate::document::Language;
use crate::figures::bad;
use crate::font::{as_set, glyph_of};
use crate::pdf::read::File;
use crate::pdf::{Dict, Value};
use crate::words::Words;
use makegood_engine::case::Case;
use makegood_engine::money::Money;
use makegood_engine::result::CaseResult;
use std::str::Lines;

/// More pages than this no statement has.
const MOST_PAGES: usize = 5_000;

/// All that is printed, as glyphs of the regular face without the spaces between: two characters
/// that look alike because they share a glyph are the same on paper.
pub(super) struct Printed {
    glyphs: Vec<u32>,
    words: Words,
    /// Whether amounts bear their currency's code.
    pub(super) mixed: bool,
    /// Whether each row names its window.
    pub(super) several_windows: bool,
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
        Ok(Self { glyphs, words, mixed: false, several_windows: false })
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
            let window = match self.several_windows {
                true => words.short_period(&computed.case.period),
                false => String::new(),
            };
            let row =
                [computed.contract, &window, sla, &objective, &attainment, &bad, &verdict].concat();
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

    /// Whether the pages print this amount.
    pub(super) fn amount(&self, amount: Money) -> Result<(), String> {
        let text = self.words.money(amount, self.mixed);
        if self.holds(&text) { Ok(()) } else { Err(format!("the pages do not print {text}")) }
    }

    fn holds(&self, text: &str) -> bool {
        let mut wanted = Vec::new();
        push(&as_set(text), &mut wanted);
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
    /// is written: an operator that statements do not use, or a use of one that they do not make,
    /// is refused, so that no other reader of the page can see another text in it.
    fn collect(&self, content: &str, glyphs: &mut Vec<u32>) -> Result<(), String> {
        let mut lines = content.lines();
        while let Some(line) = lines.next() {
            let known = match operation(line) {
                ("", "BT") => self.shown(&mut lines, glyphs).is_some(),
                ("/Artifact", "BMC") | ("", "EMC") => true,
                (operands, "BDC") => is_mark(operands),
                (operands, "cm") => is_head(operands) && lines.next() == Some("/Logo Do"),
                (operands, operator) => DRAWING.contains(&operator) && are_numbers(operands),
            };
            if !known {
                return Err("a page is drawn in a way that statements are not".into());
            }
        }
        Ok(())
    }

    /// Reads one line of text, from behind its `BT` to its `ET`.
    fn shown(&self, lines: &mut Lines<'_>, glyphs: &mut Vec<u32>) -> Option<()> {
        let mut next = |operator| match operation(lines.next()?) {
            (operands, found) if found == operator => Some(operands),
            _ => None,
        };
        let (name, size) = next("Tf")?.strip_prefix('/')?.split_once(' ')?;
        let place = next("Td")?;
        let mut rest = next("TJ")?.strip_prefix('[')?.strip_suffix(']')?;
        next("ET").filter(|operands| operands.is_empty())?;
        let (_, letters) = self.0.iter().find(|(have, _)| have == name)?;
        while let Some((kern, after)) = rest.split_once('<') {
            let (number, after) = after.split_once('>')?;
            let [high, low] = hex::decode(number).ok()?.try_into().ok()?;
            push(letters.get(usize::from(u16::from_be_bytes([high, low])))?, glyphs);
            rest = are_numbers(kern).then_some(after)?;
        }
        [size, place, rest].into_iter().all(are_numbers).then_some(())
    }
}

/// What statements draw with, beside text.
const DRAWING: [&str; 15] =
    ["q", "Q", "w", "rg", "RG", "m", "l", "c", "h", "re", "W", "n", "f", "f*", "S"];

/// Whether a picture is placed where a logo stands: upright, at most 48 pixels of the design high,
/// above everything that is told.
fn is_head(operands: &str) -> bool {
    let numbers: Vec<&str> = operands.split(' ').collect();
    let [_, "0", "0", height, _, y] = numbers.as_slice() else {
        return false;
    };
    let points = |text: &str| text.split('.').next().and_then(|whole| whole.parse::<i32>().ok());
    are_numbers(operands)
        && points(height).is_some_and(|height| (0..=36).contains(&height))
        && points(y).is_some_and(|y| y >= 725)
}

/// A line of a page's content: operands, and the operator behind them.
fn operation(line: &str) -> (&str, &str) {
    line.rsplit_once(' ').unwrap_or(("", line))
}

/// Whether this is nothing but numbers, with spaces between.
fn are_numbers(operands: &str) -> bool {
    operands.bytes().all(|byte| b" -.0123456789".contains(&byte))
}

/// Whether this is the mark of an element: `/P <</MCID 3>>`.
fn is_mark(operands: &str) -> bool {
    let parts = operands.strip_prefix('/').and_then(|rest| rest.split_once(" <</MCID "));
    let Some((tag, number)) = parts else {
        return false;
    };
    let number = number.strip_suffix(">>").unwrap_or_default();
    tag.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit())
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
        Printed { glyphs, words: Words::new(Language::En), mixed: false, several_windows: false }
    }

    fn states(text: &str) -> Result<(), String> {
        told(text, false)
    }

    fn told(text: &str, several_windows: bool) -> Result<(), String> {
        let json = r#"{"format": "makegood/case/1", "contract": {"currency": "EUR"},
            "period": "2026-10", "lines": [{"sla": "API", "fee": "100.00",
            "terms": {"objective": "99.9", "window": {"calendar": "month"},
              "measure": {"uptime": {}}, "credit": {"tiers": [{"below": "99.9", "percent": "10"}]}},
            "evidence": {"outages": [{"from": "2026-10-14T03:00:00Z", "to": "2026-10-14T04:00:00Z"}]}}]}"#;
        let case = Case::parse_file(json.as_bytes()).unwrap().remove(0);
        let result = compute(&case).unwrap().result;
        let computed =
            Computed { contract: "NW-1", slas: vec!["Orders API"], case: &case, result: &result };
        Printed { several_windows, ..printed(text) }.states(&computed)
    }

    #[test]
    fn a_row_that_names_another_window_than_its_case_is_found() {
        let row = "NW-1 Oct 2026 Orders API 99.9 % 99.865591 % 60 min Missed €10.00";
        assert_eq!(told(row, true), Ok(()));
        assert!(told(&row.replace("Oct", "Nov"), true).is_err());
        assert!(told(&row.replace("Oct 2026 ", ""), true).is_err());
    }

    #[test]
    fn a_picture_stands_in_the_head_alone() {
        let fonts = Fonts(Vec::new());
        let read = |place: &str, name: &str| {
            let mut glyphs = Vec::new();
            let page = format!("/Artifact BMC\nq\n{place} cm\n/{name} Do\nQ\nEMC\n");
            fonts.collect(&page, &mut glyphs)
        };
        assert_eq!(read("108 0 0 36 57 775.89", "Logo"), Ok(()));
        for place in ["108 0 0 36 57 500", "108 0 0 400 57 775", "108 1 0 36 57 775", "1 0 0 1 0"] {
            assert!(read(place, "Logo").is_err(), "{place}");
        }
        assert!(read("108 0 0 36 57 775.89", "Other").is_err());
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

    #[test]
    fn a_page_is_read_in_one_form_only() {
        let fonts = Fonts(vec![("Serif".into(), vec![String::new(), "A".into(), "B".into()])]);
        let read = |content: &str| {
            let mut glyphs = Vec::new();
            fonts.collect(content, &mut glyphs).map(|()| glyphs)
        };
        let page = "/P <</MCID 0>> BDC\n0.078 0.086 0.102 rg\nBT\n/Serif 12.5 Tf\n57 700.25 Td\n\
            [<0001> -3<0002>] TJ\nET\nEMC\n/Artifact BMC\nq\n57 10 480 0.75 re\nf\nQ\nEMC\n";
        let wanted = ["A", "B"].map(|letter| glyph_of(letter.chars().next().unwrap()).unwrap());
        assert_eq!(read(page).unwrap(), wanted);
        for (said, instead) in [
            ("[<0001> -3<0002>] TJ", "<00010002> Tj"),
            ("[<0001> -3<0002>] TJ", "[<0001> -3<0002>] TJ [<0001>] TJ"),
            ("[<0001> -3<0002>] TJ", "[<0001>(A)<0002>] TJ"),
            ("[<0001> -3<0002>] TJ", "[<0001> -3<0009>] TJ"),
            ("0.75 re", "0.75 re BT /Serif 9 Tf [<0001>] TJ ET 1 w"),
            ("/Serif 12.5", "/Other 12.5"),
            ("57 700.25 Td", "1 0 0 1 57 700.25 Tm"),
            ("\nf\n", "\n/Picture Do\nf\n"),
            ("\nf\n", "\n(A) '\nf\n"),
            ("<</MCID 0>>", "<</MCID 0/ActualText(B)>>"),
            ("\nET\n", "\n"),
        ] {
            assert!(page.contains(said), "{said}");
            assert!(read(&page.replacen(said, instead, 1)).is_err(), "{instead}");
        }
    }
}
