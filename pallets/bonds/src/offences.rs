//! Offences against consensus: equivocation in BABE and GRANDPA.
//!
//! A proven offence slashes a fraction of what the validator had at stake in the offence's session, ends its candidacy
//! and disables it until an era begins without it, even in an era for which it had already been elected.
//!
//! **What is slashed.** The block of an offence is not known, but its session is, and with it the block of the election
//! that fixed the stake. The bonded amount can be slashed, and parts that began to unbond in that block or later and
//! were not withdrawn: all of these were at stake. Parts that began to unbond before were not. A session is kept until
//! all of that can have been withdrawn. A report of an older one slashes nothing, so that no new bond is slashed for an
//! offence before it.
//!
//! **How often.** When another validator is reported for the same time slot, the offences pallet reports all previous
//! ones again, with a larger fraction. Therefore only the largest offence of a session is charged: each report slashes
//! the difference to the previous ones. A node that runs twice by mistake and equivocates in every slot until it is
//! disabled is slashed as for one offence.

use crate::{pallet::*, types::*, ValidatorSessions, WeightInfo};
use frame_support::{traits::Defensive, weights::Weight};
use frame_system::pallet_prelude::BlockNumberFor;
use sp_runtime::Perbill;
use sp_staking::{
	offence::{OffenceDetails, OffenceSeverity, OnOffenceHandler},
	SessionIndex,
};

impl<T: Config> OnOffenceHandler<T::AccountId, ValidatorOf<T>, Weight> for Pallet<T> {
	fn on_offence(
		offenders: &[OffenceDetails<T::AccountId, ValidatorOf<T>>],
		fractions: &[Perbill],
		session: SessionIndex,
	) -> Weight {
		if let Some(record) = SessionRecords::<T>::get(session) {
			for (OffenceDetails { offender: (who, exposure), .. }, fraction) in offenders.iter().zip(fractions) {
				Self::punish(who, *exposure, *fraction, session, record.elected_at);
			}
		}
		T::WeightInfo::on_offence(offenders.len() as u32)
	}
}

impl<T: Config> Pallet<T> {
	fn punish(
		who: &T::AccountId,
		exposure: Balance,
		fraction: Perbill,
		session: SessionIndex,
		elected_at: BlockNumberFor<T>,
	) {
		let charge = fraction.mul_floor(exposure);
		let before = SessionSlashes::<T>::get(session, who);
		if before.is_some_and(|before| before >= charge) {
			return;
		}
		SessionSlashes::<T>::insert(session, who, charge);
		let due = charge.saturating_sub(before.unwrap_or_default());
		let credit = Self::slash_bond(BondKind::Validator, who, due, elected_at);
		Self::resolve_to_pot(who, credit);
		Self::chill_candidate(who, ChillReason::Offence);
		Self::note_offender(who, fraction);
		T::Sessions::report_offence(who, OffenceSeverity(fraction));
	}

	fn note_offender(who: &T::AccountId, fraction: Perbill) {
		Offenders::<T>::mutate(|offenders| match offenders.iter_mut().find(|(offender, _)| offender == who) {
			Some((_, largest)) => *largest = fraction.max(*largest),
			// If the list were full, the offender would be disabled for this session only; it fits two eras'
			// validators.
			None => drop(offenders.try_push((who.clone(), fraction)).defensive()),
		});
	}

	/// Disable offenders again that still validate, or are going to.
	pub(crate) fn disable_offenders() {
		let elected = Elected::<T>::get();
		let planned = Planned::<T>::get().unwrap_or_default();
		let seated = |who: &T::AccountId| elected.exposure(who).or_else(|| planned.exposure(who)).is_some();
		Offenders::<T>::mutate_exists(|entry| {
			let mut offenders = entry.take().unwrap_or_default();
			offenders.retain(|(who, _)| seated(who));
			for (who, fraction) in &offenders {
				T::Sessions::report_offence(who, OffenceSeverity(*fraction));
			}
			*entry = Some(offenders).filter(|offenders| !offenders.is_empty());
		});
	}
}
