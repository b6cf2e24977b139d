//! The EncryTrust node.
fn main() {}
