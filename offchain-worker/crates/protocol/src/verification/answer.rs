//! The answer to an availability challenge.

use super::{published_trees, View};
use crate::{
	chain::{AccountId, H256},
	computing_provider::chunks,
	encoding::decode_all,
};
use codec::Encode;
use encrytrust_types::{job::Stage, merkle};

/// The answer to a demand: `answer(job, stage, who, piece, bytes, path)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
	/// The piece.
	pub bytes: Vec<u8>,
	/// Its path to the commitment's root.
	pub path: Vec<H256>,
}

/// The answer to a demand for a piece of what this account committed to; none if that is not at hand.
pub fn answer(view: &View<'_>, stage: Stage, me: &AccountId, piece: u32) -> Option<Answer> {
	match stage {
		Stage::Confirmation => None,
		Stage::Selection => {
			let blob = view.blobs.blob(&view.commitment(stage, me)?.blob)?;
			let messages: Vec<Vec<u8>> = decode_all("", &blob).ok()?;
			let path = merkle::path(&view.job.faults().selection_leaves(&messages)?, piece as usize)?;
			Some(Answer { bytes: messages.get(piece as usize)?.clone(), path })
		},
		Stage::Inputs => {
			let data = view.job.data_index(me).ok()?;
			let entries = (view.job.computing.len() * usize::from(view.job.features())) as u32;
			let part = piece.checked_div(entries)?;
			let index = (piece % entries) as usize;
			let inputs = view.inputs(data).ok()?;
			let published = inputs.part(part).ok()?;
			let features = usize::from(view.job.features());
			let message = view.blobs.blob(published.messages.get(index.checked_div(features)?)?)?;
			let sealed: Vec<Vec<u8>> = decode_all("", &message).ok()?;
			let chunks = chunks(view.job, sealed.get(index % features)?).into_iter().map(<[u8]>::to_vec);
			let bytes =
				(published.entries.get(index)?, chunks.collect::<Vec<_>>(), published.ciphertexts.get(index)?).encode();
			Some(Answer { bytes, path: inputs.path(part, index, &published)? })
		},
		Stage::Outputs | Stage::Result => {
			let trees = published_trees(view, stage, me).ok()?;
			let path = trees.path(piece)?;
			Some(Answer { bytes: trees.product(piece).ok()?.encode(), path })
		},
	}
}
