//! Logos: PNG or SVG, read once, and turned into what a page can draw. What can't be drawn as it
//! was meant is refused by name: a logo without its letters would be another's logo.

mod drawing;
mod raster;

use crate::error::StatementError;
use crate::layout::canvas::Length;

/// The field that errors name.
const FIELD: &str = "legal_entity.logo";
/// The largest file.
const MOST_BYTES: usize = 512 * 1024;

/// A logo, ready to be drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Picture {
    /// Filled shapes.
    Drawing(Drawing),
    /// Pixels.
    Raster(Raster),
}

/// Filled shapes in thousandths of a unit of their own, `y` down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Drawing {
    pub(crate) width: i32,
    pub(crate) height: i32,
    pub(crate) shapes: Vec<Shape>,
}

/// A filled shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shape {
    /// Red, green, blue.
    pub(crate) colour: [u8; 3],
    /// Whether a point inside of an even number of rings lies outside.
    pub(crate) even_odd: bool,
    pub(crate) rings: Vec<Vec<Corner>>,
}

/// A point of a ring; a handle is one of the two that bend the curve to the next point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Corner {
    pub(crate) x: i32,
    pub(crate) y: i32,
    pub(crate) handle: bool,
}

/// Pixels, on white: red, green and blue, a row after the other from the top.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Raster {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) pixels: Vec<u8>,
}

impl Picture {
    /// Reads a logo's bytes.
    ///
    /// # Errors
    /// [`StatementError::Field`] at `legal_entity.logo` when they are neither PNG nor SVG, too
    /// many, or hold what statements do not draw.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, StatementError> {
        if bytes.len() > MOST_BYTES {
            return Err(refused(format!("is over {} KB; make it smaller", MOST_BYTES / 1024)));
        }
        if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
            return raster::read(bytes).map(Self::Raster);
        }
        match std::str::from_utf8(bytes) {
            Ok(text) if text.contains("<svg") => drawing::read(text).map(Self::Drawing),
            _ => Err(refused("is neither PNG nor SVG")),
        }
    }

    /// The largest size of its shape that fits into this.
    pub(crate) fn within(&self, width: Length, height: Length) -> (Length, Length) {
        let (own_width, own_height) = match self {
            Self::Drawing(drawing) => (i64::from(drawing.width), i64::from(drawing.height)),
            Self::Raster(raster) => (i64::from(raster.width), i64::from(raster.height)),
        };
        let length = |value: i64| Length::try_from(value).unwrap_or(Length::MAX).max(1);
        let wide = i64::from(height) * own_width / own_height.max(1);
        if wide <= i64::from(width) {
            return (length(wide), height);
        }
        (width, length(i64::from(width) * own_height / own_width.max(1)))
    }
}

fn refused(message: impl Into<String>) -> StatementError {
    StatementError::field(FIELD, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(svg: &str) -> String {
        Picture::read(svg.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn what_would_not_be_drawn_as_it_was_meant_is_refused_by_name() {
        let svg = |inside: &str| {
            format!(r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10">{inside}</svg>"#)
        };
        let path = r#"<path d="M0 0H10V10Z"/>"#;
        assert!(Picture::read(svg(path).as_bytes()).is_ok());
        assert!(why(&svg("<text>Fjordline</text>")).contains("<text>"));
        assert!(why(&svg(r#"<image href="file:///etc/passwd"/>"#)).contains("<image>"));
        assert!(why(&svg(r#"<path opacity="0.5" d="M0 0H10V10Z"/>"#)).contains("see-through"));
        assert!(why(&svg("<linearGradient id=\"a\"/>")).contains("<linearGradient>"));
        assert!(why(&svg("")).contains("nothing"));
        let deep = "<g>".repeat(50_000) + path + &"</g>".repeat(50_000);
        assert!(why(&svg(&deep)).contains("nested over 32 deep"));
        let part = |n: u32| {
            let twice = format!(r##"<use href="#p{}"/>"##, n - 1).repeat(2);
            format!(r##"<g id="p{n}">{twice}</g>"##)
        };
        let doubling =
            format!(r##"<g id="p0">{path}</g>{}"##, (1..30).map(part).collect::<String>());
        assert!(why(&svg(&doubling)).contains("uses over 8"));
        assert!(why(r#"<!DOCTYPE svg [<!ENTITY a "b">]><svg>&a;</svg>"#).contains("can't be read"));
        assert!(why("GIF89a").contains("neither PNG nor SVG"));
        assert!(why(&"x".repeat(MOST_BYTES + 1)).contains("512 KB"));
    }

    #[test]
    fn a_drawing_keeps_its_shape_in_any_room() {
        let svg = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 30 10">
            <g transform="translate(5 0)"><rect width="10" height="10" fill="#123456"/></g></svg>"##;
        let picture = Picture::read(svg.as_bytes()).unwrap();
        assert_eq!(picture.within(300, 50), (150, 50));
        assert_eq!(picture.within(60, 50), (60, 20));
        let Picture::Drawing(drawing) = picture else { panic!("a drawing") };
        assert_eq!(drawing.shapes[0].colour, [0x12, 0x34, 0x56]);
        let left = drawing.shapes[0].rings[0].iter().map(|corner| corner.x).min();
        assert_eq!((left, drawing.width), (Some(5_000), 30_000));
    }

    #[test]
    fn a_see_through_png_stands_on_white() {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, 2, 1);
        encoder.set_color(png::ColorType::Rgba);
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(&[200, 0, 0, 255, 200, 0, 0, 0]).unwrap();
        drop(writer);
        let Picture::Raster(raster) = Picture::read(&bytes).unwrap() else { panic!("pixels") };
        assert_eq!(raster.pixels, [200, 0, 0, 255, 255, 255]);
        bytes.truncate(40);
        assert!(Picture::read(&bytes).is_err());
    }
}
