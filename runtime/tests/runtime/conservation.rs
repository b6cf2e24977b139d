//! Random sequences of signed extrinsics in real blocks of the whole runtime: the issuance never changes, every hold is
//! explained by its pallet, and no balance changes without an event.

use super::{
	calls::{is_conserved, Calls, Dice, ACCOUNTS},
	*,
};
use codec::{Decode, Encode};
use encrytrust_fault_proofs::{
	product_tree::{Hashes, Tree},
	Fault, Producer,
};
use encrytrust_groth16::{decode_inputs, encode_scalar, identity::public_inputs, simulation::Trapdoor, Fr};
use encrytrust_traits::{fees::Tier, finality::FinalityClock as _};
use encrytrust_types::{
	dataset::{Column, Policy, Schema},
	identity::{possession_message, KdfParams, KeyId, KeySignature, KeyTerms, PublicKey, Purpose},
	job::{
		basis, Commitment, Endpoint, Offer, Parameters, Request, Schedule, SelectionTerms, Stage, Status, Terms,
		TreeShape, Unit,
	},
	merkle,
	token::{Program, TOTAL_ISSUANCE},
	JobId, Modulus, Name,
};
use frame_support::{
	storage::with_storage_layer,
	traits::{DisabledValidators, IsInherent},
	BoundedVec,
};
use pallet_bonds::BondKind;
use pallet_token_allocation::GrantTerms;
use proptest::prelude::*;
use sp_consensus_babe::digests::{PreDigest, SecondaryPlainPreDigest};
use sp_core::{ed25519, Bytes, Pair, H256};
use sp_keyring::Sr25519Keyring::{self, *};
use sp_runtime::{
	traits::{Convert, Dispatchable, Header as _, TransactionExtension},
	transaction_validity::InvalidTransaction,
	ApplyExtrinsicResult, Digest, DigestItem, DispatchError,
};
use sp_staking::offence::ReportOffence;
use std::collections::{BTreeMap, BTreeSet};

const SLOT: u64 = 1_000;
pub(super) const EPOCH: u64 = 5;
/// The sudo account, which does nothing else.
const SUDO: Sr25519Keyring = FerdieStash;
/// The authentication node of the presets.
const AUTHENTICATION_NODE: Sr25519Keyring = Ferdie;
const PROVIDERS: [Sr25519Keyring; 2] = [Bob, Charlie];
const COMPUTERS: [Sr25519Keyring; 2] = [Dave, Eve];
const PARTIES: [Sr25519Keyring; 5] = [Bob, Charlie, Dave, Eve, Ferdie];
/// An account that does not exist at genesis.
const NEWCOMERS: [Sr25519Keyring; 2] = [One, Two];

/// An action of an account.
#[derive(Clone, Debug)]
enum Act {
	Transfer {
		from: usize,
		to: usize,
		amount: Balance,
	},
	Grant {
		program: usize,
		to: usize,
		amount: Balance,
		cliff: u32,
		duration: u32,
		revocable: bool,
	},
	Claim {
		who: usize,
		id: u64,
	},
	WithdrawGrant {
		id: u64,
	},
	OpenAccount {
		who: usize,
	},
	Upgrade {
		who: usize,
	},
	RegisterDeveloper {
		who: usize,
	},
	BuyCalls {
		who: usize,
		count: u32,
	},
	CloseAccount {
		who: usize,
	},
	Bond {
		who: usize,
		kind: BondKind,
		amount: Balance,
	},
	Unbond {
		who: usize,
		kind: BondKind,
		amount: Balance,
	},
	Withdraw {
		who: usize,
		kind: BondKind,
	},
	Declare {
		who: usize,
	},
	Chill {
		who: usize,
	},
	Request {
		price: Balance,
	},
	Deliver {
		job: JobId,
		silent: Option<usize>,
	},
	Decline {
		job: JobId,
		who: usize,
	},
	Accept {
		job: JobId,
	},
	Settle {
		job: JobId,
	},
	Expire {
		job: JobId,
	},
	ClearJob {
		job: JobId,
	},
	Challenge {
		job: JobId,
		of: usize,
	},
	Publish {
		job: JobId,
	},
	ExpireChallenge {
		job: JobId,
	},
	Cancel {
		job: JobId,
	},
	Report {
		job: JobId,
		computing: u16,
	},
	RequestKey {
		who: usize,
		number: u8,
	},
	IssueKey {
		id: KeyId,
	},
	RefuseKey {
		id: KeyId,
	},
	RevokeKey {
		id: KeyId,
		who: usize,
	},
	NotePreimage {
		who: usize,
		length: usize,
	},
	UnnotePreimage {
		who: usize,
		length: usize,
	},
	AddProxy {
		who: usize,
		to: usize,
	},
	RemoveProxies {
		who: usize,
	},
	ByProxy {
		who: usize,
		real: usize,
		amount: Balance,
	},
	ProposeMultisig {
		who: usize,
		other: usize,
	},
	CancelMultisig {
		who: usize,
		other: usize,
	},
	Burn {
		who: usize,
		amount: Balance,
	},
	/// Any call with any arguments: signed, or from an origin that only the chain itself creates.
	Any {
		call: prop::sample::Index,
		seed: u64,
		from: usize,
	},
	Equivocate {
		validator: usize,
	},
	Blocks {
		count: u32,
		author: u32,
	},
}

