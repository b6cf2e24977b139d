//! Jobs looked at again: what was committed to, whether it holds, and how a fault ended.

use super::{gathered, job_info, looked_at, noted_selection, party_names};
use crate::{
	amounts::ets,
	cli::common::{table, Output},
	output::remark,
	protocol::{
		audit::{self, Report},
		watch::{self, Outcome, View},
		Job,
	},
	timeline::{stage_name, What},
};
use anyhow::{bail, Context, Result};
use encrytrust_chain_client::{
	AccountId, Balance, BlockNumber, Call, Client, Error as ChainError, JobInfo, Keypair, Status, StorageKey,
};
use encrytrust_types::{job::Stage, JobId};
use serde::Serialize;
use serde_json::{json, Value};
use std::{collections::BTreeMap, path::Path};

/// How a job ended that a party's fault or silence ended: all that the chain's events tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Ending {
	/// In which block.
	pub(crate) block: BlockNumber,
	/// Who was at fault: accounts.
	pub(crate) offenders: Vec<String>,
	/// What was wrong.
	pub(crate) fault: String,
	/// Who showed it, if somebody had to.
	pub(crate) reporter: Option<String>,
	/// The extrinsic that did it, if one did.
	pub(crate) proof: Option<Extrinsic>,
	/// What the offenders lost.
	#[serde(serialize_with = "unit")]
	pub(crate) slashed: Balance,
	/// What the user got back.
	#[serde(serialize_with = "unit")]
	pub(crate) refunded: Balance,
	/// What those who had delivered were paid out of that: accounts and amounts.
	pub(crate) paid: Vec<Payment>,
}

/// A payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Payment {
	/// To whom.
	pub(crate) account: String,
	/// How much.
	#[serde(serialize_with = "unit")]
	pub(crate) amount: Balance,
}

/// An extrinsic in a block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Extrinsic {
	/// Block and place.
	pub(crate) extrinsic: String,
	/// Its length, if the node still has it.
	pub(crate) bytes: Option<usize>,
	/// Its weight, in picoseconds of computing.
	pub(crate) weight: u64,
}

/// Amounts in JSON are text in the smallest unit where they may be longer than 64 bits, as in the RPC.
fn unit<S: serde::Serializer>(amount: &Balance, serializer: S) -> Result<S::Ok, S::Error> {
	match u64::try_from(*amount) {
		Ok(amount) => serializer.serialize_u64(amount),
		Err(_) => serializer.serialize_str(&amount.to_string()),
	}
}

/// How a job was ended by a fault or silence; none for another end, or where the node has forgotten.
pub(crate) async fn ending(client: &Client, id: JobId, info: &JobInfo) -> Result<Option<Ending>> {
	let (at, offenders, fault, reporter) = match &info.status {
		Status::Faulty { offender, fault, reporter, at } => {
			(*at, vec![offender.clone()], word(fault), reporter.clone())
		},
		Status::Expired { stage, late, at } => (*at, late.to_vec(), format!("silent-{}", stage_name(*stage)), None),
		_ => return Ok(None),
	};
	let block = client.block_at(at).await?.with_context(|| format!("the node has no block {at}"))?;
	let events = match client.events(block).await {
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
		match What::read(event, id) {
			Some(What::Slashed { amount, .. }) => ending.slashed += amount,
			Some(What::Compensated { who, amount, .. }) => {
				ending.paid.push(Payment { account: who.to_string(), amount });
			},
			Some(What::Faulty { .. } | What::Expired(_)) => {
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
			bytes: match client.extrinsic(block, index).await {
				Err(ChainError::BlockPruned(_)) => None,
				bytes => bytes?.map(|bytes| bytes.len()),
			},
			weight: weight.and_then(|weight| u64::try_from(weight).ok()).unwrap_or_default(),
		});
	}
	Ok(Some(ending))
}

/// What the user has put on hold: all pays and the fee.
fn escrow(info: &JobInfo) -> Balance {
	info.contract.parties().fold(info.contract.fee, |sum, (_, party)| sum.saturating_add(party.pay))
}

impl Ending {
	/// In one line: who, what, shown by whom, slashed, refunded, paid.
	pub(crate) fn line(&self, names: &BTreeMap<AccountId, String>) -> String {
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

/// Checks a job, prints the report, and shows its first fault to the chain if there is a `reporter`.
///
/// # Errors
///
/// Anything that is wrong with the job, after the report.
pub(super) async fn audit(
	client: &Client,
	id: JobId,
	key: Option<&Path>,
	reporter: Option<&Keypair>,
	output: &Output,
) -> Result<()> {
	let info = job_info(client, id).await?;
	let job = Job::checked(id, client.genesis(), &info)?;
	let selection = key.map(|key| noted_selection(key, &info.contract.selection, job.features())).transpose()?;
	let (inspection, _folder) = gathered(client, &job, &info, selection, &Stage::ALL).await?;
	let told = info.clone();
	let report = looked_at(&inspection, move |view| audit::report(view, &told)).await?;
	let ending = ending(client, id, &info).await?;
	output.print(&report_value(&report, ending.as_ref())?, |_| {
		let line = ending.as_ref().map(|ending| ending.line(&party_names(&info)));
		line.into_iter().fold(report.to_string(), |text, line| format!("{text}\n{line}"))
	})?;
	if let Some(signer) = reporter {
		let find = |view: &View<'_>| {
			let mut findings = Stage::ALL.into_iter().flat_map(|stage| watch::check(view, stage));
			findings.find_map(|finding| match finding.outcome {
				Outcome::Faulty(fault) => Some(fault),
				_ => None,
			})
		};
		let fault = looked_at(&inspection, find).await?.context("there is no fault to show to the chain")?;
		let (block, _) = client.execute(&Call::report_fault(id, &fault), signer).await?;
		remark(format_args!("block {}: the fault is shown, the job is over", block.number));
	}
	if !report.sound {
		bail!("job {id} is not sound: the report says what is wrong or missing");
	}
	Ok(())
}

fn report_value(report: &Report, ending: Option<&Ending>) -> Result<Value> {
	let mut value = serde_json::to_value(report)?;
	value["ending"] = serde_json::to_value(ending)?;
	Ok(value)
}

/// Lists the jobs that ended by a fault, newest first.
pub(super) async fn faults(client: &Client, limit: u64, output: &Output) -> Result<()> {
	let head = client.finalized().await?;
	let next = client.storage(&StorageKey::next_job_id(), head.hash).await?.unwrap_or_default();
	let (mut values, mut rows) = (Vec::new(), vec![["JOB", "BLOCK", "FAULT", "WHO"].map(String::from).to_vec()]);
	for id in (0..next).rev() {
		if values.len() as u64 >= limit {
			break;
		}
		let Some(info) = client.at(head.hash).job(id).await? else { continue };
		let Status::Faulty { offender, fault, reporter, at } = &info.status else { continue };
		let name = party_names(&info).get(offender).cloned().unwrap_or_default();
		rows.push(vec![id.to_string(), at.to_string(), word(fault), format!("{name} ({offender})")]);
		values.push(json!({
			"job": id,
			"block": at,
			"offender": offender.to_string(),
			"party": name,
			"fault": fault,
			"reporter": reporter.as_ref().map(AccountId::to_string),
			"ending": ending(client, id, &info).await?,
		}));
	}
	output.print(&values, |_| table(&rows))
}

/// An enum's variant as it is written in JSON.
fn word(value: &impl Serialize) -> String {
	serde_json::to_value(value).ok().and_then(|value| value.as_str().map(String::from)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
	use super::*;

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
