//! What is drawn: everything that a game depends on.

use crate::{
	cast::{computing, data, Seat, COMPUTING, COORDINATOR, DATA, KINDS, PRICE, SEATS, USER},
	chain::Release,
	lies::{Lie, What},
	runtime::OUTAGE,
	world::Deviation,
};
use encrytrust_chain_client::BlockNumber;
use encrytrust_types::{
	job::{Stage, TemplateKind},
	token::Balance,
};
use proptest::{
	bool::weighted,
	collection::vec,
	option,
	prelude::{any, prop_oneof, Just, Strategy},
	sample::select,
};

/// A moment of a job: so many blocks after a stage began; 5 is the challenge window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
	/// The stage's number.
	pub stage: u8,
	/// Blocks after it began.
	pub after: u8,
}

/// Somebody is cut off, or finality stalls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
	/// From when on.
	pub from: Moment,
	/// For how many blocks.
	pub length: u8,
}

/// What dishonest authors do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Authors {
	/// How many of the five are dishonest: two at most.
	pub dishonest: u8,
	/// Whether they take transactions of the coalition alone.
	pub censor: bool,
	/// Whether they fill the room that is not reserved.
	pub fill: bool,
	/// What they say is final: nothing, the first block, or the parent of their block.
	pub attest: u8,
	/// The lottery's seed.
	pub seed: u64,
}

/// What a user does who cheats.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UserMoves {
	/// Does not offer the proof about its key.
	pub keeps_proof: bool,
	/// Offers one that does not hold.
	pub bad_proof: bool,
	/// Seals something else to these receivers: a bit for each.
	pub bad_seals: u8,
	/// Cancels after so many blocks.
	pub cancels: Option<u8>,
	/// Accepts as soon as there is a result: without looking.
	pub accepts_at_once: bool,
	/// Asks for stages that are by so many blocks shorter than the parties' terms.
	pub hurries: u8,
}

/// An availability challenge that is made out of malice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malice {
	/// By whom.
	pub seat: Seat,
	/// When.
	pub at: Moment,
	/// Which of the units that it may name: a bit for each, modulo 32.
	pub units: u32,
}

/// A false report: the proof of a fault that somebody would have committed, had it told this lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slander {
	/// By whom.
	pub by: Seat,
	/// Against whom.
	pub against: Seat,
	/// When.
	pub at: Moment,
	/// In which stage the other has delivered.
	pub stage: Stage,
	/// What it is accused of.
	pub lie: Lie,
}

/// The best blocks are given up for others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fork {
	/// When.
	pub at: Moment,
	/// How many blocks; never final ones.
	pub depth: u8,
	/// Whether the coalition delivers something else in the others.
	pub swaps: bool,
}

/// A game.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scenario {
	/// The tables of the data providers who take part.
	pub tables: Vec<usize>,
	/// How many computing providers take part.
	pub computing: usize,
	/// The template's id.
	pub template: u16,
	/// Which features are selected: a bit for each.
	pub selected: u16,
	/// By how many blocks stages are longer than they must be.
	pub slack: u8,
	/// By seat: what a provider asks for its work.
	pub prices: [Balance; SEATS],
	/// How many blocks finality lags behind.
	pub lag: u8,
	/// Finality stalls.
	pub stall: Option<Cut>,
	/// Forks.
	pub forks: Vec<Fork>,
	/// What dishonest authors do.
	pub authors: Authors,
	/// Who is cut off.
	pub cuts: Vec<(Seat, Cut)>,
	/// By seat: how it deviates. Those who do are the coalition.
	pub deviations: Vec<Deviation>,
	/// What the user does, if it is in the coalition.
	pub user: UserMoves,
	/// Challenges without need, by members of the coalition.
	pub malice: Vec<Malice>,
	/// False reports, by members of the coalition.
	pub slander: Vec<Slander>,
	/// Whose worker is ended at once and started again, and when.
	pub restarts: Vec<(Seat, Moment)>,
	/// Who takes all free money off its account as soon as a job has begun: no defence needs any.
	pub poor: Vec<Seat>,
	/// How many jobs of one buyer a data set's policy allows.
	pub max_queries: Option<u32>,
	/// How many jobs the user requests, one after the other.
	pub jobs: usize,
}

impl Default for Scenario {
	/// Two data providers, two computing providers, sums of two columns; everybody is honest and nothing happens.
	fn default() -> Self {
		Self {
			tables: vec![1, 2],
			computing: 2,
			template: 0,
			selected: 0b0101,
			slack: 0,
			prices: [PRICE; SEATS],
			lag: 2,
			stall: None,
			forks: vec![],
			authors: Authors::default(),
			cuts: vec![],
			deviations: vec![Deviation::default(); SEATS],
			user: UserMoves::default(),
			malice: vec![],
			slander: vec![],
			restarts: vec![],
			poor: vec![],
			max_queries: None,
			jobs: 1,
		}
	}
}

