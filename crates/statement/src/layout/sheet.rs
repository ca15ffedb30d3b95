//! A sheet of paper: the design stands on either size, in the middle, and ends higher on the
//! shorter one.

use super::canvas::{Length, px};
use crate::document::Paper;

/// Width of the design: that of A4.
const DESIGN: Length = 595_276;

/// A sheet, and where on it the design stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sheet {
    pub(crate) width: Length,
    pub(crate) height: Length,
    /// How far to the right the design moves.
    pub(crate) shift: Length,
}

impl Sheet {
    pub(crate) fn of(paper: Paper) -> Self {
        let (width, height) = match paper {
            Paper::A4 => (DESIGN, 841_890),
            Paper::Letter => (612_000, 792_000),
        };
        Self { width, height, shift: (width - DESIGN) / 2 }
    }

    /// Where the rule above a foot of this many legal lines lies.
    pub(crate) fn foot(self, legal: usize) -> Length {
        let more = i32::try_from(legal.saturating_sub(1)).unwrap_or(0);
        self.height - px(73) + 360 - px(16) * more
    }
}
