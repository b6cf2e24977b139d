//! Work over all cores.

use std::{num::NonZeroUsize, thread};

/// Items beyond which more at once are not cheaper: several times the lanes that powers are computed in.
const LONGEST_RUN: usize = 64;

/// `work` on every item, in the items' order; the first error if there is one.
///
/// The items are dealt out in turn, so that neighbours, which tend to cost alike, are spread over the cores.
pub(crate) fn map<T: Sync, R: Send, E: Send>(
	items: &[T],
	work: impl Fn(&T) -> Result<R, E> + Sync,
) -> Result<Vec<R>, E> {
	let threads = cores().min(items.len()).max(1);
	let work = &work;
	let run = |first: usize| items.iter().skip(first).step_by(threads).map(work).collect::<Result<Vec<_>, _>>();
	let parts = thread::scope(|scope| {
		let handles: Vec<_> = (1..threads).map(|first| scope.spawn(move || run(first))).collect();
		let own = run(0);
		let others =
			handles.into_iter().map(|handle| handle.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
		std::iter::once(own).chain(others).collect::<Result<Vec<_>, _>>()
	})?;
	let mut parts: Vec<_> = parts.into_iter().map(Vec::into_iter).collect();
	Ok((0..items.len()).filter_map(|index| parts[index % threads].next()).collect())
}

/// As [`map`], of neighbouring items at once, for work that is cheaper on many together: on as many as let all cores work,
/// and at most [`LONGEST_RUN`].
pub(crate) fn map_runs<T: Sync, R: Send, E: Send>(
	items: &[T],
	work: impl Fn(&[T]) -> Result<Vec<R>, E> + Sync,
) -> Result<Vec<R>, E> {
	let length = items.len().div_ceil(cores()).clamp(1, LONGEST_RUN);
	let runs: Vec<&[T]> = items.chunks(length).collect();
	Ok(map(&runs, |run| work(run))?.into_iter().flatten().collect())
}

fn cores() -> usize {
	thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn results_stand_in_the_items_order() {
		for count in 0..20 {
			let items: Vec<u32> = (0..count).collect();
			let doubled = map(&items, |item| Ok::<_, ()>(2 * item));
			assert_eq!(doubled, Ok(items.iter().map(|item| 2 * item).collect()));
		}
		assert_eq!(map(&[1, 2, 3], |item| if *item == 2 { Err("two") } else { Ok(*item) }), Err("two"));
	}

	#[test]
	fn results_of_runs_stand_in_the_items_order() {
		for count in [0, 1, 2, 7, 8, 9, 1_000] {
			let items: Vec<u32> = (0..count).collect();
			let doubled = map_runs(&items, |run| {
				assert!((1..=LONGEST_RUN).contains(&run.len()));
				Ok::<_, ()>(run.iter().map(|item| 2 * item).collect())
			});
			assert_eq!(doubled, Ok(items.iter().map(|item| 2 * item).collect()));
		}
	}
}
