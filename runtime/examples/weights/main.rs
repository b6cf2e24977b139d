//! Searches the inputs of every call of the runtime for those that take the most time for the weight they are charged.
//!
//! usage: weights [--seconds N] [--seed N] [--call NAME] --inputs FOLDER
//!
//! Every call that the metadata has is applied in the runtime's Wasm, over a state in which all exists that a call can be
//! about, first with the inputs that were committed in FOLDER and those of `seeds.rs`, then with others that are made of the
//! worst ones at random, for N seconds in all (60). The worst input of each call is written to FOLDER, a table for
//! `docs/performance.md` to the standard output. `scripts/bench weights` runs it.
//!
//! Time is CPU time, the least of several runs. What an empty call of the runtime takes is not in it, nor is what a remark's
//! bytes take: the length of a block bounds these, not its weight.

mod calls;
mod counting;
mod faults;
mod input;
mod measure;
mod scene;
mod search;
mod seeds;

use calls::Calls;
use input::{Committed, Input, Origin, Senders};
use measure::{Machine, Outcome};
use rand_chacha::ChaCha8Rng;
use rand_core::SeedableRng;
use scene::Scene;
use search::{search, Found, Unpaid};
use serde_json::json;
use std::{error::Error, path::PathBuf, process::ExitCode, time::Duration};

/// How often the worst inputs are applied again, after all others: a busy time of the machine makes no bad input.
const PASSES: usize = 3;
/// The longest call that others are put around.
const LONGEST_WITHIN: usize = 65_536;
/// Rows of the table of refused inputs.
const REFUSALS: usize = 10;
/// How often what a node does with a transaction from the network is measured.
const VALIDATIONS: usize = 5;

struct Options {
	seconds: u64,
	seed: u64,
	call: Option<String>,
	inputs: PathBuf,
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
	let options = options(std::env::args().skip(1))?;
	measure::quieten_panics();
	let calls = Calls::new();
	eprintln!("making the state");
	let mut scene = Scene::new(&calls);
	let seeds = seeds::seeds(&calls, &mut scene);
	let committed = if options.inputs.is_dir() { input::read(&options.inputs)? } else { Vec::new() };
	eprintln!("compiling the runtime");
	let mut machine = Machine::new(calls, scene)?;
	let all: Vec<String> = machine.calls.names().map(str::to_owned).collect();
	let names: Vec<_> = all.iter().filter(|name| options.call.as_ref().is_none_or(|call| call == *name)).collect();
	if names.is_empty() {
		return Err(
			format!("no call is named {}: they are named like {}", options.call.unwrap_or_default(), all[0]).into()
		);
	}
	let time = Duration::from_secs(options.seconds) / names.len() as u32;
	let mut random = ChaCha8Rng::seed_from_u64(options.seed);
	let within: Vec<_> = seeds.iter().filter(|input| input.call.len() <= LONGEST_WITHIN).cloned().collect();
	let mut rows = Vec::new();
	for name in names {
		let of_call = |input: &Input| machine.calls.name(&input.call) == Some(name);
		let old = committed.iter().map(|committed| &committed.input);
		let first: Vec<_> = old.chain(&seeds).filter(|input| of_call(input)).flat_map(by_all).collect();
		if first.is_empty() {
			return Err(format!("{name} has no input: add one to runtime/examples/weights/seeds.rs").into());
		}
		if let Some(unreadable) = first.iter().find(|input| !machine.is_readable(input)) {
			return Err(format!("an input of {name} of {} bytes cannot be decoded", unreadable.call.len()).into());
		}
		let is_roots = first.iter().any(|input| input.senders(&machine.calls) == Senders::Root);
		let both = [Senders::Anyone, Senders::Root];
		for senders in both.into_iter().take(1 + usize::from(is_roots)) {
			let found = search(&mut machine, name, senders, &first, &within, time, &mut random);
			// Some calls are only ever charged if root sends them, or only if somebody else does.
			let Some(found) = found else { continue };
			let row = Row::new(&mut machine, name, senders, found, &first);
			eprintln!("{}", row.progress());
			rows.push(row);
		}
		if rows.last().is_none_or(|row| row.name != *name) {
			return Err(format!("no input of {name} is ever charged: add one to seeds.rs that is").into());
		}
	}
	for _ in 0..PASSES {
		rows.iter_mut().for_each(|row| row.measure_again(&mut machine));
	}
	if options.call.is_none() {
		let committed: Vec<_> = rows.iter().map(Row::committed).collect();
		input::write(&options.inputs, &committed)?;
	}
	print!("{}", report(&machine, &mut rows));
	let mut above = rows.iter().filter(|row| row.is_above()).peekable();
	if above.peek().is_none() {
		return Ok(ExitCode::SUCCESS);
	}
	above.for_each(|row| eprintln!("{} takes longer than what is charged for it", row.name));
	Ok(ExitCode::FAILURE)
}

