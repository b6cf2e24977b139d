//! The runtime's types as JSON: accounts in SS58, amounts as decimal strings of the smallest unit, bytes in hex.

use encrytrust_runtime::{AccountId, Balance};
use serde_json::Value;
use sp_core::crypto::Ss58Codec;

pub(crate) fn account(who: &AccountId) -> Value {
	who.to_ss58check().into()
}

pub(crate) fn amount(amount: &Balance) -> Value {
	amount.to_string().into()
}

pub(crate) fn text(bytes: &[u8]) -> Value {
	String::from_utf8_lossy(bytes).into()
}

pub(crate) fn hex(bytes: &[u8]) -> Value {
	sp_core::bytes::to_hex(bytes, false).into()
}
