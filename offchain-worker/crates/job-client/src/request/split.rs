//! Splitting row-wise work into jobs over ranges of rows: all that a job may have to publish on chain is limited.

use super::{question::question, JobRequest};
use crate::{client::JobClient, templates::find_template, user_key::public_key};
use anyhow::{Context, Error, Result};
use encrytrust_chain_client::{AccountId, DispatchFailure, Quote};
use encrytrust_types::{
	job::{Packing, RowRange},
	DatasetId,
};

/// The most jobs that work is split into.
const MOST_JOBS: u64 = 100;
/// The refusals that fewer rows help against.
const TOO_LARGE: [&str; 5] =
	["PublicationTooLarge", "PublicationAboveTerms", "BondAboveTerms", "TooManyRows", "ScheduleTooLong"];

/// What row-wise work is cut from: each dataset with its rows, and the rows of a block.
struct Rows {
	datasets: Vec<(DatasetId, u64)>,
	per_block: u64,
}

impl JobClient {
	/// The jobs that a request takes, each with its price: one, unless it is row-wise and too large for one. Nothing is
	/// sent.
	///
	/// # Errors
	///
	/// What the chain refuses of the request, or of its smallest part.
	pub async fn split(&self, user: &AccountId, job: &JobRequest) -> Result<Vec<(JobRequest, Quote)>> {
		let refusal = match self.quote(user, job).await {
			Ok(quote) => return Ok(vec![(job.clone(), quote)]),
			Err(refusal) => refusal,
		};
		let rows = match is_too_large(&refusal) && job.row_ranges.is_empty() {
			true => self.rows(job).await?,
			false => None,
		};
		let Some(rows) = rows else { return Err(refusal) };
		let mut count = 2;
		while let Err(refusal) = self.quote(user, &rows.part(job, 0, count)).await {
			if !is_too_large(&refusal) || count >= MOST_JOBS {
				return Err(refusal);
			}
			count = (count + count / 2).min(MOST_JOBS);
		}
		let mut jobs = Vec::new();
		for index in 0..count {
			let part = rows.part(job, index, count);
			let quote = self.quote(user, &part).await?;
			jobs.push((part, quote));
		}
		Ok(jobs)
	}

	/// What the work is cut from; `None` unless the template is row-wise.
	async fn rows(&self, job: &JobRequest) -> Result<Option<Rows>> {
		let api = self.chain.at(self.chain.finalized().await?.hash);
		let (_, kind) = find_template(&api.templates().await?, &job.template)?;
		let mut datasets = Vec::with_capacity(job.datasets.len());
		let mut schema = None;
		for id in &job.datasets {
			let set = api.dataset(*id).await?.with_context(|| format!("there is no data set {id}"))?;
			datasets.push((*id, set.rows));
			schema = Some(set.schema);
		}
		let schema = schema.context("name at least one data set with --datasets")?;
		let asked = question(kind, &schema, job)?;
		let bits = schema.columns().iter().map(|column| column.bits).max().unwrap_or_default();
		let modulus_bits = (public_key(&job.key)?.modulus_bytes().len() as u32).saturating_mul(8);
		let packing = Packing::new(kind, &asked.parameters, asked.features.len() as u16, bits, modulus_bits);
		Ok(packing.rows_per_block().map(|per_block| Rows { datasets, per_block: per_block.max(1) }))
	}
}

impl Rows {
	/// The job in a place of `count`: of each dataset the next fraction of its rows, cut between blocks. A dataset of which
	/// nothing is left for it is left out.
	fn part(&self, job: &JobRequest, index: u64, count: u64) -> JobRequest {
		let of = |(dataset, rows): &(DatasetId, u64)| {
			let range = self.range(*rows, index, count);
			(range.count > 0).then_some((*dataset, range))
		};
		let (datasets, row_ranges) = self.datasets.iter().filter_map(of).unzip();
		JobRequest { datasets, row_ranges, ..job.clone() }
	}

	fn range(&self, rows: u64, index: u64, count: u64) -> RowRange {
		let blocks = u128::from(rows.div_ceil(self.per_block));
		let row = |place: u64| {
			let block = blocks * u128::from(place) / u128::from(count);
			u64::try_from(block * u128::from(self.per_block)).map_or(rows, |row| row.min(rows))
		};
		let first = row(index);
		RowRange { first, count: row(index + 1) - first }
	}
}

fn is_too_large(refusal: &Error) -> bool {
	let failure = refusal.downcast_ref::<DispatchFailure>();
	failure.is_some_and(|failure| TOO_LARGE.iter().any(|name| failure.is(name)))
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	proptest! {
		/// Every row is in exactly one job, and only the last block of a dataset is not full.
		#[test]
		fn parts_make_up_all_rows(rows in 1..10_000u64, per_block in 1..200u64, count in 1..40u64) {
			let all = Rows { datasets: vec![], per_block };
			let mut next = 0;
			for index in 0..count {
				let RowRange { first, count } = all.range(rows, index, count);
				prop_assert_eq!(first, next);
				prop_assert!(first % per_block == 0 || count == 0);
				next = first + count;
			}
			prop_assert_eq!(next, rows);
		}
	}

	#[test]
	fn ranges_of_the_largest_dataset_do_not_overflow() {
		let all = Rows { datasets: vec![], per_block: 60 };
		let last = all.range(u64::MAX, MOST_JOBS - 1, MOST_JOBS);
		assert_eq!(last.first + last.count, u64::MAX);
	}
}
