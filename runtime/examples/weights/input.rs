//! Inputs, each a call with its origin, and the format in which they are committed.

use crate::calls::Arg;
use crate::{calls::Calls, scene::Scene};
use serde_json::{json, Value};
use std::{cmp::Reverse, collections::BTreeMap, fs, io, path::Path};

/// The maximum length of a pattern of repeated bytes.
const LONGEST_PATTERN: usize = 1_024;

/// The suffix of a call's name for its worst input by root.
const BY_ROOT: &str = " by root";
/// Fewer bytes are not written as a pattern.
const SHORTEST_RUN: usize = 24;
/// Fewer increasing numbers can be so by chance.
const FEWEST_COUNTED: usize = 8;
/// Bytes of an increasing number.
const NUMBER: usize = 4;

/// The origin of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
	/// The account with a name.
	Signed(String),
	/// None: the call authorises itself.
	General,
	/// None: an inherent, or a report by the author.
	Bare,
	/// Root, through the sudo key.
	Root,
}

/// A call with its origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Input {
	pub(crate) origin: Origin,
	pub(crate) call: Vec<u8>,
}

impl Origin {
	/// Its form in files and tables.
	pub(crate) fn text(&self) -> String {
		match self {
			Self::Signed(who) => format!("signed by {who}"),
			Self::General => "nobody".into(),
			Self::Bare => "the author".into(),
			Self::Root => "root".into(),
		}
	}

	fn read(text: &str) -> Option<Self> {
		Some(match text {
			"nobody" => Self::General,
			"the author" => Self::Bare,
			"root" => Self::Root,
			text => Self::Signed(text.strip_prefix("signed by ")?.into()),
		})
	}
}

/// The origins of the inputs that are compared with each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Senders {
	/// Any account, any author, or none.
	Anyone,
	/// Root, or the sudo key, whose owner can do anything.
	Root,
}

impl Senders {
	fn of(name: &str, origin: &Origin) -> Self {
		match origin {
			Origin::Root => Self::Root,
			Origin::Signed(who) if who == "Alice" && name.starts_with("Sudo.") => Self::Root,
			_ => Self::Anyone,
		}
	}
}

impl Input {
	/// The kind of its origin.
	pub(crate) fn senders(&self, calls: &Calls) -> Senders {
		Senders::of(calls.name(&self.call).unwrap_or_default(), &self.origin)
	}

	/// The transaction, encoded.
	pub(crate) fn extrinsic(&self, calls: &Calls, scene: &Scene) -> Vec<u8> {
		match &self.origin {
			Origin::Signed(who) => scene.signed(who, &self.call),
			Origin::Root => scene.signed("Alice", &calls.encode("Sudo.sudo", &[Arg::Encoded(self.call.clone())])),
			Origin::General => scene.general(&self.call),
			Origin::Bare => scene.bare(&self.call),
		}
	}
}

/// A committed input with its measurement.
pub(crate) struct Committed {
	pub(crate) name: String,
	pub(crate) input: Input,
	pub(crate) figures: Value,
}

/// All committed inputs; those of a pallet are in a file with its name.
pub(crate) fn read(folder: &Path) -> io::Result<Vec<Committed>> {
	let mut all = Vec::new();
	let mut files = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
	files.sort_by_key(|file| file.file_name());
	for file in files.iter().filter(|file| file.path().extension().is_some_and(|extension| extension == "json")) {
		let entries: BTreeMap<String, Value> = serde_json::from_slice(&fs::read(file.path())?)?;
		for (key, entry) in entries {
			let name = key.strip_suffix(BY_ROOT).unwrap_or(&key).to_owned();
			let origin = entry["origin"].as_str().and_then(Origin::read);
			let call = entry["call"].as_str().and_then(unpack);
			let (Some(origin), Some(call)) = (origin, call) else {
				return Err(io::Error::other(format!("{name} in {:?} has no origin or call", file.path())));
			};
			all.push(Committed { name, input: Input { origin, call }, figures: entry["measured"].clone() });
		}
	}
	Ok(all)
}

/// Write the files to be committed.
pub(crate) fn write(folder: &Path, all: &[Committed]) -> io::Result<()> {
	let mut pallets: BTreeMap<String, BTreeMap<String, Value>> = BTreeMap::new();
	for Committed { name, input, figures } in all {
		let pallet = name.split('.').next().unwrap_or_default().to_owned();
		let key =
			if Senders::of(name, &input.origin) == Senders::Root { format!("{name}{BY_ROOT}") } else { name.clone() };
		let entry = json!({ "origin": input.origin.text(), "call": pack(&input.call), "measured": figures });
		pallets.entry(pallet).or_default().insert(key, entry);
	}
	fs::create_dir_all(folder)?;
	for (pallet, entries) in pallets {
		fs::write(folder.join(format!("{pallet}.json")), serde_json::to_string_pretty(&entries)? + "\n")?;
	}
	Ok(())
}