/// An input, and if it is root's the same by somebody who must not: what is read and weighed before that is seen counts.
fn by_all(input: &Input) -> Vec<Input> {
	let mut all = vec![input.clone()];
	if input.origin == Origin::Root {
		all.push(Input { origin: Origin::Signed("stranger".into()), call: input.call.clone() });
	}
	all
}

fn options(mut arguments: impl Iterator<Item = String>) -> Result<Options, Box<dyn Error>> {
	let (mut seconds, mut seed, mut call, mut inputs) = (60, 1, None, None);
	while let Some(argument) = arguments.next() {
		let value = arguments.next().ok_or_else(|| format!("{argument} needs a value"))?;
		match argument.as_str() {
			"--seconds" => seconds = value.parse().map_err(|_| format!("--seconds needs a number, not {value}"))?,
			"--seed" => seed = value.parse().map_err(|_| format!("--seed needs a number, not {value}"))?,
			"--call" => call = Some(value),
			"--inputs" => inputs = Some(value.into()),
			_ => return Err(format!("no option {argument}: there are --seconds, --seed, --call and --inputs").into()),
		}
	}
	Ok(Options { seconds, seed, call, inputs: inputs.ok_or("--inputs needs the folder of the committed inputs")? })
}

/// The worst input of a call.
struct Row {
	name: String,
	senders: Senders,
	found: Found,
	/// The weight of the keys that it reads and writes.
	storage: f64,
	/// The longest that it takes a node to see whether the call authorises itself, and what is charged for that if it does.
	validation: Option<(f64, f64)>,
}

impl Row {
	fn new(machine: &mut Machine, name: &str, senders: Senders, found: Found, first: &[Input]) -> Self {
		let storage = machine.storage(&found.worst.input);
		let inputs = first.iter().chain([&found.worst.input]).filter(|input| input.origin == Origin::General);
		let validations = inputs.filter_map(|input| machine.validation(input, VALIDATIONS));
		let validation = validations.max_by(|a, b| (a.0 / a.1).total_cmp(&(b.0 / b.1)));
		Self { name: name.into(), senders, found, storage, validation }
	}

	fn measure_again(&mut self, machine: &mut Machine) {
		let worst = &mut self.found.worst;
		worst.measured.time = worst.measured.time.min(machine.measure(&worst.input, VALIDATIONS).time);
	}

	fn is_above(&self) -> bool {
		let unpaid = self.found.unpaid.as_ref().map_or(0.0, Unpaid::ratio);
		self.senders == Senders::Anyone && self.ratio().max(self.ratio_of_validation()).max(unpaid) > 1.0
	}

	fn ratio(&self) -> f64 {
		self.found.worst.measured.ratio()
	}

	fn ratio_of_validation(&self) -> f64 {
		self.validation.map_or(0.0, |(time, weight)| time / weight)
	}

