//! The runtime's calls by its metadata: arguments are encoded, and found in encoded calls, by their types alone.

use codec::{Compact, Decode, Encode};
use encrytrust_runtime::RuntimeCall;
use rand_chacha::ChaCha8Rng;
use rand_core::RngCore;
use scale_info::{form::PortableForm, meta_type, PortableRegistry, Registry, TypeDef, TypeDefPrimitive};
use std::collections::BTreeMap;

/// The maximum depth of random values: deeper lists are empty.
const DEPTH: u32 = 6;

type Type = scale_info::Type<PortableForm>;
type Variant = scale_info::Variant<PortableForm>;
type Field = scale_info::Field<PortableForm>;

/// An argument of a call. Its encoding depends on the parameter's type.
#[derive(Clone)]
pub(crate) enum Arg {
	/// An integer or truth value, compact or not.
	Number(u128),
	/// Bytes, an array of bytes, an account.
	Bytes(Vec<u8>),
	/// A list, a tuple, or the fields of a struct.
	Items(Vec<Arg>),
	/// A variant by its name, with its fields. `None` of an optional argument is one, `Some` needs none.
	Variant(&'static str, Vec<Arg>),
	/// Already encoded: a call within a call, or one of our own types.
	Encoded(Vec<u8>),
}

/// A part of an encoded call with its position.
pub(crate) struct Span {
	pub(crate) start: usize,
	pub(crate) end: usize,
	pub(crate) kind: Kind,
}

/// The kind of a part of an encoded call.
pub(crate) enum Kind {
	/// An integer of fixed width.
	Integer,
	/// A compact integer.
	Compact,
	/// An array of bytes.
	Array,
	/// Bytes after their length.
	Bytes,
	/// Items of a type after their number, with the end of each.
	Items { item: u32, ends: Vec<usize> },
	/// An enum's value.
	Variant { of: u32 },
}

/// All calls of the runtime.
pub(crate) struct Calls {
	types: PortableRegistry,
	root: u32,
	indices: BTreeMap<String, [u8; 2]>,
}

impl Calls {
	pub(crate) fn new() -> Self {
		let mut registry = Registry::new();
		let root = registry.register_type(&meta_type::<RuntimeCall>()).id;
		let mut calls = Self { types: registry.into(), root, indices: BTreeMap::new() };
		let mut indices = BTreeMap::new();
		for pallet in calls.variants(root) {
			for call in calls.variants(pallet.fields[0].ty.id) {
				indices.insert(format!("{}.{}", pallet.name, call.name), [pallet.index, call.index]);
			}
		}
		calls.indices = indices;
		calls
	}

	/// The names of all calls, as `Pallet.call`.
	pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
		self.indices.keys().map(String::as_str)
	}

	/// The name of an encoded call.
	pub(crate) fn name(&self, call: &[u8]) -> Option<&str> {
		let start = call.first_chunk()?;
		self.indices.iter().find(|(_, indices)| *indices == start).map(|(name, _)| name.as_str())
	}

	/// A call by its name and arguments.
	pub(crate) fn encode(&self, name: &str, arguments: &[Arg]) -> Vec<u8> {
		let indices = self.indices.get(name).unwrap_or_else(|| panic!("there is no call {name}"));
		let fields = self.fields(indices);
		assert_eq!(fields.len(), arguments.len(), "{name} takes other arguments");
		let mut bytes = indices.to_vec();
		for (field, argument) in fields.iter().zip(arguments) {
			self.put(field.ty.id, argument, &mut bytes)
				.unwrap_or_else(|| panic!("{name}: no {:?} can be made of the argument", field.name));
		}
		bytes
	}

