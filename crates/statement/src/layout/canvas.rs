//! Pages being written: marks on paper, each tied to the element of the structure tree it belongs
//! to. Lengths are whole thousandths of a point, down from the page's upper left corner.

use super::sheet::Sheet;
use crate::error::StatementError;
use crate::font::{Face, Fonts};
use crate::logo::{Picture, Raster};
use crate::pdf::drawing;
use crate::pdf::structure::{Element, Tree};
use printpdf::{Op, PaintMode};

/// A length: thousandths of a point.
pub(crate) type Length = i32;

/// Lengths of the design are given in CSS pixels: 3/4 of a point.
pub(crate) const fn px(value: i32) -> Length {
    value * 750
}

/// A colour of the design: thousandths of red, green and blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ink([i32; 3]);

impl Ink {
    /// A colour by its bytes.
    pub(crate) fn of(bytes: [u8; 3]) -> Self {
        Self(bytes.map(|byte| (i32::from(byte) * 1000 + 127) / 255))
    }
}

/// #14161a
pub(crate) const INK: Ink = Ink([78, 86, 102]);
/// #454a52
pub(crate) const GREY: Ink = Ink([271, 290, 322]);
/// #c9cdd3
pub(crate) const RULE: Ink = Ink([788, 804, 827]);
/// #dde0e4
pub(crate) const FAINT: Ink = Ink([867, 878, 894]);
/// #8b0d3c
pub(crate) const CRIMSON: Ink = Ink([545, 51, 235]);
/// #ffffff
pub(crate) const WHITE: Ink = Ink([1000, 1000, 1000]);

/// How text is set.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    pub(crate) face: Face,
    pub(crate) size: Length,
    pub(crate) leading: Length,
    pub(crate) ink: Ink,
}

impl Style {
    pub(crate) const fn new(face: Face, size: i32, leading: i32, ink: Ink) -> Self {
        Self { face, size: px(size), leading: px(leading), ink }
    }

    pub(crate) const fn bold(mut self) -> Self {
        self.face = Face::Semibold;
        self
    }

    pub(crate) const fn ink(mut self, ink: Ink) -> Self {
        self.ink = ink;
        self
    }

    /// So many pixels of the design smaller, in lines of the same height.
    pub(crate) const fn smaller(mut self, by: i32) -> Self {
        self.size -= px(by);
        self
    }

    /// From the top of a line to its baseline.
    pub(crate) fn baseline(&self) -> Length {
        // Centres the height of capitals (0.67 em) in the line.
        (self.leading + self.size * 67 / 100) / 2
    }

    fn scaled(&self, thousandths: i32) -> Length {
        let width = i64::from(thousandths) * i64::from(self.size) / 1000;
        i32::try_from(width).unwrap_or(i32::MAX)
    }
}

/// A page: its operations, and the elements of its marked content by number.
#[derive(Default)]
pub(crate) struct Page {
    pub(crate) ops: Vec<Op>,
    pub(crate) marked: Vec<Element>,
    open: Option<Target>,
    ink: Option<(bool, Ink)>,
}

/// What a mark belongs to: an element, or nothing that is read aloud.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    Element(Element),
    Artifact,
}

/// All pages of a document.
pub(crate) struct Canvas {
    pub(crate) sheet: Sheet,
    pub(crate) pages: Vec<Page>,
    pub(crate) fonts: Fonts,
    pub(crate) tree: Tree,
    /// The one picture of pixels that a document may hold: its logo.
    pub(crate) raster: Option<Raster>,
    at: usize,
    artifact: bool,
}

impl Canvas {
    pub(crate) fn new(sheet: Sheet) -> Self {
        Self {
            sheet,
            pages: vec![Page::default()],
            fonts: Fonts::new(),
            tree: Tree::new(),
            raster: None,
            at: 0,
            artifact: false,
        }
    }

    /// Ends a page and begins the next.
    pub(crate) fn turn_page(&mut self) {
        self.pages.push(Page::default());
        self.at = self.pages.len() - 1;
    }

    /// Goes back to a page, to add what was not known when it was written.
    pub(crate) fn go_to(&mut self, page: usize) {
        self.at = page.min(self.pages.len() - 1);
    }

    /// What is drawn inside is furniture of the page, not content.
    pub(crate) fn artifact<T>(&mut self, draw: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::replace(&mut self.artifact, true);
        let result = draw(self);
        self.artifact = before;
        result
    }

    /// Whether what is drawn from here on is furniture.
    pub(crate) fn furniture(&mut self, on: bool) {
        self.artifact = on;
    }

    fn page(&mut self) -> &mut Page {
        let at = self.at;
        &mut self.pages[at]
    }

