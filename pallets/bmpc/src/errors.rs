//! The pallet's errors: each with its cause and how to avoid it, as wallets show them.

use frame_support::pallet_macros::pallet_section;

#[pallet_section]
mod errors {
	#[pallet::error]
	pub enum Error<T> {
		/// The account does not have this role. Register it with `register_role` first.
		NotRegistered,
		/// The account already has this role. Change it with `update_role`.
		AlreadyRegistered,
		/// Jobs are under way in this role. Give it up when they have ended.
		RoleInUse,
		/// The address is not a multiaddress in text without control characters. Give one like `/ip4/192.0.2.1/tcp/4001`.
		InvalidAddress,
		/// The Paillier modulus is neither exactly 2048 nor exactly 3072 bits long. Make a key of one of these lengths.
		ModulusLength,
		/// The Paillier modulus is even. Make a key with software for Paillier keys.
		ModulusEven,
		/// The Paillier modulus is a prime, so that anyone can decrypt. It must be the product of two primes.
		ModulusPrime,
		/// A title or name is empty, not UTF-8, or has characters that control a terminal or the order of a line. Give
		/// plain text.
		InvalidName,
		/// The dataset has no columns or no rows. It needs both.
		EmptyDataset,
		/// A column has more than 15 decimals, or its integers have 0 or more than 62 bits. Scale the column.
		InvalidColumn,
		/// Two columns have the same name. Rename one.
		DuplicateColumn,
		/// There is no such template. Look them up with `BmpcApi_templates`.
		UnknownTemplate,
		/// The template is retired. Choose another.
		TemplateRetired,
		/// All template ids are used up.
		TooManyTemplates,
		/// There is no such dataset. Look them up with `BmpcApi_datasets`.
		UnknownDataset,
		/// The dataset has been withdrawn. Choose another.
		DatasetWithdrawn,
		/// The dataset or job belongs to another account. Sign with its owner's account.
		NotAuthorized,
		/// The request has no dataset or no computing provider. It needs at least one of each.
		NoProvider,
		/// An account is in the request twice, or the user is one of the providers. All parties must be different
		/// accounts, so only one dataset of each data provider can take part.
		DuplicateParty,
		/// The datasets' columns differ. Choose datasets with equal columns.
		SchemaMismatch,
		/// The number of selected features is 0 or more than there are, or the selection is not sealed to each
		/// computing provider and the coordinator. Select between one and all features, and seal to all of them in the
		/// contract's order.
		InvalidSelection,
		/// The parameters are not those that the template takes, or the number of weights differs from the number of
		/// selected columns. See `docs/protocol/bmpc.md`.
		InvalidParameters,
		/// There is no pair of columns, or there are more than 1024 features, or more than fit into a message of 1.5
		/// MiB. Choose other datasets, another template, or computing providers with keys of 2048 bits.
		TooManyFeatures,
		/// The sums would be wider than 120 bits or than the user's key. Request fewer bins, smaller weights or
		/// narrower columns, or make a key of 3072 bits.
		ValuesTooWide,
		/// A dataset's policy does not allow this template. Choose another template or dataset.
		TemplateNotAllowed,
		/// A dataset's policy requires more of its own rows behind each number. A row-wise template has one row behind each
		/// number: choose another template or dataset.
		TooFewRows,
		/// A dataset's policy or a party's terms do not allow this user. Ask the provider to allow it.
		BuyerNotAllowed,
		/// The user has had as many jobs over a dataset as its policy allows.
		TooManyQueries,
		/// A stage is shorter than `MinStage`, or than a party's terms ask for this work. Give it more time.
		StageTooShort,
		/// All stages together are longer than `MaxJobSpan`. Give them less time.
		ScheduleTooLong,
		/// The price is above the user's maximum. Raise the maximum, or choose cheaper providers.
		PriceAboveMaximum,
		/// A number would overflow. Choose smaller datasets or lower prices.
		Overflow,
		/// A party or the user has `MaxActiveJobs` jobs under way. Wait for one to end, or choose another party.
		TooManyJobs,
		/// A party's available service bond is below the job's bond. Choose another party, or have it add to its bond
		/// with `Bonds::bond_more`.
		BondTooLow,
		/// There is no such job, or its record has been cleared.
		UnknownJob,
		/// The account owes nothing in this stage of the job.
		NotParty,
		/// The job is in another stage, or has ended. Look it up with `BmpcApi_job`.
		WrongStage,
		/// The stage's deadline has passed. Anyone may expire the job now.
		TooLate,
		/// The account has already confirmed or delivered.
		AlreadyDelivered,
		/// The hash is not that of the job's contract. Hash the contract that `BmpcApi_job` returns.
		WrongContract,
		/// A data provider confirms with a mask key. Draw an X25519 key for this job alone, and post its public part.
		MaskKeyMissing,
		/// Only data providers have mask keys. Confirm without one.
		MaskKeyNotAllowed,
		/// The mask key is not the canonical encoding of a point, or the point is of small order. Draw another key.
		InvalidMaskKey,
		/// Another party of the job has posted this mask key, which cannot be: keys are random, so one was copied. The job
		/// lapses.
		DuplicateMaskKey,
		/// The challenge window is open. Settle after its last block; only the user can accept earlier.
		ChallengeOpen,
		/// The deadline has not passed yet. Try again after its block.
		NotOverdue,
		/// The job has not ended. Its record can be cleared afterwards.
		NotEnded,
		/// The proof names a party, feature, output or part that the job does not have. Indices start at 0, in the
		/// contract's order.
		OutOfRange,
		/// The party has not committed to anything in that stage. There is nothing to report.
		NotDelivered,
		/// A number in the proof has the wrong length for the job's keys, or is not below its modulus.
		WrongLength,
		/// The node is on the wrong level for this fault, or a leaf comes with children. Show the node itself.
		WrongLevel,
		/// A path in the proof has the wrong length for its position.
		WrongPathLength,
		/// The proof gives the node two identical children, which no tree has.
		EqualChildren,
		/// The children in the proof are not those of the node.
		WrongChildren,
		/// The proof does not lead to the party's commitment in this job. Make it from the blobs of this job.
		NotCommitted,
		/// The selection's opening does not open the contract's commitment.
		WrongSelection,
		/// The feature is not selected, or belongs to another output or leaf.
		WrongFeature,
		/// Removing the blinding from the leaf does not give the expected value. Take the blinding of this feature,
		/// provider and job.
		WrongBlinding,
		/// The opening does not show what was transferred. Only a chosen column can be reported.
		WrongOpening,
		/// The entry itself is malformed. Report that as `Entry`.
		MalformedEntry,
		/// The selector is no ciphertext. Report the coordinator's message as `SelectionProof`.
		MalformedSelector,
		/// The proof shows correct behaviour: nobody is at fault.
		FaultNotProven,
		/// The account reports a fault of its own.
		SelfReport,
		/// The account has made its availability challenge in this stage. Each party has one, and the user one in the
		/// challenge window.
		AlreadyChallenged,
		/// The chunk, or every unit that the challenge names, is published. Read it from the chain.
		AlreadyPublished,
		/// The unit is not challenged, or is published.
		UnknownUnit,
		/// The unit's turn in the queue has not come. Publish it from the block that its challenge names.
		TooEarly,
		/// A challenged unit is open. Wait until it is published, or until its deadline, and then try again.
		UnitOpen,
		/// The delivery was made from other commitments than those on this chain. Make it from the finalised ones.
		WrongBasis,
		/// The job may have to publish more than `MaxPublication` bytes. Split it into jobs over fewer rows.
		PublicationTooLarge,
		/// All confirmed jobs may have to publish and to call as much as the chain has reserved space for. Confirm again
		/// later.
		ReservedSpaceFull,
		/// A provider's pay is less than twice what it may be charged for publications. Choose dearer providers or
		/// smaller work.
		PayBelowCharges,
		/// The job's bond is above what a party's terms allow. Choose another party, or split the job.
		BondAboveTerms,
		/// The job may have to publish more than a party's terms allow. Choose another party, or split the job.
		PublicationAboveTerms,
		/// The job can take longer than a party's terms allow. Choose shorter stages, or another party.
		SpanAboveTerms,
		/// A party's terms do not allow another provider of the job. Choose other providers.
		CoProviderNotAllowed,
		/// The role is suspended, since its party neither confirmed nor declined a request. Choose another party.
		RoleSuspended,
		/// The role is not suspended.
		NotSuspended,
		/// A dataset's rows changed since the request. Request again.
		DatasetChanged,
		/// Only the user may clear this record before `Retention` blocks have passed since the job's end.
		Retained,
		/// The account's identity key was revoked, or it has none where one is required. Have one issued, see
		/// `IdentityKeys::request_key`; choose another party until then.
		InactiveIdentity,
		/// The rows of a row-wise template need more than 2^20 ciphertexts for each column. Choose fewer or smaller
		/// datasets.
		TooManyRows,
		/// Row ranges are of a template that is not row-wise, or there is not one for each dataset, or one is empty or
		/// ends behind its dataset's rows.
		InvalidRowRange,
	}
}
