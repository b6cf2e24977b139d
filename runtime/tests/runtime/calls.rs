//! Every call of every pallet, found in the runtime's type information, so that new calls are included automatically.
//! The arguments are random encodings that decode, chosen so that many of them are meaningful on the chain under test.

use super::*;
use codec::{Compact, DecodeAll, Encode};
use encrytrust_runtime::content::NESTED_TOO_DEEPLY;
use encrytrust_types::token::{Program, TOTAL_ISSUANCE};
use frame_support::{
	assert_ok,
	dispatch::DispatchResultWithPostInfo,
	storage::{with_transaction, TransactionOutcome},
	traits::{IsInherent, UnfilteredDispatchable},
};
use scale_info::{form::PortableForm, MetaType, Path, PortableRegistry, Registry, TypeDef, TypeDefPrimitive, Variant};
use sp_keyring::Sr25519Keyring;
use sp_runtime::{
	traits::{Dispatchable, Header as _},
	transaction_validity::InvalidTransaction,
	DispatchError,
};

/// The accounts that sign, and that are named in arguments. None of them has sudo.
pub(super) const ACCOUNTS: [Sr25519Keyring; 10] = [
	Sr25519Keyring::Alice,
	Sr25519Keyring::Bob,
	Sr25519Keyring::Charlie,
	Sr25519Keyring::Dave,
	Sr25519Keyring::Eve,
	Sr25519Keyring::Ferdie,
	Sr25519Keyring::AliceStash,
	Sr25519Keyring::BobStash,
	Sr25519Keyring::One,
	Sr25519Keyring::Two,
];

/// The calls by which root can change the issuance, or any other state: `docs/operators.md` lists them. No other call
/// can, from any origin.
const ROOT_ONLY: [(&str, &str); 12] = [
	("System", "set_code"),
	("System", "set_code_without_checks"),
	("System", "authorize_upgrade"),
	("System", "authorize_upgrade_without_checks"),
	("System", "set_storage"),
	("System", "kill_storage"),
	("System", "kill_prefix"),
	("Balances", "force_set_balance"),
	("Balances", "force_adjust_total_issuance"),
	// As any account: root bypasses the filter by it.
	("Utility", "dispatch_as"),
	("Utility", "dispatch_as_fallible"),
	("Sudo", "sudo_as"),
];

/// The maximum depth of nested calls.
const MAX_DEPTH: u32 = 2;

/// A pseudo-random sequence from a seed: splitmix64.
pub(super) struct Dice(pub(super) u64);

impl Dice {
	fn next(&mut self) -> u64 {
		self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
		let mut mixed = self.0;
		mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
		mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
		mixed ^ (mixed >> 31)
	}

	fn below(&mut self, bound: usize) -> usize {
		(self.next() % bound as u64) as usize
	}

	fn one_of<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
		&choices[self.below(choices.len())]
	}

	/// An amount, an id, a block or a count: mostly small ones, and those at the limits.
	fn number(&mut self, bits: u32) -> u128 {
		let now = u128::from(System::block_number());
		let all = u128::MAX >> (128 - bits);
		let number = match self.below(8) {
			0 => 0,
			1 => all,
			2 => now + self.below(4) as u128,
			3 => MILLI_ETS * self.below(5) as u128,
			4 => ETS * self.below(10_000) as u128,
			5 => u128::from(self.next()) << 64 | u128::from(self.next()),
			_ => self.below(5) as u128,
		};
		number & all
	}
}

/// The runtime's calls.
pub(super) struct Calls {
	types: PortableRegistry,
	call: u32,
	/// Whether arguments that are calls are generated too; otherwise each of them is a remark.
	nested: bool,
}

/// A call: the indices and names of its pallet and itself.
#[derive(Clone, Debug)]
pub(super) struct CallId {
	pallet: (u8, String),
	call: (u8, String),
}

impl CallId {
	fn is_root_only(&self) -> bool {
		ROOT_ONLY.contains(&(&self.pallet.1, &self.call.1))
	}
}

impl Calls {
	pub(super) fn new(nested: bool) -> Self {
		let mut registry = Registry::new();
		let call = registry.register_type(&MetaType::new::<RuntimeCall>()).id;
		Self { types: registry.into(), call, nested }
	}

