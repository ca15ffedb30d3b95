//! The pages as pictures, from the very bytes that are sealed.

use crate::error::StatementError;
use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::Pdf;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings, render};

/// A page as a picture.
#[derive(Clone)]
pub struct Preview {
    /// The picture, PNG.
    pub png: Vec<u8>,
    /// How many pages the document has.
    pub pages: usize,
}

impl std::fmt::Debug for Preview {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let length = self.png.len();
        f.debug_struct("Preview").field("png", &length).field("pages", &self.pages).finish()
    }
}

/// Shows a page (the first is 0), `width` pixels wide. Meant for documents made here; other PDFs
/// are shown as well as may be.
///
/// # Errors
/// [`StatementError::Preview`] when the bytes are no PDF, there is no such page, or the width is 0
/// or over 4,096.
pub fn preview(bytes: &[u8], page: usize, width: u16) -> Result<Preview, StatementError> {
    if width == 0 || width > 4096 {
        return Err(StatementError::Preview("ask for a width of 1 to 4,096 pixels".into()));
    }
    let pdf = Pdf::new(bytes.to_vec())
        .map_err(|_| StatementError::Preview("the file is not a PDF".into()))?;
    let pages = pdf.pages();
    let count = pages.len();
    let page = pages.get(page).ok_or_else(|| {
        StatementError::Preview(format!("there is no page {}; it has {count}", page + 1))
    })?;
    let (page_width, page_height) = page.render_dimensions();
    // Pixels of a picture; no figure of a statement passes through here.
    let scale = f32::from(width) / page_width.max(1.0);
    if page_height * scale > 16_384.0 {
        return Err(StatementError::Preview("the page is too long to be shown".into()));
    }
    let size = PixmapSettings { x_scale: scale, y_scale: scale, bg_color: WHITE };
    let settings = (InterpreterSettings::default(), RenderSettings::default());
    let pixmap = render(page, &RenderCache::new(), &settings.0, &settings.1, &size);
    let png = pixmap.into_png().map_err(|error| StatementError::Preview(error.to_string()))?;
    Ok(Preview { png, pages: count })
}