fn act() -> impl Strategy<Value = Act> {
	let who = || 0..actors().len();
	let amount = || prop_oneof![1..10 * MILLI_ETS, 1..1_000 * ETS, 1..3_000_000 * ETS];
	let kind = || prop_oneof![Just(BondKind::Validator), Just(BondKind::Service)];
	let job = || 0..4u64;
	let grants = (0..6usize, who(), amount(), 0..20u32, 0..40u32, any::<bool>());
	prop_oneof![
		2 => (who(), who(), amount()).prop_map(|(from, to, amount)| Act::Transfer { from, to, amount }),
		3 => grants.prop_map(|(program, to, amount, cliff, duration, revocable)| {
			Act::Grant { program, to, amount, cliff, duration, revocable }
		}),
		2 => (who(), 0..6u64).prop_map(|(who, id)| Act::Claim { who, id }),
		1 => (0..6u64).prop_map(|id| Act::WithdrawGrant { id }),
		1 => who().prop_map(|who| Act::OpenAccount { who }),
		1 => who().prop_map(|who| Act::Upgrade { who }),
		1 => who().prop_map(|who| Act::RegisterDeveloper { who }),
		1 => (who(), 0..100u32).prop_map(|(who, count)| Act::BuyCalls { who, count }),
		1 => who().prop_map(|who| Act::CloseAccount { who }),
		2 => (who(), kind(), amount()).prop_map(|(who, kind, amount)| Act::Bond { who, kind, amount }),
		2 => (who(), kind(), amount()).prop_map(|(who, kind, amount)| Act::Unbond { who, kind, amount }),
		2 => (who(), kind()).prop_map(|(who, kind)| Act::Withdraw { who, kind }),
		1 => who().prop_map(|who| Act::Declare { who }),
		1 => who().prop_map(|who| Act::Chill { who }),
		4 => (1..10_000 * MILLI_ETS).prop_map(|price| Act::Request { price }),
		12 => (job(), prop::option::weighted(0.2, 0..PARTIES.len()))
			.prop_map(|(job, silent)| Act::Deliver { job, silent }),
		1 => (job(), 0..PARTIES.len()).prop_map(|(job, who)| Act::Decline { job, who }),
		1 => job().prop_map(|job| Act::Accept { job }),
		1 => job().prop_map(|job| Act::Settle { job }),
		3 => job().prop_map(|job| Act::Expire { job }),
		1 => job().prop_map(|job| Act::ClearJob { job }),
		2 => (job(), 0..3usize).prop_map(|(job, of)| Act::Challenge { job, of }),
		1 => job().prop_map(|job| Act::Publish { job }),
		1 => job().prop_map(|job| Act::ExpireChallenge { job }),
		1 => job().prop_map(|job| Act::Cancel { job }),
		1 => (job(), 0..3u16).prop_map(|(job, computing)| Act::Report { job, computing }),
		2 => (who(), 0..4u8).prop_map(|(who, number)| Act::RequestKey { who, number }),
		2 => (0..4u64).prop_map(|id| Act::IssueKey { id }),
		1 => (0..4u64).prop_map(|id| Act::RefuseKey { id }),
		1 => (0..4u64, who()).prop_map(|(id, who)| Act::RevokeKey { id, who }),
		1 => (who(), 0..200usize).prop_map(|(who, length)| Act::NotePreimage { who, length }),
		1 => (who(), 0..200usize).prop_map(|(who, length)| Act::UnnotePreimage { who, length }),
		1 => (who(), who()).prop_map(|(who, to)| Act::AddProxy { who, to }),
		1 => who().prop_map(|who| Act::RemoveProxies { who }),
		1 => (who(), who(), amount()).prop_map(|(who, real, amount)| Act::ByProxy { who, real, amount }),
		1 => (who(), who()).prop_map(|(who, other)| Act::ProposeMultisig { who, other }),
		1 => (who(), who()).prop_map(|(who, other)| Act::CancelMultisig { who, other }),
		1 => (who(), amount()).prop_map(|(who, amount)| Act::Burn { who, amount }),
		12 => (any::<prop::sample::Index>(), any::<u64>(), 0..ACCOUNTS.len() + 5)
			.prop_map(|(call, seed, from)| Act::Any { call, seed, from }),
		1 => (0..4usize).prop_map(|validator| Act::Equivocate { validator }),
		8 => (1..25u32, 0..4u32).prop_map(|(count, author)| Act::Blocks { count, author }),
	]
}

fn actors() -> Vec<Sr25519Keyring> {
	let validators = [AliceStash, BobStash, CharlieStash, DaveStash];
	[Alice].into_iter().chain(PARTIES).chain(validators).chain(NEWCOMERS).collect()
}

fn account(index: usize) -> AccountId {
	actors()[index].to_account_id()
}

/// A chain that authors blocks and checks each.
pub(super) struct Chain {
	parent: Header,
	pub(super) slot: u64,
	before: BTreeMap<AccountId, Balance>,
	/// The names of all events so far.
	met: BTreeSet<String>,
	calls: Calls,
}

impl Chain {
	pub(super) fn start() -> Self {
		let parent = Header::new(0, H256::zero(), H256::zero(), H256::zero(), Digest::default());
		let mut chain = Self { parent, slot: 1, before: totals(), met: BTreeSet::new(), calls: Calls::new(true) };
		chain.begin(0);
		chain
	}

	/// Begin a block, by the first authority from `author` on that can finish it. Only the block itself shows which one
	/// that is: a session that begins with it can change the validators, and disables offenders again.
	fn begin(&mut self, author: u32) {
		self.slot += 1;
		let seats = Babe::authorities().len() as u32;
		let begun = (0..seats).any(|offset| {
			with_storage_layer(|| {
				self.begin_by((author + offset) % seats).then_some(()).ok_or(DispatchError::Unavailable)
			})
			.is_ok()
		});
		assert!(begun, "too many are disabled");
		let now = RuntimeCall::Timestamp(pallet_timestamp::Call::set { now: self.slot * SLOT });
		Executive::apply_extrinsic(UncheckedExtrinsic::new_bare(now)).expect("valid").expect("the time is set");
		let finalized = System::block_number() - 1;
		let attestation = RuntimeCall::FinalityClock(pallet_finality_clock::Call::attest { finalized });
		let applied = Executive::apply_extrinsic(UncheckedExtrinsic::new_bare(attestation));
		applied.expect("valid").expect("every author is a validator");
	}

