//! A state backend that records which keys are read.

use encrytrust_runtime::Hash;
use sp_core::storage::{ChildInfo, StateVersion};
use sp_core::Blake2Hasher;
use sp_state_machine::{
	Backend, BackendTransaction, InMemoryBackend, IterArgs, StateMachineStats, StorageIterator, StorageKey,
	StorageValue, UsageInfo,
};
use sp_trie::MerkleValue;
use std::{cell::RefCell, collections::BTreeSet, marker::PhantomData};

type Inner = InMemoryBackend<Blake2Hasher>;
type Result<T> = std::result::Result<T, <Inner as Backend<Blake2Hasher>>::Error>;

/// A backend, and the keys that were read from it.
#[derive(Debug)]
pub(crate) struct Counting<'a> {
	inner: &'a Inner,
	read: RefCell<BTreeSet<Vec<u8>>>,
}

impl<'a> Counting<'a> {
	pub(crate) fn new(inner: &'a Inner) -> Self {
		Self { inner, read: Default::default() }
	}

	/// The number of keys that were read.
	pub(crate) fn reads(&self) -> usize {
		self.read.borrow().len()
	}

	fn note(&self, key: &[u8]) {
		if !self.read.borrow().contains(key) {
			self.read.borrow_mut().insert(key.to_vec());
		}
	}
}

impl<'a> Backend<Blake2Hasher> for Counting<'a> {
	type Error = <Inner as Backend<Blake2Hasher>>::Error;
	type TrieBackendStorage = <Inner as Backend<Blake2Hasher>>::TrieBackendStorage;
	type RawIter = Keys<'a>;

	fn storage(&self, key: &[u8]) -> Result<Option<StorageValue>> {
		self.note(key);
		self.inner.storage(key)
	}

	fn storage_hash(&self, key: &[u8]) -> Result<Option<Hash>> {
		self.note(key);
		self.inner.storage_hash(key)
	}

	fn closest_merkle_value(&self, key: &[u8]) -> Result<Option<MerkleValue<Hash>>> {
		self.inner.closest_merkle_value(key)
	}

	fn child_closest_merkle_value(&self, child: &ChildInfo, key: &[u8]) -> Result<Option<MerkleValue<Hash>>> {
		self.inner.child_closest_merkle_value(child, key)
	}

	fn child_storage(&self, child: &ChildInfo, key: &[u8]) -> Result<Option<StorageValue>> {
		self.inner.child_storage(child, key)
	}

	fn child_storage_hash(&self, child: &ChildInfo, key: &[u8]) -> Result<Option<Hash>> {
		self.inner.child_storage_hash(child, key)
	}

	fn next_storage_key(&self, key: &[u8]) -> Result<Option<StorageKey>> {
		let next = self.inner.next_storage_key(key)?;
		self.note(next.as_deref().unwrap_or(key));
		Ok(next)
	}

	fn next_child_storage_key(&self, child: &ChildInfo, key: &[u8]) -> Result<Option<StorageKey>> {
		self.inner.next_child_storage_key(child, key)
	}

	fn storage_root<'d>(
		&self,
		delta: impl Iterator<Item = (&'d [u8], Option<&'d [u8]>)>,
		version: StateVersion,
	) -> (Hash, BackendTransaction<Blake2Hasher>) {
		self.inner.storage_root(delta, version)
	}

	fn child_storage_root<'d>(
		&self,
		child: &ChildInfo,
		delta: impl Iterator<Item = (&'d [u8], Option<&'d [u8]>)>,
		version: StateVersion,
	) -> (Hash, bool, BackendTransaction<Blake2Hasher>) {
		self.inner.child_storage_root(child, delta, version)
	}

	fn raw_iter(&self, arguments: IterArgs<'_>) -> Result<Self::RawIter> {
		Ok(Keys { inner: self.inner.raw_iter(arguments)?, backend: PhantomData })
	}

	fn register_overlay_stats(&self, _: &StateMachineStats) {}

	fn usage_info(&self) -> UsageInfo {
		self.inner.usage_info()
	}
}

/// Iterates over a backend.
pub(crate) struct Keys<'a> {
	inner: <Inner as Backend<Blake2Hasher>>::RawIter,
	backend: PhantomData<&'a ()>,
}

impl<'a> StorageIterator<Blake2Hasher> for Keys<'a> {
	type Backend = Counting<'a>;
	type Error = <Inner as Backend<Blake2Hasher>>::Error;

	fn next_key(&mut self, backend: &Counting<'a>) -> Option<Result<StorageKey>> {
		let next = self.inner.next_key(backend.inner);
		if let Some(Ok(key)) = &next {
			backend.note(key);
		}
		next
	}

	fn next_pair(&mut self, backend: &Counting<'a>) -> Option<Result<(StorageKey, StorageValue)>> {
		let next = self.inner.next_pair(backend.inner);
		if let Some(Ok((key, _))) = &next {
			backend.note(key);
		}
		next
	}

	fn was_complete(&self) -> bool {
		self.inner.was_complete()
	}
}