	/// Measured time over what is charged for all but storage.
	fn of_computation(&self) -> f64 {
		let measured = &self.found.worst.measured;
		measured.time / (measured.charged - self.storage).max(0.0)
	}

	fn progress(&self) -> String {
		let (measured, tried) = (&self.found.worst.measured, self.found.tried);
		let unpaid = self.found.unpaid.as_ref();
		let unpaid = unpaid
			.map(|unpaid| format!("; refused {:.3} in {:.3} ms: {}", unpaid.ratio(), unpaid.time * 1e3, unpaid.why));
		format!(
			"{:45} {:7.3} {:7.3} {:10.3} ms of {:10.3} ms, {} bytes, {}, {:?}, {tried} tried{}",
			self.name,
			self.ratio(),
			self.of_computation(),
			measured.time * 1e3,
			measured.charged * 1e3,
			measured.length,
			self.found.worst.input.origin.text(),
			measured.outcome,
			unpaid.unwrap_or_default(),
		)
	}

	fn committed(&self) -> Committed {
		let measured = &self.found.worst.measured;
		let figures = json!({
			"outcome": outcome(&measured.outcome),
			"ratio": rounded(self.ratio()),
			"ratio of computation": rounded(self.of_computation()),
			"microseconds": (measured.time * 1e6).round(),
			"charged microseconds": (measured.charged * 1e6).round(),
		});
		Committed { name: self.name.clone(), input: self.found.worst.input.clone(), figures }
	}

	fn markdown(&self) -> String {
		let measured = &self.found.worst.measured;
		format!(
			"| {} | {} | {} | {:.3} ms | {:.3} ms | {:.2} | {:.2} |\n",
			self.name,
			self.found.worst.input.origin.text(),
			measured.length,
			measured.time * 1e3,
			measured.charged * 1e3,
			self.ratio(),
			self.of_computation(),
		)
	}
}

fn outcome(outcome: &Outcome) -> String {
	match outcome {
		Outcome::Done => "done".into(),
		Outcome::Failed(why) => format!("failed: {why}"),
		Outcome::Invalid(why) => format!("invalid: {why}"),
		Outcome::Trapped(why) => format!("trapped: {why}"),
		Outcome::Harmless => "harmless".into(),
	}
}

fn rounded(ratio: f64) -> f64 {
	(ratio * 1_000.0).round() / 1_000.0
}

/// The tables: the highest ratio first.
fn report(machine: &Machine, rows: &mut [Row]) -> String {
	rows.sort_by(|a, b| b.ratio().total_cmp(&a.ratio()));
	let block = f64::from(
		*encrytrust_runtime::configs::RuntimeBlockLength::get().max.get(frame_support::dispatch::DispatchClass::Normal),
	);
	let mut text = format!(
		"A block's bytes, all of them in remarks, take {:.1} ms beside its weight.\n",
		machine.per_byte * block * 1e3
	);
	for (heading, senders) in [("call", Senders::Anyone), ("call by root", Senders::Root)] {
		text += &format!(
			"\n| {heading} | sent by | bytes | time | weight | time / weight | time / weight without storage |\n\
			|---|---|---|---|---|---|---|\n"
		);
		rows.iter().filter(|row| row.senders == senders).for_each(|row| text += &row.markdown());
	}
	text += "\n| refused, for nothing | why | time | allowed | time / allowed |\n|---|---|---|---|---|\n";
	let refused = |row: &&Row| row.senders == Senders::Anyone && row.found.unpaid.is_some();
	let mut refusals: Vec<_> =
		rows.iter().filter(refused).filter_map(|row| Some((row, row.found.unpaid.as_ref()?))).collect();
	refusals.sort_by(|(_, a), (_, b)| b.ratio().total_cmp(&a.ratio()));
	for (row, unpaid) in refusals.into_iter().take(REFUSALS) {
		let (time, allowed, ratio) = (unpaid.time * 1e3, unpaid.allowed * 1e3, unpaid.ratio());
		text += &format!("| {} | {} | {time:.3} ms | {allowed:.3} ms | {ratio:.2} |\n", row.name, unpaid.why);
	}
	text += "\n| check in the pool, without an account | time | weight | time / weight |\n|---|---|---|---|\n";
	for (row, (time, weight)) in
		rows.iter().filter(|row| row.senders == Senders::Anyone).filter_map(|row| Some((row, row.validation?)))
	{
		let (time, weight, ratio) = (time * 1e3, weight * 1e3, row.ratio_of_validation());
		text += &format!("| {} | {time:.3} ms | {weight:.3} ms | {ratio:.2} |\n", row.name);
	}
	text
}