	fn put(&self, id: u32, argument: &Arg, out: &mut Vec<u8>) -> Option<()> {
		if let Arg::Encoded(bytes) = argument {
			out.extend(bytes);
			return Some(());
		}
		let ty = self.ty(id);
		match (&ty.type_def, argument) {
			(TypeDef::Composite(composite), argument) if composite.fields.len() == 1 => {
				self.put(composite.fields[0].ty.id, argument, out)?;
			},
			(TypeDef::Composite(composite), Arg::Items(items)) if composite.fields.len() == items.len() => {
				for (field, item) in composite.fields.iter().zip(items) {
					self.put(field.ty.id, item, out)?;
				}
			},
			(TypeDef::Variant(variants), argument) => {
				let (name, fields) = match argument {
					Arg::Variant(name, fields) => (*name, &fields[..]),
					_ if is(ty, "Option") => ("Some", std::slice::from_ref(argument)),
					_ if is(ty, "MultiAddress") => ("Id", std::slice::from_ref(argument)),
					_ => return None,
				};
				let variant = variants.variants.iter().find(|variant| variant.name == name)?;
				out.push(variant.index);
				for (field, argument) in variant.fields.iter().zip(fields) {
					self.put(field.ty.id, argument, out)?;
				}
			},
			(TypeDef::Sequence(_) | TypeDef::Primitive(TypeDefPrimitive::Str), Arg::Bytes(bytes)) => {
				bytes.encode_to(out)
			},
			(TypeDef::Sequence(sequence), Arg::Items(items)) => {
				Compact(items.len() as u32).encode_to(out);
				for item in items {
					self.put(sequence.type_param.id, item, out)?;
				}
			},
			(TypeDef::Array(array), Arg::Bytes(bytes)) if array.len as usize == bytes.len() => out.extend(bytes),
			(TypeDef::Tuple(tuple), Arg::Items(items)) if tuple.fields.len() == items.len() => {
				for (field, item) in tuple.fields.iter().zip(items) {
					self.put(field.id, item, out)?;
				}
			},
			(TypeDef::Primitive(primitive), Arg::Number(number)) => {
				out.extend(&number.to_le_bytes()[..width(primitive)?]);
			},
			(TypeDef::Compact(_), Arg::Number(number)) => Compact(*number).encode_to(out),
			_ => return None,
		}
		Some(())
	}

	/// The parts of an encoded call after its name, including contained calls; `None` if it cannot be decoded.
	pub(crate) fn spans(&self, call: &[u8]) -> Option<Vec<Span>> {
		let mut spans = Vec::new();
		let end = self.read(self.root, call, 0, &mut spans)?;
		// The indices of pallet and call are not arguments.
		spans.retain(|span| span.start > 1);
		(end == call.len()).then_some(spans)
	}

	fn read(&self, id: u32, bytes: &[u8], start: usize, spans: &mut Vec<Span>) -> Option<usize> {
		let mut push = |end: usize, kind| {
			(end <= bytes.len()).then(|| {
				spans.push(Span { start, end, kind });
				end
			})
		};
		match &self.ty(id).type_def {
			TypeDef::Composite(composite) => {
				self.read_all(composite.fields.iter().map(|f| f.ty.id), bytes, start, spans)
			},
			TypeDef::Tuple(tuple) => self.read_all(tuple.fields.iter().map(|field| field.id), bytes, start, spans),
			TypeDef::Variant(_) => {
				let variant = self.variant(id, *bytes.get(start)?)?;
				let end = self.read_all(variant.fields.iter().map(|f| f.ty.id), bytes, start + 1, spans)?;
				spans.push(Span { start, end, kind: Kind::Variant { of: id } });
				Some(end)
			},
			TypeDef::Sequence(sequence) => {
				let (count, mut end) = compact(bytes, start)?;
				let item = sequence.type_param.id;
				if self.is_byte(item) {
					return push(end.checked_add(usize::try_from(count).ok()?)?, Kind::Bytes);
				}
				let mut ends = Vec::new();
				for _ in 0..count {
					end = self.read(item, bytes, end, spans)?;
					ends.push(end);
				}
				spans.push(Span { start, end, kind: Kind::Items { item, ends } });
				Some(end)
			},
			TypeDef::Array(array) if self.is_byte(array.type_param.id) => push(start + array.len as usize, Kind::Array),
			TypeDef::Array(array) => {
				self.read_all(std::iter::repeat_n(array.type_param.id, array.len as usize), bytes, start, spans)
			},
			TypeDef::Primitive(TypeDefPrimitive::Str) => {
				let (count, end) = compact(bytes, start)?;
				push(end.checked_add(usize::try_from(count).ok()?)?, Kind::Bytes)
			},
			TypeDef::Primitive(primitive) => push(start + width(primitive)?, Kind::Integer),
			TypeDef::Compact(_) => push(compact(bytes, start)?.1, Kind::Compact),
			TypeDef::BitSequence(_) => None,
		}
	}

	fn read_all(
		&self,
		ids: impl Iterator<Item = u32>,
		bytes: &[u8],
		start: usize,
		spans: &mut Vec<Span>,
	) -> Option<usize> {
		let mut end = start;
		for id in ids {
			end = self.read(id, bytes, end, spans)?;
		}
		Some(end)
	}

