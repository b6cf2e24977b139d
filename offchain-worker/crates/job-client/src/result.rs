//! What came out of a job.

use crate::{
	client::JobClient,
	gathering::Gathered,
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
	verification::{self, Outcome},
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
		Status::Open { stage, deadline, awaited } => bail!(
			"job {id} has no result yet: it is in the stage {} until block {deadline}, waiting for {}; \
			 follow it with `encrytrust job watch {id}`",
			stage_name(*stage),
			names(awaited)
		),
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
	/// Whether everything below it could be fetched and checked.
	pub verified: bool,
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
		let stages = [Stage::Outputs, Stage::Result];
		let gathered = self.gathered(&job, &info, Some(selection.clone()), &stages).await?;
		let mut verified = true;
		for stage in stages {
			for finding in self.looked_at(&gathered, move |view| verification::check(view, stage)).await? {
				match finding.outcome {
					Outcome::Faulty(_) => bail!(
						"the result is wrong: {} of {}; do not accept it, show it to the chain: encrytrust job audit {id} --report",
						finding.check,
						finding.who
					),
					Outcome::Missing { .. } => verified = false,
					Outcome::Holds | Outcome::Unseen(_) | Outcome::Refused(_) => {},
				}
			}
		}
		Ok(JobResult { gathered, selection, verified, progress: self.progress.clone() })
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
		Ok(ResultView { job: id, rows, template, results, verified: result.verified })
	}
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