	/// Whether the authority can finish the block that it begins: BABE refuses disabled authorities, and the first block of
	/// an epoch has an author among that epoch's authorities.
	fn begin_by(&self, authority_index: u32) -> bool {
		let slot = PreDigest::SecondaryPlain(SecondaryPlainPreDigest { authority_index, slot: self.slot.into() });
		let digest = Digest { logs: vec![DigestItem::PreRuntime(sp_consensus_babe::BABE_ENGINE_ID, slot.encode())] };
		let number = self.parent.number + 1;
		Executive::initialize_block(&Header::new(number, H256::zero(), H256::zero(), self.parent.hash(), digest));
		(authority_index as usize) < Babe::authorities().len() && !Session::is_disabled(authority_index)
	}

	/// Whether there was an event of this name, as `Pallet(Event::Name`.
	pub(super) fn met(&self, event: &str) -> bool {
		self.met.contains(event)
	}

	pub(super) fn end(&mut self) {
		self.parent = Executive::finalize_block();
		let after = totals();
		let mut explained = self.before.clone();
		for record in System::read_events_no_consensus() {
			explain(&mut explained, &record.event);
			self.met.insert(event_name(&record.event));
		}
		explained.retain(|_, amount| *amount > 0);
		assert_eq!(after, explained, "a balance changed without an event in block {}", self.parent.number);
		assert_eq!(after.values().sum::<Balance>(), TOTAL_ISSUANCE, "money came or went");
		assert_eq!(Balances::total_issuance(), TOTAL_ISSUANCE);
		self.before = after;
		check_key_owners();
		FinalityClock::do_try_state().expect("the invariants hold");
	}

	pub(super) fn blocks(&mut self, count: u32, author: u32) {
		for block in 0..count {
			self.end();
			self.begin(author + block);
		}
	}

	/// Submit a signed extrinsic, which the chain can refuse; in the next block if this one is full.
	pub(super) fn send(&mut self, who: Sr25519Keyring, call: impl Into<RuntimeCall>) {
		let call = call.into();
		if self.apply(who, call.clone()) == Err(InvalidTransaction::ExhaustsResources.into()) {
			self.blocks(1, 0);
			// Whether it succeeds, fails, or is invalid: its effects must be explained.
			let _ = self.apply(who, call);
		}
	}

	pub(super) fn apply(&self, who: Sr25519Keyring, call: RuntimeCall) -> ApplyExtrinsicResult {
		let extension: TxExtension = (
			frame_system::AuthorizeCall::new(),
			frame_system::CheckNonZeroSender::new(),
			frame_system::CheckSpecVersion::new(),
			frame_system::CheckTxVersion::new(),
			frame_system::CheckGenesis::new(),
			frame_system::CheckEra::from(sp_runtime::generic::Era::Immortal),
			frame_system::CheckNonce::from(System::account_nonce(who.to_account_id())),
			frame_system::CheckWeight::new(),
			pallet_transaction_payment::ChargeTransactionPayment::from(MICRO_ETS).into(),
			frame_metadata_hash_extension::CheckMetadataHash::new(false),
			(encrytrust_runtime::content::WeighContent, encrytrust_runtime::reserved::CheckOwed),
			frame_system::WeightReclaim::new(),
		);
		let implicit = extension.implicit().expect("the chain knows its own genesis");
		let payload = SignedPayload::from_raw(call.clone(), extension.clone(), implicit);
		let signature = payload.using_encoded(|bytes| who.sign(bytes));
		let extrinsic = UncheckedExtrinsic::new_signed(call, who.to_account_id().into(), signature.into(), extension);
		Executive::apply_extrinsic(extrinsic)
	}

	fn by_voting_nodes(&mut self, call: impl Into<RuntimeCall>) {
		self.send(SUDO, pallet_sudo::Call::sudo { call: Box::new(call.into()) });
	}

