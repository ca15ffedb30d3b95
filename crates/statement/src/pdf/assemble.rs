//! From drawn pages to a whole file: fonts, metadata, structure, attachments and the empty field
//! that the seal goes into. `printpdf` draws the pages; the file around them is written here, in
//! the one form that the verifier reads in one way only.

use super::{Dict, Id, Value, Writer, drawing, ints, name, text, xmp};
use crate::error::StatementError;
use crate::font::{Face, Fonts};
use crate::layout::canvas::Canvas;
use crate::layout::sheet::Sheet;
use crate::logo::Raster;
use crate::seal::FileLayout;
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

static SRGB: &[u8] = include_bytes!("../../assets/srgb.icc");

/// A file inside the document.
pub(crate) struct Attachment {
    pub(crate) file_name: String,
    pub(crate) description: String,
    pub(crate) data: Vec<u8>,
    /// What it is to the document: `Data`, of which the pages are a view, or `Supplement`.
    pub(crate) relationship: &'static str,
}

/// What the file says about itself.
pub(crate) struct About<'a> {
    pub(crate) title: &'a str,
    pub(crate) author: &'a str,
    pub(crate) language: &'a str,
    pub(crate) issued_at: DateTime<Utc>,
    /// What a screen reader says about the field of the seal.
    pub(crate) seal_words: &'a str,
}

/// Name of the signature field.
pub(crate) const SEAL_FIELD: &str = "Seal";

/// Assembles the file.
pub(crate) fn assemble(
    mut canvas: Canvas,
    about: &About<'_>,
    attachments: &[Attachment],
) -> Result<(Vec<u8>, FileLayout), StatementError> {
    canvas.finish();
    let sheet = canvas.sheet;
    let mut writer = Writer::new();
    let catalog = writer.reserve();
    let info = writer.add(information(about));
    let pages_id = writer.reserve();
    let page_ids: Vec<Id> = canvas.pages.iter().map(|_| writer.reserve()).collect();
    let widget = writer.reserve();
    let resources = write_resources(&mut writer, &canvas)?;
    let drawn = canvas.pages.iter_mut().map(|page| std::mem::take(&mut page.ops)).collect();
    for (at, (content, id)) in drawing::contents(sheet, drawn)?.iter().zip(&page_ids).enumerate() {
        let content = writer.add_stream(Dict::default(), content);
        let mut dict = Dict::new("Page")
            .with("Parent", Value::Ref(pages_id))
            .with("MediaBox", media_box(sheet))
            .with("Resources", Value::Ref(resources))
            .with("Contents", Value::Ref(content))
            .with("StructParents", count(at))
            .with("Tabs", name("S"));
        if at == 0 {
            dict = dict.with("Annots", vec![Value::Ref(widget)]);
        }
        writer.set(*id, &dict.into());
    }
    let kids: Vec<Value> = page_ids.iter().map(|id| Value::Ref(*id)).collect();
    let pages = Dict::new("Pages").with("Count", count(kids.len())).with("Kids", kids);
    writer.set(pages_id, &pages.into());

    let element = canvas.tree.widget(0, widget, about.seal_words);
    writer.set(widget, &seal_field(page_ids[0], page_ids.len(), about.seal_words).into());
    let marked: Vec<&[usize]> = canvas.pages.iter().map(|page| page.marked.as_slice()).collect();
    let structure = canvas.tree.write(&mut writer, &page_ids, &marked, element);
    let files = write_attachments(&mut writer, about, attachments);
    let metadata = write_metadata(&mut writer, about);
    let form = Dict::default()
        .with("Fields", vec![Value::Ref(widget)])
        .with("SigFlags", 3)
        .with("DR", Value::Dict(Dict::default()));
    let root = Dict::new("Catalog")
        .with("Version", name("1.7"))
        .with("Pages", Value::Ref(pages_id))
        .with("Lang", text(about.language))
        .with("MarkInfo", Dict::default().with("Marked", true))
        .with("StructTreeRoot", Value::Ref(structure))
        .with("Metadata", Value::Ref(metadata))
        .with("OutputIntents", vec![output_intent(&mut writer).into()])
        .with("ViewerPreferences", Dict::default().with("DisplayDocTitle", true))
        .with("AcroForm", form)
        .with("AF", files.iter().map(|(_, id)| Value::Ref(*id)).collect::<Vec<_>>())
        .with("Names", Dict::default().with("EmbeddedFiles", name_tree(&files)));
    writer.set(catalog, &root.into());
    let (bytes, end) = writer.finish(catalog, info);
    let layout = FileLayout {
        root: catalog,
        info,
        size: end.size,
        xref: end.xref,
        identifier: end.identifier,
        widget,
        first_page: page_ids[0],
        struct_parent: page_ids.len(),
        seal_words: about.seal_words.to_owned(),
    };
    Ok((bytes, layout))
}

