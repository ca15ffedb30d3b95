//! Words of closed lists, as they are stored and written on every seam.

/// Gives each type `as_str` and `parse`.
macro_rules! words {
    ($($type:ident { $($variant:ident = $text:literal),* $(,)? })*) => {$(
        impl $type {
            /// As it is stored and written on every seam.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
            /// Reads what [`Self::as_str`] wrote.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)* _ => None }
            }
        }
    )*};
}
pub(crate) use words;
