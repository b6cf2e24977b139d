//! What came out of a job.

use crate::{
	client::JobClient,
	gathering::{Gathered, PUBLISHED, USUAL},
	names::text,
	progress::{Progress, Step},
	request::noted_selection,
};
use anyhow::{bail, Context, Result};
use encrytrust_chain_client::{AccountId, JobInfo, Status};
use encrytrust_paillier::SecretKey;
use encrytrust_protocol::{
	commitment_of, stage_name,
	user::{self, Answer},
	verification::{self, Finding, Outcome},
	Job,
};
use encrytrust_types::{
	job::{Commitment, Selection, Stage, TemplateKind},
	JobId,
};
use serde::Serialize;
use serde_json::{json, Map, Value};
use std::{fmt, path::Path, sync::Arc};

/// What the coordinator committed to, or why there is no result.
pub fn result_commitment(id: JobId, info: &JobInfo) -> Result<Commitment> {
	let names = |who: &[AccountId]| who.iter().map(AccountId::to_string).collect::<Vec<_>>().join(", ");
	match &info.status {
		Status::Open { stage, awaited, .. } => bail!(
			"job {id} has no result yet: it is in the stage {}, waiting for {}; follow it with `encrytrust job watch {id}`",
			stage_name(*stage),
			names(&awaited.iter().map(|awaited| awaited.who.clone()).collect::<Vec<_>>())
		),
		Status::Lapsed { .. } => {
			bail!(
				"job {id} has no result: not all parties confirmed it; you were refunded, ask for it again with others"
			)
		},
		Status::Cancelled { .. } => bail!("job {id} has no result: it was cancelled; you were refunded"),
		Status::Expired { stage, late, .. } => bail!(
			"job {id} has no result: the stage {} was overdue, by {}; you were refunded, ask for it again with others",
			stage_name(*stage),
			names(late)
		),
		Status::Declined { by, reason, .. } => {
			bail!("job {id} has no result: {by} declined it ({reason:?}); you were refunded")
		},
		Status::Faulty { offender, fault, .. } => bail!(
			"job {id} has no result: {offender} was at fault ({fault:?}) and slashed; you were refunded, ask for it \
			 again with others"
		),
		Status::Challenge { .. } | Status::Settled { .. } => {},
	}
	commitment_of(info, Stage::Result, &info.contract.coordinator.who)
		.with_context(|| format!("the chain has no commitment to the result of job {id}"))
}

/// A job's result for people and programs.
#[derive(Clone, Debug, Serialize)]
pub struct ResultView {
	/// The job.
	pub job: JobId,
	/// Over how many rows.
	pub rows: u64,
	/// What was computed.
	pub template: TemplateKind,
	/// By column or pair of columns, in the schema's order; one of a weighted sum.
	pub results: Vec<AnswerView>,
	/// Whether all that the result rests on could be fetched and checked: the outputs, each of their leaves against what
	/// the data providers committed to, and all products.
	pub verified: bool,
	/// What could not be checked, a sentence for each check.
	pub unchecked: Vec<String>,
}

/// The numbers of a column, of a pair of columns, or of all columns together.
#[derive(Clone, Debug, Serialize)]
pub struct AnswerView {
	/// Which columns.
	pub columns: Vec<String>,
	/// The numbers by name, exact or rounded behind at least 12 digits more than the columns have.
	#[serde(flatten)]
	pub numbers: Map<String, Value>,
}

impl AnswerView {
	fn new(job: &Job, answer: &Answer) -> Self {
		let name =
			|column: &u16| job.contract.schema.columns().get(usize::from(*column)).map(|column| text(&column.name));
		let columns = answer.columns.iter().map(|column| name(column).unwrap_or_default()).collect();
		let numbers = numbers(&answer.value).into_iter().map(|(name, value)| (name.to_string(), value));
		Self { columns, numbers: numbers.collect() }
	}

	/// A number by its name.
	pub fn number(&self, name: &str) -> Option<&str> {
		self.numbers.get(name)?.as_str()
	}
}

/// The numbers of an answer, the main one first.
fn numbers(value: &user::Value) -> Vec<(&'static str, Value)> {
	let exact = |number: &user::Exact| json!(number.to_string());
	let maybe = |number: &Option<user::Exact>| json!(number.as_ref().map(ToString::to_string));
	match value {
		user::Value::Sum(sum) => vec![("sum", exact(sum))],
		user::Value::Mean { sum, mean } => vec![("mean", exact(mean)), ("sum", exact(sum))],
		user::Value::Variance { mean, sample, population } => {
			vec![("variance", maybe(sample)), ("population_variance", exact(population)), ("mean", exact(mean))]
		},
		user::Value::Covariance { means, sample, population } => vec![
			("covariance", maybe(sample)),
			("population_covariance", exact(population)),
			("means", means.iter().map(exact).collect()),
		],
		user::Value::Histogram(counts) => vec![("counts", json!(counts))],
		user::Value::WeightedSum(sum) => vec![("weighted_sum", exact(sum))],
		user::Value::Row { data, row, sum } => {
			vec![("sum", exact(sum)), ("dataset", json!(data)), ("row", json!(row))]
		},
	}
}

/// A job's result, as it was published.
pub struct JobResult {
	gathered: Gathered,
	selection: Selection,
	/// What it rests on and could not be checked, a sentence for each check.
	pub unchecked: Vec<String>,
	progress: Arc<dyn Progress>,
}

