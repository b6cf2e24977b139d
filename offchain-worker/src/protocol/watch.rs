//! What can be seen of a job by those who look: every check that a role can make of what the others committed to, and
//! the proof or the demand that follows from one that fails.
//!
//! A stranger sees digests, roots, shapes, products and the coordinator's leaves, and verifies the selection's proofs.
//! With the selection (user, coordinator, computing providers) also every selector and every leaf; with a computing
//! provider's secret key also what the data providers sealed for it.

use super::{keys::ProvenKeys, Job};
use encrytrust_chain_client::{AccountId, Delivered};
use encrytrust_paillier::SecretKey;
use encrytrust_primitives::{
	bmpc::{Role, Selection, Stage},
	fault::Fault,
};

/// Blobs by digest; how they were fetched does not matter.
pub trait Blobs {
	/// The blob with this sha2-256, if it is here.
	fn blob(&self, digest: &[u8; 32]) -> Option<Vec<u8>>;
}

/// What somebody holds of a job.
#[derive(Clone, Copy)]
pub struct View<'a> {
	/// The job.
	pub job: &'a Job,
	/// What was committed to so far.
	pub commitments: &'a [Delivered],
	/// Blobs at hand.
	pub blobs: &'a dyn Blobs,
	/// The computing providers' keys, if their proofs were verified: without them selections are not verified.
	pub keys: Option<&'a ProvenKeys>,
	/// The selection, if it is known.
	pub selection: Option<&'a Selection>,
	/// A computing provider's place and key.
	pub computing: Option<(usize, &'a SecretKey)>,
}

/// A blob to be fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
	/// sha2-256.
	pub digest: [u8; 32],
	/// Who serves it.
	pub from: AccountId,
	/// In which role.
	pub role: Role,
	/// To which stage it belongs.
	pub stage: Stage,
}

/// One thing that was looked at.
#[derive(Clone, Debug)]
pub struct Finding {
	/// The stage of the commitment.
	pub stage: Stage,
	/// Who made it.
	pub who: AccountId,
	/// In which role.
	pub role: Role,
	/// What was checked, in words.
	pub check: &'static str,
	/// What came out.
	pub outcome: Outcome,
}

/// What comes out of a check.
#[derive(Clone, Debug)]
pub enum Outcome {
	/// It is as it should be.
	Holds,
	/// It is not, and this shows it to the chain: `report_fault(job, fault)`.
	Faulty(Box<Fault>),
	/// The piece is not at hand, or not what its root says: `demand(job, stage, who, piece)`.
	Missing {
		/// Which piece.
		piece: u32,
		/// Why.
		why: String,
	},
	/// This view does not show it.
	Unseen(&'static str),
}

/// The answer to a demand: `answer(job, stage, who, piece, bytes, path)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
	/// The piece.
	pub bytes: Vec<u8>,
	/// Its path to the commitment's root.
	pub path: Vec<encrytrust_chain_client::H256>,
}

/// The blobs that are not at hand and that a check of this stage would look at. Fetch them and ask again: a data
/// provider's manifest names further ones.
pub fn wanted(_view: &View<'_>, _stage: Stage) -> Vec<Wanted> {
	unimplemented!()
}

/// Checks everything that was committed to in a stage, as far as this view shows it.
pub fn check(_view: &View<'_>, _stage: Stage) -> Vec<Finding> {
	unimplemented!()
}

/// The first fault among findings.
pub fn first_fault(findings: &[Finding]) -> Option<&Fault> {
	findings.iter().find_map(|finding| match &finding.outcome {
		Outcome::Faulty(fault) => Some(&**fault),
		_ => None,
	})
}

/// The answer to a demand for a piece of one's own commitment: `blob` is what was committed to, `blobs` has the messages
/// of a data provider's manifest.
pub fn answer(_job: &Job, _stage: Stage, _piece: u32, _blob: &[u8], _blobs: &dyn Blobs) -> Option<Answer> {
	unimplemented!()
}