#[cfg(test)]
mod tests {
	use super::*;
	use codec::{Decode, DecodeAll};
	use encrytrust_runtime::{Executive, RuntimeCall, System, UncheckedExtrinsic};
	use sp_core::traits::ReadRuntimeVersionExt;
	use std::collections::BTreeSet;

	const REGENERATE: &str = "run scripts/bench weights and commit tests/fixtures/weights";

	fn committed() -> Vec<Committed> {
		let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures/weights");
		input::read(folder.as_ref()).expect("the inputs are there and can be read")
	}

	#[test]
	fn every_call_has_a_seed_and_a_committed_input() {
		let calls = Calls::new();
		let seeds = seeds::seeds(&calls, &mut Scene::new(&calls));
		let seeded: BTreeSet<_> = seeds.iter().filter_map(|input| calls.name(&input.call)).collect();
		let committed: BTreeSet<_> = committed().into_iter().map(|committed| committed.name).collect();
		for name in calls.names() {
			assert!(seeded.contains(name), "{name} has no seed: add one to runtime/examples/weights/seeds.rs");
			assert!(committed.contains(name), "{name} has no committed input: {REGENERATE}");
		}
		for name in &committed {
			assert!(calls.names().any(|call| call == name), "there is no call {name} any more: {REGENERATE}");
		}
	}

	#[test]
	fn committed_inputs_are_read_and_charged() {
		let calls = Calls::new();
		let mut scene = Scene::new(&calls);
		let executor = sc_executor::WasmExecutor::<sp_io::SubstrateHostFunctions>::builder().build();
		scene.state.register_extension(ReadRuntimeVersionExt::new(executor));
		for Committed { name, input, .. } in committed() {
			assert_eq!(calls.name(&input.call), Some(&name[..]), "another call has its number now: {REGENERATE}");
			assert!(RuntimeCall::decode_all(&mut &input.call[..]).is_ok(), "{name} cannot be read: {REGENERATE}");
			let extrinsic = input.extrinsic(&calls, &scene);
			let extrinsic = UncheckedExtrinsic::decode(&mut &extrinsic[..]).expect("its call can be read");
			let charged = scene.state.execute_with(|| {
				let weight = || System::block_weight().total().ref_time();
				let before = weight();
				Executive::apply_extrinsic(extrinsic).map(|_| weight() - before)
			});
			scene.state.reset_overlay();
			assert!(charged.is_ok_and(|charged| charged > 0), "{name} is charged nothing: {charged:?}; {REGENERATE}");
		}
	}

	#[test]
	fn values_are_found_where_they_stand() {
		let calls = Calls::new();
		let mut scene = Scene::new(&calls);
		for input in seeds::seeds(&calls, &mut scene) {
			let name = calls.name(&input.call).expect("a seed is a call").to_owned();
			assert!(RuntimeCall::decode_all(&mut &input.call[..]).is_ok(), "{name}");
			let spans = calls.spans(&input.call).unwrap_or_else(|| panic!("{name} is read to its end"));
			assert!(spans.iter().all(|span| span.start < span.end && span.end <= input.call.len()), "{name}");
		}
	}
}
