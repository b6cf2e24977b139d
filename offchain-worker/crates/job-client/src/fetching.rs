//! Fetching blobs from several parties at once, and from all of them together for no longer than it may take.
//!
//! A party may hold each request for a little less than what counts as a refusal. So nobody waits for a single blob, but for all of
//! them: a time that follows from their bytes ([`Patience`]). What was fetched until then stays at hand, and the rest is
//! lacking.

use crate::clock::Clock;
use encrytrust_chain_client::AccountId;
use encrytrust_protocol::verification::Wanted;
use encrytrust_transport::FetchError;
use futures::{future::Either, stream::FuturesUnordered, StreamExt, TryFutureExt};
use std::{
	collections::{BTreeMap, BTreeSet, VecDeque},
	future::Future,
	time::Duration,
};

/// Requests to one party at once: of many short blobs each would else wait for the one before.
const MAX_REQUESTS: usize = 8;
/// The bytes that they may bring together, unless a single one does: one piece of a blob. On a slow line more of them would only
/// make each other late.
const MAX_BYTES: u64 = 1 << 20;

/// How long blobs may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
	/// However few they are.
	pub base: Duration,
	/// The least that a line carries in a second, from all parties together.
	pub bytes_per_second: u64,
}

impl Patience {
	/// For so many bytes.
	fn for_bytes(&self, bytes: u64) -> Duration {
		self.base.saturating_add(Duration::from_secs(bytes / self.bytes_per_second.max(1)))
	}
}

/// Why a party did not give a blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unserved {
	/// It does not have it, or not for us.
	Lacking,
	/// It did not answer in time: it is not asked for anything more.
	Slow,
}

impl From<&FetchError> for Unserved {
	fn from(error: &FetchError) -> Self {
		match error {
			FetchError::Timeout { .. } => Self::Slow,
			_ => Self::Lacking,
		}
	}
}

/// Whom blobs are fetched from, and for how long.
pub struct Sources<'a> {
	/// The time.
	pub clock: &'a dyn Clock,
	/// How long their owners may take for them; and as long again the others.
	pub patience: Patience,
	/// Who may have a blob that its owner does not give: all keep what they fetch.
	pub others: Vec<AccountId>,
}

impl std::fmt::Debug for Sources<'_> {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		f.debug_struct("Sources").field("patience", &self.patience).finish_non_exhaustive()
	}
}

/// What happens while blobs are gathered.
enum Event {
	/// What is wanted, as far as it is known.
	Named(Vec<Wanted>),
	/// What came of a request.
	Answered(Request, Result<(), Unserved>),
}

/// Fetches what `look` names, each blob by `ask`, from all parties at once, until nothing is left that may still come in time; how
/// many blobs are left. What was fetched may name more: it is looked again. Dropped before it is done, it leaves nothing but
/// what was fetched.
pub(crate) async fn gather<L, A, E>(
	sources: Sources<'_>,
	look: impl Fn() -> L,
	ask: impl Fn(AccountId, Wanted) -> A,
) -> Result<usize, E>
where
	L: Future<Output = Result<Vec<Wanted>, E>>,
	A: Future<Output = Result<Result<(), Unserved>, E>>,
{
	let Sources { clock, patience, others } = sources;
	let begin = clock.now();
	let mut queue = Queue::new(others);
	let mut rounds = 1;
	let look = || look().map_ok(Event::Named);
	let ask = |request: Request| {
		let asked = ask(request.source.clone(), request.wanted.clone());
		asked.map_ok(move |outcome| Event::Answered(request, outcome))
	};
	let mut under_way = FuturesUnordered::new();
	let mut is_looking = true;
	under_way.push(Either::Left(look()));
	loop {
		while let Some(request) = queue.next() {
			under_way.push(Either::Right(ask(request)));
		}
		if !is_looking && queue.has_news() {
			is_looking = true;
			under_way.push(Either::Left(look()));
		}
		let end = begin.saturating_add(patience.for_bytes(queue.bytes()).saturating_mul(rounds));
		tokio::select! {
			biased;
			event = under_way.next() => match event.transpose()? {
				None => return Ok(queue.left()),
				Some(Event::Named(wanted)) => {
					is_looking = false;
					queue.add(wanted);
				},
				Some(Event::Answered(request, outcome)) => queue.finish(request, outcome),
			},
			() = clock.sleep_until(end) => {
				queue.give_up();
				// Nothing that is under way is waited for. If that was a look, it is begun again.
				under_way = FuturesUnordered::new();
				is_looking = false;
				rounds += 1;
				if rounds > 2 || !queue.has_others() {
					return Ok(queue.left());
				}
			},
		}
	}
}