/// Bytes in hexadecimal digits, in which a repeated pattern is written once: `(00)*1000`. A number of four bytes in
/// brackets, little-endian, increases by one each time: `(10[00000000])*3` is 100000000010010000001002000000.
fn pack(bytes: &[u8]) -> String {
	let mut text = String::new();
	let mut start = 0;
	while start < bytes.len() {
		let rest = &bytes[start..];
		let run = longest_repetition(rest).or_else(|| longest_count(rest));
		if let Some((pattern, length)) = &run {
			text += &format!(" ({pattern})*{} ", length.1);
		} else {
			text += &hex::encode(&rest[..1]);
		}
		start += run.map_or(1, |(_, (length, times))| length * times);
	}
	text.replace("  ", " ").trim().into()
}

/// A pattern that is repeated at the start, with its length and count.
fn longest_repetition(bytes: &[u8]) -> Option<(String, (usize, usize))> {
	let lengths = (1..=LONGEST_PATTERN.min(bytes.len() / 2)).filter(|length| bytes[0] == bytes[*length]);
	let runs = lengths.map(|length| (length, 1 + same(bytes, &bytes[length..]) / length));
	let (length, times) = runs.max_by_key(|(length, times)| (length * times, Reverse(*length)))?;
	(times > 1 && length * times > SHORTEST_RUN).then(|| (hex::encode(&bytes[..length]), (length, times)))
}

/// A short pattern with an increasing number.
fn longest_count(bytes: &[u8]) -> Option<(String, (usize, usize))> {
	let places = (NUMBER..=4 * NUMBER).flat_map(|length| (0..=length - NUMBER).map(move |place| (length, place)));
	let runs = places.map(|(length, place)| (length, place, counts(bytes, length, place)));
	let (length, place, times) = runs.max_by_key(|(length, _, times)| (length * times, Reverse(*length)))?;
	(times >= FEWEST_COUNTED && length * times > SHORTEST_RUN).then(|| {
		let [before, number, behind] =
			[0..place, place..place + NUMBER, place + NUMBER..length].map(|range| hex::encode(&bytes[range]));
		(format!("{before}[{number}]{behind}"), (length, times))
	})
}

/// The number of repetitions at the start of a pattern whose number at a position increases by one each time.
fn counts(bytes: &[u8], length: usize, place: usize) -> usize {
	let Some(pattern) = bytes.get(..length) else { return 0 };
	let matches = |(times, item): &(u32, &[u8])| *item == nth(pattern, place, *times);
	(0..).zip(bytes.chunks_exact(length)).take_while(matches).count()
}

/// A pattern with its number at a position increased.
fn nth(pattern: &[u8], place: usize, more: u32) -> Vec<u8> {
	let mut item = pattern.to_vec();
	if let Some(number) = item[place..].first_chunk_mut::<NUMBER>() {
		*number = u32::from_le_bytes(*number).wrapping_add(more).to_le_bytes();
	}
	item
}

/// The length of the common prefix.
fn same(a: &[u8], b: &[u8]) -> usize {
	a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

fn unpack(text: &str) -> Option<Vec<u8>> {
	let mut bytes = Vec::new();
	for part in text.split_whitespace() {
		let Some(run) = part.strip_prefix('(') else {
			bytes.extend(hex::decode(part).ok()?);
			continue;
		};
		let (pattern, times) = run.split_once(")*")?;
		let times: u32 = times.parse().ok()?;
		let place = pattern.find('[');
		let pattern = hex::decode(pattern.replace(['[', ']'], "")).ok()?;
		match place {
			None => bytes.extend(pattern.repeat(times as usize)),
			Some(place) => (0..times).for_each(|more| bytes.extend(nth(&pattern, place / 2, more))),
		}
	}
	Some(bytes)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn packed_bytes_are_unpacked() {
		for (bytes, packed) in [
			(vec![], ""),
			(vec![1, 2, 0xff], "0102ff"),
			(vec![0; 500], "(00)*500"),
			([vec![7], [1, 2].repeat(20), vec![9]].concat(), "07 (0102)*20 09"),
			((5..25u32).flat_map(|count| [&[9], &count.to_le_bytes()[..]].concat()).collect(), "(09[05000000])*20"),
			([vec![3; 30], vec![4; 30]].concat(), "(03)*30 (04)*30"),
		] {
			assert_eq!(pack(&bytes), packed);
			assert_eq!(unpack(packed), Some(bytes));
		}
		assert_eq!(unpack("(00"), None);
		assert_eq!(unpack("0"), None);
	}
}
