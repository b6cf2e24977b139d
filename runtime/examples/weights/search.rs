//! The search: inputs are mutated at random, and those that take the most time for their weight are mutated again.

use crate::{
	calls::{extreme, Calls, Kind, Span},
	input::{Input, Origin, Senders},
	measure::{Machine, Measurement, Outcome},
	scene,
	seeds::MAX_BYTES,
};
use codec::{Compact, Encode};
use rand_chacha::ChaCha8Rng;
use rand_core::RngCore;
use std::time::{Duration, Instant};

/// The number of inputs of a call that are kept for mutation.
const KEPT: usize = 6;
/// The number of runs of an input before it counts as the worst.
const REPEATS: usize = 5;
/// Lengths of lists and strings around the runtime's bounds.
const LENGTHS: [usize; 30] = [
	0, 1, 2, 3, 8, 15, 16, 17, 32, 33, 63, 64, 65, 99, 100, 128, 255, 256, 257, 383, 384, 385, 512, 768, 1_024, 8_208,
	16_384, 100_000, 500_000, 1_572_864,
];

/// An input with its measurement.
#[derive(Clone)]
pub(crate) struct Candidate {
	pub(crate) input: Input,
	pub(crate) measured: Measurement,
}

/// The outcome of the search for one call.
pub(crate) struct Found {
	/// The worst input.
	pub(crate) worst: Candidate,
	/// The number of inputs that were applied.
	pub(crate) tried: usize,
	/// The input that took the longest for its length of those that nobody pays for.
	pub(crate) unpaid: Option<Unpaid>,
}

/// What a refused input took, by which anyone can keep nodes busy for nothing.
#[derive(Clone)]
pub(crate) struct Unpaid {
	/// Seconds.
	pub(crate) time: f64,
	/// Seconds that it may take, see `Machine::allowed_unpaid`.
	pub(crate) allowed: f64,
	pub(crate) why: String,
}

impl Unpaid {
	pub(crate) fn ratio(&self) -> f64 {
		self.time / self.allowed
	}
}

/// Search the inputs of a call by some origins, starting with their `seeds`; `None` if no input is ever charged.
pub(crate) fn search(
	machine: &mut Machine,
	name: &str,
	senders: Senders,
	seeds: &[Input],
	others: &[Input],
	time: Duration,
	random: &mut ChaCha8Rng,
) -> Option<Found> {
	let start = Instant::now();
	let mut pool = Pool { kept: Vec::new(), tried: 0, unpaid: None };
	for input in seeds.iter().filter(|input| input.senders(&machine.calls) == senders).cloned().collect::<Vec<_>>() {
		pool.add(machine, input);
	}
	while start.elapsed() < time && !pool.kept.is_empty() {
		let parent = &pool.kept[(random.next_u32() as usize % pool.kept.len()).min(random.next_u32() as usize % KEPT)];
		let mut input = parent.input.clone();
		for _ in 0..=random.next_u32() % 3 {
			change(&machine.calls, name, &mut input, others, random);
		}
		let is_new = input != parent.input && input.call.len() <= MAX_BYTES;
		let is_of_call = machine.calls.name(&input.call) == Some(name) && input.senders(&machine.calls) == senders;
		if is_new && is_of_call && machine.is_readable(&input) {
			pool.add(machine, input);
		}
	}
	pool.finish(machine)
}

/// The worst inputs so far, the worst first.
struct Pool {
	kept: Vec<Candidate>,
	tried: usize,
	unpaid: Option<Unpaid>,
}

impl Pool {
	fn add(&mut self, machine: &mut Machine, input: Input) {
		self.tried += 1;
		let mut measured = machine.measure(&input, 1);
		if let Outcome::Invalid(why) = &measured.outcome {
			let unpaid = Unpaid { time: measured.time, allowed: machine.allowed_unpaid(&input.call), why: why.clone() };
			if self.unpaid.as_ref().is_none_or(|worst| worst.ratio() < unpaid.ratio()) {
				// An input that was slow because the machine was busy does not count.
				let time = machine.measure(&input, REPEATS).time;
				self.unpaid = self
					.unpaid
					.take()
					.into_iter()
					.chain([Unpaid { time, ..unpaid }])
					.max_by(|a, b| a.ratio().total_cmp(&b.ratio()));
			}
			return;
		}
		if measured.outcome == Outcome::Harmless {
			return;
		}
		let place = |kept: &[Candidate], ratio| kept.iter().position(|other| other.measured.ratio() < ratio);
		if self.kept.len() >= KEPT && place(&self.kept, measured.ratio()).is_none() {
			return;
		}
		// An input that was slow because the machine was busy does not count.
		measured = machine.measure(&input, REPEATS);
		let place = place(&self.kept, measured.ratio()).unwrap_or(self.kept.len());
		self.kept.insert(place, Candidate { input, measured });
		self.kept.truncate(KEPT);
	}

	/// Measure the kept inputs once more: the minimum of all times counts.
	fn finish(mut self, machine: &mut Machine) -> Option<Found> {
		for candidate in &mut self.kept {
			let again = machine.measure(&candidate.input, REPEATS);
			candidate.measured.time = candidate.measured.time.min(again.time);
		}
		let worst = self.kept.into_iter().max_by(|a, b| a.measured.ratio().total_cmp(&b.measured.ratio()))?;
		Some(Found { worst, tried: self.tried, unpaid: self.unpaid })
	}
}

