//! How far a long operation is, for whoever shows it.

/// A step of an operation that takes seconds or more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
	/// The proof about a key is being made.
	ProvingKey,
	/// What the parties have published is being fetched.
	Fetching,
	/// What they have published is being checked.
	Checking {
		/// Blobs that were read so far.
		blobs_read: u64,
	},
	/// The result is being decrypted.
	Decrypting {
		/// Parts that were decrypted so far.
		done: u32,
		/// Out of so many.
		parts: u32,
	},
}

/// Takes the steps of operations.
pub trait Progress: Send + Sync {
	/// This step is under way.
	fn report(&self, _step: Step) {}

	/// The step that was reported last is over.
	fn finish(&self) {}
}

/// Shows nothing.
#[derive(Clone, Copy, Debug)]
pub struct Unreported;

impl Progress for Unreported {}