impl Scenario {
	/// The seats that take part.
	pub fn seats(&self) -> Vec<Seat> {
		let data = (0..self.tables.len()).map(data);
		let computing = (0..self.computing).map(computing);
		[USER].into_iter().chain(data).chain(computing).chain([COORDINATOR]).collect()
	}

	/// Whether a seat follows the protocol.
	pub fn is_honest(&self, seat: Seat) -> bool {
		!self.deviations[seat].is_adversary
	}

	/// The seats that take part and do not follow the protocol.
	pub fn coalition(&self) -> Vec<Seat> {
		self.seats().into_iter().filter(|seat| !self.is_honest(*seat)).collect()
	}

	/// The template.
	pub fn kind(&self) -> TemplateKind {
		KINDS[self.template as usize]
	}

	/// These seats are in the coalition.
	#[must_use]
	pub fn with_coalition(mut self, seats: &[Seat]) -> Self {
		seats.iter().for_each(|seat| self.deviations[*seat].is_adversary = true);
		self
	}

	/// A seat deviates in some way.
	#[must_use]
	pub fn with(mut self, seat: Seat, change: impl FnOnce(&mut Deviation)) -> Self {
		self.deviations[seat].is_adversary = true;
		change(&mut self.deviations[seat]);
		self
	}

	/// A seat tells a lie in a stage.
	#[must_use]
	pub fn lying(self, seat: Seat, stage: Stage, what: What, place: u16, how: u8) -> Self {
		self.with(seat, |deviation| deviation.lies.push((stage, Lie { what, place, how })))
	}

	/// A seat delivers in a stage at another time.
	#[must_use]
	pub fn delivering(self, seat: Seat, stage: Stage, release: Release) -> Self {
		self.with(seat, |deviation| deviation.deliveries.push((stage, release)))
	}

	/// A seat serves nothing to anybody.
	#[must_use]
	pub fn withholding(self, seat: Seat) -> Self {
		self.with(seat, |deviation| deviation.withheld = u32::MAX)
	}

	/// These seats keep everybody waiting for each blob, for so many blocks. That alone makes nobody an adversary.
	#[must_use]
	pub fn slow(mut self, seats: &[Seat], blocks: u8) -> Self {
		seats.iter().for_each(|seat| self.deviations[*seat].slow = blocks);
		self
	}

	/// A seat publishes nothing that is challenged.
	#[must_use]
	pub fn unpublishing(self, seat: Seat) -> Self {
		self.with(seat, |deviation| deviation.unpublished = u32::MAX)
	}
}

/// The stages that a seat delivers in.
fn stages(seat: Seat) -> &'static [Stage] {
	match seat {
		USER => &[],
		COORDINATOR => &[Stage::Confirmation, Stage::Selection, Stage::Result],
		seat if seat < computing(0) => &[Stage::Confirmation, Stage::Inputs],
		_ => &[Stage::Confirmation, Stage::Outputs],
	}
}

fn moment() -> impl Strategy<Value = Moment> {
	(0u8..6, 0u8..40).prop_map(|(stage, after)| Moment { stage, after })
}

fn cut(longest: BlockNumber) -> impl Strategy<Value = Cut> {
	(moment(), 1..=longest as u8).prop_map(|(from, length)| Cut { from, length })
}

fn release() -> impl Strategy<Value = Release> {
	prop_oneof![
		3 => (0u8..6).prop_map(Release::BeforeDeadline),
		2 => (0u8..40).prop_map(Release::After),
		1 => Just(Release::Never),
	]
}

fn lie(seat: Seat) -> impl Strategy<Value = (Stage, Lie)> {
	let posts_key = (data(0)..computing(0)).contains(&seat);
	let lies = |stage: &Stage| posts_key || *stage != Stage::Confirmation;
	let stages: Vec<_> = stages(seat).iter().copied().filter(lies).collect();
	let lie = |stage: Stage| {
		let parts = (select(What::of(stage)), any::<u16>(), any::<u8>());
		parts.prop_map(move |(what, place, how)| (stage, Lie { what, place, how }))
	};
	select(stages).prop_flat_map(lie)
}

/// How a seat of the coalition deviates: most of them in one way.
fn deviation(seat: Seat) -> proptest::strategy::BoxedStrategy<Deviation> {
	let base = Deviation { is_adversary: true, ..Deviation::default() };
	if seat == USER {
		return Just(base).boxed();
	}
	let delivery = (select(stages(seat)), release());
	let mask = |none: u32| prop_oneof![none => Just(0u32), 1 => Just(u32::MAX), 1 => any::<u32>()];
	let parts = (
		prop_oneof![2 => Just(vec![]), 3 => vec(lie(seat), 1..=1)],
		prop_oneof![2 => Just(vec![]), 1 => vec(delivery, 1..=2)],
		option::weighted(0.2, release()),
		mask(2),
		mask(10),
		option::weighted(0.1, 0u32..2),
		prop_oneof![8 => Just(0u8), 1 => 1u8..=3, 1 => 4u8..=60],
	);
	let make = move |(lies, deliveries, others, withheld, unpublished, max_chunk, slow)| Deviation {
		lies,
		deliveries,
		others,
		withheld,
		slow,
		unpublished,
		max_chunk,
		..base.clone()
	};
	parts.prop_map(make).boxed()
}

