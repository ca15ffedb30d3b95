//! SVG as filled shapes. `usvg` resolves styles, transforms, shapes and references; outlines become
//! filled shapes, too.

use super::{Corner, Drawing, Shape, refused};
use crate::error::StatementError;
use usvg::tiny_skia_path::{Path, PathSegment, Point};
use usvg::{FillRule, Group, Node, Opacity, Options, Paint, Tree, roxmltree};

/// Elements that a logo may be made of.
const KNOWN: [&str; 16] = [
    "svg", "g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "defs", "use",
    "symbol", "title", "desc", "metadata", "style",
];
const SVG: &str = "http://www.w3.org/2000/svg";
/// It stands on every page: more points than this make each of them heavy.
const MOST_CORNERS: usize = 4_000;
/// How deep elements may lie in each other.
const MOST_DEEP: usize = 32;
/// How many parts may be used again: a part that uses parts twice, which do the same, doubles each time.
const MOST_USES: usize = 8;
/// The longest side, in units of the drawing.
const MOST_UNITS: i32 = 100_000;

pub(super) fn read(text: &str) -> Result<Drawing, StatementError> {
    let broken =
        |error: &dyn std::fmt::Display| refused(format!("is an SVG that can't be read: {error}"));
    let document = roxmltree::Document::parse(text).map_err(|error| broken(&error))?;
    check(&document)?;
    let tree =
        Tree::from_xmltree(&document, &Options::default()).map_err(|error| broken(&error))?;
    let size = tree.size();
    let (width, height) = (thousandths(size.width()), thousandths(size.height()));
    if !(1_000..=MOST_UNITS * 1_000).contains(&width)
        || !(1_000..=MOST_UNITS * 1_000).contains(&height)
    {
        return Err(refused("has a side under 1 or over 100,000 units"));
    }
    let mut shapes = Vec::new();
    collect(tree.root(), &mut shapes)?;
    if shapes.is_empty() {
        return Err(refused("draws nothing"));
    }
    let corners: usize = shapes.iter().flat_map(|shape| &shape.rings).map(Vec::len).sum();
    if corners > MOST_CORNERS {
        return Err(refused(format!("has {corners} points; simplify it to {MOST_CORNERS}")));
    }
    Ok(Drawing { width, height, shapes })
}

/// Refuses what the simplifier would leave out without a word, and what would keep it busy for ever.
fn check(document: &roxmltree::Document<'_>) -> Result<(), StatementError> {
    let mut uses = 0;
    for node in document.descendants().filter(roxmltree::Node::is_element) {
        let name = node.tag_name();
        if node.ancestors().take(MOST_DEEP + 1).count() > MOST_DEEP {
            return Err(refused(format!("is nested over {MOST_DEEP} deep; simplify it")));
        }
        let in_metadata = node.ancestors().any(|one| one.has_tag_name((SVG, "metadata")));
        if name.namespace() == Some(SVG) && !KNOWN.contains(&name.name()) && !in_metadata {
            let name = name.name();
            let why = format!("holds <{name}>, which statements do not draw; turn it into paths");
            return Err(refused(why));
        }
        uses += usize::from(name.name() == "use");
    }
    if uses > MOST_USES {
        return Err(refused(format!("uses over {MOST_USES} of its own parts again; unfold it")));
    }
    Ok(())
}

fn collect(group: &Group, shapes: &mut Vec<Shape>) -> Result<(), StatementError> {
    solid(group.opacity())?;
    if group.clip_path().is_some() || group.mask().is_some() || !group.filters().is_empty() {
        return Err(refused("is clipped, masked or filtered, which statements do not draw"));
    }
    for node in group.children() {
        match node {
            Node::Group(inner) => collect(inner, shapes)?,
            Node::Path(path) if path.is_visible() => one(path, shapes)?,
            Node::Path(_) => {}
            _ => return Err(refused("holds what statements do not draw; turn it into paths")),
        }
    }
    Ok(())
}

fn one(path: &usvg::Path, shapes: &mut Vec<Shape>) -> Result<(), StatementError> {
    let fill = path.fill().map(|fill| -> Result<Shape, StatementError> {
        solid(fill.opacity())?;
        shape(path.data().clone(), path, fill.paint(), fill.rule() == FillRule::EvenOdd)
    });
    let stroke = path.stroke().map(|stroke| -> Result<Shape, StatementError> {
        solid(stroke.opacity())?;
        // Four times as fine as a unit of the drawing.
        let outline = path.data().stroke(&stroke.to_tiny_skia(), 4.0);
        let outline = outline.ok_or_else(|| refused("has an outline that can't be drawn"))?;
        shape(outline, path, stroke.paint(), false)
    });
    let fill_first = path.paint_order() == usvg::PaintOrder::FillAndStroke;
    let both = if fill_first { [fill, stroke] } else { [stroke, fill] };
    for shape in both.into_iter().flatten() {
        shapes.push(shape?);
    }
    Ok(())
}

fn shape(
    data: Path,
    path: &usvg::Path,
    paint: &Paint,
    even_odd: bool,
) -> Result<Shape, StatementError> {
    let Paint::Color(colour) = paint else {
        return Err(refused("is painted with a gradient or a pattern; use plain colours"));
    };
    let placed = data.transform(path.abs_transform());
    let placed = placed.ok_or_else(|| refused("has a shape that can't be drawn"))?;
    Ok(Shape { colour: [colour.red, colour.green, colour.blue], even_odd, rings: rings(&placed) })
}

fn solid(opacity: Opacity) -> Result<(), StatementError> {
    if opacity == Opacity::ONE {
        return Ok(());
    }
    Err(refused("is see-through in part; use plain colours"))
}

fn rings(path: &Path) -> Vec<Vec<Corner>> {
    let mut rings: Vec<Vec<Corner>> = Vec::new();
    let mut last = Point::zero();
    for segment in path.segments() {
        let (handles, end) = match segment {
            PathSegment::MoveTo(to) => {
                rings.push(Vec::new());
                (None, to)
            }
            PathSegment::LineTo(to) => (None, to),
            PathSegment::QuadTo(bend, to) => {
                // Two thirds of the way to the one handle are the two of the same curve.
                let towards = |from: Point| {
                    Point::from_xy(
                        from.x + (bend.x - from.x) * 2.0 / 3.0,
                        from.y + (bend.y - from.y) * 2.0 / 3.0,
                    )
                };
                (Some([towards(last), towards(to)]), to)
            }
            PathSegment::CubicTo(first, second, to) => (Some([first, second]), to),
            PathSegment::Close => continue,
        };
        if let Some(ring) = rings.last_mut() {
            ring.extend(handles.into_iter().flatten().map(|point| corner(point, true)));
            ring.push(corner(end, false));
        }
        last = end;
    }
    rings.retain(|ring| ring.len() > 1);
    rings
}

fn corner(point: Point, handle: bool) -> Corner {
    Corner { x: thousandths(point.x), y: thousandths(point.y), handle }
}

/// A unit's thousandths: geometry of a picture, far from any figure.
#[expect(clippy::cast_possible_truncation, reason = "clamped, and a picture's")]
fn thousandths(value: f32) -> i32 {
    (value * 1000.0).round().clamp(-1e9, 1e9) as i32
}
