//! Whole jobs without chain, network and files; what each party refuses; what each can see; and what each sees of who
//! commits to something wrong.

mod accumulate;
mod audits;
mod faults;
mod job_vectors;
mod jobs;
mod keys;
mod play;
mod privacy;
mod rejects;
mod units;
mod value_vectors;

use crate::{
	chain::{AccountId, Contract, Delivered, H256},
	computing_provider, coordinator, data_provider, decode_all, digest,
	trees::TreesWriter,
	user,
	verification::{self, SealedInputs, View},
	Blobs, Inputs, Job, ProtocolError, Published, Store, Trees,
};
use encrytrust_fault_proofs::wire::{InputsPart, Manifest, Product};
use encrytrust_paillier::SecretKey;
use encrytrust_types::{
	dataset::{Column, Schema},
	job::{Commitment, Parameters, Selection, Stage, TemplateKind},
};
use play::*;
use std::{collections::HashMap, sync::LazyLock};

fn sums(job: &Job, me: &AccountId, rows: &[Vec<i64>]) -> data_provider::Sums {
	let mut accumulator = data_provider::Accumulator::new(job);
	rows.iter().try_for_each(|row| accumulator.add(row)).unwrap();
	accumulator.finish(job, me).unwrap()
}
