//! Published chunks in the extrinsics of a block.
//!
//! Anyone can put an extrinsic into a block, and some that the runtime takes cannot be decoded by its metadata: an
//! address of the variant `MultiAddress::Index` holds a `Compact<()>`, which has no bytes for the runtime and no
//! meaning for the decoder. So nothing is decoded here but general transactions that call `Bmpc.publish`, the only
//! extrinsics that publish; what is not one of them, byte for byte, is passed over.

use crate::Publication;
use codec::{Compact, Decode};
use subxt::{
	ext::scale_decode::visitor::{decode_with_visitor, IgnoreVisitor},
	Metadata,
};

/// The first byte of a general transaction of version 5: no account, and what authorises it is in its extension.
const GENERAL_V5: u8 = 0x45;

/// What an encoded extrinsic publishes, if it is a publication. What the extension holds besides (era, nonce, tip) is of
/// no account: the chain takes a chunk with any.
pub(crate) fn read(extrinsic: &[u8], metadata: &Metadata) -> Option<Publication> {
	let input = &mut &*extrinsic;
	let Compact(length) = Compact::<u32>::decode(input).ok()?;
	if length as usize != input.len() || u8::decode(input).ok()? != GENERAL_V5 {
		return None;
	}
	let extension_version = u8::decode(input).ok()?;
	for extension in metadata.extrinsic().transaction_extensions_by_version(extension_version)? {
		decode_with_visitor(input, extension.extra_ty(), metadata.types(), IgnoreVisitor::new()).ok()?;
	}
	let pallet = metadata.pallet_by_name("Bmpc")?;
	let call = pallet.call_variant_by_name("publish")?;
	let arguments = &mut input.strip_prefix(&[pallet.index(), call.index])?;
	let publication = Publication::decode(arguments).ok()?;
	arguments.is_empty().then_some(publication)
}

#[cfg(test)]
pub(crate) mod tests {
	use super::*;
	use crate::{compatibility, H256};
	use codec::Encode;

	/// Era, nonce, tip and mode of the metadata's hash as the runtime encodes them when it makes a publication.
	const EXTENSION: [u8; 4] = [0; 4];

	/// An extrinsic with its length.
	pub(crate) fn whole(parts: &[&[u8]]) -> Vec<u8> {
		parts.concat().encode()
	}

	/// The pallet's and the call's index.
	fn indices(pallet: &str, call: &str) -> [u8; 2] {
		let metadata = compatibility::expected().unwrap();
		let pallet = metadata.pallet_by_name(pallet).unwrap();
		[pallet.index(), pallet.call_variant_by_name(call).unwrap().index]
	}

	/// A signed extrinsic of an account.
	fn signed(signer: &[u8], pallet: &str, call: &str, arguments: &[u8]) -> Vec<u8> {
		let signature = [&[1][..], &[7; 64]].concat();
		whole(&[&[0x84], signer, &signature, &EXTENSION, &indices(pallet, call), arguments])
	}

	pub(crate) fn publication() -> Publication {
		let path = vec![H256([8; 32]), H256([9; 32])];
		Publication { job: 3, unit: 5, chunk: 1, bytes: vec![4; 300], path }
	}

	fn arguments() -> Vec<u8> {
		let Publication { job, unit, chunk, bytes, path } = publication();
		(job, unit, chunk, bytes, path).encode()
	}

	/// The extrinsic of [`publication`], with what an extension holds.
	pub(crate) fn published(extension: &[u8]) -> Vec<u8> {
		whole(&[&[GENERAL_V5, 0], extension, &indices("Bmpc", "publish"), &arguments()])
	}