	/// All calls.
	pub(super) fn all(&self) -> Vec<CallId> {
		let of_pallet = |pallet: &Variant<PortableForm>| {
			let calls = self.variants(pallet.fields[0].ty.id).to_vec();
			let pallet = (pallet.index, pallet.name.clone());
			calls.into_iter().map(move |call| CallId { pallet: pallet.clone(), call: (call.index, call.name) })
		};
		self.variants(self.call).iter().flat_map(of_pallet).collect()
	}

	/// A call with arguments; `None` if no encoding of its arguments was found that decodes.
	pub(super) fn any(&self, id: &CallId, dice: &mut Dice) -> Option<RuntimeCall> {
		let attempt = |_| {
			let mut bytes = Vec::new();
			self.write_call(id, dice, 0, &mut bytes);
			RuntimeCall::decode_all(&mut &bytes[..]).ok()
		};
		(0..50).find_map(attempt)
	}

	fn variants(&self, ty: u32) -> &[Variant<PortableForm>] {
		match &self.types.resolve(ty).expect("a known type").type_def {
			TypeDef::Variant(variants) => &variants.variants,
			other => panic!("calls are variants, not {other:?}"),
		}
	}

	fn write_call(&self, id: &CallId, dice: &mut Dice, depth: u32, out: &mut Vec<u8>) {
		let pallets = self.variants(self.call);
		let pallet = pallets.iter().find(|pallet| pallet.index == id.pallet.0).expect("a known pallet");
		let calls = self.variants(pallet.fields[0].ty.id);
		let call = calls.iter().find(|call| call.index == id.call.0).expect("a known call");
		out.extend([pallet.index, call.index]);
		call.fields.iter().for_each(|field| self.write(field.ty.id, dice, depth, out));
	}

	/// Random bytes that mostly are an encoding of the type.
	fn write(&self, ty: u32, dice: &mut Dice, depth: u32, out: &mut Vec<u8>) {
		if ty == self.call {
			return self.write_nested(dice, depth, out);
		}
		let resolved = self.types.resolve(ty).expect("a known type");
		if is(&resolved.path, "AccountId32") {
			return out.extend(account(dice).encode());
		}
		if is(&resolved.path, "MultiAddress") {
			return out.extend(Address::Id(account(dice)).encode());
		}
		match &resolved.type_def {
			TypeDef::Composite(composite) => {
				composite.fields.iter().for_each(|field| self.write(field.ty.id, dice, depth, out))
			},
			TypeDef::Variant(variants) if variants.variants.is_empty() => (),
			TypeDef::Variant(variants) => {
				let variant = dice.one_of(&variants.variants);
				out.push(variant.index);
				variant.fields.iter().for_each(|field| self.write(field.ty.id, dice, depth, out));
			},
			TypeDef::Sequence(sequence) => {
				let length = dice.below(4);
				out.extend(Compact(length as u32).encode());
				(0..length).for_each(|_| self.write(sequence.type_param.id, dice, depth, out));
			},
			TypeDef::Array(array) => (0..array.len).for_each(|_| self.write(array.type_param.id, dice, depth, out)),
			TypeDef::Tuple(tuple) => tuple.fields.iter().for_each(|field| self.write(field.id, dice, depth, out)),
			TypeDef::Primitive(primitive) => write_primitive(primitive, dice, out),
			TypeDef::Compact(compact) => {
				let bits = self.bits(compact.type_param.id);
				out.extend(Compact(dice.number(bits)).encode());
			},
			TypeDef::BitSequence(_) => out.extend(Compact(0u32).encode()),
		}
	}

	fn write_nested(&self, dice: &mut Dice, depth: u32, out: &mut Vec<u8>) {
		if !self.nested || depth >= MAX_DEPTH {
			return out.extend(remark().encode());
		}
		let id = dice.one_of(&self.all()).clone();
		self.write_call(&id, dice, depth + 1, out);
	}

	/// The type of the number in a compact encoding.
	fn bits(&self, ty: u32) -> u32 {
		match &self.types.resolve(ty).expect("a known type").type_def {
			TypeDef::Composite(composite) => self.bits(composite.fields[0].ty.id),
			TypeDef::Primitive(TypeDefPrimitive::U8) => 8,
			TypeDef::Primitive(TypeDefPrimitive::U16) => 16,
			TypeDef::Primitive(TypeDefPrimitive::U32) => 32,
			TypeDef::Primitive(TypeDefPrimitive::U64) => 64,
			_ => 128,
		}
	}
}

fn is(path: &Path<PortableForm>, name: &str) -> bool {
	path.ident().as_deref() == Some(name)
}

