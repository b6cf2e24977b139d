//! Which accounts have active identity keys, for the pallets that depend on them.

/// Identity keys of accounts.
pub trait KeyRegistry<AccountId> {
	/// Whether `who` has an active identity key.
	fn is_active(who: &AccountId) -> bool;

	/// Whether `who` can participate in something new: register a role, become a party of a contract, confirm one. What
	/// is under way continues even if the key is revoked.
	///
	/// Always with an active key. Without one, only as long as identity keys are not required, and only if the account
	/// never had a key: a revoked key excludes its owner.
	fn can_participate(who: &AccountId) -> bool;

	/// Issue `who` an active key without a request.
	#[cfg(feature = "runtime-benchmarks")]
	fn activate(who: &AccountId);
}

/// No identity keys: no account has one, and none is required.
impl<AccountId> KeyRegistry<AccountId> for () {
	fn is_active(_: &AccountId) -> bool {
		false
	}
	fn can_participate(_: &AccountId) -> bool {
		true
	}
	#[cfg(feature = "runtime-benchmarks")]
	fn activate(_: &AccountId) {}
}
