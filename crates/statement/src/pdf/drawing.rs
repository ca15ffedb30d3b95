//! The pages as operations of `printpdf`, and the content streams that it makes of them. Nothing
//! else of its file is kept: see [`super::assemble`] for why.

use crate::error::StatementError;
use crate::font::{Face, Glyph, Run};
use crate::layout::canvas::Length;
use crate::layout::sheet::Sheet;
use crate::logo::{Corner, Shape};
use printpdf::{
    Codepoint, Color, DictItem, FontId, Line, LinePoint, Op, PaintMode, PdfDocument, PdfFontHandle,
    PdfPage, PdfSaveOptions, Point, Polygon, PolygonRing, Pt, Rect, Rgb, TextItem, WindingOrder,
    XObjectId, XObjectTransform,
};
use std::collections::BTreeMap;

/// A whole number as `printpdf` takes them: exact below 2^24, far beyond any page.
fn whole(value: i32) -> f32 {
    value as f32
}

/// Thousandths of a point as `printpdf` takes them. Of the few digits that a page has, those that
/// are written are the very ones that stand here.
pub(crate) fn pt(thousandths: Length) -> Pt {
    Pt(whole(thousandths) / 1000.0)
}

/// A point; `y` runs down from the top of the sheet here, and up from its bottom in PDF.
pub(crate) fn point(sheet: Sheet, x: Length, y: Length) -> Point {
    Point { x: pt(x + sheet.shift), y: pt(sheet.height - y) }
}

/// A colour from thousandths of red, green and blue.
pub(crate) fn colour(parts: [i32; 3]) -> Color {
    let [r, g, b] = parts.map(|part| whole(part) / 1000.0);
    Color::Rgb(Rgb { r, g, b, icc_profile: None })
}

/// A rectangle by its upper left corner, its width and its height.
pub(crate) fn rectangle(sheet: Sheet, [x, y, w, h]: [Length; 4], mode: PaintMode) -> Op {
    let corner = point(sheet, x, y + h);
    Op::DrawRectangle {
        rectangle: Rect {
            x: corner.x,
            y: corner.y,
            width: pt(w),
            height: pt(h),
            mode: Some(mode),
            winding_order: Some(WindingOrder::NonZero),
        },
    }
}

/// A line through these points.
pub(crate) fn line(sheet: Sheet, through: &[(Length, Length)]) -> Op {
    let corner = |(x, y): &(Length, Length)| LinePoint { p: point(sheet, *x, *y), bezier: false };
    Op::DrawLine { line: Line { points: through.iter().map(corner).collect(), is_closed: false } }
}

/// A disc.
pub(crate) fn circle(
    sheet: Sheet,
    (x, y): (Length, Length),
    radius: Length,
    mode: PaintMode,
) -> Op {
    // 0.5523: the handle of a cubic that comes nearest to a quarter of a circle.
    let (r, k) = (radius, radius / 10_000 * 5_523 + radius % 10_000 * 5_523 / 10_000);
    let at = |dx: Length, dy: Length, bezier| LinePoint { p: point(sheet, x + dx, y - dy), bezier };
    let points = vec![
        at(r, 0, false),
        at(r, k, true),
        at(k, r, true),
        at(0, r, false),
        at(-k, r, true),
        at(-r, k, true),
        at(-r, 0, false),
        at(-r, -k, true),
        at(-k, -r, true),
        at(0, -r, false),
        at(k, -r, true),
        at(r, -k, true),
        at(r, 0, false),
    ];
    let winding_order = WindingOrder::NonZero;
    Op::DrawPolygon {
        polygon: Polygon { rings: vec![PolygonRing { points }], mode, winding_order },
    }
}

/// What pages call the picture of pixels.
pub(crate) const LOGO: &str = "Logo";

