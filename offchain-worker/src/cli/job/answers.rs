//! What came out of a job.

use super::{gathered, job_info, looked_at, noted_selection};
use crate::{
	cli::common::{spinner, table, text, Output},
	inspection::Inspection,
	output::{remark, shown, stdout, OutputError, Replacement},
	protocol::{
		commitment_of,
		user::{self, Answer},
		watch::{self, Finding, Outcome},
		Job,
	},
	timeline::stage_name,
};
use anyhow::{bail, Context, Result};
use encrytrust_chain_client::{AccountId, Client, JobInfo, Status};
use encrytrust_paillier::SecretKey;
use encrytrust_primitives::bmpc::{Commitment, JobId, Selection, Stage, TemplateKind};
use serde::Serialize;
use serde_json::{json, Map, Value};
use std::{
	io::{self, BufWriter, Write},
	path::Path,
	sync::Arc,
};

/// What the coordinator committed to, or why there is no result.
pub(super) fn result_commitment(id: JobId, info: &JobInfo) -> Result<Commitment> {
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
			vec![("sum", exact(sum)), ("data_set", json!(data)), ("row", json!(row))]
		},
	}
}

/// The numbers' names, the main one first.
fn names(kind: TemplateKind) -> &'static [&'static str] {
	match kind {
		TemplateKind::ColumnSum => &["sum"],
		TemplateKind::ColumnMean => &["mean", "sum"],
		TemplateKind::ColumnVariance => &["variance", "population_variance", "mean"],
		TemplateKind::Covariance => &["covariance", "population_covariance", "means"],
		TemplateKind::Histogram => &["counts"],
		TemplateKind::WeightedSum => &["weighted_sum"],
		TemplateKind::RowSum | TemplateKind::RowWeightedSum => &["sum", "data_set", "row"],
	}
}

impl ResultView {
	pub(super) fn text(&self) -> String {
		let names = names(self.template);
		let cell = |value: Option<&Value>| match value {
			Some(Value::String(text)) => text.clone(),
			Some(Value::Array(values)) => {
				let texts = values.iter().map(|value| value.as_str().map_or_else(|| value.to_string(), Into::into));
				texts.collect::<Vec<_>>().join(" ")
			},
			_ => "-".into(),
		};
		let row = |answer: &AnswerView| {
			let numbers = names.iter().map(|name| cell(answer.numbers.get(*name)));
			std::iter::once(answer.columns.join(", ")).chain(numbers).collect()
		};
		let heading = names.iter().map(|name| name.to_uppercase().replace('_', " "));
		let heading = std::iter::once("COLUMN".to_string()).chain(heading).collect();
		let rows: Vec<_> = std::iter::once(heading).chain(self.results.iter().map(row)).collect();
		let checked = checked(&self.unchecked);
		format!("job {} over {} rows; {checked}\n\n{}", self.job, self.rows, table(&rows))
	}
}

/// Fetches, checks and decrypts a job's result; `note` is the key file beside which the selection is noted.
pub async fn decrypt_result(client: &Client, id: JobId, key: &SecretKey, note: &Path) -> Result<ResultView> {
	let result = Fetched::new(client, id, note).await?;
	let (mut results, job) = (Vec::new(), &result.inspection.job);
	result.for_each_part(key, |_, answers| {
		results.extend(answers.iter().map(|answer| AnswerView::new(job, answer)));
		Ok(())
	})?;
	let (rows, template) = (job.contract.rows(), job.contract.kind);
	let (verified, unchecked) = (result.unchecked.is_empty(), result.unchecked);
	Ok(ResultView { job: id, rows, template, results, verified, unchecked })
}

/// Fetches, checks and decrypts the rows of a row-wise template, part by part, and writes them line by line.
pub(super) async fn write_rows(
	client: &Client,
	id: JobId,
	key: &SecretKey,
	note: &Path,
	csv: Option<&Path>,
	output: &Output,
) -> Result<()> {
	let result = Fetched::new(client, id, note).await?;
	match csv {
		Some(path) => {
			let cannot = || format!("cannot write {}", shown(path));
			let mut file = Replacement::new(path).with_context(cannot)?;
			let wrong = |error| anyhow::Error::new(error).context(cannot());
			rows_to(&mut file, wrong, &result, key, false)?;
			file.finish().with_context(cannot)?;
		},
		None => {
			let mut lines = BufWriter::new(stdout());
			let wrong = |error| OutputError::from(error).into();
			rows_to(&mut lines, wrong, &result, key, output.is_json())?;
		},
	}
	let rows = result.inspection.job.contract.rows();
	remark(format_args!("job {id}: the sums of {rows} rows; {}", checked(&result.unchecked)));
	Ok(())
}

