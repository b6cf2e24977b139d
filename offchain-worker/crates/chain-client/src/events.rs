//! Events, their fields by name.

use crate::{types::ChainConfig, AccountId, Balance, Error};
use std::collections::BTreeMap;
use subxt::{
	events::{EventDetails, Phase},
	ext::scale_value::{Composite, Primitive, Value, ValueDef},
};

/// The pallets whose events have ids in them.
const PALLETS: [&str; 3] = ["Bmpc", "IdentityKeys", "Bonds"];
/// The fields that are ids.
const ID_FIELDS: [&str; 6] = ["job_id", "dataset_id", "template_id", "key_id", "old_key_id", "new_key_id"];

/// An event.
#[derive(Clone, Debug)]
pub struct Event {
	/// The pallet's name.
	pub pallet: String,
	/// The event's name.
	pub name: String,
	/// The index of the extrinsic that emitted it, if one did.
	pub extrinsic: Option<u32>,
	fields: BTreeMap<String, Value<u32>>,
	/// All fields, SCALE-encoded.
	encoded: Vec<u8>,
}

impl Event {
	/// Whether it is `pallet.name`.
	pub fn is(&self, pallet: &str, name: &str) -> bool {
		self.pallet == pallet && self.name == name
	}

	/// Name and ids, if it is an event of this chain's own pallets: `Requested job_id=3`.
	pub(crate) fn ids(&self) -> Option<String> {
		if !PALLETS.contains(&&*self.pallet) {
			return None;
		}
		let ids = ID_FIELDS.iter().filter_map(|name| Some(format!(" {name}={}", self.number(name)?)));
		Some(format!("{}{}", self.name, ids.collect::<String>()))
	}

	/// A field with a number.
	pub fn number(&self, field: &str) -> Option<Balance> {
		self.fields.get(field)?.as_u128()
	}

	/// The encoded error, if the event tells that its extrinsic has failed, or what a proxy does in it.
	pub(crate) fn failure(&self) -> Option<&[u8]> {
		match (&*self.pallet, &*self.name, &self.encoded[..]) {
			("System", "ExtrinsicFailed", error) => Some(error),
			("Proxy", "ProxyExecuted", [1, error @ ..]) => Some(error),
			_ => None,
		}
	}

	/// A number inside a field, by the names of the path to it.
	pub fn number_in(&self, field: &str, path: &[&str]) -> Option<Balance> {
		let inner = |value: &'_ Value<u32>, name: &str| match &value.value {
			ValueDef::Composite(Composite::Named(fields)) => {
				fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.clone())
			},
			_ => None,
		};
		path.iter().try_fold(self.fields.get(field)?.clone(), |value, name| inner(&value, name))?.as_u128()
	}

	/// A field with an account, which may be optional.
	pub fn account(&self, field: &str) -> Option<AccountId> {
		fn bytes(value: &Value<u32>) -> Option<Vec<u8>> {
			match &value.value {
				// A newtype around the bytes.
				ValueDef::Composite(Composite::Unnamed(inner)) if inner.len() == 1 => bytes(inner.first()?),
				ValueDef::Variant(variant) if variant.name == "Some" => bytes(variant.values.values().next()?),
				ValueDef::Composite(Composite::Unnamed(inner)) => {
					inner.iter().map(|byte| byte.as_u128().and_then(|byte| u8::try_from(byte).ok())).collect()
				},
				_ => None,
			}
		}
		Some(AccountId(bytes(self.fields.get(field)?)?.try_into().ok()?))
	}

	/// A field with an enum without data: the variant's name.
	pub fn variant(&self, field: &str) -> Option<&str> {
		match &self.fields.get(field)?.value {
			ValueDef::Variant(variant) => Some(&variant.name),
			ValueDef::Primitive(Primitive::String(text)) => Some(text),
			_ => None,
		}
	}
}

/// Decodes all fields of an event.
pub(crate) fn decode(event: EventDetails<ChainConfig>) -> Result<Event, Error> {
	let fields = event.field_values().map_err(|error| Error::decode("an event", error))?;
	let fields = match fields {
		Composite::Named(fields) => fields.into_iter().collect(),
		Composite::Unnamed(fields) => fields.into_iter().enumerate().map(|(i, value)| (i.to_string(), value)).collect(),
	};
	Ok(Event {
		pallet: event.pallet_name().into(),
		name: event.variant_name().into(),
		extrinsic: match event.phase() {
			Phase::ApplyExtrinsic(index) => Some(index),
			_ => None,
		},
		fields,
		encoded: event.field_bytes().to_vec(),
	})
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn failure_is_that_of_the_extrinsic_or_of_what_its_proxy_does() {
		for (pallet, name, encoded, failure) in [
			("System", "ExtrinsicFailed", &[3, 50, 1, 0, 0, 0, 9][..], Some(&[3, 50, 1, 0, 0, 0, 9][..])),
			("System", "ExtrinsicSuccess", &[3, 50], None),
			("Proxy", "ProxyExecuted", &[1, 3, 50, 1, 0, 0, 0], Some(&[3, 50, 1, 0, 0, 0])),
			("Proxy", "ProxyExecuted", &[0], None),
			("Proxy", "ProxyAdded", &[1, 2], None),
			("Multisig", "ProxyExecuted", &[1, 2], None),
		] {
			let (pallet, name, encoded) = (pallet.to_string(), name.to_string(), encoded.to_vec());
			let event = Event { pallet, name, extrinsic: Some(1), fields: BTreeMap::new(), encoded };
			assert_eq!(event.failure(), failure, "{event:?}");
		}
	}
}
