//! Whose identity key is active, as the pallets see it that let accounts start something.

/// Identity keys of accounts.
pub trait KeyRegistry<AccountId> {
	/// Whether `who` has an active identity key.
	fn is_active(who: &AccountId) -> bool;

	/// Whether `who` may start something: take a role, be put into a contract, confirm one. What is under way goes on
	/// whatever becomes of the key.
	///
	/// Always with an active key. Without one, only as long as identity keys are not required, and only for who never
	/// had one: a key that was revoked keeps its owner from starting anything.
	fn may_start(who: &AccountId) -> bool;

	/// Give `who` an active key, out of nothing.
	#[cfg(feature = "runtime-benchmarks")]
	fn activate(who: &AccountId);
}

/// No identity keys: nobody has one, and nobody needs one.
impl<AccountId> KeyRegistry<AccountId> for () {
	fn is_active(_: &AccountId) -> bool {
		false
	}
	fn may_start(_: &AccountId) -> bool {
		true
	}
	#[cfg(feature = "runtime-benchmarks")]
	fn activate(_: &AccountId) {}
}
