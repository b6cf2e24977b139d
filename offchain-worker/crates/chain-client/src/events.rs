//! Events, their fields by name.

use crate::{types::ChainConfig, AccountId, Balance, Block};
use std::collections::BTreeMap;
use subxt::{
	events::{EventDetails, Events, Phase},
	ext::scale_value::{Composite, Primitive, Value, ValueDef},
};
use tracing::warn;

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

/// Decodes the events of a block one by one. An event that does not decode hides those behind it, as nothing tells where it
/// ends, and no others.
pub(crate) fn decode_all(events: &Events<ChainConfig>, block: Block) -> Vec<Event> {
	let mut decoded = Vec::with_capacity(events.len() as usize);
	for event in events.iter() {
		match event {
			Ok(event) => decoded.push(decode(event)),
			Err(error) => {
				let all = events.len();
				warn!(
					block = block.number,
					all,
					read = decoded.len(),
					"the block's other events cannot be read: {error}"
				);
				break;
			},
		}
	}
	decoded
}

/// Decodes all fields of an event; none if they have no values that can be shown.
fn decode(event: EventDetails<ChainConfig>) -> Event {
	let fields = match event.field_values() {
		Ok(Composite::Named(fields)) => fields.into_iter().collect(),
		Ok(Composite::Unnamed(fields)) => {
			(0..).zip(fields).map(|(i, value): (u32, _)| (i.to_string(), value)).collect()
		},
		Err(_) => BTreeMap::new(),
	};
	Event {
		pallet: event.pallet_name().into(),
		name: event.variant_name().into(),
		extrinsic: match event.phase() {
			Phase::ApplyExtrinsic(index) => Some(index),
			_ => None,
		},
		fields,
		encoded: event.field_bytes().to_vec(),
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{compatibility, H256};
	use codec::{Compact, Encode};
	use scale_info::{TypeDef, TypeDefPrimitive};
	use std::collections::BTreeSet;

	/// An event record of an extrinsic, with its pallet, name and encoded fields.
	fn record(extrinsic: u32, pallet: &str, name: &str, fields: &[u8]) -> Vec<u8> {
		let metadata = compatibility::expected().unwrap();
		let pallet = metadata.pallet_by_name(pallet).unwrap();
		let variant = pallet.event_variants().unwrap().iter().find(|variant| variant.name == name).unwrap();
		let phase = [&[0][..], &extrinsic.to_le_bytes()].concat();
		[&phase[..], &[pallet.index(), variant.index], fields, &[0]].concat()
	}

	#[test]
	fn an_event_that_does_not_decode_hides_none_before_it() {
		let cancelled = |extrinsic, job: u64| record(extrinsic, "Bmpc", "Cancelled", &(job, 5u128).encode());
		let block = Block { number: 7, hash: H256([0; 32]) };
		for (second, jobs) in [
			(cancelled(2, 6), vec![5, 6, 7]),
			// A pallet that the metadata does not have.
			(vec![0, 2, 0, 0, 0, 250, 0, 0], vec![5]),
		] {
			let bytes = [Compact(3u32).encode(), cancelled(1, 5), second, cancelled(3, 7)].concat();
			let decoded = decode_all(&Events::decode_from(bytes, compatibility::expected().unwrap()), block);
			assert_eq!(decoded.iter().map(|event| event.number("job_id").unwrap()).collect::<Vec<_>>(), jobs);
		}
	}

	/// The decoder refuses what the runtime takes: compact values other than numbers. Anybody can make an event with it.
	#[test]
	fn no_event_can_hold_what_does_not_decode() {
		let metadata = compatibility::expected().unwrap();
		let types = metadata.types();
		let definition = |id: u32| &types.resolve(id).unwrap().type_def;
		let is_number = |mut id: u32| loop {
			match definition(id) {
				TypeDef::Primitive(primitive) => break !matches!(primitive, TypeDefPrimitive::Str),
				TypeDef::Composite(wrapper) if wrapper.fields.len() == 1 => id = wrapper.fields[0].ty.id,
				_ => break false,
			}
		};
		let mut seen = BTreeSet::new();
		let mut unseen = vec![metadata.outer_enums().event_enum_ty()];
		while let Some(id) = unseen.pop() {
			if !seen.insert(id) {
				continue;
			}
			match definition(id) {
				TypeDef::Composite(composite) => unseen.extend(composite.fields.iter().map(|field| field.ty.id)),
				TypeDef::Variant(variant) => {
					unseen.extend(variant.variants.iter().flat_map(|variant| &variant.fields).map(|field| field.ty.id));
				},
				TypeDef::Sequence(sequence) => unseen.push(sequence.type_param.id),
				TypeDef::Array(array) => unseen.push(array.type_param.id),
				TypeDef::Tuple(tuple) => unseen.extend(tuple.fields.iter().map(|field| field.id)),
				TypeDef::Compact(compact) => {
					assert!(is_number(compact.type_param.id), "type {id} is compact, and of no number");
				},
				TypeDef::Primitive(_) | TypeDef::BitSequence(_) => {},
			}
		}
		assert!(seen.len() > 50, "{}", seen.len());
	}

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
