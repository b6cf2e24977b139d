//! Limits of columns and rows.

/// The maximal number of digits after the decimal point in a column.
pub const MAX_DECIMALS: u8 = 15;

/// The maximal width of a column, in bits.
pub const MAX_BITS: u8 = 62;

/// The longest row of a CSV file, in bytes. A quote that is never closed would otherwise take the rest of the file into
/// memory.
pub(crate) const MAX_ROW: usize = 16 << 20;
