//! Byte strings of bounded length.

use crate::limits::{MaxAddress, MaxName};
use bounded_collections::{BoundedVec, ConstU32};

/// A Paillier modulus, big-endian without leading zeros; of 2048 or 3072 bits.
pub type Modulus = BoundedVec<u8, ConstU32<384>>;
/// A number modulo the square of a [`Modulus`], big-endian in twice its length.
pub type Number = BoundedVec<u8, ConstU32<768>>;
/// A name or label, UTF-8.
pub type Name = BoundedVec<u8, MaxName>;
/// A libp2p multiaddress without the peer's id, as text: `/ip4/127.0.0.1/tcp/4001`.
pub type Address = BoundedVec<u8, MaxAddress>;
/// A message sealed by HPKE: 32 bytes of encapsulated key, then ciphertext and tag.
pub type Sealed = BoundedVec<u8, ConstU32<256>>;
