//! An honest user: it offers the proof about its key, looks at the result with the client's own functions, challenges what it
//! lacks, reports what is wrong, and accepts what is right.

use crate::{
	cast::{seat_of, Cast, Seat, COORDINATOR, USER},
	world::{Port, World, SLOT},
};
use encrytrust_chain_client::{Block, Error as ChainError, JobInfo, Status};
use encrytrust_fault_proofs::Fault;
use encrytrust_job_client::{
	first_publication, read_publications, Inspection, JobArtifacts, Patience, Publications, Sources, Unserved,
};
use encrytrust_paillier::SecretKey;
use encrytrust_protocol::{
	keys::{verify_keys, Evidence},
	user::{self, Answer},
	verification::{self, Outcome, Wanted},
	Job, ProtocolError,
};
use encrytrust_types::{
	job::{Selection, Stage, UnitSet},
	JobId,
};
use encrytrust_worker::Chain as _;
use std::sync::Arc;

/// How often an honest user looks for what it lacks until it challenges.
const LOOKS: u32 = 3;

/// The stages in which something is published.
pub const STAGES: [Stage; 4] = [Stage::Selection, Stage::Inputs, Stage::Outputs, Stage::Result];

/// A user, in one job.
#[derive(Debug)]
pub struct User {
	port: Port,
	cast: &'static Cast,
	/// The job.
	pub job: JobId,
	/// What it selected.
	pub selection: Selection,
	proof: Vec<u8>,
	/// Whether it offers the proof about its key.
	pub offers_proof: bool,
	/// Whether it accepts without looking.
	pub accepts_at_once: bool,
	/// Whether it looks, challenges, reports and accepts.
	pub is_honest: bool,
	/// What it has decrypted.
	pub answers: Option<Vec<Answer>>,
	looks: u32,
	has_challenged: bool,
	has_offered: bool,
	has_reported: bool,
	has_accepted: bool,
}

impl User {
	/// A user who has just requested a job.
	pub fn new(port: Port, cast: &'static Cast, job: JobId, selection: Selection, proof: Vec<u8>) -> Self {
		Self {
			port,
			cast,
			job,
			selection,
			proof,
			offers_proof: true,
			accepts_at_once: false,
			is_honest: true,
			answers: None,
			looks: 0,
			has_challenged: false,
			has_offered: false,
			has_reported: false,
			has_accepted: false,
		}
	}

	/// What it does at a final block.
	pub async fn step(&mut self, head: Block) {
		let Some(info) = self.port.world.lock().job(self.job, head.number) else { return };
		if !self.has_offered && self.offers_proof {
			self.has_offered = self.port.world.lock().offer(COORDINATOR, &self.proof);
		}
		match &info.status {
			Status::Challenge { .. } if self.accepts_at_once => self.accept(),
			Status::Challenge { .. } | Status::Settled { .. } if self.is_honest && self.answers.is_none() => {
				self.look(&info, head).await;
			},
			Status::Challenge { .. } if self.is_honest => self.accept(),
			_ => {},
		}
	}

	fn accept(&mut self) {
		if !self.has_accepted {
			let call = pallet_bmpc::Call::accept { job_id: self.job };
			self.has_accepted = self.port.world.lock().send(USER, call).is_ok();
		}
	}

	async fn look(&mut self, info: &JobInfo, head: Block) {
		let inspection = inspect(&self.port, info, self.job, head, Some(self.selection.clone()), None).await;
		let mut fault = None;
		for stage in STAGES {
			let findings = inspection.check(stage).await.expect("checks do not panic");
			fault = fault.or(findings.into_iter().find_map(|finding| match finding.outcome {
				Outcome::Faulty(fault) => Some(*fault),
				_ => None,
			}));
		}
		if let Some(fault) = fault {
			return self.report(fault);
		}
		let contract = &inspection.job.contract;
		let units: Vec<_> = contract.user_units().filter_map(|number| contract.unit(number)).collect();
		let missing = verification::missing(&inspection.view(), units);
		if !missing.is_empty() {
			self.looks += 1;
			if self.looks >= LOOKS && !self.has_challenged {
				let units: UnitSet = missing.iter().filter_map(|unit| contract.unit_index(unit)).collect();
				let call = pallet_bmpc::Call::challenge { job_id: self.job, units };
				self.has_challenged = self.port.world.lock().send(USER, call).is_ok();
			}
			return;
		}
		self.answers = self.decrypt(&inspection).ok();
	}