    /// Adds operations under the current element.
    fn emit(&mut self, ops: impl IntoIterator<Item = Op>) {
        let target = match self.tree.current() {
            Some(element) if !self.artifact => Target::Element(element),
            _ => Target::Artifact,
        };
        let page_number = self.at;
        let page = &mut self.pages[page_number];
        if page.open != Some(target) {
            page.close();
            match target {
                Target::Artifact => {
                    page.ops.push(Op::BeginMarkedContent { tag: "Artifact".to_owned() });
                }
                Target::Element(element) => {
                    let number = page.marked.len();
                    page.marked.push(element);
                    let tag = self.tree.tag(element);
                    page.ops.push(drawing::begin_marked(tag, number));
                    self.tree.mark(element, page_number, number);
                }
            }
            page.open = Some(target);
        }
        page.ops.extend(ops);
    }

    fn set_ink(&mut self, ink: Ink) {
        if self.page().ink != Some((true, ink)) {
            self.emit([Op::SetFillColor { col: drawing::colour(ink.0) }]);
            self.page().ink = Some((true, ink));
        }
    }

    /// Closes what is open on every page.
    pub(crate) fn finish(&mut self) {
        for page in &mut self.pages {
            page.close();
        }
    }

    /// Width of a piece of text on one line.
    pub(crate) fn width(&mut self, style: &Style, text: &str) -> Result<Length, StatementError> {
        Ok(style.scaled(self.fonts.shape(style.face, text)?.width))
    }

    /// Sets one line of text; `y` is the top of the line. Gives its width.
    pub(crate) fn text(
        &mut self,
        style: &Style,
        x: Length,
        y: Length,
        text: &str,
    ) -> Result<Length, StatementError> {
        let run = self.fonts.shape(style.face, text)?;
        if !run.glyphs.is_empty() {
            self.set_ink(style.ink);
            let baseline = drawing::point(self.sheet, x, y + style.baseline());
            self.emit(drawing::text(style.face, style.size, baseline, &run));
        }
        Ok(style.scaled(run.width))
    }

    /// Sets one line that ends at `right`.
    pub(crate) fn text_right(
        &mut self,
        style: &Style,
        right: Length,
        y: Length,
        text: &str,
    ) -> Result<(), StatementError> {
        let width = self.width(style, text)?;
        self.text(style, right - width, y, text).map(|_| ())
    }

    /// Strokes paths in a colour and a width of their own.
    fn stroke(&mut self, ink: Ink, line: Length, paths: impl IntoIterator<Item = Op>) {
        let pen = [
            Op::SaveGraphicsState,
            Op::SetOutlineColor { col: drawing::colour(ink.0) },
            Op::SetOutlineThickness { pt: drawing::pt(line) },
        ];
        self.emit(pen.into_iter().chain(paths).chain([Op::RestoreGraphicsState]));
    }

    /// Fills a rectangle.
    pub(crate) fn fill(&mut self, ink: Ink, x: Length, y: Length, w: Length, h: Length) {
        self.set_ink(ink);
        self.emit([drawing::rectangle(self.sheet, [x, y, w, h], PaintMode::Fill)]);
    }

    /// Outlines a rectangle; the line lies inside it.
    pub(crate) fn outline(&mut self, ink: Ink, area: [Length; 4], line: Length) {
        let [x, y, w, h] = area;
        let inner = [x + line / 2, y + line / 2, w - line, h - line];
        self.stroke(ink, line, [drawing::rectangle(self.sheet, inner, PaintMode::Stroke)]);
    }

    /// Fills a rectangle with lines at 45 degrees.
    pub(crate) fn hatch(&mut self, ink: Ink, area: [Length; 4], step: Length, line: Length) {
        let [x, y, w, h] = area;
        let mut paths = vec![drawing::rectangle(self.sheet, area, PaintMode::Clip)];
        let mut at = x - h;
        while at < x + w {
            paths.push(drawing::line(self.sheet, &[(at, y + h), (at + h, y)]));
            at += step;
        }
        self.stroke(ink, line, paths);
    }

    /// Draws a logo into this area.
    pub(crate) fn picture(&mut self, picture: &Picture, area: [Length; 4]) {
        match picture {
            Picture::Drawing(drawing) => {
                for shape in &drawing.shapes {
                    self.set_ink(Ink::of(shape.colour));
                    let size = (drawing.width, drawing.height);
                    self.emit([drawing::shape(self.sheet, shape, size, area)]);
                }
            }
            Picture::Raster(raster) => {
                self.emit([drawing::logo(self.sheet, area)]);
                self.raster.get_or_insert_with(|| raster.clone());
            }
        }
    }

    /// Draws a line through these points.
    pub(crate) fn polyline(&mut self, ink: Ink, line: Length, through: &[(Length, Length)]) {
        self.stroke(ink, line, [drawing::line(self.sheet, through)]);
    }

    /// Draws a disc, filled or as a ring.
    pub(crate) fn disc(&mut self, ink: Ink, centre: (Length, Length), radius: Length, ring: bool) {
        if ring {
            let path = drawing::circle(self.sheet, centre, radius, PaintMode::Stroke);
            self.stroke(ink, px(1) + 125, [path]);
        } else {
            self.set_ink(ink);
            self.emit([drawing::circle(self.sheet, centre, radius, PaintMode::Fill)]);
        }
    }
}

impl Page {
    fn close(&mut self) {
        if self.open.take().is_some() {
            self.ops.push(Op::EndMarkedContent);
        }
    }
}
