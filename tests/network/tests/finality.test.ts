// Four validators, of whom some die and come back, and who change their runtime.

import type { RuntimeVersion } from "@polkadot/types/interfaces";
import { u8aToHex } from "@polkadot/util";
import { blake2AsHex } from "@polkadot/util-crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bestNumber, sendFinalized } from "../../support/chain.js";
import { FinalBlocks, finalityClock, finalNumber, offences, until } from "../src/chain.js";
import { asRoot } from "../src/governance.js";
import { NAMES, Network, stash } from "../src/network.js";
import { compress, decompress, runtimeCode, versionOf, withImplVersion } from "../src/upgrade.js";

/** Blocks made without one of them becoming final, when it takes at most two or three otherwise. */
const BLOCKS_WITHOUT_FINALITY = 8;

// One era longer than the test: who is away for a while is not voted out for it.
const network = new Network(500);
let finalAtDavesDeath: number;

beforeAll(() => network.start());
afterAll(() => network.stop());

test("all four make blocks, and the blocks are final on every node", async () => {
  const { api } = network.member("alice");
  await untilAllAuthor(await FinalBlocks.fromNow(api));
  const number = await finalNumber(api);
  const hashes = await Promise.all(
    NAMES.map((name) =>
      until(`${name} knows block ${number} as final`, async () => {
        const { api } = network.member(name);
        return (await finalNumber(api)) >= number && (await api.rpc.chain.getBlockHash(number)).toHex();
      }),
    ),
  );
  expect(new Set(hashes).size).toBe(1);
});

test("the finality clock follows the final blocks and is never ahead of them", async () => {
  const { api } = network.member("alice");
  const start = await finalityClock(api);
  const now = await until("the clock moves", async () => {
    const now = await finalityClock(api);
    return now >= start + 5 && now;
  });
  // The block's author can have known it first.
  await until("the node knows these blocks as final", async () => (await finalNumber(api)) >= now, 10);
});

test("three of four keep finality, two do not, and the third that comes back resumes it", async () => {
  const { api } = network.member("alice");
  finalAtDavesDeath = await finalNumber(network.member("dave").api);
  await network.member("dave").stop("SIGKILL");
  const withoutDave = await bestNumber(api);
  await until("three finalise", async () => (await finalNumber(api)) >= withoutDave + 3);

  await network.member("charlie").stop("SIGKILL");
  await until("two only make blocks", async () => {
    return (await bestNumber(api)) >= (await finalNumber(api)) + BLOCKS_WITHOUT_FINALITY;
  });
  const stuck = await finalNumber(api);
  const best = await bestNumber(api);
  await until("the two go on", async () => (await bestNumber(api)) >= best + 3);
  expect(await finalNumber(api)).toBe(stuck);
  expect(await finalityClock(api)).toBeLessThanOrEqual(stuck);

  await network.resume("charlie");
  await until("the third resumes finality", async () => (await finalNumber(api)) > best);
  await until("the clock resumes with it", async () => (await finalityClock(api)) > best);
});

test("a validator that was killed goes on from its database", async () => {
  await network.resume("dave");
  const dave = network.member("dave");
  expect(dave.highestAtStart).toBeGreaterThanOrEqual(finalAtDavesDeath);
  await untilAllAuthor(await FinalBlocks.fromNow(dave.api));
});

test("a validator that is stopped and started again loses no block and equivocates in none", async () => {
  const bob = network.member("bob");
  const before = await bestNumber(bob.api);
  await bob.stop("SIGTERM");
  await network.resume("bob");
  expect(bob.highestAtStart).toBeGreaterThanOrEqual(before);
  await untilAllAuthor(await FinalBlocks.fromNow(bob.api));
  expect(await offences(bob.api)).toBe(0);
});

test("the voting nodes upgrade the runtime while blocks are made", async () => {
  const { api } = network.member("alice");
  const before = versionOf(api.runtimeVersion);
  const after = { ...before, implVersion: before.implVersion + 1 };
  const code = await compress(withImplVersion(decompress(await runtimeCode(api)), before, after.implVersion));

  // Without the check that the version of the specification grows: the logic stays the same.
  const authorize = api.tx.system!.authorizeUpgradeWithoutChecks!(blake2AsHex(code));
  await asRoot(api, authorize, ["alice", "bob", "charlie"].map(stash));
  await sendFinalized(api, api.tx.system!.applyAuthorizedUpgrade!(u8aToHex(code)), stash("alice"));

  for (const name of NAMES) {
    const { api } = network.member(name);
    await until(`${name} runs the new code`, async () => {
      return versionOf(await api.rpc.state.getRuntimeVersion()).implVersion === after.implVersion;
    });
    // What the runtime says of itself when it runs, beside what the node has read in the blob.
    expect(versionOf((await api.call.core!.version!()) as RuntimeVersion)).toEqual(after);
  }
  await untilAllAuthor(await FinalBlocks.fromNow(api));
  await sendFinalized(api, api.tx.system!.remarkWithEvent!("0x00"), stash("bob"));
});

/** Until each of the four has made a block that is final. */
async function untilAllAuthor(blocks: FinalBlocks): Promise<void> {
  const missing = new Set(NAMES.map((name) => stash(name).address));
  await until("a final block of each", async () => {
    for (const author of await blocks.authors()) missing.delete(author);
    return missing.size === 0;
  });
}