	/// A random call with a name.
	pub(crate) fn random_call(&self, name: &str, random: &mut ChaCha8Rng) -> Vec<u8> {
		let indices = &self.indices[name];
		let mut bytes = indices.to_vec();
		self.fields(indices).iter().for_each(|field| self.put_random(field.ty.id, random, 0, &mut bytes));
		bytes
	}

	/// Append a random value of a type.
	pub(crate) fn put_random(&self, id: u32, random: &mut ChaCha8Rng, depth: u32, out: &mut Vec<u8>) {
		let mut put = |id| self.put_random(id, random, depth + 1, out);
		match &self.ty(id).type_def {
			TypeDef::Composite(composite) => composite.fields.iter().for_each(|field| put(field.ty.id)),
			TypeDef::Tuple(tuple) => tuple.fields.iter().for_each(|field| put(field.id)),
			TypeDef::Array(array) => (0..array.len).for_each(|_| put(array.type_param.id)),
			TypeDef::Variant(_) => {
				let variants = self.variants(id);
				let pick = if depth < DEPTH { random.next_u32() as usize % variants.len().max(1) } else { 0 };
				let Some(variant) = variants.get(pick) else { return };
				out.push(variant.index);
				variant.fields.iter().for_each(|field| self.put_random(field.ty.id, random, depth + 1, out));
			},
			TypeDef::Sequence(sequence) => {
				let count = if depth < DEPTH { random.next_u32() % 4 } else { 0 };
				Compact(count).encode_to(out);
				(0..count).for_each(|_| self.put_random(sequence.type_param.id, random, depth + 1, out));
			},
			TypeDef::Primitive(TypeDefPrimitive::Str) => String::new().encode_to(out),
			TypeDef::Primitive(TypeDefPrimitive::Bool) => out.push(random.next_u32() as u8 & 1),
			TypeDef::Primitive(primitive) => {
				let number = extreme(random);
				out.extend(&number.to_le_bytes()[..width(primitive).unwrap_or_default()]);
			},
			TypeDef::Compact(_) => Compact(extreme(random) >> 64).encode_to(out),
			TypeDef::BitSequence(_) => Compact(0u32).encode_to(out),
		}
	}

	/// The type of all calls.
	pub(crate) fn root(&self) -> u32 {
		self.root
	}

	fn ty(&self, id: u32) -> &Type {
		self.types.resolve(id).expect("types refer to types of the same registry")
	}

	/// The arguments of a call.
	fn fields(&self, indices: &[u8; 2]) -> &[Field] {
		let pallet = self.variant(self.root, indices[0]).expect("the pallet is there");
		&self.variant(pallet.fields[0].ty.id, indices[1]).expect("the call is there").fields
	}

	fn is_byte(&self, id: u32) -> bool {
		matches!(self.ty(id).type_def, TypeDef::Primitive(TypeDefPrimitive::U8))
	}

	fn variants(&self, id: u32) -> &[Variant] {
		match &self.ty(id).type_def {
			TypeDef::Variant(variants) => &variants.variants,
			_ => &[],
		}
	}

	fn variant(&self, id: u32, index: u8) -> Option<&Variant> {
		self.variants(id).iter().find(|variant| variant.index == index)
	}
}

fn is(ty: &Type, name: &str) -> bool {
	ty.path.segments.last().is_some_and(|segment| segment == name)
}

/// Bytes of an integer.
fn width(primitive: &TypeDefPrimitive) -> Option<usize> {
	use TypeDefPrimitive::*;
	match primitive {
		Bool | U8 | I8 => Some(1),
		U16 | I16 => Some(2),
		U32 | I32 | Char => Some(4),
		U64 | I64 => Some(8),
		U128 | I128 => Some(16),
		Str | U256 | I256 => None,
	}
}

/// A compact number and the position of its end.
fn compact(bytes: &[u8], start: usize) -> Option<(u128, usize)> {
	let mut rest = bytes.get(start..)?;
	let Compact(number) = Compact::<u128>::decode(&mut rest).ok()?;
	Some((number, bytes.len() - rest.len()))
}

/// Zero, small, large or anything.
pub(crate) fn extreme(random: &mut ChaCha8Rng) -> u128 {
	let any = u128::from(random.next_u64()) << 64 | u128::from(random.next_u64());
	match random.next_u32() % 6 {
		0 => 0,
		1 => any % 4,
		2 => any % 1_024,
		3 => u128::MAX,
		4 => any & u128::from(u64::MAX),
		_ => any,
	}
}
