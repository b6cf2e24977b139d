//! A job's life as the chain's events tell it.

use anyhow::{Context, Result};
use encrytrust_chain_client::{AccountId, Balance, Block, BlockNumber, Client, Error, Event};
use encrytrust_protocol::stage_name;
use encrytrust_types::{job::Stage, JobId};
use serde::Serialize;
use tracing::warn;

/// Something that happened to a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobEvent {
	/// In which block.
	pub block: BlockNumber,
	/// When that block was made, in milliseconds since 1970.
	pub time: u64,
	/// What happened.
	pub kind: JobEventKind,
}

/// What can happen to a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobEventKind {
	/// It was made, its price put on hold.
	Requested {
		/// The escrow.
		total: Balance,
	},
	/// A stage began.
	Entered(Stage),
	/// A party confirmed.
	Confirmed(AccountId),
	/// A party delivered what it owed a stage.
	Delivered(Stage, AccountId),
	/// The result is there.
	Challenge {
		/// The window's last block.
		until: BlockNumber,
	},
	/// Somebody was paid.
	Paid {
		/// Who.
		who: AccountId,
		/// In which role, by its name in the events.
		role: String,
		/// How much.
		amount: Balance,
	},
	/// Everyone was paid.
	Settled {
		/// The service fee.
		fee: Balance,
	},
	/// A party lost of its bond for being late.
	Slashed {
		/// Who.
		who: AccountId,
		/// How much.
		amount: Balance,
	},
	/// A party that had delivered was paid out of the bond of one that was late.
	Compensated {
		/// Who.
		who: AccountId,
		/// Out of whose bond.
		by: AccountId,
		/// How much.
		amount: Balance,
	},
	/// A stage was overdue.
	Expired(Stage),
	/// A party declined.
	Declined(AccountId),
	/// Not all confirmed in time, or one lacked what the contract needs.
	Lapsed,
	/// The user cancelled it.
	Cancelled,
	/// A unit was challenged.
	Challenged {
		/// Its number.
		unit: u32,
		/// By whom.
		challenger: AccountId,
	},
	/// A chunk of a challenged unit was published.
	Published {
		/// The unit's number.
		unit: u32,
		/// The chunk's number.
		chunk: u32,
	},
	/// A party was shown to be at fault.
	Faulty {
		/// Who.
		offender: AccountId,
		/// What was wrong, by its name in the events.
		fault: String,
		/// Who showed it, if somebody had to.
		reporter: Option<AccountId>,
	},
}

impl JobEventKind {
	/// What an event says, if it is about `job`.
	pub(crate) fn read(event: &Event, job: JobId) -> Option<Self> {
		if event.pallet != "Bmpc" || event.number("job_id") != Some(job.into()) {
			return None;
		}
		let stage = || stage(event.variant("stage")?);
		let number = |field| event.number(field)?.try_into().ok();
		Some(match event.name.as_str() {
			"Requested" => Self::Requested { total: event.number("escrow")? },
			"StageEntered" => Self::Entered(stage()?),
			"Confirmed" => Self::Confirmed(event.account("party")?),
			"Delivered" => Self::Delivered(stage()?, event.account("party")?),
			"ChallengeStarted" => Self::Challenge { until: event.number("until")?.try_into().ok()? },
			"Paid" => Self::Paid {
				who: event.account("party")?,
				role: event.variant("role")?.to_string(),
				amount: event.number("amount")?,
			},
			"Settled" => Self::Settled { fee: event.number("fee")? },
			"Slashed" => Self::Slashed { who: event.account("offender")?, amount: event.number("amount")? },
			"Compensated" => Self::Compensated {
				who: event.account("party")?,
				by: event.account("offender")?,
				amount: event.number("amount")?,
			},
			"Expired" => Self::Expired(stage()?),
			"Declined" => Self::Declined(event.account("party")?),
			"Lapsed" => Self::Lapsed,
			"Cancelled" => Self::Cancelled,
			"UnitChallenged" => Self::Challenged { unit: number("unit")?, challenger: event.account("challenger")? },
			"ChunkPublished" => Self::Published { unit: number("unit")?, chunk: number("chunk")? },
			"FaultProven" => Self::Faulty {
				offender: event.account("offender")?,
				fault: event.variant("fault")?.to_string(),
				reporter: event.account("reporter"),
			},
			_ => return None,
		})
	}

	/// Whether nothing comes after it.
	pub fn is_end(&self) -> bool {
		matches!(
			self,
			Self::Settled { .. }
				| Self::Expired(_)
				| Self::Declined(_)
				| Self::Lapsed
				| Self::Cancelled
				| Self::Faulty { .. }
		)
	}
}

