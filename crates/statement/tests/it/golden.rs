//! Golden images of representative pages: what `pdftoppm` makes of them at 60 dpi, in sixteen greys.
//! They were looked at when they were made; `MAKEGOOD_GOLDEN=write` makes them anew, to be looked at
//! again.

use crate::samples::folder;
use crate::{layout, letterhead, northwind, notice, pages, periods};
use makegood_statement::{Document, Language, render, write_whole};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Pictures are compared in squares of so many pixels, a tenth of an inch.
const SQUARE: usize = 6;
/// A square's mean grey may differ by so much of 255 at most…
const MOST: u32 = 40;
/// …and by more than this in no more than two squares of a hundred. The same page drawn by another
/// raster (at 240 dpi, averaged) differs by up to 31, and by more than 16 in 1.1 of a hundred; moved
/// by a single pixel, it does so in 5.5 of a hundred.
const MUCH: u32 = 16;

/// A picture in grey, a row after the other.
struct Grey {
    width: usize,
    pixels: Vec<u8>,
}

impl Grey {
    fn read(path: &Path) -> Self {
        let file = std::fs::File::open(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let mut decoder = png::Decoder::new(std::io::BufReader::new(file));
        decoder.set_transformations(png::Transformations::EXPAND);
        let mut reader = decoder.read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let frame = reader.next_frame(&mut pixels).unwrap();
        pixels.truncate(frame.buffer_size());
        // pdftoppm writes its greys in three equal colours.
        let pixels = pixels.into_iter().step_by(frame.color_type.samples()).collect();
        Self { width: usize::try_from(frame.width).unwrap(), pixels }
    }

    /// Writes it in sixteen greys.
    fn write(&self, path: &Path) {
        let file = std::fs::File::create(path).unwrap();
        let height = self.pixels.len() / self.width;
        let mut encoder = png::Encoder::new(
            std::io::BufWriter::new(file),
            u32::try_from(self.width).unwrap(),
            u32::try_from(height).unwrap(),
        );
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::Four);
        encoder.set_compression(png::Compression::High);
        let four = |pixel: Option<&u8>| pixel.map_or(0, |pixel| (u16::from(*pixel) + 8) / 17);
        let pack = |row: &[u8]| -> Vec<u8> {
            let pair = |two: &[u8]| four(two.first()) << 4 | four(two.get(1));
            row.chunks(2).map(|two| u8::try_from(pair(two)).unwrap()).collect()
        };
        let data: Vec<u8> = self.pixels.chunks(self.width).flat_map(pack).collect();
        encoder.write_header().unwrap().write_image_data(&data).unwrap();
    }

    /// The mean of each square.
    fn squares(&self) -> Vec<u32> {
        let across = self.width.div_ceil(SQUARE);
        let down = (self.pixels.len() / self.width).div_ceil(SQUARE);
        let mut sums = vec![(0, 0); across * down];
        for (at, pixel) in self.pixels.iter().enumerate() {
            let square = at / self.width / SQUARE * across + at % self.width / SQUARE;
            sums[square].0 += u32::from(*pixel);
            sums[square].1 += 1;
        }
        sums.into_iter().map(|(sum, count)| sum / count).collect()
    }

    /// What speaks against this being the same picture.
    fn differs(&self, other: &Self) -> Option<String> {
        let (own, others) = (self.squares(), other.squares());
        if self.width != other.width || own.len() != others.len() {
            return Some("it has another size".into());
        }
        let differences: Vec<u32> =
            own.iter().zip(&others).map(|(one, two)| one.abs_diff(*two)).collect();
        let most = differences.iter().copied().max().unwrap_or(0);
        let many = differences.iter().filter(|one| **one > MUCH).count();
        let wrong = most > MOST || many * 50 > differences.len();
        wrong.then(|| format!("a square differs by {most}, {many} of {} by much", own.len()))
    }
}

/// Draws a page of a document.
fn page(name: &str, document: &Document, page: usize) -> Grey {
    let pdf = folder().join(format!("golden-{name}.bin"));
    write_whole(&pdf, &render(document).unwrap().bytes).unwrap();
    let (picture, number) = (folder().join(format!("golden-{name}-{page}")), page.to_string());
    let drawn = Command::new("pdftoppm")
        .args(["-r", "60", "-gray", "-png", "-singlefile", "-f", &number, "-l", &number])
        .args([&pdf, &picture])
        .status()
        .expect("pdftoppm");
    assert!(drawn.success());
    Grey::read(&picture.with_extension("png"))
}

fn golden(name: &str, page: usize) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    folder.join(format!("{name}-{page}.png"))
}

/// Name, document, pages.
fn representative() -> Vec<(&'static str, Document, &'static [usize])> {
    vec![
        ("month", northwind::document(), &[1, 2, 3]),
        ("german", pages::german(), &[1]),
        ("parts", pages::of_parts(Language::De), &[1]),
        ("quarter", periods::quarter(), &[1]),
        ("group", periods::group(), &[1]),
        ("letter", letterhead::letter(), &[1]),
        ("pixels", letterhead::pixels(), &[1]),
        ("notice", notice::adjustment(), &[1]),
        ("many-outages", layout::many_outages(), &[1]),
        ("unknown", layout::unknown_as_downtime(), &[1]),
    ]
}

#[test]
fn representative_pages_look_as_they_did_when_somebody_looked_at_them() {
    let write = std::env::var("MAKEGOOD_GOLDEN").is_ok_and(|value| value == "write");
    let mut wrong = Vec::new();
    for (name, document, pages) in representative() {
        for number in pages {
            let (drawn, path) = (page(name, &document, *number), golden(name, *number));
            if write {
                drawn.write(&path);
            }
            let found = drawn.differs(&Grey::read(&path));
            wrong.extend(found.map(|found| format!("{name}, page {number}: {found}")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_page_without_its_time_line_or_a_pixel_further_down_does_not_pass() {
    let document = northwind::document();
    let whole = page("control", &document, 1);
    assert_eq!(whole.differs(&whole), None);
    let mut bare = document.clone();
    bare.contracts[0].lines[0].credit = makegood_statement::CreditState::None;
    assert!(page("control-bare", &bare, 1).differs(&whole).is_some());
    let mut moved = vec![255; whole.width];
    moved.extend(&whole.pixels[..whole.pixels.len() - whole.width]);
    assert!(Grey { width: whole.width, pixels: moved }.differs(&whole).is_some());
}