fn account(dice: &mut Dice) -> AccountId {
	match dice.below(8) {
		0 => dice.one_of(&Program::ALL).account(),
		_ => dice.one_of(&ACCOUNTS).to_account_id(),
	}
}

fn write_primitive(primitive: &TypeDefPrimitive, dice: &mut Dice, out: &mut Vec<u8>) {
	let bits = match primitive {
		TypeDefPrimitive::Bool => return out.push(dice.below(2) as u8),
		TypeDefPrimitive::Str => return out.extend("text".encode()),
		TypeDefPrimitive::Char => return out.extend(u32::from('x').encode()),
		TypeDefPrimitive::U8 | TypeDefPrimitive::I8 => 8,
		TypeDefPrimitive::U16 | TypeDefPrimitive::I16 => 16,
		TypeDefPrimitive::U32 | TypeDefPrimitive::I32 => 32,
		TypeDefPrimitive::U64 | TypeDefPrimitive::I64 => 64,
		TypeDefPrimitive::U128 | TypeDefPrimitive::I128 => 128,
		TypeDefPrimitive::U256 | TypeDefPrimitive::I256 => return out.extend([0; 32]),
	};
	out.extend(&dice.number(bits).to_le_bytes()[..bits as usize / 8]);
}

fn remark() -> RuntimeCall {
	frame_system::Call::remark { remark: vec![] }.into()
}

/// All origins of calls except root.
fn origins() -> Vec<(&'static str, RuntimeOrigin)> {
	use pallet_collective::RawOrigin::{Member, Members};
	type VotingNodes = pallet_collective::RawOrigin<AccountId, pallet_collective::Instance1>;
	let members: [VotingNodes; 2] = [Members(4, 4), Member(Sr25519Keyring::Alice.to_account_id())];
	let signed = ACCOUNTS.iter().map(|who| ("signed", RuntimeOrigin::signed(who.to_account_id())));
	let others =
		[("none", RuntimeOrigin::none()), ("authorised", frame_system::RawOrigin::<AccountId>::Authorized.into())];
	let members = members.map(|members| ("voting nodes", members.into()));
	let enacted = ("a decision of the voting nodes", enactment::Origin::VotingNodes.into());
	signed.chain(others).chain(members).chain([enacted]).collect()
}

/// An inherent is in a block once, from its author.
fn is_inherent(call: &RuntimeCall) -> bool {
	<Runtime as IsInherent<_>>::is_inherent(&UncheckedExtrinsic::new_bare(call.clone()))
}

/// The issuance is unchanged, and equals the sum of the accounts' balances.
pub(super) fn is_conserved() -> bool {
	let accounts = frame_system::Account::<Runtime>::iter_values();
	let all: Balance = accounts.map(|account| account.data.free + account.data.reserved).sum();
	(Balances::total_issuance(), all) == (TOTAL_ISSUANCE, TOTAL_ISSUANCE)
}

#[test]
fn calls_can_be_generated_for_every_pallet() {
	let calls = Calls::new(true);
	let all = calls.all();
	for (pallet, call) in
		ROOT_ONLY.into_iter().chain([("Balances", "burn"), ("Bmpc", "publish"), ("Preimage", "note_preimage")])
	{
		assert!(all.iter().any(|id| (&*id.pallet.1, &*id.call.1) == (pallet, call)), "{pallet}.{call}");
	}
	preset("development").execute_with(|| {
		for id in all {
			let call = calls.any(&id, &mut Dice(1)).unwrap_or_else(|| panic!("no arguments of {id:?} decode"));
			assert_eq!(call.encode()[..2], [id.pallet.0, id.call.0]);
		}
	});
}

/// The property tests make random calls; this one makes every call from every origin.
#[test]
fn issuance_is_constant_over_calls_of_all_origins_except_root() {
	let calls = Calls::new(true);
	preset_with("local_testnet", |config| config.sudo.key = None).execute_with(|| {
		System::set_block_number(1);
		let mut dice = Dice(2);
		let mut done = 0;
		let mut all = 0;
		for id in calls.all() {
			for (name, origin) in origins() {
				let call = calls.any(&id, &mut dice).expect("arguments that decode");
				if name == "none" && is_inherent(&call) {
					continue;
				}
				let outcome = call.clone().dispatch(origin);
				assert!(is_conserved(), "{name}: {call:?}: {outcome:?}");
				all += 1;
				done += usize::from(outcome.is_ok());
			}
		}
		assert!(done * 50 > all, "of {all} calls only {done} are carried out");
	});
}