/// Decrypts rows and writes each to a line, as an object or as cells. `wrong` says where a line could not be written to.
fn rows_to(
	lines: &mut impl Write,
	wrong: impl Fn(io::Error) -> anyhow::Error,
	result: &Fetched,
	key: &SecretKey,
	as_json: bool,
) -> Result<()> {
	let contract = &result.inspection.job.contract;
	if !as_json {
		writeln!(lines, "data_set,row,sum").map_err(&wrong)?;
	}
	let (bar, parts) = (spinner("decrypting"), contract.output_parts());
	result.for_each_part(key, |part, answers| {
		for answer in answers {
			let user::Value::Row { data, row, sum } = &answer.value else { continue };
			let data_set = contract.data.get(usize::from(*data)).map_or(0, |data| data.data_set);
			let written = if as_json {
				writeln!(lines, "{}", json!({ "data_set": data_set, "row": row, "sum": sum.to_string() }))
			} else {
				writeln!(lines, "{data_set},{row},{sum}")
			};
			written.map_err(&wrong)?;
		}
		bar.set_message(format!("part {} of {parts} is decrypted", part + 1));
		Ok(())
	})?;
	bar.finish_and_clear();
	lines.flush().map_err(wrong)
}

/// What was looked at, in words.
fn checked(unchecked: &[String]) -> String {
	if unchecked.is_empty() {
		return "the result is what the chain has, and all that it was computed from was checked".into();
	}
	let checks: String = unchecked.iter().map(|check| format!("\n  not checked: {check}")).collect();
	format!("the result is what the chain has; not all that it was computed from could be had to be checked{checks}")
}

/// Which checks could not be made, a sentence for each. One that failed is an error.
fn unchecked(id: JobId, findings: Vec<Finding>) -> Result<Vec<String>> {
	let mut unchecked = Vec::new();
	for Finding { check, who, outcome, .. } in findings {
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
			Outcome::Unseen(why) => unchecked.push(format!("{check}, of {who}: {why}")),
		}
	}
	Ok(unchecked)
}

/// A job's result, as it was published.
struct Fetched {
	inspection: Arc<Inspection>,
	selection: Selection,
	/// What below it could not be looked at.
	unchecked: Vec<String>,
	/// What was fetched is in there.
	_folder: tempfile::TempDir,
}

impl Fetched {
	/// Fetches and checks it. A fault in it is an error.
	async fn new(client: &Client, id: JobId, note: &Path) -> Result<Self> {
		let info = job_info(client, id).await?;
		result_commitment(id, &info)?;
		let job = Job::checked(id, client.genesis(), &info)?;
		let selection = noted_selection(note, &info.contract.selection, job.features())?;
		let stages = [Stage::Outputs, Stage::Result];
		let (inspection, folder) = gathered(client, &job, &info, Some(selection.clone()), &stages).await?;
		let findings = looked_at(&inspection, move |view| {
			stages.into_iter().flat_map(|stage| watch::check(view, stage)).collect()
		});
		let unchecked = unchecked(id, findings.await?)?;
		Ok(Self { inspection, selection, unchecked, _folder: folder })
	}

	/// Decrypts part by part.
	fn for_each_part(&self, key: &SecretKey, mut each: impl FnMut(u32, &[Answer]) -> Result<()>) -> Result<()> {
		let (view, job) = (self.inspection.view(), &self.inspection.job);
		let trees = watch::published_trees(&view, Stage::Result, &job.contract.coordinator.who);
		let trees = trees.context("cannot fetch the result: if its coordinator is away, try again")?;
		for part in 0..job.contract.output_parts() {
			each(part, &user::decrypt(job, key, &self.selection, part, &trees.values(part)?)?)?;
		}
		Ok(())
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use encrytrust_chain_client::H256;
	use encrytrust_primitives::{
		bmpc::Role,
		fault::{Fault, Producer},
		product_tree::NodeProof,
	};

	fn finding(outcome: Outcome) -> Finding {
		let (stage, who, role) = (Stage::Outputs, AccountId([7; 32]), Some(Role::ComputingProvider));
		Finding { stage, who, role, check: "every leaf is a committed input".into(), outcome }
	}

	#[test]
	fn a_result_is_verified_only_if_every_check_was_made_and_holds() {
		let told = |outcome| unchecked(3, vec![finding(Outcome::Holds), finding(outcome), finding(Outcome::Holds)]);
		assert_eq!(told(Outcome::Holds).unwrap(), Vec::<String>::new());
		let why = "a data provider's manifest is not at hand";
		for outcome in [Outcome::Unseen(why), Outcome::Missing { piece: 0, why: why.into() }] {
			let unchecked = told(outcome).unwrap();
			let sentence = format!("every leaf is a committed input, of {}: {why}", AccountId([7; 32]));
			assert_eq!(unchecked, [sentence.as_str()]);
			assert!(checked(&unchecked).ends_with(&format!("\n  not checked: {sentence}")));
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
