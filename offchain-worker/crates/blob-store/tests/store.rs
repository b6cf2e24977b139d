//! What a store promises, over real folders.

use encrytrust_blob_store::{cid, digest, BlobStore, Digest, Error, Stats};
use proptest::prelude::*;
use std::{
	fs,
	io::Write,
	path::{Path, PathBuf},
	sync::Barrier,
	thread,
};
use tempfile::TempDir;

fn store() -> (TempDir, BlobStore) {
	let folder = tempfile::tempdir().unwrap();
	let store = BlobStore::open(folder.path()).unwrap();
	(folder, store)
}

/// The file of the only blob in the store.
fn only_file(folder: &Path) -> PathBuf {
	let shard = fs::read_dir(folder.join("blobs")).unwrap().next().unwrap().unwrap().path();
	fs::read_dir(shard).unwrap().next().unwrap().unwrap().path()
}

fn count(folder: &Path) -> usize {
	fs::read_dir(folder).unwrap().count()
}

#[test]
fn get_returns_blob_from_put_until_remove() {
	let (_folder, store) = store();
	let digest = store.put(b"hello world").unwrap();
	assert_eq!(store.put(b"hello world").unwrap(), digest);
	assert_eq!(store.get(&digest).unwrap().unwrap(), b"hello world");
	assert_eq!((store.has(&digest).unwrap(), store.size(&digest).unwrap()), (true, Some(11)));
	assert_eq!(store.stats().unwrap(), Stats { blobs: 1, bytes: 11, damaged: 0 });
	assert!(store.remove(&digest).unwrap());
	assert!(!store.remove(&digest).unwrap());
	assert_eq!((store.has(&digest).unwrap(), store.get(&digest).unwrap()), (false, None));
	assert_eq!(store.read_range(&digest, 0, 1).unwrap(), None);
	assert_eq!(store.stats().unwrap(), Stats::default());
}

#[test]
fn empty_blob_is_kept() {
	let (_folder, store) = store();
	let digest = store.put(b"").unwrap();
	assert_eq!(store.get(&digest).unwrap(), Some(vec![]));
	assert_eq!(store.read_range(&digest, 0, 9).unwrap(), Some((0, vec![])));
}

#[test]
fn put_writes_file_named_by_cid_in_a_shard() {
	let (folder, store) = store();
	let name = cid(&store.put(b"hello world").unwrap()).to_string();
	assert!(folder.path().join("blobs").join(&name[name.len() - 3..name.len() - 1]).join(&name).is_file());
}

#[test]
fn get_sets_damaged_blob_aside() {
	type Read = fn(&BlobStore, &Digest) -> Result<(), Error>;
	let whole: Read = |store, digest| store.get(digest).map(|_| ());
	let range: Read = |store, digest| store.read_range(digest, 0, 5).map(|_| ());
	for read in [whole, range] {
		let (folder, store) = store();
		let digest = store.put(b"hello world").unwrap();
		read(&store, &digest).unwrap();
		fs::write(only_file(folder.path()), b"hello w0rld, and more").unwrap();
		match read(&store, &digest) {
			Err(Error::Damaged { digest: damaged, aside }) => {
				assert_eq!((damaged, fs::read(aside).unwrap()), (digest, b"hello w0rld, and more".to_vec()));
			},
			other => panic!("{other:?}"),
		}
		assert_eq!(store.get(&digest).unwrap(), None);
		assert_eq!(store.stats().unwrap(), Stats { blobs: 0, bytes: 0, damaged: 1 });
		assert_eq!(store.put(b"hello world").unwrap(), digest);
		read(&store, &digest).unwrap();
	}
}

#[test]
fn put_repairs_damaged_blob() {
	let (folder, store) = store();
	let digest = store.put(b"hello world").unwrap();
	fs::write(only_file(folder.path()), b"").unwrap();
	assert_eq!(store.put(b"hello world").unwrap(), digest);
	assert_eq!(store.get(&digest).unwrap().unwrap(), b"hello world");
}

#[test]
fn open_removes_leftovers_of_a_crash_unless_they_are_being_written() {
	let (folder, store) = store();
	let partial = folder.path().join("partial");
	let kept = store.put(b"kept").unwrap();
	fs::write(partial.join("left"), b"half a bl").unwrap();

	let second = BlobStore::open(folder.path()).unwrap();
	assert_eq!(count(&partial), 1, "another store is open: its files are not for us to remove");
	drop((store, second));

	let store = BlobStore::open(folder.path()).unwrap();
	assert_eq!(count(&partial), 0);
	assert_eq!(store.get(&kept).unwrap().unwrap(), b"kept");
}

#[test]
fn dropped_writer_leaves_nothing() {
	let (folder, store) = store();
	let mut writer = store.writer().unwrap();
	writer.write_all(b"half a bl").unwrap();
	assert_eq!(count(&folder.path().join("partial")), 1);
	drop(writer);
	assert_eq!(count(&folder.path().join("partial")), 0);
	assert_eq!(store.stats().unwrap(), Stats::default());
}

#[test]
fn put_and_get_work_from_many_threads() {
	let (folder, store) = store();
	let start = Barrier::new(8);
	thread::scope(|scope| {
		for thread in 0..8u8 {
			let (store, start) = (store.clone(), &start);
			scope.spawn(move || {
				start.wait();
				for blob in 0..10u8 {
					// Every blob is put by four threads.
					let bytes = vec![blob.wrapping_add(100 * (thread % 2)); 5000];
					let digest = store.put(&bytes).unwrap();
					assert_eq!(store.get(&digest).unwrap().unwrap(), bytes);
					assert_eq!(store.read_range(&digest, 4990, 100).unwrap().unwrap(), (5000, bytes[4990..].to_vec()));
				}
			});
		}
	});
	assert_eq!(store.stats().unwrap(), Stats { blobs: 20, bytes: 20 * 5000, damaged: 0 });
	assert_eq!(count(&folder.path().join("partial")), 0);
}

#[test]
fn open_error_names_folder_that_cannot_be_created() {
	let file = tempfile::NamedTempFile::new().unwrap();
	let error = BlobStore::open(&file.path().join("store")).unwrap_err().to_string();
	assert!(error.contains("cannot create folder") && error.contains(file.path().to_str().unwrap()), "{error}");
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(32))]

	#[test]
	fn read_range_returns_part_of_the_blob(
		bytes in prop::collection::vec(any::<u8>(), 0..3000),
		piece in 1usize..700,
		offset in 0u64..4000,
		length in 0usize..4000,
	) {
		let (_folder, store) = store();
		let mut writer = store.writer().unwrap();
		bytes.chunks(piece).for_each(|piece| writer.write_all(piece).unwrap());
		let name = writer.finish().unwrap();
		prop_assert_eq!(name, digest(&bytes));
		let expected: Vec<u8> = bytes.iter().skip(offset as usize).take(length).copied().collect();
		prop_assert_eq!(store.read_range(&name, offset, length).unwrap(), Some((bytes.len() as u64, expected)));
	}
}