/// A blob, and how many of those who may have it were passed over or asked.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Request {
	wanted: Wanted,
	/// Who is asked now.
	source: AccountId,
	passed: usize,
}

/// What is asked of one party.
#[derive(Debug, Default)]
struct Line {
	waiting: VecDeque<Request>,
	/// What it was asked for and has not answered.
	asked: Vec<Request>,
	/// Whether it kept us waiting for too long.
	is_slow: bool,
	/// Whether it gave something that may name more.
	has_news: bool,
}

impl Line {
	fn is_idle(&self) -> bool {
		self.waiting.is_empty() && self.asked.is_empty()
	}

	fn has_room_for(&self, bytes: u64) -> bool {
		let asked: u64 = self.asked.iter().map(|request| request.wanted.max_bytes).sum();
		self.asked.is_empty() || self.asked.len() < MAX_REQUESTS && asked.saturating_add(bytes) <= MAX_BYTES
	}
}

/// What is to be fetched from whom.
#[derive(Debug)]
struct Queue {
	others: Vec<AccountId>,
	lines: BTreeMap<AccountId, Line>,
	/// What was ever wanted, and of whom.
	known: BTreeSet<(AccountId, [u8; 32])>,
	bytes: u64,
	/// How many blobs nobody gave.
	lacking: usize,
}

impl Queue {
	fn new(others: Vec<AccountId>) -> Self {
		Self { others, lines: BTreeMap::new(), known: BTreeSet::new(), bytes: 0, lacking: 0 }
	}

	/// The maximum number of bytes of all blobs that were requested so far.
	fn bytes(&self) -> u64 {
		self.bytes
	}

	/// Whether what its owner does not give is asked of others.
	fn has_others(&self) -> bool {
		!self.others.is_empty()
	}

	/// Adds what was not wanted before.
	fn add(&mut self, all: Vec<Wanted>) {
		self.lines.values_mut().for_each(|line| line.has_news = false);
		for wanted in all {
			if self.known.insert((wanted.from.clone(), wanted.digest)) {
				self.bytes = self.bytes.saturating_add(wanted.max_bytes);
				let source = wanted.from.clone();
				self.put(Request { wanted, source, passed: 0 });
			}
		}
	}

	/// The next request that is to be sent now.
	fn next(&mut self) -> Option<Request> {
		self.lines.values_mut().find_map(|line| {
			let next = line.waiting.front()?;
			let request = line.has_room_for(next.wanted.max_bytes).then(|| line.waiting.pop_front())??;
			line.asked.push(request.clone());
			Some(request)
		})
	}

	/// Takes what came of a request; of a blob that is not given the next one who may have it is asked.
	fn finish(&mut self, request: Request, outcome: Result<(), Unserved>) {
		let Some(line) = self.lines.get_mut(&request.source) else { return };
		line.asked.retain(|asked| *asked != request);
		match outcome {
			Ok(()) => line.has_news = true,
			Err(Unserved::Lacking) => self.pass_on(request),
			Err(Unserved::Slow) => {
				line.is_slow = true;
				let waiting = std::mem::take(&mut line.waiting);
				std::iter::once(request).chain(waiting).for_each(|request| self.pass_on(request));
			},
		}
	}

	/// Mark every party with open requests as slow, and request its blobs from the other parties.
	fn give_up(&mut self) {
		let mut left = Vec::new();
		for line in self.lines.values_mut().filter(|line| !line.is_idle()) {
			line.is_slow = true;
			left.append(&mut line.asked);
			left.extend(std::mem::take(&mut line.waiting));
		}
		left.into_iter().for_each(|request| self.pass_on(request));
	}

	/// How many blobs nobody has given by now.
	fn left(&self) -> usize {
		self.lines.values().fold(self.lacking, |left, line| left + line.waiting.len() + line.asked.len())
	}

	/// Whether what was fetched may name more that is wanted, of a party that has nothing else to do.
	fn has_news(&self) -> bool {
		self.lines.values().any(|line| line.has_news && line.is_idle())
	}

	/// Asks the next one who may have a blob, if there is one; of different blobs different ones are the first.
	fn pass_on(&mut self, request: Request) {
		let Request { wanted, passed, .. } = request;
		let others: Vec<_> = self.others.iter().filter(|other| **other != wanted.from).collect();
		let place = usize::from(wanted.digest[0]) + passed;
		match others.get(place % others.len().max(1)).filter(|_| passed < others.len()) {
			Some(source) => {
				let source = (*source).clone();
				self.put(Request { source, wanted, passed: passed + 1 });
			},
			None => self.lacking += 1,
		}
	}

