//! Names as they are looked for and put in order: SQLite knows the case of ASCII letters alone.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Lower case, without marks: `osterreichische post ag` for `Österreichische Post AG`. Whoever looks for
/// it may write either.
pub(crate) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let letters = text.nfkd().filter(|letter| !is_combining_mark(*letter));
    for letter in letters.flat_map(char::to_lowercase) {
        match letter {
            // Letters of their own, which nothing takes apart.
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'þ' => folded.push_str("th"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' | 'ð' => folded.push('d'),
            'ı' => folded.push('i'),
            _ => folded.push(letter),
        }
    }
    folded
}