/// Mutate an input.
fn change(calls: &Calls, name: &str, input: &mut Input, others: &[Input], random: &mut ChaCha8Rng) {
	if random.next_u32().is_multiple_of(8) {
		input.origin = match random.next_u32() % 8 {
			0 => Origin::General,
			1 => Origin::Root,
			_ => Origin::Signed(any_name(random)),
		};
		return;
	}
	if random.next_u32().is_multiple_of(32) {
		input.call = calls.random_call(name, random);
		return;
	}
	let Some(spans) = calls.spans(&input.call).filter(|spans| !spans.is_empty()) else { return };
	let span = pick(&spans, random);
	let old = &input.call[span.start..span.end];
	let new = changed(calls, span, old, others, random);
	input.call.splice(span.start..span.end, new);
}

/// Another value in place of `old`.
fn changed(calls: &Calls, span: &Span, old: &[u8], others: &[Input], random: &mut ChaCha8Rng) -> Vec<u8> {
	match &span.kind {
		Kind::Integer => extreme(random).to_le_bytes()[..old.len()].to_vec(),
		Kind::Compact => Compact(extreme(random) >> (random.next_u32() % 2 * 96)).encode(),
		Kind::Array if old.len() == 32 && random.next_u32().is_multiple_of(2) => {
			scene::account(&any_name(random)).encode()
		},
		Kind::Array => filled(old.len(), random),
		Kind::Bytes => changed_bytes(old, random).encode(),
		Kind::Items { item, ends } => changed_items(calls, span.start, *item, ends, old, random),
		Kind::Variant { of } if *of == calls.root() => pick(others, random).call.clone(),
		Kind::Variant { of } => {
			let mut value = Vec::new();
			calls.put_random(*of, random, 0, &mut value);
			value
		},
	}
}

/// A string of bytes: longer, shorter, or with other bytes from somewhere on.
fn changed_bytes(old: &[u8], random: &mut ChaCha8Rng) -> Vec<u8> {
	let header = old.len() - string(old).len();
	let mut bytes = old[header..].to_vec();
	match random.next_u32() % 5 {
		0 => bytes.resize(length(random), *pick(&[0, 1, 4, 0xff], random)),
		1 => bytes = filled(bytes.len(), random),
		2 => {
			let from = random.next_u32() as usize % (bytes.len() + 1);
			let fill = *pick(&[0, 1, 4, 0xff], random);
			bytes[from..].fill(fill);
		},
		3 => {
			// The content can have a length of its own, which claims more bytes than there are.
			let promise = Compact(extreme(random) as u32 >> (random.next_u32() % 16)).encode();
			let at = random.next_u32() as usize % (bytes.len() + 1);
			let end = (at + promise.len()).min(bytes.len());
			bytes.splice(at..end, promise);
		},
		_ => {
			let at = random.next_u32() as usize % (bytes.len() + 1);
			bytes.get_mut(at).into_iter().for_each(|byte| *byte ^= 1 << (random.next_u32() % 8));
		},
	}
	bytes
}

/// The bytes after their length.
fn string(encoded: &[u8]) -> &[u8] {
	let mut rest = encoded;
	let _ = <Compact<u32> as codec::Decode>::decode(&mut rest);
	rest
}

/// A list: with another length, doubled, reversed, or with a random item.
fn changed_items(
	calls: &Calls,
	start: usize,
	item: u32,
	ends: &[usize],
	old: &[u8],
	random: &mut ChaCha8Rng,
) -> Vec<u8> {
	let header = old.len() - string(old).len();
	let mut begin = header;
	let mut items: Vec<Vec<u8>> = Vec::with_capacity(ends.len());
	for end in ends {
		items.push(old[begin..end - start].to_vec());
		begin = end - start;
	}
	match random.next_u32() % 4 {
		0 => {
			let count = length(random);
			items = items.iter().cycle().take(if items.is_empty() { 0 } else { count }).cloned().collect();
		},
		1 => items.extend(items.clone()),
		2 => items.reverse(),
		_ => {
			let mut new = Vec::new();
			calls.put_random(item, random, 0, &mut new);
			items.insert(random.next_u32() as usize % (items.len() + 1), new);
		},
	}
	let mut bytes = Compact(items.len() as u32).encode();
	for item in items.iter().take_while(|_| bytes.len() <= MAX_BYTES).collect::<Vec<_>>() {
		bytes.extend(item);
	}
	bytes
}

fn any_name(random: &mut ChaCha8Rng) -> String {
	pick(&scene::names(), random).clone()
}

fn length(random: &mut ChaCha8Rng) -> usize {
	*pick(&LENGTHS, random)
}

fn filled(length: usize, random: &mut ChaCha8Rng) -> Vec<u8> {
	let mut bytes = vec![*pick(&[0, 1, 4, 0x5a, 0xff], random); length];
	// Committed inputs should be short, and random bytes are not.
	if length <= 1_024 && random.next_u32().is_multiple_of(2) {
		random.fill_bytes(&mut bytes);
	}
	bytes
}

fn pick<'a, T>(from: &'a [T], random: &mut ChaCha8Rng) -> &'a T {
	&from[random.next_u32() as usize % from.len()]
}
