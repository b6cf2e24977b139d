// What becomes of a job when nobody does what is due, or somebody is at fault: with and without an off-chain worker.

import type { ApiPromise } from "@polkadot/api";
import { u8aToHex } from "@polkadot/util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bestNumber, rpc, send } from "../../support/chain.js";
import { jobOf as job, leaf, tagged } from "../../support/job.js";
import { all, eventData, total, untilBlock, untilClockIsBeyond } from "../src/chain.js";
import {
  bond,
  bytes,
  computing,
  confirmAll,
  coordinator,
  data,
  deliver,
  makeJob,
  parties,
  register,
  request,
  schedule,
  user,
} from "../src/job.js";
import { DevNode } from "../src/node.js";

type Quote = { data: { account: string; pay: string }[]; coordination: string; total: string; bond: string };

describe("a job whose inputs are late", () => {
  let node: DevNode;
  let api: ApiPromise;
  beforeAll(async () => {
    // Whatever is due is left to the tests.
    node = await DevNode.start("--offchain-worker", "never");
    api = await node.connect();
    await register(api);
  });
  afterAll(async () => {
    await api?.disconnect();
    await node?.stop();
  });

  it("slashes who is silent after the confirmation, and pays those who delivered", { timeout: 240_000 }, async () => {
    const encoded = api.registry.createType(api.tx.bmpc!.request!.meta.args[0]!.type.toString(), request()).toHex();
    const quote = await rpc<Quote>(api, "bmpc_quote", user.address, encoded);
    const id = await makeJob(api);
    await confirmAll(api, id);
    await deliver(api, id, "selection", coordinator);
    const [punctual, silent] = data;
    await deliver(api, id, "inputs", punctual);
    const { awaited } = (await job(api, id)).status;
    expect(awaited).toMatchObject([{ account: silent.address, challenged: false }]);
    await untilClockIsBeyond(api, awaited![0]!.deadline);

    const before = new Map<string, bigint>();
    for (const { address } of [user, ...parties]) before.set(address, await total(api, address));
    const { active } = await bond(api, silent.address);
    const expired = await send(api, api.tx.bmpc!.expire!(id), user);
    const fee = BigInt(eventData(expired, "transactionPayment.TransactionFeePaid").actual_fee as string);
    const { slashed, refunded } = eventData(expired, "bmpc.Expired") as { slashed: string; refunded: string };
    expect([BigInt(slashed), BigInt(refunded)]).toEqual([BigInt(quote.bond), BigInt(quote.total)]);
    expect(await bond(api, silent.address)).toEqual({ active: active - BigInt(quote.bond), engaged: 0n });
    const pays = new Map([
      [punctual.address, quote.data.find(({ account: who }) => who === punctual.address)!.pay],
      [coordinator.address, quote.coordination],
    ]);
    const compensated = all(expired, "bmpc.Compensated").map(({ party, offender, amount }) => [
      party,
      offender,
      BigInt(amount as string),
    ]);
    expect(compensated).toEqual([...pays].map(([who, pay]) => [who, silent.address, BigInt(pay)]));
    for (const { address } of [user, ...parties]) {
      const lost = new Map([[silent.address, BigInt(quote.bond)], [user.address, fee]]).get(address) ?? 0n;
      const change = BigInt(pays.get(address) ?? 0) - lost;
      expect(await total(api, address), address).toBe(before.get(address)! + change);
    }
  });
});

describe("a node with an off-chain worker", () => {
  let node: DevNode;
  let api: ApiPromise;
  beforeAll(async () => {
    node = await DevNode.start("--offchain-worker", "always");
    api = await node.connect();
    await register(api);
  });
  afterAll(async () => {
    await api?.disconnect();
    await node?.stop();
  });

  it("shows a fault that a watcher left with the node, without anybody's account", async () => {
    const id = await makeJob(api);
    await confirmAll(api, id);
    await deliver(api, id, "selection", coordinator);
    await Promise.all(data.map((party) => deliver(api, id, "inputs", party)));
    const { root, proof } = stump(api, id, 1);
    await deliver(api, id, "outputs", computing[1], { root, blob: bytes(32) });

    const key = Buffer.concat([Buffer.from("encrytrust/bmpc/fault/"), Buffer.from(BigUint64Array.of(BigInt(id)).buffer)]);
    await api.rpc.offchain.localStorageSet("PERSISTENT", u8aToHex(key), proof);
    await untilBlock(api, (await bestNumber(api)) + 5);
    const { status } = await job(api, id);
    expect(status).toMatchObject({ is: "faulty", offender: computing[1].address, fault: "shape", reporter: null });
  });

  it("ends a job that was not confirmed in time without anybody's account, and at nobody's expense", async () => {
    const id = await makeJob(api, { schedule: schedule({ confirmation: 10 }) });
    const before = await total(api, user.address);
    await untilClockIsBeyond(api, (await job(api, id)).status.awaited![0]!.deadline);
    await untilBlock(api, (await bestNumber(api)) + 3);
    expect((await job(api, id)).status.is).toBe("lapsed");
    expect(await total(api, user.address)).toBe(before);
  });
});

/** What a computing provider commits to that drops most of its leaves, and the proof: `docs/protocol/bmpc.md`, "Faults". */
function stump(api: ApiPromise, id: number, computing: number) {
  const value = new Uint8Array(512).fill(2);
  const none = new Uint8Array(32);
  const hashed = tagged("encrytrust/product-tree/value/2", value);
  const node = tagged("encrytrust/product-tree/2", new Uint8Array(1), new Uint8Array(8), hashed, none, none);
  const [left, right] = [u8aToHex(none), u8aToHex(none)];
  const root = { level: 0, index: 0, value: u8aToHex(value), left, right, path: [], outputPath: [] };
  const report = api.tx.bmpc!.reportFault!(id, { Shape: { producer: { Computing: computing }, output: 0, root } });
  // A Merkle tree of one leaf.
  return { root: u8aToHex(leaf(0, node)), proof: report.method.args[1]!.toHex() };
}