fn stage(name: &str) -> Option<Stage> {
	Stage::ALL.into_iter().find(|stage| format!("{stage:?}") == name)
}

/// What happened to `job` in a block; `None` if the node no longer knows.
pub async fn events_in(client: &Client, job: JobId, block: Block) -> Result<Option<Vec<JobEvent>>> {
	let events = match client.events(block).await {
		Err(Error::StatePruned) => return Ok(None),
		events => events.with_context(|| format!("cannot read the events of block {}", block.number))?,
	};
	let kinds: Vec<JobEventKind> = events.iter().filter_map(|event| JobEventKind::read(event, job)).collect();
	if kinds.is_empty() {
		return Ok(Some(vec![]));
	}
	let time = match client.timestamp(block.hash).await {
		Err(Error::StatePruned) => return Ok(None),
		time => time?,
	};
	Ok(Some(kinds.into_iter().map(|kind| JobEvent { block: block.number, time, kind }).collect()))
}

/// Follows `job` from block `from` until an event that `ends`, or its end, handing each event to `tell`.
///
/// What was so long ago that the node no longer knows the blocks' events is missing, and the log says so; be it the end.
pub async fn follow(
	client: &Client,
	job: JobId,
	from: BlockNumber,
	ends: impl Fn(&JobEventKind) -> bool,
	mut tell: impl FnMut(&JobEvent),
) -> Result<Vec<JobEvent>> {
	let mut heads = client.follow().await?;
	let mut next = from;
	let mut all = Vec::new();
	let mut forgotten = None;
	let mut head = heads.newest()?;
	loop {
		while next <= head.number {
			let block = client.block_at(next).await?.with_context(|| format!("the node has no block {next}"))?;
			match events_in(client, job, block).await? {
				None => forgotten = Some(next),
				Some(events) => {
					tell_forgotten(job, forgotten.take());
					events.iter().for_each(&mut tell);
					all.extend(events);
				},
			}
			if all.iter().any(|event: &JobEvent| event.kind.is_end() || ends(&event.kind)) {
				return Ok(all);
			}
			next += 1;
		}
		tell_forgotten(job, forgotten.take());
		if client.at(head.hash).job(job).await?.is_none_or(|info| info.status.is_ended()) {
			return Ok(all);
		}
		head = heads.next().await?;
	}
}

/// A node forgets the oldest blocks first.
fn tell_forgotten(job: JobId, last: Option<BlockNumber>) {
	if let Some(last) = last {
		warn!(job, "what happened up to block {last} is missing: the node has forgotten it, an archive node has not");
	}
}

/// A stage from its beginning to its end.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Span {
	/// The stage; `challenge` is the window after the last.
	pub stage: String,
	/// The block in which it began.
	pub from_block: BlockNumber,
	/// The block in which it ended.
	pub to_block: BlockNumber,
	/// How long it took.
	pub seconds: f64,
}

/// The stages that have ended, in their order.
pub fn spans(events: &[JobEvent]) -> Vec<Span> {
	let begins = events.iter().filter_map(|event| match &event.kind {
		JobEventKind::Entered(stage) => Some((stage_name(*stage).to_string(), event)),
		JobEventKind::Challenge { .. } => Some(("challenge".to_string(), event)),
		kind if kind.is_end() => Some((String::new(), event)),
		_ => None,
	});
	let begins: Vec<_> = begins.collect();
	let span = |pair: &[(String, &JobEvent)]| match pair {
		[(stage, from), (_, to)] => Some(Span {
			stage: stage.clone(),
			from_block: from.block,
			to_block: to.block,
			seconds: to.time.saturating_sub(from.time) as f64 / 1000.0,
		}),
		_ => None,
	};
	begins.windows(2).filter_map(span).collect()
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn stages_end_where_the_next_begins() {
		let event = |block: u32, kind| JobEvent { block, time: u64::from(block) * 1000, kind };
		let events = [
			event(5, JobEventKind::Requested { total: 1 }),
			event(5, JobEventKind::Entered(Stage::Confirmation)),
			event(7, JobEventKind::Confirmed(AccountId([1; 32]))),
			event(8, JobEventKind::Entered(Stage::Selection)),
			event(9, JobEventKind::Challenge { until: 19 }),
			event(20, JobEventKind::Settled { fee: 1 }),
		];
		let spans = spans(&events);
		let short: Vec<_> =
			spans.iter().map(|span| (span.stage.as_str(), span.from_block, span.to_block, span.seconds)).collect();
		assert_eq!(short, [("confirmation", 5, 8, 3.0), ("selection", 8, 9, 1.0), ("challenge", 9, 20, 11.0)]);
	}
}