fn deviations() -> impl Strategy<Value = Vec<Deviation>> {
	let seat = |seat: Seat| prop_oneof![Just(Deviation::default()).boxed(), deviation(seat)];
	let any_coalition: Vec<_> = (0..SEATS).map(|of| seat(of).boxed()).collect();
	let one = (0..SEATS).prop_flat_map(|own| {
		deviation(own).prop_map(move |deviation| {
			let mut all = vec![Deviation::default(); SEATS];
			all[own] = deviation;
			all
		})
	});
	prop_oneof![3 => any_coalition, 2 => one, 1 => Just(vec![Deviation::default(); SEATS])]
}

fn user() -> impl Strategy<Value = UserMoves> {
	let parts = (
		weighted(0.05),
		weighted(0.05),
		prop_oneof![14 => Just(0u8), 1 => any::<u8>()],
		option::weighted(0.1, 0u8..30),
		any::<bool>(),
		prop_oneof![14 => Just(0u8), 1 => 1u8..10],
	);
	parts.prop_map(|(keeps_proof, bad_proof, bad_seals, cancels, accepts_at_once, hurries)| UserMoves {
		keeps_proof,
		bad_proof,
		bad_seals,
		cancels,
		accepts_at_once,
		hurries,
	})
}

fn authors() -> impl Strategy<Value = Authors> {
	(0u8..=2, any::<bool>(), any::<bool>(), 0u8..3, any::<u64>())
		.prop_map(|(dishonest, censor, fill, attest, seed)| Authors { dishonest, censor, fill, attest, seed })
}

fn malice() -> impl Strategy<Value = Malice> {
	(0..SEATS, moment(), any::<u32>()).prop_map(|(seat, at, units)| Malice { seat, at, units })
}

fn slander() -> impl Strategy<Value = Slander> {
	let against = (1..SEATS).prop_flat_map(|against| (Just(against), lie(against)));
	(0..SEATS, against, moment()).prop_map(|(by, (against, (stage, lie)), at)| Slander { by, against, at, stage, lie })
}

fn fork() -> impl Strategy<Value = Fork> {
	(moment(), 1u8..=3, any::<bool>()).prop_map(|(at, depth, swaps)| Fork { at, depth, swaps })
}

fn prices() -> impl Strategy<Value = [Balance; SEATS]> {
	let price = prop_oneof![
		12 => Just(PRICE),
		1 => Just(50 * PRICE),
		1 => Just(PRICE / 1_000),
	];
	vec(price, SEATS).prop_map(|prices| prices.try_into().expect("there is one for each seat"))
}

/// Any game.
pub fn scenario() -> impl Strategy<Value = Scenario> {
	let job = (vec(0usize..3, 1..=DATA), 1..=COMPUTING, 0..KINDS.len() as u16, 1u16..64, 0u8..20, prices());
	let conditions = (
		1u8..=3,
		option::weighted(0.3, cut(OUTAGE / 2)),
		vec(fork(), 0..2),
		authors(),
		vec((0..SEATS, cut(OUTAGE / 2)), 0..3),
		vec((1..SEATS, moment()), 0..2),
		prop_oneof![2 => Just(vec![]), 1 => vec(0..SEATS, 1..SEATS)],
	);
	let people = (deviations(), user(), vec(malice(), 0..3), vec(slander(), 0..2));
	(job, conditions, people).prop_map(|(job, conditions, people)| {
		let (tables, computing, template, selected, slack, prices) = job;
		let (lag, stall, forks, authors, mut cuts, restarts, poor) = conditions;
		let (deviations, user, malice, slander) = people;
		// Whoever takes its money off signs a transaction that nobody owes: while others fill the blocks, what is owed would wait
		// behind it.
		let mut poor = if authors.fill { vec![] } else { poor };
		// A second one could not be paid for, and would be in the way of all others of its account.
		poor.sort_unstable();
		poor.dedup();
		// Nobody is cut off for longer than anybody may be.
		cuts.sort_by_key(|(seat, _)| *seat);
		cuts.dedup_by_key(|(seat, _)| *seat);
		Scenario {
			tables,
			computing,
			template,
			selected,
			slack,
			prices,
			lag,
			stall,
			forks,
			authors,
			cuts,
			deviations,
			user,
			malice,
			slander,
			restarts,
			poor,
			max_queries: None,
			jobs: 1,
		}
	})
}
