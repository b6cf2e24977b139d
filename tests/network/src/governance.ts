// What only root may do, decided by the voting nodes.

import type { ApiPromise } from "@polkadot/api";
import type { SubmittableExtrinsic } from "@polkadot/api/types";
import type { KeyringPair } from "@polkadot/keyring/types";
import { enacted, plain, sendFinalized } from "../../support/chain.js";

/** More than any motion of the tests weighs. */
const WEIGHT_BOUND = { refTime: 100_000_000_000, proofSize: 1_000_000 };

/**
 * Has the voting nodes dispatch a call as root: `members` propose, vote and close, all of them being needed. It takes
 * effect after the chain's delay.
 */
export async function asRoot(
  api: ApiPromise,
  call: SubmittableExtrinsic<"promise">,
  members: KeyringPair[],
): Promise<void> {
  const { enactment, votingNodes, utility, whitelist } = api.tx;
  const proposal = enactment!.schedule!(
    utility!.batchAll!([
      whitelist!.whitelistCall!(call.method.hash),
      whitelist!.dispatchWhitelistedCallWithPreimage!(call),
    ]),
  );
  const [proposer] = members;
  if (!proposer) throw new Error("nobody proposes");
  const length = proposal.method.encodedLength;
  const propose = votingNodes!.propose!(members.length, proposal, length);
  const proposed = (await sendFinalized(api, propose, proposer)).events.map(plain);
  const motion = proposed.find(({ name }) => name === "votingNodes.Proposed")!.data;
  // An extrinsic of its own for each: signing changes it.
  const vote = () => votingNodes!.vote!(motion.proposal_hash, motion.proposal_index, true);
  await Promise.all(members.map((member) => sendFinalized(api, vote(), member)));
  const close = votingNodes!.close!(motion.proposal_hash, motion.proposal_index, WEIGHT_BOUND, length);
  const closed = (await sendFinalized(api, close, proposer)).events.map(plain);
  for (const { name, data } of closed) {
    const failed = (data.result as { err?: unknown } | undefined)?.err;
    if (failed) throw new Error(`${name}: ${JSON.stringify(failed)}`);
  }
  const decision = closed.find(({ name }) => name === "enactment.Scheduled");
  if (!decision) throw new Error("the motion decided nothing");
  await enacted(api, decision);
}
