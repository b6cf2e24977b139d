//! Checks of product trees: the computing providers' outputs and the coordinator's result.

use super::{Finding, Outcome, Party, View, SELECTION_UNKNOWN};
use crate::{chain::AccountId, error::ProtocolError, inputs::Inputs, parallel, trees::Trees};
use encrytrust_fault_proofs::{
	find::{Chosen, PartOfInputs},
	wire::Product,
	Fault, Producer,
};
use encrytrust_types::job::{Role, Stage};
use std::collections::BTreeMap;

/// The product trees that a party committed to in [`Stage::Outputs`] or [`Stage::Result`].
///
/// # Errors
///
/// What of them is neither at hand nor was answered to a demand, or is not what the commitment says.
pub fn published_trees<'v>(view: &View<'v>, stage: Stage, who: &AccountId) -> Result<Trees<'v>, ProtocolError> {
	let missing = || ProtocolError::Commitment(format!("what {who} published"));
	Trees::read(view.job, view.blobs, stage, who, &view.commitment(stage, who).ok_or_else(missing)?)
}

impl View<'_> {
	pub(super) fn check_output(&self, computing: usize) -> Vec<Finding> {
		let Some(party) = self.job.contract.computing.get(computing) else { return Vec::new() };
		let party = Party { stage: Stage::Outputs, who: party.party.who.clone(), role: Role::ComputingProvider };
		let producer = Producer::Computing(computing as u16);
		self.check_trees(&party, producer, "every leaf is a committed input", |trees| {
			let Some(selection) = self.selection else { return SELECTION_UNKNOWN };
			let inputs = (0..self.job.contract.data.len()).map(|data| self.inputs(data));
			let Ok(inputs) = inputs.collect::<Result<Vec<_>, _>>() else {
				return Outcome::Unseen("a data provider's manifest is not at hand");
			};
			let chosen = Chosen::new(selection, self.job.features());
			let mut parts = 0..self.job.contract.output_parts();
			self.found(parts.find_map(|part| self.wrong_leaf(computing as u16, part, trees, &chosen, &inputs)))
		})
	}

	/// The first leaf in a part of a computing provider's trees that is no committed input.
	fn wrong_leaf(
		&self,
		computing: u16,
		part: u32,
		trees: &Trees<'_>,
		chosen: &Chosen<'_>,
		inputs: &[Inputs<'_>],
	) -> Option<Fault> {
		let job = self.job;
		let product = trees.product(part).ok()?;
		let trees = trees.part(part, &product).ok()?;
		let load = |(data, part): (u16, u32)| Some(((data, part), inputs.get(usize::from(data))?.part(part).ok()?));
		let below: BTreeMap<_, _> = job.faults().inputs_below(&trees).into_iter().map(load).collect::<Option<_>>()?;
		let roots: Vec<_> = inputs.iter().map(Inputs::roots).collect();
		let outputs: Vec<u32> = job.contract.outputs_of(part).collect();
		let check = |outputs: &[u32]| {
			let inputs = |(data, part): (u16, u32)| {
				let inputs = below.get(&(data, part))?;
				let roots = roots.get(usize::from(data))?;
				Some(PartOfInputs { part, inputs, roots })
			};
			// An error is how the first wrong one ends the search.
			match job.faults().find_output_fault(computing, outputs, &trees, chosen, inputs) {
				None => Ok(Vec::<()>::new()),
				Some(fault) => Err(Box::new(fault)),
			}
		};
		parallel::map_runs(&outputs, check).err().map(|fault| *fault)
	}

	pub(super) fn check_result(&self) -> Vec<Finding> {
		let party =
			Party { stage: Stage::Result, who: self.job.contract.coordinator.who.clone(), role: Role::Coordinator };
		self.check_trees(&party, Producer::Coordinator, "every leaf is a computing provider's output", |result| {
			let computing = self.job.contract.computing.iter();
			let all = computing.map(|computing| published_trees(self, Stage::Outputs, &computing.party.who));
			let Ok(all) = all.collect::<Result<Vec<_>, _>>() else {
				return Outcome::Unseen("a computing provider's output is not at hand");
			};
			let mut parts = 0..self.job.contract.output_parts();
			self.found(parts.find_map(|part| {
				let products = all.iter().map(|trees| trees.product(part).ok()).collect::<Option<Vec<Product>>>()?;
				let outputs = all.iter().zip(&products).map(|(trees, product)| trees.part(part, product).ok());
				let outputs = outputs.collect::<Option<Vec<_>>>()?;
				let product = result.product(part).ok()?;
				self.faults().find_result_fault(&result.part(part, &product).ok()?, &outputs)
			}))
		})
	}

	/// Checks what both kinds of product trees have in common, then their leaves.
	fn check_trees(
		&self,
		party: &Party,
		producer: Producer,
		leaves: &'static str,
		check_leaves: impl FnOnce(&Trees<'_>) -> Outcome,
	) -> Vec<Finding> {
		if self.commitment(party.stage, &party.who).is_none() {
			return Vec::new();
		}
		let check = "the trees are those committed to";
		let trees = match published_trees(self, party.stage, &party.who) {
			Ok(trees) => trees,
			Err(error) => return vec![party.finding(check, self.missing(party, 0, &error))],
		};
		let wrong_product = (0..self.job.contract.output_parts()).find_map(|part| {
			let product = trees.product(part).ok()?;
			self.faults().find_product_fault(producer, &trees.part(part, &product).ok()?)
		});
		let products = self.found(wrong_product);
		let leaves_hold = match products {
			Outcome::Holds => check_leaves(&trees),
			_ => Outcome::Unseen("the trees are wrong already"),
		};
		vec![
			party.finding(check, Outcome::Holds),
			party.finding("every node is the product of its children", products),
			party.finding(leaves, leaves_hold),
		]
	}
}
