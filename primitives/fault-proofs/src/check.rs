//! The check of a proof.

use crate::{
	context::FaultContext,
	fault::Fault,
	verdict::{FaultError, Verdict},
};
use codec::Encode;
use encrytrust_types::job::Stage;
use primitive_types::H256;

mod column;
mod entry;
mod output;
mod selection;
mod transfer;
mod trees;

/// Check a proof: who is at fault, or why it shows nothing.
///
/// # Errors
///
/// See [`FaultError`].
pub fn check<A: Clone + Encode, B, N, Roots: Fn(Stage, &A) -> Option<H256>>(
	context: &FaultContext<A, B, N, Roots>,
	fault: &Fault,
) -> Result<Verdict<A>, FaultError> {
	match fault {
		Fault::Product { producer, output, node, left, right } => {
			context.check_product(*producer, *output, node, left, right.as_ref())
		},
		Fault::Shape { producer, output, root } => context.check_shape(*producer, *output, root),
		Fault::Output { computing, output, feature, data, leaf, unblinded, entry, committed } => {
			let place = output::Leaf { computing: *computing, output: *output, data: *data };
			context.check_output(place, feature, leaf, unblinded, entry, committed)
		},
		Fault::Result { output, computing, leaf, root } => context.check_result(*output, *computing, leaf, root),
		Fault::Selector { computing, feature, selector } => context.check_selector(*computing, feature, selector),
		Fault::SelectionProof { computing, message, top_path } => {
			context.check_selection_proof(*computing, message, top_path)
		},
		Fault::Entry { data, computing, feature, entry } => context.check_entry(*data, *computing, *feature, entry),
		Fault::Column {
			data,
			computing,
			feature,
			selector,
			entry,
			opening,
			chunk,
			chunk_index,
			chunk_path,
			block,
			committed,
		} => {
			let place = [*data, *computing, *feature];
			let chunk = column::SealedChunk { bytes: chunk, index: *chunk_index, path: chunk_path };
			context.check_column(place, selector, entry, opening, chunk, (*block, committed))
		},
		Fault::Transfer { data, computing, feature, selector, entry } => {
			context.check_transfer([*data, *computing, *feature], selector, entry)
		},
	}
}