impl fmt::Debug for JobResult {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.debug_struct("JobResult").field("job", &self.job().id).finish_non_exhaustive()
	}
}

impl JobClient {
	/// Fetches and checks a job's result; `note` is the key file next to which the selection is noted.
	///
	/// # Errors
	///
	/// Also a fault in what the result rests on.
	pub async fn result(&self, id: JobId, note: &Path) -> Result<JobResult> {
		let info = self.info(id).await?;
		result_commitment(id, &info)?;
		let job = Job::checked(id, self.chain.genesis(), &info)?;
		let selection = noted_selection(note, &info.contract.selection, job.features())?;
		// An entry that is none has no ciphertext that a leaf could be compared with. Its transfer is made from a selector.
		let stages = [Stage::Inputs, Stage::Outputs, Stage::Result];
		let gathered = self.gathered(&job, &info, Some(selection.clone()), &PUBLISHED, USUAL).await?;
		let findings = self.looked_at(&gathered, move |view| {
			stages.into_iter().flat_map(|stage| verification::check(view, stage)).collect()
		});
		let unchecked = unchecked(id, findings.await?)?;
		Ok(JobResult { gathered, selection, unchecked, progress: self.progress.clone() })
	}

	/// Fetches, checks and decrypts a job's result.
	pub async fn decrypted(&self, id: JobId, key: &SecretKey, note: &Path) -> Result<ResultView> {
		let result = self.result(id, note).await?;
		let job = result.job();
		let mut results = Vec::new();
		result.for_each_part(key, |answers| {
			results.extend(answers.iter().map(|answer| AnswerView::new(job, answer)));
			Ok(())
		})?;
		let rows = job.contract.rows();
		let template = job.contract.kind;
		let unchecked = result.unchecked;
		Ok(ResultView { job: id, rows, template, results, verified: unchecked.is_empty(), unchecked })
	}
}

/// Which checks could not be made, a sentence for each. One that failed is an error.
fn unchecked(id: JobId, findings: Vec<Finding>) -> Result<Vec<String>> {
	let mut unchecked = Vec::new();
	for Finding { stage, check, who, outcome, .. } in findings {
		match outcome {
			Outcome::Holds => {},
			Outcome::Faulty(_) => bail!(
				"the result is wrong: {check} of {who}; do not accept it, show it to the chain: \
				 encrytrust job audit {id} --report"
			),
			Outcome::Refused(why) => bail!(
				"the result is wrong: {check} of {who}: {why}; do not accept it: encrytrust job audit {id} tells more"
			),
			Outcome::Missing { why, .. } => unchecked.push(format!("{check}, of {who}: {why}")),
			// What is sealed for others, the parties check who can open it.
			Outcome::Unseen(_) if stage == Stage::Inputs => {},
			Outcome::Pending(why) | Outcome::Unseen(why) => unchecked.push(format!("{check}, of {who}: {why}")),
		}
	}
	Ok(unchecked)
}

impl JobResult {
	/// The job.
	pub fn job(&self) -> &Job {
		&self.gathered.inspection.job
	}

	/// Decrypts part by part.
	pub fn for_each_part(&self, key: &SecretKey, mut each: impl FnMut(&[Answer]) -> Result<()>) -> Result<()> {
		let view = self.gathered.inspection.view();
		let job = self.job();
		let trees = verification::published_trees(&view, Stage::Result, &job.contract.coordinator.who);
		let trees = trees.context("cannot fetch the result: if its coordinator is away, try again")?;
		let parts = job.contract.output_parts();
		for part in 0..parts {
			each(&user::decrypt(job, key, &self.selection, part, &trees.values(part)?)?)?;
			self.progress.report(Step::Decrypting { done: part + 1, parts });
		}
		self.progress.finish();
		Ok(())
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use encrytrust_chain_client::H256;
	use encrytrust_fault_proofs::{product_tree::NodeProof, Fault, Producer};
	use encrytrust_types::job::{Role, Unit};

	fn finding(outcome: Outcome) -> Finding {
		let check = "every leaf is a committed input".into();
		Finding { stage: Stage::Outputs, who: AccountId([7; 32]), role: Some(Role::ComputingProvider), check, outcome }
	}

	#[test]
	fn a_result_is_verified_only_if_every_check_was_made_and_holds() {
		let told = |outcome| unchecked(3, vec![finding(Outcome::Holds), finding(outcome), finding(Outcome::Holds)]);
		assert_eq!(told(Outcome::Holds).unwrap(), Vec::<String>::new());
		let why = "a data provider's manifest is not at hand";
		for outcome in [Outcome::Unseen(why), Outcome::Missing { unit: Unit::Result { part: 0 }, why: why.into() }] {
			let unchecked = told(outcome).unwrap();
			let sentence = format!("every leaf is a committed input, of {}: {why}", AccountId([7; 32]));
			assert_eq!(unchecked, [sentence.as_str()]);
		}
		let root = NodeProof {
			level: 3,
			index: 0,
			value: Default::default(),
			left: H256([0; 32]),
			right: H256([0; 32]),
			path: Default::default(),
			output_path: Default::default(),
		};
		let fault = Fault::Shape { producer: Producer::Coordinator, output: 0, root };
		for outcome in [Outcome::Refused("nothing shows it".into()), Outcome::Faulty(Box::new(fault))] {
			let error = told(outcome).unwrap_err().to_string();
			assert!(error.starts_with("the result is wrong: every leaf is a committed input"), "{error}");
		}
	}
}
