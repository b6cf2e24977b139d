//! Validators: candidates, elections, eras and rewards.

use crate::{election, pallet::*, types::*, WeightInfo};
use alloc::{collections::BTreeSet, vec::Vec};
use frame_support::{
	ensure,
	pallet_prelude::*,
	storage::with_storage_layer,
	traits::{fungible::Mutate, tokens::Preservation},
};
use frame_system::{pallet_prelude::BlockNumberFor, Pallet as System};
use pallet_session::Pallet as Session;
use sp_runtime::traits::{Convert, Saturating, Zero};
use sp_staking::{offence::OffenceSeverity, SessionIndex};

/// Sessions as this pallet needs them.
pub trait ValidatorSessions<AccountId> {
	/// Whether `who` has set session keys.
	fn has_keys(who: &AccountId) -> bool;

	/// Who makes blocks in this session.
	fn validators() -> Vec<AccountId>;

	/// Tell of an offence, so that the validator is disabled for the rest of its term.
	fn report_offence(who: &AccountId, severity: OffenceSeverity);

	/// Set session keys of `who`.
	#[cfg(feature = "runtime-benchmarks")]
	fn set_keys(who: &AccountId);
}

impl<T> ValidatorSessions<T::AccountId> for Session<T>
where
	T: pallet_session::Config<ValidatorId = <T as frame_system::Config>::AccountId>,
{
	fn has_keys(who: &T::AccountId) -> bool {
		pallet_session::NextKeys::<T>::contains_key(who)
	}

	fn validators() -> Vec<T::AccountId> {
		Session::<T>::validators()
	}

	fn report_offence(who: &T::AccountId, severity: OffenceSeverity) {
		Session::<T>::report_offence(who.clone(), severity);
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn set_keys(who: &T::AccountId) {
		use codec::{Decode, Encode};
		use frame_support::traits::Defensive;
		let bytes = who.encode();
		let keys = T::Keys::decode(&mut sp_runtime::traits::TrailingZeroInput::new(&bytes));
		if let Ok(keys) = keys.defensive() {
			pallet_session::NextKeys::<T>::insert(who, keys);
		}
	}
}

/// Candidates.
impl<T: Config> Pallet<T> {
	pub(crate) fn do_declare(who: T::AccountId) -> DispatchResult {
		let stake = Self::active(BondKind::Validator, &who);
		ensure!(!stake.is_zero(), Error::<T>::NotBonded);
		ensure!(stake >= CurrentParameters::<T>::get().min_validator_bond, Error::<T>::BelowMinimum);
		ensure!(T::Sessions::has_keys(&who), Error::<T>::NoSessionKeys);
		ensure!(!Self::is_candidate(&who), Error::<T>::AlreadyCandidate);
		if Candidates::<T>::decode_len().unwrap_or_default() >= T::MaxCandidates::get() as usize {
			let outbid = Self::outbid_by(stake).ok_or(Error::<T>::TooManyCandidates)?;
			Self::chill_candidate(&outbid, ChillReason::Outbid);
		}
		Candidates::<T>::try_mutate(|candidates| {
			let place = candidates.partition_point(|candidate| *candidate < who);
			candidates.try_insert(place, who.clone()).map_err(|_| Error::<T>::TooManyCandidates)
		})?;
		Self::deposit_event(Event::Declared { who });
		Ok(())
	}

	pub(crate) fn do_chill(who: T::AccountId) -> DispatchResult {
		ensure!(Self::chill_candidate(&who, ChillReason::Requested), Error::<T>::NotCandidate);
		Ok(())
	}

	pub(crate) fn do_chill_other(who: T::AccountId) -> DispatchResult {
		ensure!(Self::is_candidate(&who), Error::<T>::NotCandidate);
		let minimum = CurrentParameters::<T>::get().min_validator_bond;
		ensure!(Self::active(BondKind::Validator, &who) < minimum, Error::<T>::NotBelowMinimum);
		Self::chill_candidate(&who, ChillReason::BelowMinimum);
		Ok(())
	}

	pub(crate) fn do_set_parameters(parameters: ParametersOf<T>) -> DispatchResult {
		Self::check_parameters(&parameters)?;
		CurrentParameters::<T>::put(&parameters);
		Self::deposit_event(Event::ParametersSet { parameters });
		Ok(())
	}

	pub(crate) fn check_parameters(parameters: &ParametersOf<T>) -> Result<(), Error<T>> {
		let Parameters { validators, max_new, min_validators, sessions_per_era, .. } = *parameters;
		ensure!((1..=T::MaxValidators::get()).contains(&validators), Error::<T>::InvalidValidators);
		ensure!(max_new >= 1, Error::<T>::InvalidMaxNew);
		ensure!((1..=validators).contains(&min_validators), Error::<T>::InvalidMinValidators);
		ensure!(sessions_per_era >= 1, Error::<T>::InvalidSessionsPerEra);
		for kind in [BondKind::Validator, BondKind::Service] {
			ensure!(!parameters.minimum(kind).is_zero(), Error::<T>::InvalidMinimumBond);
			ensure!(!parameters.unbonding(kind).is_zero(), Error::<T>::InvalidUnbonding);
		}
		// What an offence can be proven by is kept for as long as there is a bond to answer for it.
		let evidence = T::SessionLength::get().saturating_mul(T::EvidenceSessions::get().into());
		let answerable = Self::least_unbonding(sessions_per_era)..=evidence;
		ensure!(answerable.contains(&parameters.validator_unbonding), Error::<T>::InvalidUnbonding);
		Ok(())
	}

	fn least_unbonding(sessions: u32) -> BlockNumberFor<T> {
		least_unbonding(T::SessionLength::get(), sessions)
	}

	/// Blocks until what begins to unbond now can be withdrawn. Eras that were longer when they began, or were elected,
	/// outlive a change of the parameters.
	pub(crate) fn unbonding(kind: BondKind) -> BlockNumberFor<T> {
		let unbonding = CurrentParameters::<T>::get().unbonding(kind);
		match kind {
			BondKind::Service => unbonding,
			BondKind::Validator => {
				let sessions = CurrentEra::<T>::get().sessions.max(Self::next_era_sessions());
				unbonding.max(Self::least_unbonding(sessions))
			},
		}
	}

	/// How many sessions the next era has, as far as is known.
	fn next_era_sessions() -> u32 {
		NextEraSessions::<T>::get().unwrap_or_else(|| CurrentParameters::<T>::get().sessions_per_era)
	}

	pub(crate) fn is_candidate(who: &T::AccountId) -> bool {
		Candidates::<T>::get().binary_search(who).is_ok()
	}

	/// End the candidacy of `who`; whether there was one.
	pub(crate) fn chill_candidate(who: &T::AccountId, reason: ChillReason) -> bool {
		let mut candidates = Candidates::<T>::get();
		let Ok(place) = candidates.binary_search(who) else { return false };
		candidates.remove(place);
		Candidates::<T>::put(candidates);
		Self::deposit_event(Event::Chilled { who: who.clone(), reason });
		true
	}

	/// The candidate that makes room for a newcomer with `stake`: the last by rank of those that are not elected, if it
	/// has less.
	fn outbid_by(stake: Balance) -> Option<T::AccountId> {
		let (elected, planned) = (Elected::<T>::get(), Planned::<T>::get());
		let seated = |who: &T::AccountId| {
			elected.exposure(who).is_some() || planned.as_ref().is_some_and(|planned| planned.exposure(who).is_some())
		};
		let mut others: Vec<_> = Self::stakes().filter(|(who, _)| !seated(who)).collect();
		election::rank(&mut others);
		others.pop().filter(|(_, lowest)| *lowest < stake).map(|(who, _)| who)
	}

	/// The candidates with what they have bonded.
	fn stakes() -> impl Iterator<Item = ValidatorOf<T>> {
		Candidates::<T>::get().into_iter().map(|who| {
			let stake = Self::active(BondKind::Validator, &who);
			(who, stake)
		})
	}
}

/// Elections and eras.
///
/// The session pallet plans session `n + 1` when session `n` begins, so the last session of an era is that in which the
/// validators of the next one are elected. Work per rotation is bounded: an election reads at most
/// [`Config::MaxCandidates`] bonds, and an era's end makes at most [`Config::MaxValidators`] transfers. The session
/// pallet accounts for a rotation with the whole block; `integrity_test` checks that this suffices.
impl<T: Config> Pallet<T> {
	/// The validators from session `index` on, if it begins an era.
	pub(crate) fn plan_session(index: SessionIndex) -> Option<Vec<ValidatorOf<T>>> {
		let era = CurrentEra::<T>::get();
		if index < era.end() {
			return None;
		}
		let ParametersOf::<T> { validators, max_new, min_validators, sessions_per_era, .. } =
			CurrentParameters::<T>::get();
		NextEraSessions::<T>::put(sessions_per_era);
		let incumbents: BTreeSet<_> = Elected::<T>::get().validators.into_iter().map(|(who, _)| who).collect();
		let winners = election::elect(Self::eligible(), &incumbents, validators, max_new);
		let (era, elected) = (era.index.saturating_add(1), winners.len() as u32);
		if elected < min_validators {
			Self::withhold_bonds();
			Self::deposit_event(Event::ElectionSkipped { era, candidates: elected });
			return None;
		}
		// There are at most `MaxValidators` seats.
		let validators = BoundedVec::truncate_from(winners.clone());
		Planned::<T>::put(ElectionOf::<T> { at: System::<T>::block_number(), validators });
		Self::deposit_event(Event::ValidatorsElected { era, validators: elected });
		Some(winners)
	}

	/// The validators stay for another era: so does what they have at stake, unbonded or not. None of it can have been
	/// withdrawn yet, for it began to unbond at their election or later.
	pub(crate) fn withhold_bonds() {
		let Election { at, validators } = Elected::<T>::get();
		let until = System::<T>::block_number().saturating_add(Self::unbonding(BondKind::Validator));
		for (who, _) in validators {
			Ledgers::<T>::mutate(BondKind::Validator, &who, |ledger| {
				if let Some(ledger) = ledger {
					ledger.withhold(at, until);
				}
			});
		}
	}

	/// Candidates that may be elected.
	fn eligible() -> Vec<ValidatorOf<T>> {
		let minimum = CurrentParameters::<T>::get().min_validator_bond;
		Self::stakes().filter(|(who, stake)| *stake >= minimum && T::Sessions::has_keys(who)).collect()
	}

	/// Session `index` begins.
	pub(crate) fn begin_session(index: SessionIndex) {
		let era = CurrentEra::<T>::get();
		if index >= era.end() {
			Self::end_era(era.index);
			Self::begin_era(era.index.saturating_add(1), index);
		}
		let record = SessionRecord { elected_at: Elected::<T>::get().at, started_at: System::<T>::block_number() };
		SessionRecords::<T>::insert(index, record);
		Self::disable_offenders();
		Self::forget_sessions(index);
	}

	/// Pay the validators for their blocks; those without any are no candidates any more.
	pub(crate) fn end_era(era: u32) {
		let rate = CurrentParameters::<T>::get().reward_per_block;
		for (who, _) in Elected::<T>::get().validators {
			match Points::<T>::take(&who) {
				0 => drop(Self::chill_candidate(&who, ChillReason::Idle)),
				points => Self::pay_reward(era, who, points, rate),
			}
		}
	}

	fn pay_reward(era: u32, who: T::AccountId, points: u32, rate: Balance) {
		let amount = Self::reward(points, rate);
		if amount.is_zero() {
			return;
		}
		let pot = T::RewardPot::get();
		let paid = with_storage_layer(|| T::Currency::transfer(&pot, &who, amount, Preservation::Preserve));
		Self::deposit_event(match paid {
			Ok(_) => Event::Rewarded { era, who, points, amount },
			Err(_) => Event::RewardUnpaid { era, who, amount },
		});
	}

	/// What `points` earn. More than all money is as good as more than the pot has.
	pub(crate) fn reward(points: u32, rate: Balance) -> Balance {
		Balance::from(points).saturating_mul(rate)
	}

	fn begin_era(index: u32, start_session: SessionIndex) {
		if let Some(planned) = Planned::<T>::take() {
			Elected::<T>::put(planned);
		}
		let sessions = Self::next_era_sessions();
		NextEraSessions::<T>::kill();
		CurrentEra::<T>::put(Era { index, start_session, sessions });
		Self::deposit_event(Event::EraStarted { era: index, session: start_session });
	}

	/// Forget sessions whose validators can have withdrawn all that they had at stake: nothing answers for offences so
	/// old. Two at once at most, so that the work is bounded and a backlog still shrinks.
	fn forget_sessions(current: SessionIndex) {
		let horizon = System::<T>::block_number().saturating_sub(Self::unbonding(BondKind::Validator));
		let oldest = OldestSession::<T>::get();
		let last = current.min(oldest.saturating_add(2));
		let binding = |next| SessionRecords::<T>::get(next).is_some_and(|next| next.started_at > horizon);
		let kept = (oldest..last).find(|session| binding(session.saturating_add(1))).unwrap_or(last);
		if kept == oldest {
			return;
		}
		for session in oldest..kept {
			SessionRecords::<T>::remove(session);
			let _ = SessionSlashes::<T>::clear_prefix(session, T::MaxValidators::get(), None);
		}
		OldestSession::<T>::put(kept);
	}

	/// The validators of the first two sessions; none if genesis names none, and the session pallet takes its own.
	fn genesis_validators() -> Option<Vec<ValidatorOf<T>>> {
		Some(Elected::<T>::get().validators.into_inner()).filter(|validators| !validators.is_empty())
	}
}

impl<T: Config> pallet_session::SessionManager<T::AccountId> for Pallet<T> {
	fn new_session(index: SessionIndex) -> Option<Vec<T::AccountId>> {
		Self::plan_session(index).map(|validators| validators.into_iter().map(|(who, _)| who).collect())
	}

	fn new_session_genesis(_: SessionIndex) -> Option<Vec<T::AccountId>> {
		Self::genesis_validators().map(|validators| validators.into_iter().map(|(who, _)| who).collect())
	}

	fn start_session(index: SessionIndex) {
		Self::begin_session(index);
	}

	fn end_session(_: SessionIndex) {}
}

/// What a validator of this session has at stake: its identification in proofs of offences.
#[derive(Clone, Copy, Debug)]
pub struct ExposureOf<T>(PhantomData<T>);

impl<T: Config> Convert<T::AccountId, Option<Balance>> for ExposureOf<T> {
	fn convert(who: T::AccountId) -> Option<Balance> {
		Elected::<T>::get().exposure(&who)
	}
}

impl<T: Config> pallet_authorship::EventHandler<T::AccountId, BlockNumberFor<T>> for Pallet<T> {
	fn note_author(author: T::AccountId) {
		System::<T>::register_extra_weight_unchecked(T::WeightInfo::note_author(), DispatchClass::Mandatory);
		if Elected::<T>::get().exposure(&author).is_some() {
			Points::<T>::mutate(author, |points| *points = points.saturating_add(1));
		}
	}
}