	/// Extrinsics of strangers that the runtime takes into blocks.
	pub(crate) fn of_strangers() -> Vec<Vec<u8>> {
		let account = [&[0][..], &[1; 32]].concat();
		let amount = Compact(5u128).encode();
		let transfer = |dest: &[u8]| signed(&account, "Balances", "transfer_allow_death", &[dest, &amount].concat());
		let inner = |dest: &[u8]| [&indices("Balances", "transfer_allow_death")[..], dest, &amount].concat();
		let proxied = [&[1][..], &[0], &inner(&[1])].concat();
		let batch = [Compact(2u32).encode(), inner(&[1]), inner(&[2, 0])].concat();
		vec![
			transfer(&[1]),
			transfer(&[&[2][..], &vec![3u8; 40].encode()].concat()),
			transfer(&[&[3][..], &[1; 32]].concat()),
			transfer(&[&[4][..], &[1; 20]].concat()),
			transfer(&account),
			signed(&[1], "System", "remark", &vec![1u8; 80].encode()),
			signed(&account, "Proxy", "proxy", &proxied),
			signed(&account, "Utility", "batch", &batch),
			signed(&account, "Multisig", "as_multi_threshold_1", &[&[0][..], &inner(&[1])].concat()),
			signed(&account, "System", "remark", &arguments().encode()),
			// An inherent, and a general transaction of another call.
			whole(&[&[5], &indices("Timestamp", "set"), &Compact(1_000u64).encode()]),
			whole(&[&[GENERAL_V5, 0], &EXTENSION, &indices("Bmpc", "expire"), &3u64.encode()]),
		]
	}

	#[test]
	fn publication_is_read_whatever_its_extension_holds() {
		let metadata = compatibility::expected().unwrap();
		let nonce = Compact(70_000u32).encode();
		let tip = Compact(u128::MAX).encode();
		for extension in [
			EXTENSION.to_vec(),
			[&[0][..], &nonce, &tip, &[0]].concat(),
			// Mortal eras have two bytes.
			[&[0x15, 0x01][..], &nonce, &tip, &[1]].concat(),
			[&[0xff, 0xff][..], &[0, 0, 0]].concat(),
		] {
			assert_eq!(read(&published(&extension), &metadata), Some(publication()), "{extension:?}");
		}
	}

	#[test]
	fn every_part_of_a_publication_is_read_strictly() {
		let metadata = compatibility::expected().unwrap();
		let call = indices("Bmpc", "publish");
		let other = indices("Bmpc", "challenge");
		let good = published(&EXTENSION);
		let longer = [&good[..], &[0]].concat();
		for (name, extrinsic) in [
			("nothing", vec![]),
			("a length alone", vec![4 * 9]),
			("bytes behind it", longer),
			("bytes behind its arguments", whole(&[&[GENERAL_V5, 0], &EXTENSION, &call, &arguments(), &[0]])),
			("version 4", whole(&[&[0x44, 0], &EXTENSION, &call, &arguments()])),
			("no transaction", whole(&[&[5], &call, &arguments()])),
			("another extension", whole(&[&[GENERAL_V5, 1], &EXTENSION, &call, &arguments()])),
			("an extension cut short", whole(&[&[GENERAL_V5, 0], &EXTENSION[1..], &call, &arguments()])),
			("another call", whole(&[&[GENERAL_V5, 0], &EXTENSION, &other, &arguments()])),
		] {
			assert_eq!(read(&extrinsic, &metadata), None, "{name}");
		}
		for length in 0..good.len() {
			assert_eq!(read(&good[..length], &metadata), None, "{length} bytes");
			assert_eq!(read(&whole(&[&good[2..][..length.min(good.len() - 3)]]), &metadata), None, "{length} bytes");
		}
	}

	#[test]
	fn extrinsics_of_strangers_are_passed_over() {
		let metadata = compatibility::expected().unwrap();
		for extrinsic in of_strangers() {
			assert_eq!(read(&extrinsic, &metadata), None, "{extrinsic:?}");
		}
		// SplitMix64.
		let mut state = 7u64;
		let mut draw = || {
			state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
			let mixed = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
			(mixed ^ mixed >> 27) as u8
		};
		for length in 0..2_000 {
			let random: Vec<u8> = (0..length % 200).map(|_| draw()).collect();
			assert_eq!(read(&random, &metadata), None, "{random:?}");
			assert_eq!(read(&whole(&[&[GENERAL_V5, 0], &random]), &metadata), None, "{random:?}");
		}
	}
}