/// Root is never filtered: only the listed calls are exceptions.
#[test]
fn issuance_is_constant_over_root_calls_except_listed_ones() {
	let calls = Calls::new(false);
	preset("local_testnet").execute_with(|| {
		System::set_block_number(1);
		let mut dice = Dice(3);
		for id in calls.all().into_iter().filter(|id| !id.is_root_only()) {
			for _ in 0..4 {
				let call = calls.any(&id, &mut dice).expect("arguments that decode");
				undone(|| {
					let outcome = call.clone().dispatch_bypass_filter(RuntimeOrigin::root());
					assert!(is_conserved(), "{call:?}: {outcome:?}");
				});
			}
		}
	});
}

/// Changes of the state are rolled back.
fn undone(work: impl FnOnce()) {
	let _ = with_transaction(|| {
		work();
		TransactionOutcome::Rollback(Ok::<_, DispatchError>(()))
	});
}

fn burn() -> RuntimeCall {
	pallet_balances::Call::burn { value: ETS, keep_alive: true }.into()
}

fn alice() -> AccountId {
	Sr25519Keyring::Alice.to_account_id()
}

/// The documents state what root can do.
#[test]
fn listed_root_calls_change_issuance() {
	let signed = || Box::new(OriginCaller::system(frame_system::RawOrigin::Signed(alice())));
	let issuance = pallet_balances::TotalIssuance::<Runtime>::hashed_key().to_vec();
	let calls: [(&str, RuntimeCall); 8] = [
		("force_set_balance", pallet_balances::Call::force_set_balance { who: alice().into(), new_free: ETS }.into()),
		(
			"force_adjust_total_issuance",
			pallet_balances::Call::force_adjust_total_issuance {
				direction: pallet_balances::AdjustmentDirection::Increase,
				delta: ETS,
			}
			.into(),
		),
		("set_storage", frame_system::Call::set_storage { items: vec![(issuance.clone(), 1u128.encode())] }.into()),
		("kill_storage", frame_system::Call::kill_storage { keys: vec![issuance.clone()] }.into()),
		("kill_prefix", frame_system::Call::kill_prefix { prefix: issuance, subkeys: 1 }.into()),
		("dispatch_as", pallet_utility::Call::dispatch_as { as_origin: signed(), call: Box::new(burn()) }.into()),
		(
			"dispatch_as_fallible",
			pallet_utility::Call::dispatch_as_fallible { as_origin: signed(), call: Box::new(burn()) }.into(),
		),
		("sudo_as", pallet_sudo::Call::sudo_as { who: alice().into(), call: Box::new(burn()) }.into()),
	];
	preset("development").execute_with(|| {
		System::set_block_number(1);
		for (name, call) in calls {
			assert!(ROOT_ONLY.iter().any(|(_, listed)| *listed == name), "{name} is not listed");
			// The sudo key acts as root here.
			let origin = if name == "sudo_as" { RuntimeOrigin::signed(alice()) } else { RuntimeOrigin::root() };
			undone(|| {
				assert_ok!(call.clone().dispatch_bypass_filter(origin));
				assert!(!is_conserved(), "{name} changes nothing");
			});
		}
	});
}

/// Whether an event of this block, or the error, says that a call was filtered.
fn was_filtered(outcome: DispatchResultWithPostInfo) -> bool {
	let filtered: DispatchError = frame_system::Error::<Runtime>::CallFiltered.into();
	let filtered_in = |event: RuntimeEvent| match event {
		RuntimeEvent::Utility(pallet_utility::Event::BatchInterrupted { error, .. })
		| RuntimeEvent::Utility(pallet_utility::Event::ItemFailed { error }) => error == filtered,
		RuntimeEvent::Multisig(pallet_multisig::Event::MultisigExecuted { result, .. })
		| RuntimeEvent::Proxy(pallet_proxy::Event::ProxyExecuted { result })
		| RuntimeEvent::Scheduler(pallet_scheduler::Event::Dispatched { result, .. })
		| RuntimeEvent::VotingNodes(pallet_collective::Event::MemberExecuted { result, .. })
		| RuntimeEvent::VotingNodes(pallet_collective::Event::Executed { result, .. }) => result == Err(filtered),
		_ => false,
	};
	outcome.is_err_and(|error| error.error == filtered)
		|| System::events().into_iter().any(|record| filtered_in(record.event))
}