	fn perform(&mut self, act: Act) {
		use pallet_bmpc::Call as Bmpc;
		use pallet_bonds::Call as Bonds;
		use pallet_identity_keys::Call as Keys;
		use pallet_proxy::Call as Proxies;
		use pallet_token_allocation::Call as Tokens;
		match act {
			Act::Transfer { from, to, amount } => {
				let call = pallet_balances::Call::transfer_allow_death { dest: account(to).into(), value: amount };
				self.send(actors()[from], call);
			},
			Act::Grant { program, to, amount, cliff, duration, revocable } => {
				let start = System::block_number() + 1;
				let terms = GrantTerms { amount, start, cliff, duration, revocable };
				let program = Program::ALL[program];
				let beneficiary = account(to);
				self.by_voting_nodes(Tokens::grant { program, beneficiary, terms });
			},
			Act::Claim { who, id } => self.send(actors()[who], Tokens::claim { grant_id: id }),
			Act::WithdrawGrant { id } => self.by_voting_nodes(Tokens::withdraw_grant { grant_id: id }),
			Act::OpenAccount { who } => self.send(actors()[who], Tokens::create_account {}),
			Act::Upgrade { who } => self.send(actors()[who], Tokens::upgrade_account { tier: Tier::Professional }),
			Act::RegisterDeveloper { who } => {
				let name = BoundedVec::truncate_from(b"Example".to_vec());
				self.send(actors()[who], Tokens::register_developer { name });
			},
			Act::BuyCalls { who, count } => self.send(actors()[who], Tokens::buy_api_calls { count }),
			Act::CloseAccount { who } => self.send(actors()[who], Tokens::close_account {}),
			Act::Bond { who, kind, amount } => {
				self.send(actors()[who], Bonds::bond { kind, amount });
				self.send(actors()[who], Bonds::bond_more { kind, amount });
			},
			Act::Unbond { who, kind, amount } => self.send(actors()[who], Bonds::unbond { kind, amount }),
			Act::Withdraw { who, kind } => self.send(actors()[who], Bonds::withdraw { kind }),
			Act::Declare { who } => self.send(actors()[who], Bonds::declare {}),
			Act::Chill { who } => self.send(actors()[who], Bonds::chill {}),
			Act::Request { price } => {
				let offer = Offer::Coordinator { price };
				self.send(Ferdie, Bmpc::update_role { endpoint: endpoint(), offer, terms: terms() });
				self.send(Alice, Bmpc::request { request: request() });
			},
			Act::Deliver { job, silent } => self.deliver(job, silent),
			Act::Decline { job, who } => {
				let reason = encrytrust_types::job::DeclineReason::Data;
				self.send(PARTIES[who], Bmpc::decline { job_id: job, reason });
			},
			Act::Accept { job } => self.send(Alice, Bmpc::accept { job_id: job }),
			Act::Settle { job } => self.send(One, Bmpc::settle { job_id: job }),
			Act::Expire { job } => {
				let status = pallet_bmpc::Statuses::<Runtime>::get(job);
				if let Some(Status::Open { awaited, .. }) = status {
					self.wait_until(awaited.iter().map(|awaited| awaited.deadline).min().unwrap_or_default());
				}
				self.send(AliceStash, Bmpc::expire { job_id: job });
			},
			Act::ClearJob { job } => self.send(Alice, Bmpc::clear_job { job_id: job }),
			Act::Challenge { job, of } => self.challenge(job, of),
			Act::Publish { job } => publish(job),
			Act::ExpireChallenge { job } => {
				if let Some(open) = encrytrust_runtime::Bmpc::open_units(job).into_iter().next() {
					self.wait_until(open.deadline);
					self.send(BobStash, Bmpc::expire_challenge { job_id: job });
				}
			},
			Act::Cancel { job } => self.send(Alice, Bmpc::cancel { job_id: job }),
			Act::Report { job, computing } => {
				self.send(BobStash, Bmpc::report_fault { job_id: job, fault: Box::new(fault(computing)) })
			},
			Act::RequestKey { who, number } => {
				let node = AUTHENTICATION_NODE.to_account_id();
				let (terms, possession) = (key_terms(number), possession(number, &account(who)));
				self.send(actors()[who], Keys::request_key { terms, node, possession });
			},
			Act::IssueKey { id } => self.send(AUTHENTICATION_NODE, Keys::issue_key { key_id: id }),
			Act::RefuseKey { id } => self.send(AUTHENTICATION_NODE, Keys::refuse_key { key_id: id }),
			Act::RevokeKey { id, who } => {
				let proof = revocation(id, &account(who)).unwrap_or_else(|| vec![0; 256]);
				self.send(actors()[who], Keys::revoke_key { key_id: id, proof });
			},
			Act::NotePreimage { who, length } => {
				self.send(actors()[who], pallet_preimage::Call::note_preimage { bytes: vec![7; length] });
			},
			Act::UnnotePreimage { who, length } => {
				let hash = sp_io::hashing::blake2_256(&vec![7; length]).into();
				self.send(actors()[who], pallet_preimage::Call::unnote_preimage { hash });
			},
			Act::AddProxy { who, to } => {
				let delegate = account(to).into();
				self.send(actors()[who], Proxies::add_proxy { delegate, proxy_type: Default::default(), delay: 0 });
			},
			Act::RemoveProxies { who } => self.send(actors()[who], Proxies::remove_proxies {}),
			Act::ByProxy { who, real, amount } => {
				let transfer = pallet_balances::Call::transfer_allow_death { dest: account(who).into(), value: amount };
				let real = account(real).into();
				let call = Box::new(transfer.into());
				self.send(actors()[who], Proxies::proxy { real, force_proxy_type: None, call });
			},
			Act::ProposeMultisig { who, other } => {
				let other_signatories = vec![account(other)];
				let call_hash = [9; 32];
				self.send(
					actors()[who],
					pallet_multisig::Call::approve_as_multi {
						threshold: 2,
						other_signatories,
						maybe_timepoint: None,
						call_hash,
						max_weight: Default::default(),
					},
				);
			},
			Act::CancelMultisig { who, other } => {
				let parties: BTreeSet<_> = [account(who), account(other)].into();
				let multisig = Multisig::multi_account_id(&parties.into_iter().collect::<Vec<_>>(), 2);
				if let Some(open) = pallet_multisig::Multisigs::<Runtime>::get(multisig, [9; 32]) {
					let other_signatories = vec![account(other)];
					let timepoint = open.when;
					self.send(
						actors()[who],
						pallet_multisig::Call::cancel_as_multi {
							threshold: 2,
							other_signatories,
							timepoint,
							call_hash: [9; 32],
						},
					);
				}
			},
			Act::Burn { who, amount } => {
				let outcome =
					self.apply(actors()[who], pallet_balances::Call::burn { value: amount, keep_alive: false }.into());
				let filtered = frame_system::Error::<Runtime>::CallFiltered.into();
				assert!(outcome == Ok(Err(filtered)) || outcome.is_err(), "{outcome:?}");
			},
			Act::Any { call, seed, from } => self.call(call, seed, from),
			Act::Equivocate { validator } => equivocate(validator),
			Act::Blocks { count, author } => self.blocks(count, author),
		}
	}