	fn decrypt(&self, inspection: &Inspection) -> Result<Vec<Answer>, ProtocolError> {
		let job = &inspection.job;
		let key = &self.cast.keys[USER].as_ref().expect("the user has a key").secret;
		let trees = verification::published_trees(&inspection.view(), Stage::Result, &job.contract.coordinator.who)?;
		let part = |part| user::decrypt(job, key, &self.selection, part, &trees.values(part)?);
		let parts = (0..job.contract.output_parts()).map(part).collect::<Result<Vec<_>, _>>()?;
		Ok(parts.into_iter().flatten().collect())
	}

	fn report(&mut self, fault: Fault) {
		if !self.has_reported {
			let call = pallet_bmpc::Call::report_fault { job_id: self.job, fault: Box::new(fault) };
			self.has_reported = self.port.world.lock().send(USER, call).is_ok();
		}
	}
}

/// Everything of a job that a seat can have, from whoever has it.
pub async fn inspect(
	port: &Port,
	info: &JobInfo,
	id: JobId,
	head: Block,
	selection: Option<Selection>,
	computing: Option<(usize, Arc<SecretKey>)>,
) -> Arc<Inspection> {
	let job = Job::checked(id, port.genesis(), info).expect("the contract is sound");
	let mut publications = Publications::new();
	if let Some(first) = first_publication(&job, &info.commitments, info.published.iter()) {
		let published_in = |number| async move {
			match port.block_at(number).await? {
				Some(block) => port.publications(block).await,
				None => Ok(vec![]),
			}
		};
		let keep = |found: Publications, _| {
			publications.extend(found);
			Ok::<_, ChainError>(())
		};
		// A user who is cut off has what it had read.
		let _ = read_publications(&job, &info.commitments, first..=head.number, published_in, keep).await;
	}
	let blobs = port.world.lock().blobs[port.seat].clone();
	let artifacts = JobArtifacts { blobs, publications: Arc::new(publications) };
	let keys = verify_keys(&job, |_| Ok::<_, ProtocolError>(Evidence::VerifiedBefore)).ok();
	let inspection = Inspection::new(job, info.commitments.clone(), artifacts);
	let inspection = Arc::new(Inspection { keys, selection, computing, ..inspection });
	let fetch = |_, wanted: Wanted| async move {
		fetch_wanted(&mut port.world.lock(), port.seat, info, &wanted).ok_or(Unserved::Lacking)
	};
	let patience = Patience { base: SLOT, bytes_per_second: u64::MAX };
	let sources = Sources { clock: port, patience, others: vec![] };
	inspection.gather(&STAGES, sources, fetch).await.expect("gathering does not panic");
	inspection
}

/// A blob, from whoever serves it; a user, as its client does, asks everybody else as well: all keep what they fetched.
fn fetch_wanted(world: &mut World, receiver: Seat, info: &JobInfo, wanted: &Wanted) -> Option<Vec<u8>> {
	let mut owners: Vec<_> = info.contract.parties().filter_map(|(_, party)| seat_of(&party.who.0)).collect();
	let first = seat_of(&wanted.from.0);
	owners.sort_by_key(|owner| Some(*owner) != first);
	owners.retain(|owner| receiver == USER || Some(*owner) == first);
	owners.into_iter().find_map(|owner| world.fetch(owner, receiver, &wanted.digest))
}
