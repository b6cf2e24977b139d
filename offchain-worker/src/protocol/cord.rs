//! The coordinator: encrypts the selection to the computing providers and multiplies their outputs.

use super::{keys::ProvenKeys, Job, ProtocolError, Published};
use crate::sealing::SealingKey;
use encrytrust_primitives::bmpc::Selection;

/// Opens the selection that the user sealed to the coordinator, and checks it.
pub fn open_request(_job: &Job, _key: &SealingKey) -> Result<Selection, ProtocolError> {
	unimplemented!()
}

/// Selectors and proofs for every computing provider: the blob of the stage `Selection`.
pub fn selection(_job: &Job, _selection: &Selection) -> Result<Published, ProtocolError> {
	unimplemented!()
}

/// Multiplies the outputs (14): `outputs[j]` is computing provider `j`'s blob, which [`Job::read_output`] accepted.
pub fn result(_job: &Job, _outputs: &[super::Outputs]) -> Result<Published, ProtocolError> {
	unimplemented!()
}
