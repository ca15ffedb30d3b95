//! PNG as pixels on white: no page needs to be see-through for it.

use super::{Raster, refused};
use crate::error::StatementError;
use png::{ColorType, Decoder, Limits, Transformations};
use std::io::Cursor;

/// The longest side, in pixels: at the size of a letterhead, 600 dpi.
const MOST_PIXELS: u32 = 1_600;

pub(super) fn read(bytes: &[u8]) -> Result<Raster, StatementError> {
    let broken =
        |error: png::DecodingError| refused(format!("is a PNG that can't be read: {error}"));
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), Limits { bytes: 64 << 20 });
    decoder.set_transformations(Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(broken)?;
    let (width, height) = reader.info().size();
    if width > MOST_PIXELS || height > MOST_PIXELS {
        return Err(refused(format!("has a side over {MOST_PIXELS} pixels; make it smaller")));
    }
    let size = reader.output_buffer_size().ok_or_else(|| refused("is too large"))?;
    let mut buffer = vec![0; size];
    let frame = reader.next_frame(&mut buffer).map_err(broken)?;
    let data = &buffer[..frame.buffer_size()];
    let mut pixels = Vec::new();
    let (step, grey, see_through) = match frame.color_type {
        ColorType::Grayscale => (1, true, false),
        ColorType::GrayscaleAlpha => (2, true, true),
        ColorType::Rgb => (3, false, false),
        ColorType::Rgba => (4, false, true),
        ColorType::Indexed => return Err(refused("is a PNG whose palette was not resolved")),
    };
    for pixel in data.chunks_exact(step) {
        let alpha = if see_through { u32::from(pixel[step - 1]) } else { 255 };
        for channel in 0..3 {
            let value = u32::from(pixel[if grey { 0 } else { channel }]);
            let on_white = (value * alpha + 255 * (255 - alpha) + 127) / 255;
            pixels.push(u8::try_from(on_white).unwrap_or(255));
        }
    }
    Ok(Raster { width, height, pixels })
}
