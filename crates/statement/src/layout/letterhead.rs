//! What every page bears: logo and name of the house, number, page number, legal lines, and the
//! word that it is a demo. It is furniture: nothing of it is read aloud.

use super::canvas::{Canvas, Length, RULE, Style, px};
use super::flow::{Flow, Inks, LABEL, LEFT, Line, MEASURE, RIGHT, SMALL, TEXT};
use crate::document::Document;
use crate::error::StatementError;
use crate::logo::Picture;

/// Where the rule below the head lies; logo and name end above it.
const RULE_AT: Length = px(96);
/// The most room that a logo takes.
const LOGO: (Length, Length) = (px(180), px(48));
/// The most legal lines at the foot of a page.
const LEGAL_MOST: usize = 5;

/// The letterhead, broken into lines.
pub(crate) struct Head<'a> {
    number: &'a str,
    /// From the top: beside the name, or above a long one.
    number_at: Length,
    name: Vec<Line>,
    legal: Vec<Line>,
    logo: Option<&'a Picture>,
    demo: bool,
}

impl<'a> Head<'a> {
    /// Breaks it into lines, and says where the text of a page has to end because of it.
    pub(crate) fn set(
        flow: &mut Flow,
        document: &Document,
        logo: Option<&'a Picture>,
        number: &'a str,
    ) -> Result<Self, StatementError> {
        let entity = &document.legal_entity;
        let number_width = flow.canvas.width(&LABEL, number)?;
        let whole = MEASURE - logo.map_or(0, logo_room);
        let ink = flow.inks.heading;
        let beside = whole - number_width - px(24);
        let mut name = flow.lines(&[(TEXT.bold().ink(ink), &entity.name)], beside)?;
        let mut number_at = px(71);
        if name.len() > 2 || beside < px(120) {
            name = flow.lines(&[(SMALL.bold().ink(ink), &entity.name)], whole)?;
            number_at = px(36);
        }
        if name.len() > 2 {
            let why = "takes more than two lines at the head; shorten it";
            return Err(StatementError::field("legal_entity.name", why));
        }
        let legal: Vec<&str> =
            entity.address.iter().chain(&entity.legal).map(String::as_str).collect();
        let legal = flow.lines(&[(LABEL, &legal.join(" · "))], MEASURE)?;
        if legal.len() > LEGAL_MOST {
            let why = "takes more than five lines at the foot, with the address; shorten it";
            return Err(StatementError::field("legal_entity.legal", why));
        }
        flow.bottom = flow.canvas.sheet.foot(legal.len()) - px(20);
        Ok(Self { number, number_at, name, legal, logo, demo: document.demo })
    }

    /// Draws it on every page.
    pub(crate) fn draw(&self, flow: &mut Flow) -> Result<(), StatementError> {
        let pages = flow.canvas.pages.len();
        let (words, inks) = (flow.words, flow.inks);
        let demo = self.demo.then(|| words.say("demo"));
        for page in 0..pages {
            flow.canvas.go_to(page);
            let (this, all) = ((page + 1).to_string(), pages.to_string());
            let counted = words.fill("page", &[("page", &this), ("pages", &all)]);
            flow.canvas.artifact(|canvas| {
                self.draw_head(canvas, inks)?;
                if let Some(demo) = &demo {
                    canvas.text(&LABEL.bold(), LEFT, px(104), demo)?;
                }
                self.draw_foot(canvas, &counted)
            })?;
        }
        Ok(())
    }

    fn draw_head(&self, canvas: &mut Canvas, inks: Inks) -> Result<(), StatementError> {
        let mut left = LEFT;
        if let Some(logo) = self.logo {
            let (_, height) = logo_size(logo);
            canvas.picture(logo, [LEFT, RULE_AT - px(8) - height, logo_size(logo).0, height]);
            left += logo_room(logo);
        }
        let leading = self.name.first().and_then(|line| line.first()).map_or(0, |(s, _)| s.leading);
        let lines = i32::try_from(self.name.len()).unwrap_or(1);
        let mut y = px(88) - leading * lines;
        for line in &self.name {
            draw_line(canvas, line, left, y)?;
            y += leading;
        }
        canvas.text_right(&LABEL, RIGHT, self.number_at, self.number)?;
        canvas.fill(inks.rule, LEFT, RULE_AT, MEASURE, px(1));
        Ok(())
    }

    fn draw_foot(&self, canvas: &mut Canvas, counted: &str) -> Result<(), StatementError> {
        let foot = canvas.sheet.foot(self.legal.len());
        canvas.fill(RULE, LEFT, foot, MEASURE, px(1));
        canvas.text(&LABEL, LEFT, foot + px(9), self.number)?;
        canvas.text_right(&LABEL, RIGHT, foot + px(9), counted)?;
        let mut y = foot + px(27);
        for line in &self.legal {
            draw_line(canvas, line, LEFT, y)?;
            y += LABEL.leading;
        }
        Ok(())
    }
}

fn draw_line(
    canvas: &mut Canvas,
    line: &[(Style, String)],
    x: Length,
    y: Length,
) -> Result<(), StatementError> {
    let mut x = x;
    for (style, text) in line {
        x += canvas.text(style, x, y, text)?;
    }
    Ok(())
}

/// Width and height at which a logo is drawn.
fn logo_size(logo: &Picture) -> (Length, Length) {
    logo.within(LOGO.0, LOGO.1)
}

fn logo_room(logo: &Picture) -> Length {
    logo_size(logo).0 + px(14)
}
