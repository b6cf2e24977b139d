//! What a cheat holds back is held back, for as long as it is meant to be, and nothing else.

use super::*;
use encrytrust_transport::{peer_id_of, public_key_of};
use encrytrust_types::job::{Commitment, DutyKind};

const JOB: JobId = 7;
const DEADLINE: BlockNumber = 50;
const HEAD: Block = Block { number: 9, hash: H256([9; 32]) };

/// A node that refuses for this reason, or takes all; what it was sent, and how many chunks.
#[derive(Default)]
struct Node {
	clock: Mutex<BlockNumber>,
	refuses: Option<&'static str>,
	sent: Mutex<Vec<String>>,
	published: Mutex<usize>,
}

#[async_trait]
impl Chain for Node {
	async fn clock(&self, _at: Block) -> Result<BlockNumber, ChainError> {
		Ok(*self.clock.lock().unwrap())
	}

	async fn duties(&self, _at: Block) -> Result<Vec<Duty>, ChainError> {
		let duty = |kind, deadline| Duty { job: JOB, kind, deadline: Some(deadline) };
		Ok(vec![duty(DutyKind::CommitOutput, DEADLINE), duty(DutyKind::Publish, DEADLINE - 10)])
	}

	fn sign(&self, call: &Call, nonce: u64, born: Block) -> Result<Signed, ChainError> {
		let bytes = format!("{} with {nonce}", call.name).into_bytes();
		Ok(Signed { bytes, hash: H256([0; 32]), nonce, birth: born.number, death: born.number + 64, spec_version: 1 })
	}

	async fn submit(&self, bytes: &[u8]) -> Result<(), ChainError> {
		self.sent.lock().unwrap().push(String::from_utf8(bytes.to_vec()).unwrap());
		match self.refuses {
			Some(reason) => Err(ChainError::Refused { reason: reason.into(), is_transient: false }),
			None => Ok(()),
		}
	}

	async fn publish(&self, _publication: &Publication) -> Result<(), ChainError> {
		*self.published.lock().unwrap() += 1;
		Ok(())
	}

	async fn next_nonce(&self) -> Result<u64, ChainError> {
		Ok(5)
	}

	fn account(&self) -> AccountId {
		unreachable!()
	}

	fn genesis(&self) -> H256 {
		unreachable!()
	}

	async fn follow(&self) -> Result<Box<dyn Heads>, ChainError> {
		unreachable!()
	}

	async fn finalized(&self) -> Result<Block, ChainError> {
		unreachable!()
	}

	async fn block_at(&self, _number: BlockNumber) -> Result<Option<Block>, ChainError> {
		unreachable!()
	}

	fn remember(&self, _seen: Vec<Block>) {
		unreachable!()
	}

	async fn seen(&self, _last: BlockNumber, _head: Block) -> Result<KnownBlocks, ChainError> {
		unreachable!()
	}

	async fn open_units(&self, _job: JobId, _at: Block) -> Result<Vec<OpenUnit>, ChainError> {
		unreachable!()
	}

	async fn job(&self, _id: JobId, _at: Block) -> Result<Option<JobInfo>, ChainError> {
		unreachable!()
	}

	async fn next_job(&self, _at: Block) -> Result<JobId, ChainError> {
		unreachable!()
	}

	async fn can_participate(&self, _at: Block) -> Result<bool, ChainError> {
		unreachable!()
	}

	async fn registration(&self, _: Role, _: &AccountId, _: Block) -> Result<Option<Registration>, ChainError> {
		unreachable!()
	}

	async fn dataset(&self, _id: DatasetId, _at: Block) -> Result<Option<Dataset>, ChainError> {
		unreachable!()
	}

	async fn publications(&self, _block: Block) -> Result<Vec<Publication>, ChainError> {
		unreachable!()
	}

	async fn nonce(&self, _at: Block) -> Result<u64, ChainError> {
		unreachable!()
	}

	async fn spec_version(&self, _at: Block) -> Result<u32, ChainError> {
		unreachable!()
	}

	async fn inclusion(&self, _block: Block, _extrinsic: H256) -> Result<Option<Inclusion>, ChainError> {
		unreachable!()
	}

	async fn submit_via_node(&self, _job: JobId, _fault: &Fault) -> Result<(), ChainError> {
		unreachable!()
	}
}

fn output() -> Call {
	Call::commit_output(JOB, &Commitment { root: H256([1; 32]), blob: [2; 32] }, H256([3; 32]))
}

