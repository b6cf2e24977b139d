//! What a job computes, as arguments.

use crate::cli::common::account;
use encrytrust_chain_client::AccountId;
use encrytrust_job_client::JobRequest;
use encrytrust_types::DatasetId;
use std::path::PathBuf;

/// What a job computes, and by whom.
#[derive(Clone, Debug, clap::Args)]
pub(in crate::cli) struct JobArguments {
	/// sum, mean, variance, covariance, histogram, weighted-sum, row-sum or row-weighted-sum, or a template's name or id.
	#[arg(long)]
	template: String,
	/// The data sets.
	#[arg(long, required = true, value_delimiter = ',', value_name = "ID,…")]
	datasets: Vec<DatasetId>,
	/// The columns wanted, by name. A covariance is of every pair of them.
	#[arg(long, required = true, value_delimiter = ',', value_name = "NAME,…")]
	columns: Vec<String>,
	/// For a weighted sum, of columns or of rows: an integer for each column, in the order of --columns.
	#[arg(long, value_delimiter = ',', value_name = "WEIGHT,…", allow_hyphen_values = true)]
	weights: Vec<i32>,
	/// For a histogram: where the first bin begins, how wide each is, and how many there are, 2 to 64. The first bin also
	/// counts all below, the last all above.
	#[arg(long, value_name = "LOW,WIDTH,COUNT", allow_hyphen_values = true)]
	bins: Option<String>,
	/// The computing providers.
	#[arg(long, required = true, value_delimiter = ',', value_name = "ACCOUNT,…", value_parser = account)]
	computing_providers: Vec<AccountId>,
	/// The coordinator.
	#[arg(long, value_name = "ACCOUNT", value_parser = account)]
	coordinator: AccountId,
	/// Your Paillier key file: the result can be read with it alone.
	#[arg(long, value_name = "FILE")]
	pub(super) key: PathBuf,
	/// Finalised blocks that each stage may take; as few as the parties' terms allow if left out.
	#[arg(long, value_name = "BLOCKS")]
	stage_blocks: Option<u32>,
}

impl From<JobArguments> for JobRequest {
	fn from(arguments: JobArguments) -> Self {
		Self {
			template: arguments.template,
			datasets: arguments.datasets,
			row_ranges: vec![],
			columns: arguments.columns,
			weights: arguments.weights,
			bins: arguments.bins,
			computing_providers: arguments.computing_providers,
			coordinator: arguments.coordinator,
			key: arguments.key,
			stage_blocks: arguments.stage_blocks,
		}
	}
}
