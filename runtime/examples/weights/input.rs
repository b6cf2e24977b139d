//! Inputs: a call and who sends it; and how they are committed.

use crate::calls::Arg;
use crate::{calls::Calls, scene::Scene};
use serde_json::{json, Value};
use std::{collections::BTreeMap, fs, io, path::Path};

/// The longest pattern that repeated bytes are looked for with.
const LONGEST_PATTERN: usize = 1_024;

/// Who sends a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
	/// The account of a name.
	Signed(String),
	/// Nobody: the call authorises itself.
	General,
	/// Nobody: an inherent, or a report of the author.
	Bare,
	/// Root, by way of the sudo key.
	Root,
}

/// A call and who sends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Input {
	pub(crate) origin: Origin,
	pub(crate) call: Vec<u8>,
}

impl Origin {
	/// As it is committed, and stands in tables.
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

impl Input {
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

/// An input that was committed, and what was measured.
pub(crate) struct Committed {
	pub(crate) name: String,
	pub(crate) input: Input,
	pub(crate) figures: Value,
}

/// All committed inputs; those of a pallet are in a file of its name.
pub(crate) fn read(folder: &Path) -> io::Result<Vec<Committed>> {
	let mut all = Vec::new();
	let mut files = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
	files.sort_by_key(|file| file.file_name());
	for file in files.iter().filter(|file| file.path().extension().is_some_and(|extension| extension == "json")) {
		let entries: BTreeMap<String, Value> = serde_json::from_slice(&fs::read(file.path())?)?;
		for (name, entry) in entries {
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

/// Write what is to be committed.
pub(crate) fn write(folder: &Path, all: &[Committed]) -> io::Result<()> {
	let mut pallets: BTreeMap<&str, BTreeMap<&str, Value>> = BTreeMap::new();
	for Committed { name, input, figures } in all {
		let pallet = name.split('.').next().unwrap_or_default();
		let entry = json!({ "origin": input.origin.text(), "call": pack(&input.call), "measured": figures });
		pallets.entry(pallet).or_default().insert(name, entry);
	}
	fs::create_dir_all(folder)?;
	for (pallet, entries) in pallets {
		fs::write(folder.join(format!("{pallet}.json")), serde_json::to_string_pretty(&entries)? + "\n")?;
	}
	Ok(())
}

/// Bytes in hexadecimal digits, where a pattern that is repeated stands once: `(00)*1000`.
fn pack(bytes: &[u8]) -> String {
	let (mut text, mut start) = (String::new(), 0);
	while start < bytes.len() {
		let rest = &bytes[start..];
		let longest = (1..=LONGEST_PATTERN.min(rest.len() / 2))
			.filter(|length| rest[0] == rest[*length])
			.map(|length| (length, repeats(rest, length)))
			.filter(|(length, times)| *times > 1 && length * times > 24)
			.max_by_key(|(length, times)| (length * times, std::cmp::Reverse(*length)));
		match longest {
			Some((length, times)) => {
				text += &format!("({})*{times} ", hex::encode(&rest[..length]));
				start += length * times;
			},
			None => {
				text += &hex::encode(&rest[..1]);
				start += 1;
			},
		}
	}
	text.trim_end().into()
}

/// How often the first so many bytes stand one after another.
fn repeats(bytes: &[u8], length: usize) -> usize {
	let same = bytes.iter().zip(&bytes[length..]).take_while(|(a, b)| a == b).count();
	1 + same / length
}

fn unpack(text: &str) -> Option<Vec<u8>> {
	let (mut bytes, mut rest) = (Vec::new(), text.trim());
	while !rest.is_empty() {
		match rest.strip_prefix('(') {
			Some(behind) => {
				let (pattern, behind) = behind.split_once(")*")?;
				let end = behind.find(|digit: char| !digit.is_ascii_digit()).unwrap_or(behind.len());
				bytes.extend(hex::decode(pattern).ok()?.repeat(behind[..end].parse().ok()?));
				rest = behind[end..].trim_start();
			},
			None => {
				let end = rest.find('(').unwrap_or(rest.len());
				bytes.extend(hex::decode(rest[..end].trim_end()).ok()?);
				rest = &rest[end..];
			},
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
			([vec![7], [1, 2].repeat(20), vec![9]].concat(), "07(0102)*20 09"),
			([vec![3; 30], vec![4; 30]].concat(), "(03)*30 (04)*30"),
		] {
			assert_eq!(pack(&bytes), packed);
			assert_eq!(unpack(packed), Some(bytes));
		}
		assert_eq!(unpack("(00"), None);
		assert_eq!(unpack("0"), None);
	}
}
