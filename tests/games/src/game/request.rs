//! What the user requests.

use super::Game;
use crate::{
	cast::{account, computing, dataset, runtime_account, COLUMNS, COORDINATOR, USER},
	honest::User,
	runtime::{Bmpc, Runtime, GENESIS, INCLUSION_MARGIN, OUTAGE, PUBLICATION_RATE},
	scenario::Scenario,
};
use encrytrust_chain_client::{BlockNumber, Contract};
use encrytrust_protocol::{digest, user};
use encrytrust_types::{
	job::{Parameters, Request, Schedule, Selection, Stage, TemplateKind},
	token::Balance,
};

/// Blocks by which the finality clock may lag behind, at each change of stage.
const CLOCK_LAG: BlockNumber = 16;

impl Game {
	/// The user requests a job, with stages as long as the parties' terms ask; and less by as much as it hurries.
	pub(super) fn request(&mut self) {
		let selection = selection(&self.scenario, self.users.len());
		let mut length = OUTAGE + INCLUSION_MARGIN;
		let request = loop {
			let request = self.draft(&selection, length + u32::from(self.scenario.slack));
			let quote = self.world.lock().chain.at_best(|| Bmpc::quote(runtime_account(USER), request.clone()));
			match quote {
				Err(refusal) if refusal.error == "StageTooShort" && length < 200 => length += 1,
				_ => break self.draft(&selection, length + u32::from(self.scenario.slack) - self.hurry()),
			}
		};
		let mut world = self.world.lock();
		let id = world.chain.at_best(pallet_bmpc::NextJobId::<Runtime>::get);
		let quote = world.chain.at_best(|| Bmpc::quote(runtime_account(USER), request.clone()));
		if let Err(refusal) = quote {
			// A party that was absent takes requests again once it is back.
			if refusal.error == "RoleSuspended" && self.patience > 0 {
				self.patience -= 1;
				return;
			}
			self.refused = Some(refusal.error);
			return;
		}
		if let Err(refusal) = world.send(USER, pallet_bmpc::Call::request { request }) {
			self.refused = Some(refusal);
			return;
		}
		world.selections.push(selection.clone());
		drop(world);
		let moves = self.scenario.user;
		let is_honest = self.scenario.is_honest(USER);
		let mut user = User::new(self.world.port(USER), self.cast, id, selection, self.users_proof());
		user.is_honest = is_honest;
		user.offers_proof = is_honest || !moves.keeps_proof;
		user.accepts_at_once = !is_honest && moves.accepts_at_once;
		self.users.push(user);
		self.ended.push(None);
		self.bounds.push(BlockNumber::MAX / 4);
		self.began.clear();
	}

	fn hurry(&self) -> BlockNumber {
		if self.scenario.is_honest(USER) {
			0
		} else {
			self.scenario.user.hurries.into()
		}
	}

	fn draft(&self, selection: &Selection, length: BlockNumber) -> pallet_bmpc::RequestOf<Runtime> {
		let scenario = &self.scenario;
		let kind = scenario.kind();
		let features = kind.features(COLUMNS as u16).expect("there are columns");
		let receivers: Vec<_> = (0..scenario.computing).map(computing).chain([COORDINATOR]).collect();
		let receivers: Vec<_> =
			receivers.into_iter().map(|seat| (account(seat), self.cast.endpoints[seat].sealing)).collect();
		let mut terms = user::selection_terms(selection, features, GENESIS, &account(USER), &receivers)
			.expect("a selection can be sealed");
		if !scenario.is_honest(USER) {
			for (index, sealed) in terms.sealed.iter_mut().enumerate() {
				if scenario.user.bad_seals & 1 << (index % 8) != 0 {
					sealed.iter_mut().for_each(|byte| *byte ^= 0x55);
				}
			}
		}
		let key = self.cast.keys[USER].as_ref().expect("the user has a key");
		let datasets = scenario.tables.iter().enumerate().map(|(provider, table)| dataset(provider, *table));
		Request {
			template: scenario.template,
			datasets: datasets.collect::<Vec<_>>().try_into().expect("they are few"),
			row_ranges: Default::default(),
			computing_providers: (0..scenario.computing)
				.map(|index| runtime_account(computing(index)))
				.collect::<Vec<_>>()
				.try_into()
				.expect("they are few"),
			coordinator: runtime_account(COORDINATOR),
			parameters: parameters(kind, terms.selected),
			user_key: key.secret.public().modulus_bytes().try_into().expect("it fits"),
			user_key_proof: digest(&self.users_proof()),
			selection: terms,
			schedule: Schedule {
				confirmation: length.min(2 * (OUTAGE + INCLUSION_MARGIN)),
				..Schedule::uniform(length)
			},
			max_price: Balance::MAX,
		}
	}

	/// The proof about the user's key; one that does not hold, if it cheats so.
	fn users_proof(&self) -> Vec<u8> {
		let mut proof = self.cast.keys[USER].as_ref().expect("the user has a key").proof.clone();
		if !self.scenario.is_honest(USER) && self.scenario.user.bad_proof {
			let middle = proof.len() / 2;
			proof[middle] ^= 1;
		}
		proof
	}
}

/// What the user selects in its job of this number.
pub fn selection(scenario: &Scenario, job: usize) -> Selection {
	let features = scenario.kind().features(COLUMNS as u16).expect("there are columns");
	let mut chosen: Vec<u16> = (0..features).filter(|feature| scenario.selected & 1 << feature != 0).collect();
	if chosen.is_empty() {
		chosen.push(0);
	}
	Selection::new([9 + job as u8; 32], &chosen, features).expect("each is named once")
}

/// What a template takes.
pub fn parameters(kind: TemplateKind, selected: u16) -> Parameters {
	match kind {
		TemplateKind::Histogram => Parameters::Histogram { low: -30, width: 20, bins: 4 },
		TemplateKind::WeightedSum | TemplateKind::RowWeightedSum => {
			let weights: Vec<i32> =
				(0..i32::from(selected)).map(|rank| if rank % 2 == 0 { rank + 2 } else { -3 }).collect();
			Parameters::Weights(weights.try_into().expect("they are few"))
		},
		_ => Parameters::None,
	}
}

/// In how many final blocks a job has ended whatever anybody does: each stage lasts its length, a challenge within it,
/// and its length again.
pub fn bound_of(contract: &Contract, scenario: &Scenario) -> BlockNumber {
	let queue = contract.publication().div_ceil(PUBLICATION_RATE.into()) as BlockNumber + 1;
	let challenge = queue + contract.answer_period;
	let stages = [Stage::Selection, Stage::Inputs, Stage::Outputs, Stage::Result];
	let stages = stages.map(|stage| 2 * contract.schedule.length(stage) + challenge + CLOCK_LAG);
	let window = 2 * contract.challenge_period + challenge + CLOCK_LAG;
	let stall = scenario.stall.map_or(0, |stall| stall.length.into());
	contract.schedule.confirmation + CLOCK_LAG + stages.iter().sum::<BlockNumber>() + window + stall + INCLUSION_MARGIN
}
