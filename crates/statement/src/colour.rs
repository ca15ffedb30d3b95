//! Colours of a letterhead: refused where they could not be read on paper. Contrast is that of
//! WCAG 2, reckoned in whole numbers.

use crate::document::Colour;
use crate::error::StatementError;

/// What text needs on white, in hundredths: 4.5 to 1.
pub(crate) const TEXT: u64 = 450;
/// What rules need.
pub(crate) const RULE: u64 = 300;

/// The luminance of a channel of sRGB, in millionths: `((c / 255 + 0.055) / 1.055) ^ 2.4`, and
/// `c / 255 / 12.92` for the darkest. Written down every 16 steps and drawn straight between, which
/// lies above the curve: contrast is never overstated.
const LUMINANCE: [u64; 17] = [
    0, 5_182, 14_444, 29_557, 51_269, 80_220, 116_971, 162_029, 215_861, 278_894, 351_533, 434_154,
    527_115, 630_757, 745_404, 871_367, 1_008_944,
];

fn channel(value: u8) -> u64 {
    let (step, rest) = (usize::from(value / 16), u64::from(value % 16));
    let (low, high) = (LUMINANCE[step], LUMINANCE[step + 1]);
    low + ((high - low) * rest).div_ceil(16)
}

/// Contrast of a colour on white, in hundredths, cut off.
pub(crate) fn contrast_on_white(colour: Colour) -> u64 {
    let [red, green, blue] = colour.0.map(channel);
    let luminance = (red * 2_126 + green * 7_152 + blue * 722).div_ceil(10_000);
    105_000_000 / (luminance.min(1_000_000) + 50_000)
}

/// Refuses a colour that has less contrast on white than `needed` (hundredths).
pub(crate) fn check(field: &str, colour: Colour, needed: u64) -> Result<(), StatementError> {
    let have = contrast_on_white(colour);
    if have >= needed {
        return Ok(());
    }
    let ratio = |value: u64| format!("{}.{:02}", value / 100, value % 100);
    let [red, green, blue] = colour.0;
    Err(StatementError::field(
        field,
        format!(
            "#{red:02x}{green:02x}{blue:02x} has a contrast of {} to 1 on white and needs {}; choose a darker colour",
            ratio(have),
            ratio(needed)
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrast_is_that_of_wcag_and_never_overstated() {
        let of = |hex: &str| contrast_on_white(Colour::parse(hex).unwrap());
        // By WCAG: 21, 1, 4.54 (#767676), 4.48 (#777777), 3.998 (#ff0000), 8.59 (#0000ff).
        assert_eq!((of("#000000"), of("#ffffff")), (2100, 100));
        assert!((440..=454).contains(&of("#767676")), "{}", of("#767676"));
        assert!((390..=399).contains(&of("#ff0000")), "{}", of("#ff0000"));
        assert!((845..=859).contains(&of("#0000ff")), "{}", of("#0000ff"));
        let error = check("legal_entity.colours.heading", Colour([255, 204, 0]), TEXT).unwrap_err();
        let text = error.to_string();
        assert!(
            text.starts_with("legal_entity.colours.heading: #ffcc00 has a contrast of 1."),
            "{text}"
        );
    }
}
