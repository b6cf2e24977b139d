//! The verifier as the runtime would run it: in Wasm, by the host functions or without them.
//!
//! Each export takes `repeats`, `count` and the prepared key's length as little-endian `u32`, the key, `count` statements of
//! 96 bytes and `count` proofs of 256. It verifies them `repeats` times, one by itself or more as a batch, and returns the codes.

#![no_std]

extern crate alloc;

use alloc::{vec, vec::Vec};
use core::alloc::{GlobalAlloc, Layout};
use encrytrust_groth16::{identity::INPUTS_LEN, verdict_to_code, PROOF_LEN};

#[link(wasm_import_module = "env")]
extern "C" {
	fn ext_allocator_malloc_version_1(size: u32) -> u32;
	fn ext_allocator_free_version_1(pointer: u32);
	fn ext_proof_checks_verify_version_1(key: u64, inputs: u64, proof: u64) -> u32;
	fn ext_proof_checks_verify_batch_version_1(key: u64, inputs: u64, proofs: u64, codes: u64) -> u32;
}

/// The host's, as a runtime has it.
struct HostAllocator;

// SAFETY: the host gives memory that nobody else has, aligned to eight bytes, which is the most that is asked for here.
unsafe impl GlobalAlloc for HostAllocator {
	unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
		ext_allocator_malloc_version_1(layout.size() as u32) as *mut u8
	}
	unsafe fn dealloc(&self, pointer: *mut u8, _: Layout) {
		ext_allocator_free_version_1(pointer as u32)
	}
}

#[global_allocator]
static ALLOCATOR: HostAllocator = HostAllocator;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
	core::arch::wasm32::unreachable()
}

/// What is verified.
struct Task<'a> {
	repeats: u32,
	key: &'a [u8],
	inputs: &'a [u8],
	proofs: &'a [u8],
	count: usize,
}

impl<'a> Task<'a> {
	fn read(data: &'a [u8]) -> Self {
		let word = |at: usize| u32::from_le_bytes(data[at..at + 4].try_into().unwrap());
		let (repeats, count, key_len) = (word(0), word(4) as usize, word(8) as usize);
		let (key, rest) = data[12..].split_at(key_len);
		let (inputs, proofs) = rest.split_at(count * INPUTS_LEN);
		Self { repeats, key, inputs, proofs, count }
	}
}

/// Where bytes are, as a host function takes it.
fn place(bytes: &[u8]) -> u64 {
	(bytes.len() as u64) << 32 | bytes.as_ptr() as u64
}

/// Runs a task; the codes of its last repetition stay in memory for the host.
fn run(data: *const u8, len: usize, verify: impl Fn(&Task<'_>) -> Vec<u8>) -> u64 {
	// SAFETY: the host wrote the call's data there.
	let task = Task::read(unsafe { core::slice::from_raw_parts(data, len) });
	let mut codes = Vec::new();
	for _ in 0..task.repeats {
		codes = verify(&task);
	}
	place(codes.leak())
}

/// By the host functions.
#[no_mangle]
extern "C" fn host(data: *const u8, len: usize) -> u64 {
	run(data, len, |task| {
		let (key, inputs, proofs) = (place(task.key), place(task.inputs), place(task.proofs));
		if task.count == 1 {
			return vec![unsafe { ext_proof_checks_verify_version_1(key, inputs, proofs) } as u8];
		}
		let codes = vec![0xff; task.count];
		unsafe { ext_proof_checks_verify_batch_version_1(key, inputs, proofs, place(&codes)) };
		codes
	})
}

/// Without them: the same code in Wasm.
#[no_mangle]
extern "C" fn pure(data: *const u8, len: usize) -> u64 {
	run(data, len, |task| {
		let items: Vec<_> = task.proofs.chunks(PROOF_LEN).zip(task.inputs.chunks(INPUTS_LEN)).collect();
		let verdicts = match items[..] {
			[(proof, inputs)] => vec![encrytrust_groth16::verify(task.key, proof, inputs)],
			_ => encrytrust_groth16::verify_batch(task.key, &items),
		};
		verdicts.into_iter().map(|verdict| verdict_to_code(verdict) as u8).collect()
	})
}
