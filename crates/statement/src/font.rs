//! The bundled fonts: which characters they hold, how wide text runs, and the subset that a
//! document embeds.

use crate::error::StatementError;
use harfrust::{Buffer, Direction, Feature, Font, ShapeOptions, ShapePlan, ShaperFont, Tag};
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use subsetter::GlyphRemapper;
use unicode_normalization::{UnicodeNormalization, is_nfc};

static REGULAR: &[u8] = include_bytes!("../fonts/SourceSerif4-Regular.ttf");
static SEMIBOLD: &[u8] = include_bytes!("../fonts/SourceSerif4-Semibold.ttf");
static MONO: &[u8] = include_bytes!("../fonts/IBMPlexMono-Regular.ttf");

/// A face of the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Face {
    Regular,
    Semibold,
    Mono,
}

impl Face {
    pub(crate) const ALL: [Face; 3] = [Face::Regular, Face::Semibold, Face::Mono];

    pub(crate) fn index(self) -> usize {
        match self {
            Face::Regular => 0,
            Face::Semibold => 1,
            Face::Mono => 2,
        }
    }

    fn data(self) -> &'static [u8] {
        match self {
            Face::Regular => REGULAR,
            Face::Semibold => SEMIBOLD,
            Face::Mono => MONO,
        }
    }

    /// What pages call it.
    pub(crate) fn resource(self) -> &'static str {
        match self {
            Face::Regular => "Serif",
            Face::Semibold => "SerifSemibold",
            Face::Mono => "Mono",
        }
    }

    /// PostScript name, without the subset's tag.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Face::Regular => "SourceSerif4-Regular",
            Face::Semibold => "SourceSerif4-Semibold",
            Face::Mono => "IBMPlexMono",
        }
    }

    /// What a font descriptor states, in thousandths of an em: ascent, descent, height of capitals,
    /// bounding box, weight of stems, flags.
    pub(crate) fn metrics(self) -> FaceMetrics {
        match self {
            Face::Regular | Face::Semibold => FaceMetrics {
                ascent: 1036,
                descent: -335,
                cap_height: 670,
                bounds: [-461, -335, 2300, 1036],
                stem: if self == Face::Regular { 84 } else { 120 },
                flags: 4 | 2,
            },
            Face::Mono => FaceMetrics {
                ascent: 1025,
                descent: -275,
                cap_height: 698,
                bounds: [-620, -432, 694, 1170],
                stem: 84,
                flags: 4 | 1,
            },
        }
    }
}

/// See [`Face::metrics`].
pub(crate) struct FaceMetrics {
    pub(crate) ascent: i64,
    pub(crate) descent: i64,
    pub(crate) cap_height: i64,
    pub(crate) bounds: [i64; 4],
    pub(crate) stem: i64,
    pub(crate) flags: i64,
}

/// A face, read once per process.
struct Loaded {
    font: Font,
    plan: ShapePlan,
}

/// Ligatures stay off: each glyph then stands for its own letters, so that copying and searching
/// give back what was written.
fn features() -> [Feature; 2] {
    [Feature::new(Tag::new(b"liga"), 0, ..), Feature::new(Tag::new(b"clig"), 0, ..)]
}

fn loaded(face: Face) -> Result<&'static Loaded, StatementError> {
    static FACES: OnceLock<Option<[Loaded; 3]>> = OnceLock::new();
    let faces = FACES.get_or_init(|| {
        let load = |face: Face| {
            let font = Font::new(face.data(), 0)?;
            let shaper = ShaperFont::new(&font);
            let script = harfrust::Script::from_iso15924_tag(Tag::new(b"Latn"));
            let plan = ShapePlan::new(&shaper, Direction::LeftToRight, script, None, &features());
            Some(Loaded { font, plan })
        };
        Some([load(Face::Regular)?, load(Face::Semibold)?, load(Face::Mono)?])
    });
    faces
        .as_ref()
        .map(|faces| &faces[face.index()])
        .ok_or_else(|| StatementError::Internal("a bundled font can't be read".into()))
}

/// A text as it is set: letters composed with their marks (NFC), as the fonts hold them, and without what
/// nobody sees. What sets text and what looks whether it is on the pages both go by this.
pub(crate) fn as_set(text: &str) -> Cow<'_, str> {
    if is_nfc(text) && !text.contains(is_unseen) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().filter(|letter| !is_unseen(*letter)).nfc().collect())
}