	/// Any call with any arguments, signed by one of the accounts, or from an origin that no signature creates.
	fn call(&mut self, call: prop::sample::Index, seed: u64, from: usize) {
		let all = self.calls.all();
		let Some(call) = self.calls.any(call.get(&all), &mut Dice(seed)) else { return };
		if let Some(who) = ACCOUNTS.get(from) {
			return self.send(*who, call);
		}
		type VotingNodes = pallet_collective::RawOrigin<AccountId, pallet_collective::Instance1>;
		let origin: RuntimeOrigin = match from - ACCOUNTS.len() {
			// Inherents are in a block once.
			0 if <Runtime as IsInherent<_>>::is_inherent(&UncheckedExtrinsic::new_bare(call.clone())) => return,
			0 => RuntimeOrigin::none(),
			1 => frame_system::RawOrigin::<AccountId>::Authorized.into(),
			2 => VotingNodes::Members(3, 4).into(),
			3 => enactment::Origin::VotingNodes.into(),
			_ => VotingNodes::Member(Alice.to_account_id()).into(),
		};
		let outcome = call.clone().dispatch(origin);
		assert!(is_conserved(), "{call:?}: {outcome:?}");
	}

	/// Blocks pass until the finality clock is past `deadline`.
	pub(super) fn wait_until(&mut self, deadline: BlockNumber) {
		for _ in 0..200 {
			if FinalityClock::now() > deadline {
				return;
			}
			self.blocks(1, System::block_number());
		}
	}

	/// The coordinator challenges the trees of a computing provider, or the user those of the coordinator.
	pub(super) fn challenge(&mut self, job: JobId, of: usize) {
		let Some(record) = pallet_bmpc::Jobs::<Runtime>::get(job) else { return };
		let (who, unit) = match of {
			0 | 1 => (Ferdie, Unit::Outputs { computing: of as u16, part: 0 }),
			_ => (Alice, Unit::Result { part: 0 }),
		};
		let units = record.contract.unit_index(&unit).into_iter().collect();
		self.send(who, pallet_bmpc::Call::challenge { job_id: job, units });
	}

	/// All awaited parties of a job deliver, except the silent one.
	fn deliver(&mut self, job: JobId, silent: Option<usize>) {
		let silent = silent.map(|index| PARTIES[index]);
		for (party, call) in deliveries(job).into_iter().filter(|(party, _)| Some(*party) != silent) {
			self.send(party, call);
		}
	}

	/// Register roles, datasets and bonds, so that jobs can be requested.
	pub(super) fn register(&mut self) {
		use pallet_bmpc::Call as Bmpc;
		for party in PARTIES {
			let amount = 1_000 * ETS;
			self.send(party, pallet_bonds::Call::bond { kind: BondKind::Service, amount });
		}
		for provider in PROVIDERS {
			let offer = Offer::DataProvider;
			self.send(provider, Bmpc::register_role { endpoint: endpoint(), offer, terms: terms() });
			let policy = Policy {
				templates: BoundedVec::truncate_from(vec![0, 1]),
				min_rows: 1,
				buyers: None,
				max_queries: None,
			};
			let column = Column { name: name("dose"), decimals: 3, bits: 20 };
			let schema = Schema::V1(BoundedVec::truncate_from(vec![column]));
			let title = name("Doses");
			let rows = 100;
			let fingerprint = H256::zero();
			let price = MILLI_ETS;
			self.send(provider, Bmpc::register_dataset { title, schema, rows, fingerprint, price, policy });
		}
		for computer in COMPUTERS {
			let offer = Offer::ComputingProvider { price: 5 * MILLI_ETS, paillier: modulus(), key_proof: [7; 32] };
			self.send(computer, Bmpc::register_role { endpoint: endpoint(), offer, terms: terms() });
			self.blocks(1, 0);
		}
		let offer = Offer::Coordinator { price: ETS };
		self.send(Ferdie, Bmpc::register_role { endpoint: endpoint(), offer, terms: terms() });
		self.blocks(1, 0);
	}
}

/// What the awaited parties of a job owe.
pub(super) fn deliveries(job_id: JobId) -> Vec<(Sr25519Keyring, RuntimeCall)> {
	type Bmpc = pallet_bmpc::Call<Runtime>;
	let Some(info) = encrytrust_runtime::Bmpc::job(job_id) else { return vec![] };
	let Status::Open { stage, awaited, .. } = info.status else { return vec![] };
	let contract_hash = info.contract_hash;
	let basis = basis(contract_hash, &info.mask_keys, stage, &info.commitments);
	let is_data_provider = |who: &AccountId| info.contract.data.iter().any(|data| data.party.who == *who);
	let root = merkle::leaf(0, tree_hashes().root().as_bytes());
	let commitment = Commitment { root, blob: [4; 32] };
	let call = |who: AccountId| match stage {
		Stage::Confirmation => {
			let mask_key = is_data_provider(&who).then(|| who.into());
			Bmpc::confirm { job_id, contract_hash, mask_key }
		},
		Stage::Selection => Bmpc::commit_selection { job_id, commitment, basis },
		Stage::Inputs => Bmpc::commit_inputs { job_id, commitment, basis },
		Stage::Outputs => Bmpc::commit_output { job_id, commitment, basis },
		Stage::Result => Bmpc::commit_result { job_id, commitment, basis },
	};
	let is_awaited = |party: &Sr25519Keyring| awaited.iter().any(|awaited| awaited.who == party.to_account_id());
	PARTIES.into_iter().filter(is_awaited).map(|party| (party, call(party.to_account_id()).into())).collect()
}

/// Publish what is challenged, without an account.
fn publish(job: JobId) {
	for open in Bmpc::open_units(job) {
		// Before its turn it is refused.
		let _ = Executive::apply_extrinsic(publication(job, open.unit, tree_bytes()));
	}
}

