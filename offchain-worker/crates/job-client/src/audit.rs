//! Jobs looked at again: what was committed to, whether it holds, and how a fault ended.

use crate::{
	amounts::ets,
	client::JobClient,
	events::JobEventKind,
	gathering::{Gathered, PUBLISHED, SHORT, USUAL},
	request::noted_selection,
};
use anyhow::{ensure, Context, Result};
use encrytrust_chain_client::{
	AccountId, Balance, Block, BlockNumber, Call, Error as ChainError, JobInfo, Keypair, Status,
};
use encrytrust_protocol::{
	stage_name,
	verification::{
		self,
		report::{self, Report},
		Outcome, View,
	},
	Job,
};
use encrytrust_types::{
	job::{Stage, Unit, UnitSet},
	JobId,
};
use serde::Serialize;
use std::{collections::BTreeMap, fmt, path::Path};

/// A job, looked at again.
pub struct Audit {
	/// The job as the chain has it.
	pub info: JobInfo,
	/// What was checked, and what came out.
	pub report: Report,
	/// How it ended, if by a fault or silence.
	pub ending: Option<Ending>,
	gathered: Gathered,
}

impl fmt::Debug for Audit {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.debug_struct("Audit").field("report", &self.report).finish_non_exhaustive()
	}
}

impl JobClient {
	/// Checks a job from the chain and the published blobs alone; with the selection, more of it.
	pub async fn audit(&self, id: JobId, key: Option<&Path>) -> Result<Audit> {
		let info = self.info(id).await?;
		let job = Job::checked(id, self.chain.genesis(), &info)?;
		let selection = key.map(|key| noted_selection(key, &info.contract.selection, job.features())).transpose()?;
		let gathered = self.gathered(&job, &info, selection, &Stage::ALL, USUAL).await?;
		let reported = info.clone();
		let report = self.looked_at(&gathered, move |view| report::report(view, &reported)).await?;
		let ending = self.ending(id, &info).await?;
		Ok(Audit { info, report, ending, gathered })
	}

	/// Shows the first fault that an audit sees to the chain; the block in which that was done.
	///
	/// # Errors
	///
	/// If there is none, or the chain does not take it.
	pub async fn report_fault(&self, audit: &Audit, signer: &Keypair) -> Result<Block> {
		let find = |view: &View<'_>| {
			let mut findings = Stage::ALL.into_iter().flat_map(|stage| verification::check_until_fault(view, stage));
			findings.find_map(|finding| match finding.outcome {
				Outcome::Faulty(fault) => Some(fault),
				_ => None,
			})
		};
		let fault = self.looked_at(&audit.gathered, find).await?.context("there is no fault to show to the chain")?;
		let (block, _) = self.chain.execute(&Call::report_fault(audit.report.job, &fault), signer).await?;
		Ok(block)
	}

	/// Challenges the availability of all that a job's result rests on and that nobody serves in time; the block, and the units.
	/// It asks for it for a short time only: what was fetched before, by whatever operation with the same cache, is at hand.
	///
	/// # Errors
	///
	/// If everything can be had, or the chain does not take the challenge: there is one, in the challenge window.
	pub async fn challenge(&self, id: JobId, signer: &Keypair) -> Result<(Block, Vec<Unit>)> {
		let info = self.info(id).await?;
		let job = Job::checked(id, self.chain.genesis(), &info)?;
		let gathered = self.gathered(&job, &info, None, &PUBLISHED, SHORT).await?;
		let units: Vec<_> = job.contract.user_units().filter_map(|number| job.contract.unit(number)).collect();
		let missing = self.looked_at(&gathered, move |view| verification::missing(view, units)).await?;
		ensure!(!missing.is_empty(), "everything that the result of job {id} rests on can be had");
		let numbers: UnitSet = missing.iter().filter_map(|unit| job.contract.unit_index(unit)).collect();
		let (block, _) = self.chain.execute(&Call::challenge(id, &numbers), signer).await?;
		Ok((block, missing))
	}

	/// How a job was ended by a fault or silence; none for another end, or where the node has forgotten.
	pub async fn ending(&self, id: JobId, info: &JobInfo) -> Result<Option<Ending>> {
		let (at, offenders, fault, reporter) = match &info.status {
			Status::Faulty { offender, fault, reporter, at } => {
				(*at, vec![offender.clone()], word(fault), reporter.clone())
			},
			Status::Expired { stage, late, at } => (*at, late.to_vec(), format!("silent-{}", stage_name(*stage)), None),
			_ => return Ok(None),
		};
		let block = self.chain.block_at(at).await?.with_context(|| format!("the node has no block {at}"))?;
		let events = match self.chain.events(block).await {
			Err(ChainError::StatePruned) => return Ok(None),
			events => events?,
		};
		let mut ending = Ending {
			block: at,
			offenders: offenders.iter().map(AccountId::to_string).collect(),
			fault,
			reporter: reporter.map(|who| who.to_string()),
			proof: None,
			slashed: 0,
			refunded: 0,
			paid: vec![],
		};
		let mut extrinsic = None;
		for event in &events {
			match JobEventKind::read(event, id) {
				Some(JobEventKind::Slashed { amount, .. }) => ending.slashed += amount,
				Some(JobEventKind::Compensated { who, amount, .. }) => {
					ending.paid.push(Payment { account: who.to_string(), amount });
				},
				Some(JobEventKind::Faulty { .. } | JobEventKind::Expired(_)) => {
					extrinsic = event.extrinsic;
					// The user gets back all that was on hold, or the chain's event says otherwise.
					ending.refunded = event.number("refunded").unwrap_or_else(|| escrow(info));
				},
				_ => {},
			}
		}
		if let Some(index) = extrinsic {
			let success =
				events.iter().find(|event| event.extrinsic == Some(index) && event.is("System", "ExtrinsicSuccess"));
			let weight = success.and_then(|event| event.number_in("dispatch_info", &["weight", "ref_time"]));
			ending.proof = Some(Extrinsic {
				extrinsic: format!("{at}-{index}"),
				bytes: match self.chain.extrinsic(block, index).await {
					Err(ChainError::BlockPruned(_)) => None,
					bytes => bytes?.map(|bytes| bytes.len()),
				},
				weight: weight.and_then(|weight| u64::try_from(weight).ok()).unwrap_or_default(),
			});
		}
		Ok(Some(ending))
	}
}

