//! The keys that the data providers of a job agree on masks with.

use crate::limits::MaxDataProviders;
use bounded_collections::BoundedVec;

/// An X25519 public key (RFC 7748) that a data provider has drawn for one job, and posts with its confirmation.
pub type MaskKey = [u8; 32];

/// The mask keys of a job's data providers, in the contract's order; none of those that have not confirmed.
pub type MaskKeyList = BoundedVec<Option<MaskKey>, MaxDataProviders>;
