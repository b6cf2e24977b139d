//! Checks of product trees: the computing providers' outputs and the coordinator's result.

use super::{Finding, Outcome, Party, View, SELECTION_UNKNOWN};
use crate::{chain::AccountId, error::ProtocolError, inputs::Inputs, parallel, trees::Trees};
use encrytrust_fault_proofs::{find::Chosen, wire::Product, Fault, Producer};
use encrytrust_types::job::{Role, Stage};
use std::collections::BTreeMap;

/// The product trees that a party committed to in [`Stage::Outputs`] or [`Stage::Result`].
///
/// # Errors
///
/// What of them is neither at hand nor was published on chain, or is not what the commitment says.
pub fn published_trees<'v>(view: &View<'v>, stage: Stage, who: &AccountId) -> Result<Trees<'v>, ProtocolError> {
	let missing = || ProtocolError::Commitment(format!("what {who} published"));
	Trees::read(view.job, view.blobs, stage, who, &view.commitment(stage, who).ok_or_else(missing)?)
}

impl<'v> View<'v> {
	/// What a party has committed to in trees, as far as it is at hand; none if it has not.
	pub(super) fn trees(&self, stage: Stage, who: &AccountId) -> Option<Trees<'v>> {
		Trees::new(self.job, self.blobs, stage, who, &self.commitment(stage, who)?).ok()
	}

	pub(super) fn check_output(&self, computing: usize) -> Vec<Finding> {
		let Some(party) = self.job.contract.computing.get(computing) else { return Vec::new() };
		let party = Party { stage: Stage::Outputs, who: party.party.who.clone(), role: Role::ComputingProvider };
		let producer = Producer::Computing(computing as u16);
		self.check_trees(&party, producer, "every leaf is a committed input", |trees| {
			let Some(selection) = self.selection else { return SELECTION_UNKNOWN };
			let inputs: Vec<_> = (0..self.job.contract.data.len()).map(|data| self.inputs(data)).collect();
			let chosen = Chosen::new(selection, self.job.features());
			let mut look = Look { computing: computing as u16, chosen, inputs, all_seen: true, all_complete: true };
			let mut parts = 0..self.job.contract.output_parts();
			match parts.find_map(|part| self.wrong_leaf(part, trees, &mut look)) {
				None if !look.all_seen => Outcome::Pending("a data provider's entries are not at hand"),
				None if !look.all_complete => {
					Outcome::Unseen("a data provider's entry is malformed: it has no ciphertext to compare a leaf with")
				},
				fault => self.found(fault),
			}
		})
	}

	/// The first leaf in a part of a computing provider's trees that is no committed input; leaves whose entries are not at
	/// hand are passed over.
	fn wrong_leaf(&self, part: u32, trees: &Trees<'_>, look: &mut Look<'_>) -> Option<Fault> {
		let job = self.job;
		let product = trees.product(part).ok()?;
		let trees = trees.part(part, &product).ok()?;
		let below = job.faults().inputs_below(&trees);
		let mut entries = BTreeMap::new();
		for (data, part) in below {
			let inputs = look.inputs.get(usize::from(data)).and_then(Option::as_ref);
			let run = inputs.and_then(|inputs| Some((inputs, inputs.entries(part).ok()?)));
			look.all_seen &= run.as_ref().is_some_and(|(inputs, run)| inputs.check_leaves(run).is_ok());
			look.all_complete &= run.as_ref().is_none_or(|(inputs, run)| inputs.are_complete(run));
			entries.extend(run.map(|(_, run)| ((data, part), run)));
		}
		let outputs: Vec<u32> = job.contract.outputs_of(part).collect();
		let check = |outputs: &[u32]| {
			let entries = |place: (u16, u32), _| entries.get(&place);
			// An error is how the first wrong one ends the search.
			match job.faults().find_output_fault(look.computing, outputs, &trees, &look.chosen, entries) {
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
			let all: Vec<_> = computing.map(|computing| self.trees(Stage::Outputs, &computing.party.who)).collect();
			let mut all_seen = true;
			let fault = (0..self.job.contract.output_parts()).find_map(|part| {
				let product = |trees: &Option<Trees<'_>>| trees.as_ref()?.product(part).ok();
				let products: Vec<Option<Product>> = all.iter().map(product).collect();
				let shown = all.iter().zip(&products);
				let outputs: Vec<_> =
					shown.map(|(trees, product)| trees.as_ref()?.part(part, product.as_ref()?).ok()).collect();
				all_seen &= outputs.iter().all(Option::is_some);
				let product = result.product(part).ok()?;
				self.faults().find_result_fault(&result.part(part, &product).ok()?, &outputs)
			});
			match fault {
				None if !all_seen => Outcome::Pending("a computing provider's output is not at hand"),
				fault => self.found(fault),
			}
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
		let Some(trees) = self.trees(party.stage, &party.who) else { return Vec::new() };
		let check = "the trees are those committed to";
		let parts = 0..self.job.contract.output_parts();
		let missing = parts.clone().filter_map(|part| Some(party.missing(check, trees.unit(part), trees.lacks(part)?)));
		let mut findings: Vec<_> = missing.collect();
		let nothing = findings.len() == parts.len();
		if findings.is_empty() {
			findings.push(party.finding(check, Outcome::Holds));
		}
		if nothing {
			return findings;
		}
		let wrong_product = parts.into_iter().find_map(|part| {
			let product = trees.product(part).ok()?;
			self.faults().find_product_fault(producer, &trees.part(part, &product).ok()?)
		});
		let products = self.found(wrong_product);
		let leaves_hold = match products {
			Outcome::Holds => check_leaves(&trees),
			_ => Outcome::Unseen("the trees are wrong already"),
		};
		findings.push(party.finding("every node is the product of its children", products));
		findings.push(party.finding(leaves, leaves_hold));
		findings
	}
}

/// What the leaves of a computing provider are compared with.
struct Look<'v> {
	computing: u16,
	chosen: Chosen<'v>,
	inputs: Vec<Option<Inputs<'v>>>,
	/// Whether every entry that was looked for was at hand.
	all_seen: bool,
	/// Whether each of these is complete.
	all_complete: bool,
}