/// Places the picture of pixels.
pub(crate) fn logo(sheet: Sheet, [x, y, w, h]: [Length; 4]) -> Op {
    let corner = point(sheet, x, y + h);
    let transform = XObjectTransform {
        translate_x: Some(corner.x),
        translate_y: Some(corner.y),
        scale_x: Some(pt(w).0),
        scale_y: Some(pt(h).0),
        no_auto_scale: true,
        ..XObjectTransform::default()
    };
    Op::UseXobject { id: XObjectId(LOGO.to_owned()), transform }
}

/// A shape of a drawing of this size, drawn into an area.
pub(crate) fn shape(
    sheet: Sheet,
    shape: &Shape,
    (width, height): (i32, i32),
    [x, y, w, h]: [Length; 4],
) -> Op {
    let scaled = |value: i32, own: i32, room: Length| {
        let length = i64::from(value) * i64::from(room) / i64::from(own.max(1));
        // What lies outside of its own edges stays near them.
        Length::try_from(length.clamp(-2 * i64::from(room), 3 * i64::from(room))).unwrap_or(0)
    };
    let place = |corner: &Corner| LinePoint {
        p: point(sheet, x + scaled(corner.x, width, w), y + scaled(corner.y, height, h)),
        bezier: corner.handle,
    };
    let ring = |corners: &Vec<Corner>| PolygonRing { points: corners.iter().map(place).collect() };
    let winding_order = if shape.even_odd { WindingOrder::EvenOdd } else { WindingOrder::NonZero };
    let rings = shape.rings.iter().map(ring).collect();
    Op::DrawPolygon { polygon: Polygon { rings, mode: PaintMode::Fill, winding_order } }
}

/// A line of text: glyphs by their number in the subset, with the kerning between them.
pub(crate) fn text(face: Face, size: Length, baseline: Point, run: &Run) -> [Op; 5] {
    // The font is named by us: an id of the crate's own making counts up through the process.
    let font = PdfFontHandle::External(FontId(face.resource().to_owned()));
    let set = |glyph: &Glyph| Codepoint::new(glyph.id, whole(glyph.width - glyph.advance));
    let glyphs = run.glyphs.iter().map(set);
    [
        Op::StartTextSection,
        Op::SetFont { font, size: pt(size) },
        Op::SetTextCursor { pos: baseline },
        Op::ShowText { items: vec![TextItem::GlyphIds(glyphs.collect())] },
        Op::EndTextSection,
    ]
}

/// Begins what belongs to an element of the structure tree.
pub(crate) fn begin_marked(tag: &str, number: usize) -> Op {
    let number = DictItem::Int(i64::try_from(number).unwrap_or(i64::MAX));
    Op::BeginMarkedContentWithProperties {
        tag: tag.to_owned(),
        properties: DictItem::Dict { map: BTreeMap::from([("MCID".to_owned(), number)]) },
    }
}

/// The content stream of each page.
pub(crate) fn contents(sheet: Sheet, pages: Vec<Vec<Op>>) -> Result<Vec<Vec<u8>>, StatementError> {
    let count = pages.len();
    let mut document = PdfDocument::new("");
    let page = |ops| PdfPage::new(pt(sheet.width).into(), pt(sheet.height).into(), ops);
    document.with_pages(pages.into_iter().map(page).collect());
    let mut warnings = Vec::new();
    let written = document.to_lopdf_document(&PdfSaveOptions::default(), &mut warnings);
    if let Some(warning) = warnings.first() {
        return Err(StatementError::Internal(format!("drawing the pages: {}", warning.msg)));
    }
    let ids = written.get_pages();
    if ids.len() != count {
        return Err(StatementError::Internal("a page was lost while it was drawn".into()));
    }
    Ok(ids.into_values().map(|id| written.get_page_content(id)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Paper;
    use crate::pdf::points;

    #[test]
    fn every_length_of_a_page_is_written_with_the_digits_it_has() {
        for length in -1_000..=Sheet::of(Paper::A4).height {
            assert_eq!(pt(length).0.to_string(), points(length));
        }
    }
}
