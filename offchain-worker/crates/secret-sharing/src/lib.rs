//! Secret sharing: plaintexts split into segments of which any number short of all says nothing, and masks between those
//! who provide them.

pub mod additive;
pub mod masks;