/// The transaction that publishes the only chunk of a unit of trees.
pub(super) fn publication(job: JobId, unit: u32, bytes: Vec<u8>) -> UncheckedExtrinsic {
	let extrinsic = Bmpc::publication(job, unit, 0, bytes, Vec::new()).expect("it is short");
	UncheckedExtrinsic::decode(&mut &extrinsic[..]).expect("it is one")
}

/// A validator is reported for two blocks in one slot. Not the author of this block: BABE refuses the block of a
/// disabled authority.
fn equivocate(validator: usize) {
	let validators = Session::validators();
	let who = validators[validator % validators.len()].clone();
	if Authorship::author() == Some(who.clone()) {
		return;
	}
	if let Some(offence) = equivocation_of(&who) {
		let _ = Offences::report_offence(vec![], offence);
	}
}

/// Check that the authorities of this session are recorded as key owners.
fn check_key_owners() {
	let owners = encrytrust_runtime::key_owners::Records::<Runtime>::get(Session::current_index());
	let recorded: Vec<_> = owners.expect("there is a record").into_iter().map(|owner| owner.keys.babe).collect();
	let authorities: Vec<_> = Babe::authorities().into_iter().map(|(key, _)| key).collect();
	assert_eq!(recorded, authorities);
}

/// A validator's stake.
type Offender = (AccountId, Balance);

/// A validator's two blocks in the current slot; `None` without a stake.
pub(super) fn equivocation_of(who: &AccountId) -> Option<pallet_babe::EquivocationOffence<Offender>> {
	let exposure = <Runtime as encrytrust_runtime::key_owners::Config>::ExposureOf::convert(who.clone())?;
	Some(pallet_babe::EquivocationOffence {
		slot: u64::from(System::block_number()).into(),
		session_index: Session::current_index(),
		validator_set_count: Session::validators().len() as u32,
		offender: (who.clone(), exposure),
	})
}

/// The only tree that everyone commits to: over two leaves, as there are two data providers and two computing
/// providers. Its node is not the product of its children.
fn tree() -> Tree {
	let value = || vec![1; 2 * modulus().len()];
	Tree { levels: vec![vec![value(), value()], vec![value()]] }
}

/// The chunk of [`tree`].
pub(super) fn tree_bytes() -> Vec<u8> {
	tree().levels.into_iter().flatten().flatten().collect()
}

fn tree_hashes() -> Hashes {
	tree().hashes(TreeShape::new(2), 2 * modulus().len()).expect("a tree")
}

/// The proof that [`tree`] has a wrong product: that of the computing provider, or of the coordinator if there is none.
pub(super) fn fault(computing: u16) -> Fault {
	let tree = tree();
	let hashes = tree_hashes();
	let producer = if computing < 2 { Producer::Computing(computing) } else { Producer::Coordinator };
	let child = |index| hashes.child(&tree, 0, index).expect("a leaf");
	let node = hashes.prove(&tree, 1, 0, Default::default()).expect("a root");
	Fault::Product { producer, output: 0, node, left: child(0), right: Some(child(1)) }
}

/// A key whose secret all accounts here know.
fn trapdoor() -> Trapdoor {
	Trapdoor::new(3, 1)
}

fn identity_key(number: u8) -> ed25519::Pair {
	ed25519::Pair::from_seed(&[number; 32])
}

/// The signature by which a key is registered for `owner`.
fn possession(number: u8, owner: &AccountId) -> KeySignature {
	let public_key = key_terms(number).public_key;
	let message = possession_message(Purpose::Request, &System::block_hash(0).0, &owner.clone().into(), &public_key);
	KeySignature::Ed25519(identity_key(number).sign(&message).0)
}

fn key_terms(number: u8) -> KeyTerms {
	KeyTerms {
		public_key: PublicKey::Ed25519(identity_key(number).public().0),
		commitment: encode_scalar(&Fr::from(number)),
		salt: [number; 16],
		kdf: KdfParams::default(),
	}
}

/// The proof by which `who` revokes a key; `None` if there is no such key.
fn revocation(id: KeyId, who: &AccountId) -> Option<Vec<u8>> {
	let statement = IdentityKeys::statement(id, who, None)?;
	let inputs = public_inputs(&statement.commitment, &statement.fingerprint, &statement.context);
	Some(trapdoor().prove(&decode_inputs(&inputs).ok()?, 0).encode().to_vec())
}

/// Apply the changes of balances that `event` reports.
fn explain(totals: &mut BTreeMap<AccountId, Balance>, event: &RuntimeEvent) {
	use pallet_balances::Event::*;
	use pallet_bonds::Event::Slashed as BondSlashed;
	let mut add = |who: &AccountId, amount: &Balance| *totals.entry(who.clone()).or_default() += amount;
	match event {
		RuntimeEvent::Balances(Deposit { who, amount } | Minted { who, amount }) => add(who, amount),
		RuntimeEvent::Balances(
			Transfer { to, amount, .. }
			| TransferOnHold { dest: to, amount, .. }
			| ReserveRepatriated { to, amount, .. },
		) => add(to, amount),
		_ => {},
	}
	let mut take = |who: &AccountId, amount: &Balance| {
		let total = totals.entry(who.clone()).or_default();
		*total = total.checked_sub(*amount).expect("nobody loses more than it has");
	};
	match event {
		RuntimeEvent::Balances(
			Withdraw { who, amount }
			| Burned { who, amount }
			| Slashed { who, amount }
			| BurnedHeld { who, amount, .. }
			| DustLost { account: who, amount }
			| Transfer { from: who, amount, .. }
			| TransferOnHold { source: who, amount, .. }
			| ReserveRepatriated { from: who, amount, .. },
		) => take(who, amount),
		RuntimeEvent::Bonds(BondSlashed { offender, amount, .. }) => take(offender, amount),
		_ => {},
	}
}

