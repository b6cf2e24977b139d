//! Oblivious selection: a data provider answers for all of its columns, a computing provider gets the chosen ones, and
//! nobody else learns which those are. Formulas (6), (11) and (12) of the BMPC paper, with proofs.
//!
//! | who | holds | can compute |
//! |---|---|---|
//! | coordinator | the [`Selection`] | [`SelectionMessage::prove`], for each computing provider's key |
//! | data provider | messages that anybody may see | [`SelectionMessage::verify`], then [`answer`] or [`direct::answer`] |
//! | computing provider | its secret key | [`VerifiedSelection::chosen`], then [`open`] or [`direct::open`] |
//! | everybody | an [`Opening`] that a computing provider published | [`Opening::verify`], which decides who is at fault |
//!
//! `docs/protocol/selection.md` writes down every byte.
//!
//! # Security
//!
//! *Data providers* learn how many columns there are and how many are chosen: ciphertexts hide the rest as long as
//! Paillier's encryption does (decisional composite residuosity), and the proofs are zero-knowledge.
//!
//! *The coordinator and a computing provider together* get the chosen columns of the count that was agreed on, and of the
//! others nothing, whatever either does: a selector that holds neither 0 nor 1, or another count, passes with a chance of
//! at most `2^-127` for each hash that they try. That takes a [`ProvenKey`], hence the type: a short prime factor of
//! the modulus would break it.
//!
//! *Oracles.* Every transfer comes with a proof that its sender knows the number in it, so that who opens one tells its
//! sender nothing but that the column was chosen: an [`Opening`] is made of a [`VerifiedTransfer`] alone.
//!
//! *Complaints.* Only what was chosen can be missed: a computing provider that says in public that a column did not open
//! says that it was chosen. A data provider can provoke that, and pays for it.
//!
//! *Timing.* No arithmetic branches on a selection, nor on a key; who opens columns does so visibly.
//!
//! [`ProvenKey`]: encrytrust_paillier::key_proof::ProvenKey

pub mod direct;

mod encoding;
mod knowledge;
mod opening;
mod prove;
mod sealing;
mod selection;
mod transfer;
mod verify;

pub use encoding::MessageError;
pub use encrytrust_fault_proofs::transfer_proof::TransferProof;
pub use knowledge::{KnowledgeError, Place, Transfer, VerifiedTransfer};
pub use opening::{Opening, OpeningError};
pub use sealing::{ColumnKey, SealError, CHUNK};
pub use selection::{Context, Selection, SelectionError, SelectionMessage, VerifiedSelection, MAX_COLUMNS};
pub use transfer::{answer, open, TransferError, TransferSecrets, Transfers};
pub use verify::ProofError;
