//! Who stands behind an account, for the pallets that count by person instead of by account.

/// Participants, as the pallets that make contracts see them.
pub trait Participants<AccountId> {
	/// The account by which the buyer behind `who` is counted: the same for all accounts of a certificate. Accounts are
	/// free, so that a limit that counts them limits nobody.
	fn buyer(who: &AccountId) -> AccountId;
}

/// No participants: every account is a buyer of its own.
impl<AccountId: Clone> Participants<AccountId> for () {
	fn buyer(who: &AccountId) -> AccountId {
		who.clone()
	}
}
