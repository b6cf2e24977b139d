//! Secret sharing: plaintexts split into segments of which any number short of all says nothing.

pub mod additive;