/// The balances of each account, free and on hold.
fn totals() -> BTreeMap<AccountId, Balance> {
	let accounts = frame_system::Account::<Runtime>::iter();
	let totals = accounts.map(|(who, account)| (who, account.data.free + account.data.reserved));
	totals.filter(|(_, total)| *total > 0).collect()
}

/// Every hold has a reason of a pallet, and equals the sum over that pallet's records.
fn check_holds() {
	use RuntimeHoldReason::*;
	for (who, holds) in pallet_balances::Holds::<Runtime>::iter() {
		for hold in &holds {
			match hold.id {
				Bmpc(_) | Bonds(_) | TokenAllocation(_) | IdentityKeys(_) | Session(_) => (),
				Preimage(_) => assert_eq!(hold.amount, preimages(&who), "{who}: preimages"),
				VotingNodes(_) => assert_eq!(hold.amount, motions(&who), "{who}: motions"),
			}
		}
		let held: Balance = holds.iter().map(|hold| hold.amount).sum();
		assert!(Balances::reserved_balance(&who) >= held, "{who}");
	}
	let held = pallet_balances::Holds::<Runtime>::iter_values().flatten().map(|hold| hold.amount).sum::<Balance>();
	let reserved =
		frame_system::Account::<Runtime>::iter_values().map(|account| account.data.reserved).sum::<Balance>();
	assert_eq!(reserved, held + deposits(), "what is reserved and neither on hold nor a deposit");
	encrytrust_runtime::Bmpc::do_try_state().expect("computation contracts");
	encrytrust_runtime::Bonds::do_try_state().expect("bonds");
	encrytrust_runtime::TokenAllocation::do_try_state().expect("grants and accounts");
	encrytrust_runtime::IdentityKeys::do_try_state().expect("identity keys");
}

/// The deposits of an account for preimages.
fn preimages(who: &AccountId) -> Balance {
	use pallet_preimage::RequestStatus::*;
	let deposit = |status: pallet_preimage::RequestStatus<_, pallet_preimage::TicketOf<Runtime>>| match status {
		Unrequested { ticket, .. } | Requested { maybe_ticket: Some(ticket), .. } if ticket.0 == *who => {
			Balance::decode(&mut &ticket.1.encode()[..]).expect("a ticket is what it costs")
		},
		_ => 0,
	};
	pallet_preimage::RequestStatusFor::<Runtime>::iter_values().map(deposit).sum()
}

/// The deposits of an account for motions.
fn motions(who: &AccountId) -> Balance {
	let costs = pallet_collective::CostOf::<Runtime, pallet_collective::Instance1>::iter_values();
	let own = costs.filter(|(proposer, _)| proposer == who).map(|(_, ticket)| ticket.encode());
	own.map(|ticket| Balance::decode(&mut &ticket[..]).expect("a ticket is what it costs")).sum()
}

/// The amounts reserved for proxies, their announcements, and multisig calls.
fn deposits() -> Balance {
	let proxies = pallet_proxy::Proxies::<Runtime>::iter_values().map(|(_, deposit)| deposit);
	let announcements = pallet_proxy::Announcements::<Runtime>::iter_values().map(|(_, deposit)| deposit);
	let multisigs = pallet_multisig::Multisigs::<Runtime>::iter_values().map(|multisig| multisig.deposit);
	proxies.chain(announcements).chain(multisigs).sum()
}

fn name(text: &str) -> Name {
	BoundedVec::truncate_from(text.as_bytes().to_vec())
}

fn endpoint() -> Endpoint {
	Endpoint { sealing: [1; 32], peer: [2; 32], address: BoundedVec::truncate_from(b"/ip4/127.0.0.1/tcp/1".to_vec()) }
}

/// The length of a stage: a block to be cut off in, the margin for inclusion, and two for work and bytes.
const STAGE: BlockNumber = 43;

/// An odd number of 2048 bits that is divisible by three.
fn modulus() -> Modulus {
	let mut bytes = vec![0x5a; 256];
	(bytes[0], bytes[255]) = (0xff, 0x5d);
	BoundedVec::truncate_from(bytes)
}

/// Terms that allow everything here.
pub(super) fn terms() -> Terms<AccountId, Balance, BlockNumber> {
	Terms {
		base: 0,
		work_per_block: 1_000,
		bytes_per_block: 1_000_000,
		max_bond: Balance::MAX,
		max_publication: u64::MAX,
		max_span: BlockNumber::MAX,
		buyers: None,
		co_providers: None,
	}
}

pub(super) fn request() -> Request<AccountId, Balance, BlockNumber> {
	Request {
		template: 1,
		datasets: BoundedVec::truncate_from(vec![0, 1]),
		row_ranges: BoundedVec::new(),
		computing_providers: BoundedVec::truncate_from(COMPUTERS.map(|who| who.to_account_id()).to_vec()),
		coordinator: Ferdie.to_account_id(),
		user_key: modulus(),
		selection: SelectionTerms {
			commitment: H256::repeat_byte(1),
			selected: 1,
			sealed: BoundedVec::truncate_from(vec![BoundedVec::truncate_from(vec![2]); COMPUTERS.len() + 1]),
		},
		parameters: Parameters::None,
		user_key_proof: [7; 32],
		schedule: Schedule { confirmation: 12, ..Schedule::uniform(STAGE) },
		max_price: Balance::MAX,
	}
}

/// The local chain with short epochs and eras, and delays to match.
pub(super) fn chain() -> TestExternalities {
	chain_with(|_| {})
}