/// The field that the seal goes into: no picture of its own on the page (the seal's words stand in
/// the verification box), printed, locked.
pub(crate) fn seal_field(page: Id, struct_parent: usize, words: &str) -> Dict {
    Dict::new("Annot")
        .with("Subtype", name("Widget"))
        .with("FT", name("Sig"))
        .with("T", text(SEAL_FIELD))
        .with("TU", text(words))
        .with("F", 132)
        .with("Rect", ints(&[0, 0, 0, 0]))
        .with("P", Value::Ref(page))
        .with("StructParent", count(struct_parent))
}

fn media_box(sheet: Sheet) -> Value {
    let real = |value| Value::Real(super::points(value));
    Value::Array(vec![Value::Int(0), Value::Int(0), real(sheet.width), real(sheet.height)])
}

fn information(about: &About<'_>) -> Dict {
    let date = text(&pdf_date(about.issued_at));
    Dict::default()
        .with("Title", text(about.title))
        .with("Author", text(about.author))
        .with("Creator", text("Makegood"))
        .with("Producer", text("Makegood"))
        .with("CreationDate", date.clone())
        .with("ModDate", date)
}

/// An instant as PDF writes it: `D:20261109081500Z`.
pub(crate) fn pdf_date(at: DateTime<Utc>) -> String {
    at.format("D:%Y%m%d%H%M%SZ").to_string()
}

fn write_metadata(writer: &mut Writer, about: &About<'_>) -> Id {
    let packet = xmp::packet(&xmp::Metadata {
        title: about.title,
        author: about.author,
        language: about.language,
        issued_at: about.issued_at,
    });
    // PDF/A wants this one readable without decompression.
    writer.add_raw_stream(Dict::new("Metadata").with("Subtype", name("XML")), &packet)
}

fn output_intent(writer: &mut Writer) -> Dict {
    let profile = writer.add_stream(Dict::default().with("N", 3), SRGB);
    Dict::new("OutputIntent")
        .with("S", name("GTS_PDFA1"))
        .with("OutputConditionIdentifier", text("sRGB"))
        .with("Info", text("sRGB IEC61966-2.1"))
        .with("DestOutputProfile", Value::Ref(profile))
}

fn write_attachments(
    writer: &mut Writer,
    about: &About<'_>,
    attachments: &[Attachment],
) -> Vec<(String, Id)> {
    let date = text(&pdf_date(about.issued_at));
    let mut files: Vec<(String, Id)> = Vec::new();
    for attachment in attachments {
        let params = Dict::default()
            .with("Size", count(attachment.data.len()))
            .with("CreationDate", date.clone())
            .with("ModDate", date.clone());
        let dict = Dict::new("EmbeddedFile")
            .with("Subtype", name("application/json"))
            .with("Params", params);
        let stream = Value::Ref(writer.add_stream(dict, &attachment.data));
        let file = Dict::new("Filespec")
            .with("F", text(&attachment.file_name))
            .with("UF", text(&attachment.file_name))
            .with("Desc", text(&attachment.description))
            .with("AFRelationship", name(attachment.relationship))
            .with("EF", Dict::default().with("F", stream.clone()).with("UF", stream));
        files.push((attachment.file_name.clone(), writer.add(file)));
    }
    files
}

/// Name trees are sorted by name.
fn name_tree(files: &[(String, Id)]) -> Dict {
    let mut sorted: Vec<&(String, Id)> = files.iter().collect();
    sorted.sort();
    let names = sorted.iter().flat_map(|(file, id)| [text(file), Value::Ref(*id)]);
    Dict::default().with("Names", names.collect::<Vec<_>>())
}

