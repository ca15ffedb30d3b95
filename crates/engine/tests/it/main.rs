//! What the engine promises.

mod cases;