/// What has no shape of its own (Unicode's Default_Ignorable_Code_Point): soft hyphens, joiners, selectors
/// of a variant. Not what turns the order of letters around: with it a name would say something else, so
/// it is refused as a character that the fonts do not hold.
fn is_unseen(letter: char) -> bool {
    matches!(letter,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2065}'
        | '\u{206a}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// Whether the serif faces, which set everything but fingerprints, hold this character.
pub(crate) fn covers(character: char) -> Result<bool, StatementError> {
    let code = u32::from(character);
    for face in [Face::Regular, Face::Semibold] {
        if ShaperFont::new(&loaded(face)?.font).nominal_glyph(code).is_none() {
            return Ok(false);
        }
    }
    Ok(!character.is_control())
}

/// The number of the glyph that shows this character in the regular face.
pub(crate) fn glyph_of(character: char) -> Option<u32> {
    let font = &loaded(Face::Regular).ok()?.font;
    ShaperFont::new(font).nominal_glyph(u32::from(character)).map(|glyph| glyph.to_u32())
}

/// A glyph as it is set: its number in the subset, how far the pen moves (thousandths of an em)
/// and the glyph's own width (what the PDF's font dictionary says).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Glyph {
    pub(crate) id: u16,
    pub(crate) advance: i32,
    pub(crate) width: i32,
}

/// A shaped word.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    pub(crate) glyphs: Arc<[Glyph]>,
    /// Thousandths of an em.
    pub(crate) width: i32,
}

/// What one document uses of a face. Kept per document: a subset shared by a batch would make a
/// document's bytes depend on other customers, and leak their letters.
struct Used {
    remapper: GlyphRemapper,
    /// By the subset's glyph number: width and the text that it stands for.
    glyphs: Vec<(i32, String)>,
    runs: HashMap<String, Run>,
}

/// All faces as one document uses them.
pub(crate) struct Fonts {
    used: [Used; 3],
}

impl Fonts {
    pub(crate) fn new() -> Self {
        let used = || Used {
            remapper: GlyphRemapper::new(),
            glyphs: vec![(0, String::new())],
            runs: HashMap::new(),
        };
        Self { used: [used(), used(), used()] }
    }

    /// Shapes a piece of text, with kerning.
    pub(crate) fn shape(&mut self, face: Face, text: &str) -> Result<Run, StatementError> {
        let text = as_set(text);
        let text = text.as_ref();
        let used = &mut self.used[face.index()];
        if let Some(run) = used.runs.get(text) {
            return Ok(run.clone());
        }
        let run = used.shape(face, text)?;
        used.runs.insert(text.to_owned(), run.clone());
        Ok(run)
    }

    /// Whether the document sets anything in this face.
    pub(crate) fn is_used(&self, face: Face) -> bool {
        self.used[face.index()].glyphs.len() > 1
    }

    /// The subset as a TrueType file.
    pub(crate) fn subset(&self, face: Face) -> Result<Vec<u8>, StatementError> {
        subsetter::subset(face.data(), 0, &self.used[face.index()].remapper)
            .map_err(|error| StatementError::Internal(format!("{}: {error}", face.name())))
    }

    /// By the subset's glyph number: width in thousandths of an em, and the text it stands for.
    pub(crate) fn glyphs(&self, face: Face) -> &[(i32, String)] {
        &self.used[face.index()].glyphs
    }
}

impl Used {
    fn shape(&mut self, face: Face, text: &str) -> Result<Run, StatementError> {
        let loaded = loaded(face)?;
        let shaper = ShaperFont::new(&loaded.font);
        let mut buffer = Buffer::new();
        buffer.push_str(text);
        buffer.set_direction(Direction::LeftToRight);
        buffer.set_script(harfrust::Script::from_iso15924_tag(Tag::new(b"Latn")));
        let options = ShapeOptions::new().plan(Some(&loaded.plan));
        let features = features();
        harfrust::shape(&shaper, &mut buffer, options.features(&features))
            .map_err(|error| StatementError::Internal(format!("shaping {text:?}: {error:?}")))?;
        let (infos, positions) = (buffer.glyph_infos(), buffer.glyph_positions());
        let mut glyphs = Vec::with_capacity(infos.len());
        let mut total = 0;
        for (at, (info, position)) in infos.iter().zip(positions).enumerate() {
            let start = usize::try_from(info.cluster).unwrap_or(0);
            let end = infos
                .get(at + 1)
                .map_or(text.len(), |next| usize::try_from(next.cluster).unwrap_or(text.len()));
            let part = text.get(start..end).unwrap_or_default();
            let missing = info.glyph_id == 0 || position.x_offset != 0 || position.y_offset != 0;
            if missing || part.is_empty() {
                let character = text[start..].chars().next().unwrap_or('\u{fffd}');
                return Err(StatementError::Character { field: format!("{text:?}"), character });
            }
            let old = u16::try_from(info.glyph_id).unwrap_or(0);
            let width = shaper.glyph_h_advance(info.glyph_id.into());
            let id = self.remapper.remap(old);
            if usize::from(id) == self.glyphs.len() {
                self.glyphs.push((width, part.to_owned()));
            }
            total += position.x_advance;
            glyphs.push(Glyph { id, advance: position.x_advance, width });
        }
        Ok(Run { glyphs: glyphs.into(), width: total })
    }
}