/// In all ways of wrapping the call.
#[test]
fn burn_is_filtered() {
	let call = || Box::new(burn());
	let batch = |inner: RuntimeCall| RuntimeCall::from(pallet_utility::Call::batch { calls: vec![remark(), inner] });
	let bob = || Sr25519Keyring::Bob.to_account_id();
	let proxied = || pallet_proxy::Call::proxy { real: bob().into(), force_proxy_type: None, call: call() };
	let wrapped: Vec<(&str, RuntimeCall)> = vec![
		("itself", burn()),
		("batch", batch(burn())),
		("batch in a batch", batch(batch(burn()))),
		("batch_all", pallet_utility::Call::batch_all { calls: vec![burn()] }.into()),
		("force_batch", pallet_utility::Call::force_batch { calls: vec![burn()] }.into()),
		("if_else", pallet_utility::Call::if_else { main: call(), fallback: call() }.into()),
		("as_derivative", pallet_utility::Call::as_derivative { index: 0, call: call() }.into()),
		(
			"multisig",
			pallet_multisig::Call::as_multi_threshold_1 { other_signatories: vec![bob()], call: call() }.into(),
		),
		("proxy", proxied().into()),
		("proxy in a batch", batch(proxied().into())),
		("motion", pallet_collective::Call::execute { proposal: call(), length_bound: 100 }.into()),
	];
	preset("development").execute_with(|| {
		System::set_block_number(1);
		let proxy = pallet_proxy::Call::add_proxy {
			delegate: alice().into(),
			proxy_type: configs::governance::ProxyType::Any,
			delay: 0,
		};
		assert_ok!(RuntimeCall::from(proxy).dispatch(RuntimeOrigin::signed(bob())));
		for (name, call) in wrapped {
			undone(|| {
				let outcome = call.dispatch(RuntimeOrigin::signed(alice()));
				assert!(was_filtered(outcome), "{name}: {outcome:?}");
				assert!(is_conserved(), "{name}");
			});
		}
	});
}

/// What a worker's account may do for the account whose bond and earnings it does not hold: work in jobs. Registrations and
/// their terms, which limit what jobs can bind, bonds, money and other proxies are not its business.
const WORK: [(&str, &str); 12] = [
	("Bmpc", "confirm"),
	("Bmpc", "decline"),
	("Bmpc", "commit_selection"),
	("Bmpc", "commit_inputs"),
	("Bmpc", "commit_output"),
	("Bmpc", "commit_result"),
	("Bmpc", "settle"),
	("Bmpc", "expire"),
	("Bmpc", "report_fault"),
	("Bmpc", "challenge"),
	("Bmpc", "expire_challenge"),
	("Bmpc", "resume_role"),
];

#[test]
fn worker_proxy_makes_calls_of_jobs_under_way_alone() {
	use configs::governance::ProxyType;
	use frame_support::traits::InstanceFilter;
	let calls = Calls::new(false);
	preset("development").execute_with(|| {
		let mut allowed = 0;
		for id in calls.all() {
			let call = calls.any(&id, &mut Dice(4)).expect("arguments that decode");
			let is_work = WORK.contains(&(&id.pallet.1, &id.call.1));
			assert_eq!(ProxyType::Worker.filter(&call), is_work, "{id:?}");
			allowed += usize::from(is_work);
		}
		assert_eq!(allowed, WORK.len(), "a call of the list is not there");
		assert!(!ProxyType::Worker.is_superset(&ProxyType::Any));
	});
}

/// A call so deep that decoding it could exhaust the stack is refused before the nesting is counted.
#[test]
fn extrinsic_is_invalid_when_calls_nest_too_deep() {
	fn nested(depth: u32) -> RuntimeCall {
		let wrap = |inner, _| RuntimeCall::from(pallet_utility::Call::batch { calls: vec![inner] });
		(0..depth).fold(remark(), wrap)
	}
	preset("development").execute_with(|| {
		let header = Header::new(1, Default::default(), Default::default(), Default::default(), Default::default());
		Executive::initialize_block(&header);
		let too_deep = InvalidTransaction::Custom(NESTED_TOO_DEEPLY);
		for (depth, refusal) in [(200, too_deep), (300, InvalidTransaction::Call)] {
			let outcome = Executive::apply_extrinsic(UncheckedExtrinsic::new_bare(nested(depth)));
			assert_eq!(outcome, Err(refusal.into()), "{depth}");
		}
	});
}