/// How a job ended that a party's fault or silence ended: all that the chain's events tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ending {
	/// In which block.
	pub block: BlockNumber,
	/// Who was at fault: accounts.
	pub offenders: Vec<String>,
	/// What was wrong.
	pub fault: String,
	/// Who showed it, if somebody had to.
	pub reporter: Option<String>,
	/// The extrinsic that did it, if one did.
	pub proof: Option<Extrinsic>,
	/// What the offenders lost.
	#[serde(serialize_with = "unit")]
	pub slashed: Balance,
	/// What the user got back.
	#[serde(serialize_with = "unit")]
	pub refunded: Balance,
	/// What those who had delivered were paid out of that: accounts and amounts.
	pub paid: Vec<Payment>,
}

/// A payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Payment {
	/// To whom.
	pub account: String,
	/// How much.
	#[serde(serialize_with = "unit")]
	pub amount: Balance,
}

/// An extrinsic in a block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Extrinsic {
	/// Block and place.
	pub extrinsic: String,
	/// Its length, if the node still has it.
	pub bytes: Option<usize>,
	/// Its weight, in picoseconds of computing.
	pub weight: u64,
}

/// Amounts in JSON are text in the smallest unit where they may be longer than 64 bits, as in the RPC.
fn unit<S: serde::Serializer>(amount: &Balance, serializer: S) -> Result<S::Ok, S::Error> {
	match u64::try_from(*amount) {
		Ok(amount) => serializer.serialize_u64(amount),
		Err(_) => serializer.serialize_str(&amount.to_string()),
	}
}

/// What the user has put on hold: all pays and the fee.
fn escrow(info: &JobInfo) -> Balance {
	info.contract.parties().fold(info.contract.fee, |sum, (_, party)| sum.saturating_add(party.pay))
}

impl Ending {
	/// In one line: who, what, shown by whom, slashed, refunded, paid.
	pub fn line(&self, names: &BTreeMap<AccountId, String>) -> String {
		let name = |account: &String| {
			let known = names.iter().find(|(who, _)| who.to_string() == *account);
			known.map_or_else(|| account.clone(), |(_, name)| format!("{name} ({account})"))
		};
		let offenders: Vec<_> = self.offenders.iter().map(name).collect();
		let shown = self.reporter.as_ref().map(|who| format!(", shown by {}", name(who))).unwrap_or_default();
		let proof = self.proof.as_ref().map(|proof| {
			let milliseconds = proof.weight as f64 / 1e9;
			let bytes = proof.bytes.map(|bytes| format!("{bytes} bytes, ")).unwrap_or_default();
			format!(" in extrinsic {} ({bytes}{milliseconds:.1} ms)", proof.extrinsic)
		});
		let paid: Balance = self.paid.iter().map(|payment| payment.amount).sum();
		format!(
			"block {}: {} at fault ({}){shown}{}; slashed {}, refunded {}, of the slash {} went to {} who had delivered",
			self.block,
			offenders.join(", "),
			self.fault,
			proof.unwrap_or_default(),
			ets(self.slashed),
			ets(self.refunded),
			ets(paid),
			self.paid.len()
		)
	}
}

/// An enum's variant as it is written in JSON.
pub fn word(value: &impl Serialize) -> String {
	serde_json::to_value(value).ok().and_then(|value| value.as_str().map(String::from)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
	use super::*;
	use serde_json::json;

	#[test]
	fn an_ending_says_all_of_it_in_one_line() {
		let account = AccountId([1; 32]);
		let mut ending = Ending {
			block: 37,
			offenders: vec![account.to_string()],
			fault: "product".into(),
			reporter: Some(AccountId([2; 32]).to_string()),
			proof: Some(Extrinsic { extrinsic: "37-2".into(), bytes: Some(2345), weight: 32_100_000_000 }),
			slashed: 12_000_000_000_000,
			refunded: 3_000_000_000_000,
			paid: vec![Payment { account: AccountId([3; 32]).to_string(), amount: 1_000_000_000_000 }],
		};
		let names = [(account, "computing provider 1".to_string())].into();
		let line = ending.line(&names);
		for part in [
			"block 37: computing provider 1 (",
			"at fault (product), shown by ",
			"in extrinsic 37-2 (2345 bytes, 32.1 ms)",
			"slashed 12 ETS, refunded 3 ETS, of the slash 1 ETS went to 1 who had delivered",
		] {
			assert!(line.contains(part), "{part}: {line}");
		}
		assert!(!line.contains('\n'));
		ending.proof.as_mut().unwrap().bytes = None;
		assert!(ending.line(&names).contains("in extrinsic 37-2 (32.1 ms)"), "pruned");
		(ending.reporter, ending.proof) = (None, None);
		assert!(ending.line(&names).contains("at fault (product); slashed"));
	}

	#[test]
	fn amounts_beyond_64_bits_are_text_in_json() {
		let payment =
			|amount| serde_json::to_value(Payment { account: String::new(), amount }).unwrap()["amount"].clone();
		assert_eq!(payment(u64::MAX.into()), json!(u64::MAX));
		assert_eq!(payment(Balance::MAX), json!(Balance::MAX.to_string()));
	}
}
