//! The pallet's events.

use frame_support::pallet_macros::pallet_section;

#[pallet_section]
mod events {
	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	// Fields are named so that they need no docs.
	#[allow(missing_docs)]
	pub enum Event<T: Config> {
		/// An account registered a role.
		RoleRegistered { who: T::AccountId, role: Role },
		/// A role's endpoint or offer changed, for future jobs.
		RoleUpdated { who: T::AccountId, role: Role },
		/// An account gave up a role.
		RoleUnregistered { who: T::AccountId, role: Role },
		/// A dataset was put on offer.
		DatasetRegistered { dataset_id: DatasetId, provider: T::AccountId },
		/// A dataset's price or policy changed, for future jobs.
		DatasetUpdated { dataset_id: DatasetId },
		/// A dataset's rows changed, for future jobs; it now has `rows`.
		DatasetRefreshed { dataset_id: DatasetId, rows: u64 },
		/// A dataset was withdrawn: no future job can use it.
		DatasetWithdrawn { dataset_id: DatasetId },
		/// A template was added.
		TemplateAdded { template_id: TemplateId },
		/// A template was retired: no future job can use it.
		TemplateRetired { template_id: TemplateId },
		/// A job was created; its price is held in escrow. The parties confirm `contract_hash`.
		Requested { job_id: JobId, user: T::AccountId, contract_hash: H256, escrow: BalanceOf<T> },
		/// A stage began. It must end in the block `deadline` or earlier.
		StageEntered { job_id: JobId, stage: Stage, deadline: BlockNumberFor<T> },
		/// A party confirmed the contract.
		Confirmed { job_id: JobId, party: T::AccountId },
		/// A party declined the contract; the job ended and the user was refunded.
		Declined { job_id: JobId, party: T::AccountId, reason: DeclineReason, refunded: BalanceOf<T> },
		/// A party delivered what it owed in a stage.
		Delivered { job_id: JobId, stage: Stage, party: T::AccountId, commitment: Commitment },
		/// The result was delivered. The challenge window is open up to and including the block `until`.
		ChallengeStarted { job_id: JobId, until: BlockNumberFor<T> },
		/// A party was paid.
		Paid { job_id: JobId, party: T::AccountId, role: Role, amount: BalanceOf<T> },
		/// A party's account could not receive its pay, because it does not exist and the pay is below the existential
		/// deposit. `recipient` received it: the fees' destination, or the user if even that account could not.
		PaymentDiverted {
			job_id: JobId,
			party: T::AccountId,
			role: Role,
			amount: BalanceOf<T>,
			recipient: T::AccountId,
		},
		/// All parties and the service fee were paid, and the job ended.
		Settled { job_id: JobId, fee: BalanceOf<T> },
		/// A stage was overdue; the job ended and the user was refunded. `slashed` is the sum over all late parties.
		Expired {
			job_id: JobId,
			stage: Stage,
			late_parties: Vec<T::AccountId>,
			refunded: BalanceOf<T>,
			slashed: BalanceOf<T>,
		},
		/// A party was proven to be at fault; the job ended and the user was refunded. There is no reporter if the
		/// fault is a challenged unit that was not published.
		FaultProven {
			job_id: JobId,
			offender: T::AccountId,
			role: Role,
			fault: FaultKind,
			reporter: Option<T::AccountId>,
			refunded: BalanceOf<T>,
		},
		/// A unit was challenged. Its owner must publish it between these values of the finality clock.
		UnitChallenged {
			job_id: JobId,
			unit: u32,
			challenger: T::AccountId,
			from: BlockNumberFor<T>,
			deadline: BlockNumberFor<T>,
		},
		/// A chunk of a challenged unit was published; it is in the transaction.
		ChunkPublished { job_id: JobId, unit: u32, chunk: u32 },
		/// A request was not confirmed by all in time, or a party lacked what the contract needs at the last confirmation
		/// (`reason`). The user was refunded; the roles of the silent parties are suspended.
		Lapsed { job_id: JobId, silent_parties: Vec<T::AccountId>, reason: Option<DispatchError> },
		/// The user cancelled a request before all had confirmed it, and was refunded.
		Cancelled { job_id: JobId, refunded: BalanceOf<T> },
		/// A suspended role takes requests again.
		RoleResumed { who: T::AccountId, role: Role },
		/// A party was slashed for being late or at fault. The amount is below what the contract says only if the bond
		/// was. What compensated nobody went to the Foundation.
		Slashed { job_id: JobId, offender: T::AccountId, amount: BalanceOf<T> },
		/// A party that had delivered was paid out of the bond of one that was late or at fault.
		Compensated { job_id: JobId, party: T::AccountId, offender: T::AccountId, amount: BalanceOf<T> },
		/// The record of an ended job was cleared.
		JobCleared { job_id: JobId },
	}
}
