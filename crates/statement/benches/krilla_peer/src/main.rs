//! The pages of `peers.py` by krilla: text at its place, fonts embedded as subsets of each document.

use krilla::Document;
use krilla::color::rgb;
use krilla::geom::Point;
use krilla::page::PageSettings;
use krilla::paint::Fill;
use krilla::text::{Font, TextDirection};
use std::collections::HashMap;

/// How long a round lasts at least, in hundredths of a second of the processor.
const ROUND: u64 = 200;

#[derive(serde::Deserialize)]
struct Page {
    width: f32,
    height: f32,
    texts: Vec<(String, f32, f32, f32, String, String)>,
}

/// Hundredths of a second that this process has kept a processor busy.
fn busy() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("/proc");
    let fields = stat.rsplit(')').next().expect("fields").split_whitespace();
    fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum()
}

fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("/proc");
    let line = status.lines().find(|line| line.starts_with("VmHWM")).expect("a peak");
    line.split_whitespace().nth(1).and_then(|kb| kb.parse().ok()).expect("KB")
}

fn colour(text: &str) -> rgb::Color {
    let part = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).unwrap_or(0);
    rgb::Color::new(part(1), part(3), part(5))
}

fn draw(pages: &[Page], fonts: &HashMap<&str, Font>, number: &str) -> usize {
    let mut document = Document::new();
    for page in pages {
        let settings = PageSettings::from_wh(page.width, page.height).expect("a size");
        let mut drawn = document.start_page_with(settings);
        let mut surface = drawn.surface();
        for (face, size, x, y, ink, said) in &page.texts {
            surface.set_fill(Some(Fill { paint: colour(ink).into(), ..Fill::default() }));
            let said = said.replace("ST-2026-10-0000", number);
            let at = Point::from_xy(*x, page.height - y);
            let font = fonts[face.as_str()].clone();
            surface.draw_text(at, font, *size, &said, false, TextDirection::Auto);
        }
        surface.finish();
        drawn.finish();
    }
    document.finish().expect("a document").len()
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [listed, folder, ..] = arguments.as_slice() else { panic!("pages and fonts") };
    let pages: Vec<Page> =
        serde_json::from_slice(&std::fs::read(listed).expect("pages")).expect("pages");
    let load = |file: &str| {
        let bytes = std::fs::read(format!("{folder}/{file}.ttf")).expect("a font");
        Font::new(bytes.into(), 0).expect("a font")
    };
    let fonts = HashMap::from([
        ("serif", load("SourceSerif4-Regular")),
        ("semibold", load("SourceSerif4-Semibold")),
        ("mono", load("IBMPlexMono-Regular")),
    ]);
    let mut next = 0;
    for _ in 0..5 {
        let (began, first) = (busy(), next);
        let mut bytes = 0;
        while busy() - began < ROUND {
            for _ in 0..20 {
                bytes += draw(&pages, &fonts, &format!("ST-2026-10-{next:04}"));
                next += 1;
            }
        }
        println!("rendered {} {} {}", next - first, busy() - began, bytes / (next - first));
    }
    println!("peak {}", peak());
}
