//! What must be true of the whole: the proofs stand in `tests/it`.