/// The same, with other parameters of bonds.
pub(super) fn chain_with(change: impl FnOnce(&mut pallet_bonds::Parameters<BlockNumber>)) -> TestExternalities {
	preset_with("local_testnet", |config| {
		config.consensus_parameters.slot_duration = SLOT;
		config.consensus_parameters.epoch_slots = EPOCH;
		config.bonds.parameters.sessions_per_era = 2;
		config.bonds.parameters.validator_unbonding = 30;
		config.bonds.parameters.service_unbonding = 15;
		change(&mut config.bonds.parameters);
		config.bmpc.outage = 1;
		config.sudo.key = Some(SUDO.to_account_id());
		config.identity_keys.verifying_key = Some(Bytes(trapdoor().verifying_key().encode()));
	})
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

	#[test]
	fn balances_are_explained_over_any_sequence_of_calls(acts in prop::collection::vec(act(), 20..60)) {
		chain().execute_with(|| {
			let mut chain = Chain::start();
			chain.register();
			for act in acts {
				chain.perform(act);
				check_holds();
			}
			// Past the end of an era, with its rewards and chills.
			chain.blocks(3 * EPOCH as u32, 1);
			chain.end();
			check_holds();
		});
	}
}

/// The actions of the random sequences reach all kinds of events, or the sequences would test little.
#[test]
fn acts_reach_all_expected_events() {
	chain().execute_with(|| {
		let mut chain = Chain::start();
		chain.register();
		let confirm_and_select = |job| [Act::Deliver { job, silent: None }, Act::Deliver { job, silent: None }];
		let three_jobs = [ETS; 3].map(|price| Act::Request { price });
		let settled = [Act::Deliver { job: 0, silent: None }, Act::Deliver { job: 0, silent: None }]
			.into_iter()
			.chain([Act::Deliver { job: 0, silent: None }, Act::Accept { job: 0 }]);
		let grant = Act::Grant { program: 0, to: 10, amount: 5 * ETS, cliff: 1, duration: 2, revocable: true };
		let rest = [
			Act::Burn { who: 0, amount: ETS },
			// By accounts that are in no job: with a revoked key they could take no other.
			Act::RequestKey { who: 6, number: 1 },
			Act::RequestKey { who: 7, number: 2 },
			Act::IssueKey { id: 0 },
			Act::RefuseKey { id: 1 },
			Act::RevokeKey { id: 0, who: 3 },
			Act::NotePreimage { who: 1, length: 100 },
			Act::UnnotePreimage { who: 1, length: 100 },
			Act::NotePreimage { who: 2, length: 200 },
			Act::AddProxy { who: 1, to: 2 },
			Act::ByProxy { who: 2, real: 1, amount: ETS },
			Act::AddProxy { who: 3, to: 4 },
			Act::RemoveProxies { who: 1 },
			Act::ProposeMultisig { who: 0, other: 1 },
			Act::CancelMultisig { who: 0, other: 1 },
			Act::ProposeMultisig { who: 2, other: 3 },
			grant,
			Act::OpenAccount { who: 1 },
			Act::Decline { job: 2, who: 4 },
			Act::Deliver { job: 1, silent: Some(0) },
			Act::Expire { job: 1 },
			Act::Transfer { from: 0, to: 10, amount: ETS },
			Act::Claim { who: 10, id: 0 },
			// Two more jobs: one ends by a fault proof, the other by a unit that is not published.
			Act::Request { price: ETS },
			Act::Deliver { job: 3, silent: None },
			Act::Deliver { job: 3, silent: None },
			Act::Deliver { job: 3, silent: None },
			Act::Deliver { job: 3, silent: None },
			Act::Challenge { job: 3, of: 0 },
			Act::Publish { job: 3 },
			Act::Report { job: 3, computing: 1 },
			Act::Request { price: ETS },
			Act::Deliver { job: 4, silent: None },
			Act::Deliver { job: 4, silent: None },
			Act::Deliver { job: 4, silent: None },
			Act::Deliver { job: 4, silent: None },
			Act::Challenge { job: 4, of: 0 },
			Act::ExpireChallenge { job: 4 },
			Act::Request { price: ETS },
			Act::Cancel { job: 5 },
			Act::Equivocate { validator: 2 },
			Act::Equivocate { validator: 3 },
			Act::Blocks { count: 4 * EPOCH as u32, author: 0 },
		];
		let acts =
			three_jobs.into_iter().chain(confirm_and_select(0)).chain(confirm_and_select(1)).chain(settled).chain(rest);
		for act in acts {
			chain.perform(act);
			check_holds();
		}
		chain.end();
		for event in [
			"Bmpc(Event::Settled",
			"Bmpc(Event::Expired",
			"Bmpc(Event::Compensated",
			"Bmpc(Event::Declined",
			"Bmpc(Event::UnitChallenged",
			"Bmpc(Event::ChunkPublished",
			"Bmpc(Event::Cancelled",
			"Bmpc(Event::FaultProven",
			"IdentityKeys(Event::KeyRequested",
			"IdentityKeys(Event::KeyIssued",
			"IdentityKeys(Event::RequestRefused",
			"IdentityKeys(Event::KeyRevoked",
			"Preimage(Event::Noted",
			"Preimage(Event::Cleared",
			"Proxy(Event::ProxyAdded",
			"Proxy(Event::ProxyExecuted",
			"Multisig(Event::NewMultisig",
			"Multisig(Event::MultisigCancelled",
			"Bonds(Event::Slashed",
			"Bonds(Event::Compensated",
			"Bonds(Event::Rewarded",
			"Bonds(Event::Chilled",
			"TokenAllocation(Event::Claimed",
			"TokenAllocation(Event::FeePaid",
		] {
			assert!(chain.met.contains(event), "{event} is not among {:#?}", chain.met);
		}
	});
}

/// The pallet and name of an event, as `Pallet(Event::Name`.
fn event_name(event: &RuntimeEvent) -> String {
	let text = format!("{event:?}");
	let end = text.find([' ', '{']).unwrap_or(text.len());
	text[..end].to_string()
}