	fn put(&mut self, request: Request) {
		let line = self.lines.entry(request.source.clone()).or_default();
		match line.is_slow {
			true => self.pass_on(request),
			false => line.waiting.push_back(request),
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::clock::Sleep;
	use encrytrust_types::job::Role;
	use std::{cell::RefCell, convert::Infallible};
	use tokio::{sync::watch, task::yield_now};

	const PATIENCE: Patience = Patience { base: Duration::from_secs(30), bytes_per_second: 170 << 10 };

	/// A time that a test lets go by.
	struct Time(watch::Sender<Duration>);

	impl Clock for Time {
		fn now(&self) -> Duration {
			*self.0.borrow()
		}

		fn sleep_until(&self, time: Duration) -> Sleep<'_> {
			let mut now = self.0.subscribe();
			Box::pin(async move {
				now.wait_for(|now| *now >= time).await.expect("the time goes on");
			})
		}
	}

	/// Gathers a manifest (blob 0), which names `parts` of 50 KiB, from party 1, and from `others`: each serves a blob after so many
	/// milliseconds, or has none. The time that it takes, how much was fetched, and what is left.
	async fn gathered(parts: u16, delays: &[(u8, Option<u64>)], others: &[u8]) -> (Duration, usize, usize) {
		let time = Time(watch::Sender::new(Duration::ZERO));
		let blob = |number: u16| {
			let mut digest = [0; 32];
			digest[..2].copy_from_slice(&number.to_le_bytes());
			Wanted { digest, max_bytes: 50 << 10, ..wanted(1, 0, 0) }
		};
		let fetched = RefCell::new(BTreeSet::new());
		let look = || {
			let has_manifest = fetched.borrow().contains(&blob(0).digest);
			let named = (0..=if has_manifest { parts } else { 0 }).map(blob);
			let wanted = named.filter(|wanted| !fetched.borrow().contains(&wanted.digest)).collect();
			async move { Ok::<_, Infallible>(wanted) }
		};
		let ask = |source: AccountId, wanted: Wanted| {
			let delay = delays.iter().find(|(party, _)| account(*party) == source).and_then(|(_, delay)| *delay);
			let (time, fetched) = (&time, &fetched);
			async move {
				let Some(delay) = delay else { return Ok(Err(Unserved::Lacking)) };
				time.sleep_until(time.now() + Duration::from_millis(delay)).await;
				fetched.borrow_mut().insert(wanted.digest);
				Ok(Ok(()))
			}
		};
		let others = others.iter().copied().map(account).collect();
		let sources = Sources { clock: &time, patience: PATIENCE, others };
		let passing = async {
			loop {
				yield_now().await;
				time.0.send_modify(|time| *time += Duration::from_millis(100));
			}
		};
		let lacking = tokio::select! {
			biased;
			lacking = gather(sources, look, ask) => lacking.unwrap_or_else(|never| match never {}),
			() = passing => 0,
		};
		(time.now(), fetched.into_inner().len(), lacking)
	}

	/// One that holds each request for 9.9 seconds, drops it, and answers when it is sent again: 255 blobs, one after the other,
	/// would take more than an hour.
	#[tokio::test]
	async fn a_party_that_holds_every_request_is_waited_for_as_long_as_its_bytes_may_take_together() {
		let (took, fetched, lacking) = gathered(255, &[(1, Some(14_900))], &[]).await;
		let most = PATIENCE.for_bytes(256 * (50 << 10));
		assert!(took <= most + Duration::from_secs(1) && most < Duration::from_secs(120), "{took:?} of {most:?}");
		assert_eq!(fetched + lacking, 256);
		assert!(fetched > 5 * MAX_REQUESTS, "what came in time stays at hand: {fetched}");
	}

	#[tokio::test]
	async fn a_party_on_a_line_as_slow_as_may_be_gives_everything() {
		// Eight blobs of 50 KiB at once, at 170 KiB in a second.
		let (took, fetched, lacking) = gathered(255, &[(1, Some(2_300))], &[]).await;
		assert_eq!((fetched, lacking), (256, 0), "{took:?}");
	}

	#[tokio::test]
	async fn what_an_owner_is_slow_to_give_comes_from_others() {
		let (took, fetched, lacking) = gathered(63, &[(1, Some(14_900)), (2, None), (3, Some(500))], &[1, 2, 3]).await;
		assert_eq!((fetched, lacking), (64, 0), "{took:?}");
		assert!(took < PATIENCE.for_bytes(64 * (50 << 10)) * 2, "{took:?}");
	}

	#[tokio::test]
	async fn all_parties_together_are_waited_for_twice_as_long_as_an_owner() {
		let slow = Some(60_000);
		let all: Vec<_> = (1..=17).map(|party| (party, slow)).collect();
		let others: Vec<_> = (1..=17).collect();
		let (took, fetched, lacking) = gathered(255, &all, &others).await;
		assert!(took <= PATIENCE.for_bytes(256 * (50 << 10)) * 2 + Duration::from_secs(1), "{took:?}");
		assert!(lacking > 0, "{fetched}");
	}

	fn account(byte: u8) -> AccountId {
		AccountId([byte; 32])
	}

	fn wanted(from: u8, blob: u8, max_bytes: u64) -> Wanted {
		Wanted { digest: [blob; 32], from: account(from), role: Role::DataProvider, max_bytes }
	}

	/// Who is asked for which blob, as far as there is room.
	fn sent(queue: &mut Queue) -> Vec<Request> {
		std::iter::from_fn(|| queue.next()).collect()
	}

	fn places(requests: &[Request]) -> Vec<(u8, u8)> {
		requests.iter().map(|request| (request.source.0[0], request.wanted.digest[0])).collect()
	}

	#[test]
	fn a_party_is_asked_for_several_blobs_at_once_but_for_no_more_than_a_piece() {
		let mut queue = Queue::new(vec![]);
		queue.add((0..20).map(|blob| wanted(1, blob, 1)).chain([wanted(2, 50, MAX_BYTES), wanted(2, 51, 1)]).collect());
		let first = sent(&mut queue);
		assert_eq!(first.len(), MAX_REQUESTS + 1, "{:?}", places(&first));
		queue.finish(first[0].clone(), Ok(()));
		assert_eq!(places(&sent(&mut queue)), [(1, 8)]);
		queue.finish(first[MAX_REQUESTS].clone(), Ok(()));
		assert_eq!(places(&sent(&mut queue)), [(2, 51)]);
		assert_eq!(queue.bytes(), 20 + MAX_BYTES + 1);
	}

	#[test]
	fn nothing_is_wanted_twice_but_of_two_parties() {
		let mut queue = Queue::new(vec![]);
		queue.add(vec![wanted(1, 7, 1), wanted(2, 7, 1)]);
		let both = sent(&mut queue);
		assert_eq!(places(&both), [(1, 7), (2, 7)], "one of them may name what it does not have");
		for request in both {
			queue.finish(request, Err(Unserved::Lacking));
		}
		queue.add(vec![wanted(1, 7, 1), wanted(2, 7, 1)]);
		assert_eq!((sent(&mut queue).len(), queue.lacking), (0, 2));
	}

	#[test]
	fn a_slow_party_is_asked_for_nothing_more_and_the_others_are() {
		let mut queue = Queue::new((1..=3).map(account).collect());
		queue.add((0..10).map(|blob| wanted(1, blob, 1)).collect());
		let first = sent(&mut queue);
		queue.finish(first[0].clone(), Err(Unserved::Slow));
		let second = sent(&mut queue);
		assert_eq!(places(&second), [(2, 0), (2, 8), (3, 9)], "the other seven may still come");
		queue.finish(second[2].clone(), Ok(()));
		queue.finish(first[1].clone(), Err(Unserved::Lacking));
		let third = sent(&mut queue);
		assert_eq!(places(&third), [(3, 1)]);
		queue.finish(third[0].clone(), Ok(()));
		queue.give_up();
		let left = sent(&mut queue);
		assert_eq!(left.len(), 8);
		assert!(left.iter().all(|request| request.source == account(3)), "{:?}", places(&left));
		queue.give_up();
		assert_eq!((sent(&mut queue).len(), queue.lacking), (0, 8));
		queue.add(vec![wanted(3, 40, 1), wanted(4, 41, 1)]);
		assert_eq!(places(&sent(&mut queue)), [(4, 41)], "what is named later is not waited for either");
	}

	#[test]
	fn what_was_fetched_is_looked_at_when_a_party_has_nothing_else_to_do() {
		let mut queue = Queue::new(vec![]);
		queue.add(vec![wanted(1, 0, 1), wanted(1, 1, 1), wanted(2, 2, 1)]);
		let all = sent(&mut queue);
		queue.finish(all[0].clone(), Ok(()));
		assert!(!queue.has_news());
		queue.finish(all[1].clone(), Err(Unserved::Lacking));
		assert!(queue.has_news());
		queue.add(vec![]);
		assert!(!queue.has_news(), "it was looked at");
	}

	#[test]
	fn patience_grows_with_the_bytes() {
		let patience = Patience { base: Duration::from_secs(15), bytes_per_second: 1 << 16 };
		assert_eq!(patience.for_bytes(0), Duration::from_secs(15));
		assert_eq!(patience.for_bytes(10 << 20), Duration::from_secs(175));
		assert_eq!(Patience { bytes_per_second: 0, ..patience }.for_bytes(1), Duration::from_secs(16));
	}
}