fn write_resources(writer: &mut Writer, canvas: &Canvas) -> Result<Id, StatementError> {
    let fonts = write_fonts(writer, &canvas.fonts)?;
    let mut resources = Dict::default().with("Font", fonts);
    if let Some(raster) = &canvas.raster {
        let logo = write_raster(writer, raster);
        let pictures = Dict::default().with(drawing::LOGO, Value::Ref(logo));
        resources = resources.with("XObject", pictures);
    }
    Ok(writer.add(resources))
}

fn write_raster(writer: &mut Writer, raster: &Raster) -> Id {
    let dict = Dict::new("XObject")
        .with("Subtype", name("Image"))
        .with("Width", i64::from(raster.width))
        .with("Height", i64::from(raster.height))
        .with("ColorSpace", name("DeviceRGB"))
        .with("BitsPerComponent", 8);
    writer.add_stream(dict, &raster.pixels)
}

fn write_fonts(writer: &mut Writer, fonts: &Fonts) -> Result<Dict, StatementError> {
    let mut dict = Dict::default();
    for face in Face::ALL {
        if fonts.is_used(face) {
            let id = write_font(writer, fonts, face)?;
            dict = dict.with(face.resource(), Value::Ref(id));
        }
    }
    Ok(dict)
}

fn write_font(writer: &mut Writer, fonts: &Fonts, face: Face) -> Result<Id, StatementError> {
    let subset = fonts.subset(face)?;
    let full_name = format!("{}+{}", subset_tag(&subset), face.name());
    let metrics = face.metrics();
    let length = Dict::default().with("Length1", count(subset.len()));
    let file = writer.add_stream(length, &subset);
    let descriptor = writer.add(
        Dict::new("FontDescriptor")
            .with("FontName", name(&full_name))
            .with("Flags", metrics.flags)
            .with("FontBBox", ints(&metrics.bounds))
            .with("ItalicAngle", 0)
            .with("Ascent", metrics.ascent)
            .with("Descent", metrics.descent)
            .with("CapHeight", metrics.cap_height)
            .with("StemV", metrics.stem)
            .with("FontFile2", Value::Ref(file)),
    );
    let widths = fonts.glyphs(face).iter().map(|(width, _)| Value::Int(i64::from(*width)));
    let descendant = writer.add(
        Dict::new("Font")
            .with("Subtype", name("CIDFontType2"))
            .with("BaseFont", name(&full_name))
            .with(
                "CIDSystemInfo",
                Dict::default()
                    .with("Registry", text("Adobe"))
                    .with("Ordering", text("Identity"))
                    .with("Supplement", 0),
            )
            .with("FontDescriptor", Value::Ref(descriptor))
            .with("CIDToGIDMap", name("Identity"))
            .with("W", vec![Value::Int(0), Value::Array(widths.collect())]),
    );
    let unicode = writer.add_stream(Dict::default(), to_unicode(fonts.glyphs(face)).as_bytes());
    Ok(writer.add(
        Dict::new("Font")
            .with("Subtype", name("Type0"))
            .with("BaseFont", name(&full_name))
            .with("Encoding", name("Identity-H"))
            .with("DescendantFonts", vec![Value::Ref(descendant)])
            .with("ToUnicode", Value::Ref(unicode)),
    ))
}

/// Six letters that name a subset, made of its bytes.
fn subset_tag(subset: &[u8]) -> String {
    Sha256::digest(subset).iter().take(6).map(|byte| char::from(b'A' + byte % 26)).collect()
}

fn to_unicode(glyphs: &[(i32, String)]) -> String {
    let mut map = String::from(
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n\
         /CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n\
         /CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n\
         1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n",
    );
    let entries: Vec<_> = glyphs.iter().enumerate().skip(1).collect();
    for part in entries.chunks(100) {
        let _ = writeln!(map, "{} beginbfchar", part.len());
        for (id, (_, letters)) in part {
            let _ = write!(map, "<{id:04X}> <");
            for unit in letters.encode_utf16() {
                let _ = write!(map, "{unit:04X}");
            }
            map.push_str(">\n");
        }
        map.push_str("endbfchar\n");
    }
    map + "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
}

fn count(value: usize) -> Value {
    Value::Int(i64::try_from(value).unwrap_or(i64::MAX))
}