/// Signs a call for a nonce and submits it, as an outbox does.
async fn submit(port: &Port, call: &Call, nonce: u64) {
	let signed = port.sign(call, nonce, HEAD).unwrap();
	port.submit(&signed.bytes).await.unwrap();
}

#[tokio::test]
async fn late_delivery_is_sent_once_when_its_deadline_has_passed() {
	let folder = tempfile::tempdir().unwrap();
	let told = LateDelivery::file_beside(&folder.path().join("worker.toml"));
	let node = Arc::new(Node { refuses: Some("the pool: Transaction is outdated"), ..Node::default() });
	let port = Port::new(node.clone(), Cheat::Late(Stage::Outputs), told.clone());
	let sent = || node.sent.lock().unwrap().clone();
	port.duties(HEAD).await.unwrap();
	submit(&port, &output(), 3).await;
	// What died unsent is signed anew.
	submit(&port, &output(), 4).await;
	for clock in [DEADLINE - 1, DEADLINE] {
		*node.clock.lock().unwrap() = clock;
		assert_eq!(port.clock(HEAD).await.unwrap(), clock);
		assert_eq!((sent(), LateDelivery::take(&told).unwrap()), (vec![], None), "at {clock}");
	}
	for clock in [DEADLINE + 1, DEADLINE + 2] {
		*node.clock.lock().unwrap() = clock;
		port.clock(HEAD).await.unwrap();
		assert_eq!(sent(), ["commit_output with 5"], "at {clock}");
	}
	let delivery = LateDelivery::take(&told).unwrap().unwrap();
	let refusal = Some("the pool: Transaction is outdated".into());
	assert_eq!(delivery, LateDelivery { deadline: DEADLINE, clock: DEADLINE + 1, refusal });
	assert_eq!(delivery.faults(), Vec::<String>::new());
	assert_eq!(LateDelivery::take(&told).unwrap(), None, "it is taken once");
}

#[tokio::test]
async fn deliveries_in_other_stages_are_sent_at_once() {
	let node = Arc::new(Node::default());
	let port = Port::new(node.clone(), Cheat::Late(Stage::Result), "nowhere".into());
	submit(&port, &output(), 3).await;
	submit(&port, &Call::remark(), 4).await;
	assert_eq!(*node.sent.lock().unwrap(), ["commit_output with 3", "remark with 4"]);
}

#[tokio::test]
async fn chunks_are_published_unless_all_is_withheld() {
	let chunk = || Publication { job: JOB, unit: 0, chunk: 0, bytes: vec![], path: vec![] };
	for (cheat, is_published) in [(Cheat::Withhold, false), (Cheat::Late(Stage::Outputs), true)] {
		let node = Arc::new(Node::default());
		let port = Port::new(node.clone(), cheat, "nowhere".into());
		assert_eq!(port.publish(&chunk()).await.is_ok(), is_published, "{cheat:?}");
		assert_eq!(*node.published.lock().unwrap(), usize::from(is_published), "{cheat:?}");
	}
}

#[test]
fn blobs_are_withheld_from_one_or_from_all() {
	struct Empty;
	impl BlobSource for Empty {
		fn read(&self, _: &[u8; 32], _: u64, _: usize) -> io::Result<Option<(u64, Vec<u8>)>> {
			Ok(None)
		}
	}
	let peer = |seed: u8| peer_id_of(&public_key_of(&[seed; 32].into())).unwrap();
	for (from, served) in [(Receivers::All, [false, false]), (Receivers::One(peer(1)), [false, true])] {
		let blobs = Withheld { blobs: Arc::new(Empty), from };
		assert_eq!([peer(1), peer(2)].map(|peer| blobs.serves(&peer)), served, "{from:?}");
	}
}

#[test]
fn faults_report_delivery_that_was_in_time_taken_or_refused_otherwise() {
	let refused = |clock, refusal: &str| LateDelivery { deadline: 5, clock, refusal: Some(refusal.into()) };
	for (delivery, said) in [
		(refused(5, NOT_OWED), "before its deadline"),
		(refused(6, "Inability to pay some fees"), "another reason"),
		(LateDelivery { deadline: 5, clock: 6, refusal: None }, "took a delivery"),
	] {
		let faults = delivery.faults();
		assert!(faults.len() == 1 && faults[0].contains(said), "{faults:?}");
	}
	assert_eq!(refused(6, NOT_OWED).faults().len(), 0);
}
