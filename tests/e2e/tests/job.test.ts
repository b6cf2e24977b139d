// A whole job by extrinsics alone: every party is an account of the test.

import { generateKeyPairSync, randomBytes } from "node:crypto";
import type { ApiPromise } from "@polkadot/api";
import type { SubmittableExtrinsic } from "@polkadot/api/types";
import type { KeyringPair } from "@polkadot/keyring/types";
import { blake2AsU8a } from "@polkadot/util-crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { account, bestNumber, ETS, rpc, send } from "../../support/chain.js";
import { all, eventData, names, total, untilBlock } from "../src/chain.js";
import { DevNode } from "../src/node.js";

type Quote = {
  data: { account: string; pay: string }[];
  coordination: string;
  fee: string;
  total: string;
  bond: string;
};
type Job = { contractHash: string; status: Record<string, unknown> & { is: string }; commitments: unknown[]; fee: string };

const user = account("//Alice");
const data = [account("//Bob"), account("//Charlie")];
const computing = [account("//Dave"), account("//Eve")];
const coordinator = account("//Ferdie");
const parties = [...data, ...computing, coordinator];

/** Terms that both datasets share. */
const schema = {
  V1: [
    { name: "age", decimals: 0, bits: 8 },
    { name: "dose", decimals: 3, bits: 20 },
  ],
};
const policy = { templates: [0, 1], minRows: 10, buyers: null, maxQueries: null };
const rows = [100, 200];
const cell = 1_000_000n;
/** What each party bonds: much more than a job here is worth. */
const BOND = 1_000n * ETS;

const bytes = (length: number) => `0x${randomBytes(length).toString("hex")}`;
/** An RSA modulus is the product of two primes that a Paillier key needs. */
const modulus = (bits: number) => {
  const { publicKey } = generateKeyPairSync("rsa", { modulusLength: bits });
  return `0x${Buffer.from(publicKey.export({ format: "jwk" }).n!, "base64url").toString("hex")}`;
};
const endpoint = () => ({ sealing: bytes(32), peer: bytes(32), address: "/ip4/127.0.0.1/tcp/4001" });
const commitment = () => ({ root: bytes(32), blob: bytes(32) });
const key = modulus(2048);

describe("a job by extrinsics", () => {
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

  const terms = (change: Record<string, unknown> = {}) => request(api, change);
  const job = (id: number) => rpc<Job>(api, "bmpc_job", id);
  /** What an account has bonded for jobs, and what of it they engage. */
  const bond = async (address: string) => {
    const { active, engaged } = (await api.query.bonds!.ledgers!("Service", address)).toJSON() as Record<string, string>;
    return { active: BigInt(active!), engaged: BigInt(engaged!) };
  };
  const encode = (value: unknown) =>
    api.registry.createType(api.tx.bmpc!.request!.meta.args[0]!.type.toString(), value).toHex();

  it("runs from the quote to the last unit of money", async () => {
    const asked = await terms();
    const quote = await rpc<Quote>(api, "bmpc_quote", user.address, encode(asked));
    expect(BigInt(quote.bond)).toBeGreaterThanOrEqual(BigInt(quote.total));
    const before = new Map<string, bigint>();
    for (const { address } of [user, ...parties]) before.set(address, await total(api, address));

    const fees = new Map<string, bigint>();
    const pay = async (tx: SubmittableExtrinsic<"promise">, signer: KeyringPair) => {
      const result = await send(api, tx, signer);
      const fee = BigInt(eventData(result, "transactionPayment.TransactionFeePaid").actual_fee as string);
      fees.set(signer.address, (fees.get(signer.address) ?? 0n) + fee);
      return result;
    };
    const made = await pay(api.tx.bmpc!.request!(asked), user);
    const id = eventData(made, "bmpc.Requested").job_id as number;
    const { contractHash } = await job(id);
    for (const { address } of parties) expect(await bond(address)).toEqual({ active: BOND, engaged: BigInt(quote.bond) });
    for (const party of parties) {
      const duties = await rpc<{ kind: string }[]>(api, "bmpc_duties", party.address);
      expect(duties.map(({ kind }) => kind)).toEqual(["confirm"]);
      await pay(api.tx.bmpc!.confirm!(id, contractHash), party);
    }
    await pay(api.tx.bmpc!.commitSelection!(id, commitment()), coordinator);
    for (const party of data) await pay(api.tx.bmpc!.commitInputs!(id, commitment()), party);
    for (const party of computing) await pay(api.tx.bmpc!.commitOutput!(id, commitment()), party);
    await pay(api.tx.bmpc!.commitResult!(id, commitment()), coordinator);
    expect((await job(id)).status.is).toBe("challenge");
    const settled = await pay(api.tx.bmpc!.accept!(id), user);
    expect(names(settled).filter((name) => name === "bmpc.Paid").length).toBeGreaterThanOrEqual(parties.length);
    expect(names(settled)).toContain("bmpc.Settled");

    const end = await job(id);
    expect(end.status.is).toBe("settled");
    expect(end.commitments).toHaveLength(6);
    const earned = new Map<string, bigint>();
    for (const { party, amount } of all(settled, "bmpc.Paid")) earned.set(party as string, BigInt(amount as string));
    const fee = BigInt(eventData(settled, "bmpc.Settled").fee as string);
    expect(fee).toBe(BigInt(quote.fee));
    expect([...earned.values()].reduce((sum, pay) => sum + pay, fee)).toBe(BigInt(quote.total));
    // Every balance is what it was, plus pay or minus price, minus what the party's own extrinsics cost.
    for (const { address } of [user, ...parties]) {
      const spent = address === user.address ? BigInt(quote.total) : 0n;
      const change = (earned.get(address) ?? 0n) - spent - (fees.get(address) ?? 0n);
      expect(await total(api, address), address).toBe(before.get(address)! + change);
    }
    for (const { address } of parties) expect(await bond(address)).toEqual({ active: BOND, engaged: 0n });
  });

  it("refuses a stranger, another contract's hash and a second confirmation by name", async () => {
    const made = await send(api, api.tx.bmpc!.request!(await terms()), user);
    const id = eventData(made, "bmpc.Requested").job_id as number;
    const { contractHash } = await job(id);
    const { confirm, accept, decline } = api.tx.bmpc!;
    await expect(send(api, confirm!(id, contractHash), user)).rejects.toThrow("bmpc.NotParty");
    await expect(send(api, confirm!(id, bytes(32)), data[0]!)).rejects.toThrow("bmpc.WrongContract");
    await send(api, confirm!(id, contractHash), data[0]!);
    await expect(send(api, confirm!(id, contractHash), data[0]!)).rejects.toThrow("bmpc.AlreadyDelivered");
    await expect(send(api, accept!(id), user)).rejects.toThrow("bmpc.WrongStage");
    const before = await total(api, user.address);
    await send(api, decline!(id, "Schedule"), data[1]!);
    expect((await job(id)).status).toMatchObject({ is: "declined", reason: "schedule" });
    expect(await total(api, user.address)).toBe(before);
  });

  it("refunds in full what is not confirmed in time, and silence costs a little", async () => {
    const now = await bestNumber(api);
    const schedule = { confirmBy: now + 12, selectBy: now + 24, inputsBy: now + 36, outputsBy: now + 48, resultBy: now + 60 };
    const made = await send(api, api.tx.bmpc!.request!(await terms({ schedule })), user);
    const id = eventData(made, "bmpc.Requested").job_id as number;
    await expect(send(api, api.tx.bmpc!.expire!(id), account("//Bob"))).rejects.toThrow("bmpc.NotOverdue");
    await untilBlock(api, schedule.confirmBy + 1);
    const { contractHash } = await job(id);
    await expect(send(api, api.tx.bmpc!.confirm!(id, contractHash), data[0]!)).rejects.toThrow("bmpc.TooLate");
    const before = await total(api, user.address);
    const expired = await send(api, api.tx.bmpc!.expire!(id), account("//Bob"));
    expect(names(expired)).toContain("bmpc.Expired");
    expect((await job(id)).status.is).toBe("expired");
    expect(await total(api, user.address)).toBe(before);
    const holds = (await api.query.balances!.holds!(user.address)).toJSON() as { id: unknown; amount: unknown }[];
    expect(holds.filter(({ id: reason }) => JSON.stringify(reason).toLowerCase().includes("escrow"))).toEqual([]);
    const slashed = all(expired, "bmpc.Slashed");
    expect(slashed.map(({ offender }) => offender)).toEqual(parties.map(({ address }) => address));
    for (const { offender, amount } of slashed) {
      expect(BigInt(amount as string)).toBeGreaterThan(0n);
      expect(await bond(offender as string)).toEqual({ active: BOND - BigInt(amount as string), engaged: 0n });
    }
    expect(all(expired, "bmpc.Compensated")).toEqual([]);
  });

  it("slashes who falls silent after the confirmation, and pays those who delivered", async () => {
    const now = await bestNumber(api);
    const schedule = { confirmBy: now + 20, selectBy: now + 32, inputsBy: now + 44, outputsBy: now + 56, resultBy: now + 68 };
    const asked = await terms({ schedule });
    const quote = await rpc<Quote>(api, "bmpc_quote", user.address, encode(asked));
    const made = await send(api, api.tx.bmpc!.request!(asked), user);
    const id = eventData(made, "bmpc.Requested").job_id as number;
    const { contractHash } = await job(id);
    await Promise.all(parties.map((party) => send(api, api.tx.bmpc!.confirm!(id, contractHash), party)));
    await send(api, api.tx.bmpc!.commitSelection!(id, commitment()), coordinator);
    const [punctual, silent] = data as [KeyringPair, KeyringPair];
    await send(api, api.tx.bmpc!.commitInputs!(id, commitment()), punctual);
    await untilBlock(api, schedule.inputsBy + 1);

    const before = new Map<string, bigint>();
    for (const { address } of [user, ...parties]) before.set(address, await total(api, address));
    const { active } = await bond(silent.address);
    const expired = await send(api, api.tx.bmpc!.expire!(id), user);
    const fee = BigInt(eventData(expired, "transactionPayment.TransactionFeePaid").actual_fee as string);
    const { slashed, refunded } = eventData(expired, "bmpc.Expired") as { slashed: string; refunded: string };
    expect([BigInt(slashed), BigInt(refunded)]).toEqual([BigInt(quote.bond), BigInt(quote.total)]);
    expect(await bond(silent.address)).toEqual({ active: active - BigInt(quote.bond), engaged: 0n });
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

  it("refuses a job worth more than a party's bond by name", async () => {
    const { updateRole, request: ask } = api.tx.bmpc!;
    await send(api, updateRole!(endpoint(), { Coordinator: { price: BOND } }), coordinator);
    await expect(send(api, ask!(await terms({ maxPrice: 2n * BOND })), user)).rejects.toThrow("bmpc.BondTooLow");
    await send(api, updateRole!(endpoint(), { Coordinator: { price: ETS } }), coordinator);
  });

  it.each([
    ["an unknown template", { template: 9 }, "UnknownTemplate"],
    ["an unknown dataset", { datasets: [9] }, "UnknownDataset"],
    ["a dataset twice", { datasets: [0, 0] }, "DuplicateParty"],
    ["no data provider", { datasets: [] }, "NoProvider"],
    ["a computing provider twice", { computingProviders: [computing[0]!.address, computing[0]!.address] }, "DuplicateParty"],
    ["an unregistered computing provider", { computingProviders: [user.address] }, /NotRegistered|DuplicateParty/],
    ["an unregistered coordinator", { coordinator: data[0]!.address }, /NotRegistered|DuplicateParty/],
    ["a price above the maximum", { maxPrice: 1 }, "PriceAboveMaximum"],
    ["an even modulus", { userKey: `${key.slice(0, -1)}2` }, "ModulusEven"],
    ["a short modulus", { userKey: key.slice(0, -2) }, "ModulusLength"],
    ["no columns", { selection: { commitment: bytes(32), selected: 0, sealed: [] } }, /Selected|Selection/],
    ["a selection sealed to nobody", { selection: { commitment: bytes(32), selected: 1, sealed: [] } }, "InvalidSelection"],
    ["weights for a mean", { parameters: { Weights: [1] } }, "InvalidParameters"],
    [
      "a deadline in the past",
      { schedule: { confirmBy: 1, selectBy: 2, inputsBy: 3, outputsBy: 4, resultBy: 5 } },
      /Schedule|Deadline/,
    ],
  ])("refuses %s by name, and moves nothing", async (_, change, error) => {
    const escrow = async () => JSON.stringify((await api.query.balances!.holds!(user.address)).toJSON());
    const held = await escrow();
    await expect(send(api, api.tx.bmpc!.request!(await terms(change)), user)).rejects.toThrow(error);
    expect(await escrow()).toBe(held);
  });

  it("refuses a withdrawn dataset", async () => {
    await send(api, api.tx.bmpc!.withdrawDataset!(1), data[1]!);
    await expect(send(api, api.tx.bmpc!.request!(await terms()), user)).rejects.toThrow("bmpc.DatasetWithdrawn");
  });

  it("returns all datasets by pages of 64, and refuses a larger page", async () => {
    const { bmpc, utility } = api.tx;
    const others = Array.from({ length: 64 }, (_, index) => {
      return bmpc!.registerDataset!(`ward ${data.length + index}`, schema, 100, bytes(32), cell, policy);
    });
    await send(api, utility!.batchAll!(others), data[0]!);
    const page = (from?: number, limit?: number) => rpc<{ dataset: number }[]>(api, "bmpc_datasets", from, limit);
    const pages = [await page(), await page(64)];
    expect(pages.map(({ length }) => length)).toEqual([64, 2]);
    expect(pages.flat().map(({ dataset }) => dataset)).toEqual([...Array(66).keys()]);
    await expect(page(0, 65)).rejects.toThrow("a page has at most 64 entries, not 65");
    await expect(rpc(api, "bmpc_roles", "coordinator", null, 65)).rejects.toThrow("a page has at most 64 entries");
    await expect(rpc(api, "identity_keysOf", user.address, null, 65)).rejects.toThrow("a page has at most 64 entries");
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

  it("expires an overdue job without anybody's account, and at nobody's expense", async () => {
    const terms = await request(api);
    const now = await bestNumber(api);
    const schedule = { confirmBy: now + 12, selectBy: now + 24, inputsBy: now + 36, outputsBy: now + 48, resultBy: now + 60 };
    const made = await send(api, api.tx.bmpc!.request!({ ...terms, schedule }), user);
    const id = eventData(made, "bmpc.Requested").job_id as number;
    const before = await total(api, user.address);
    await untilBlock(api, schedule.confirmBy + 4);
    expect((await rpc<Job>(api, "bmpc_job", id)).status.is).toBe("expired");
    expect(await total(api, user.address)).toBe(before);
  });

  it("shows a fault that a watcher left with the node, without anybody's account", async () => {
    const made = await send(api, api.tx.bmpc!.request!(await request(api)), user);
    const id = eventData(made, "bmpc.Requested").job_id as number;
    const { contractHash } = await rpc<Job>(api, "bmpc_job", id);
    await Promise.all(parties.map((party) => send(api, api.tx.bmpc!.confirm!(id, contractHash), party)));
    await send(api, api.tx.bmpc!.commitSelection!(id, commitment()), coordinator);
    await Promise.all(data.map((party) => send(api, api.tx.bmpc!.commitInputs!(id, commitment()), party)));
    const { root, proof } = stump(api, id, 1);
    await send(api, api.tx.bmpc!.commitOutput!(id, { root, blob: bytes(32) }), computing[1]!);

    const key = Buffer.concat([Buffer.from("encrytrust/bmpc/fault/"), Buffer.from(BigUint64Array.of(BigInt(id)).buffer)]);
    await api.rpc.offchain.localStorageSet("PERSISTENT", hex(key), proof);
    await untilBlock(api, (await bestNumber(api)) + 5);
    const { status } = await rpc<Job>(api, "bmpc_job", id);
    expect(status).toMatchObject({ is: "faulty", offender: computing[1]!.address, fault: "shape", reporter: null });
  });
});

/** What a computing provider commits to that drops most of its leaves, and the proof: `docs/protocol/bmpc.md`, "Faults". */
function stump(api: ApiPromise, id: number, computing: number) {
  const value = Buffer.alloc(512, 2);
  const none = Buffer.alloc(32);
  const numbers = [Buffer.from([0]), Buffer.alloc(8)];
  const node = tagged("encrytrust/product-tree/2", [...numbers, tagged("encrytrust/product-tree/value/2", [value]), none, none]);
  const root = { level: 0, index: 0, value: hex(value), left: hex(none), right: hex(none), path: [], outputPath: [] };
  const report = api.tx.bmpc!.reportFault!(id, { Shape: { producer: { Computing: computing }, output: 0, root } });
  // A Merkle tree of one leaf.
  return { root: hex(blake2(Buffer.concat([Buffer.alloc(9), node]))), proof: report.method.args[1]!.toHex() };
}

function tagged(domain: string, parts: Buffer[]): Buffer {
  const length = (part: Buffer) => Buffer.from(Uint32Array.of(part.length).buffer);
  return blake2(Buffer.concat([Buffer.from(domain), ...parts].flatMap((part) => [length(part), part])));
}

const blake2 = (data: Buffer) => Buffer.from(blake2AsU8a(data));
const hex = (data: Buffer) => `0x${data.toString("hex")}`;

/** Terms of a good request, a generous minute for each stage. */
async function request(api: ApiPromise, change: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
  const now = await bestNumber(api);
  return {
    template: 1,
    datasets: [0, 1],
    computingProviders: computing.map(({ address }) => address),
    coordinator: coordinator.address,
    parameters: "None",
    userKey: key,
    userKeyProof: bytes(32),
    // To each computing provider, and to the coordinator.
    selection: { commitment: bytes(32), selected: 1, sealed: [...computing, coordinator].map(() => bytes(96)) },
    schedule: {
      confirmBy: now + 60,
      selectBy: now + 120,
      inputsBy: now + 180,
      outputsBy: now + 240,
      resultBy: now + 300,
    },
    maxPrice: 10n * ETS,
    ...change,
  };
}

async function register(api: ApiPromise): Promise<void> {
  const { bmpc, bonds } = api.tx;
  const offer = (party: KeyringPair) => {
    if (data.includes(party)) return "DataProvider";
    if (party === coordinator) return { Coordinator: { price: ETS } };
    return { ComputingProvider: { price: ETS / 100n, paillier: modulus(2048), keyProof: bytes(32) } };
  };
  for (const party of parties) {
    await send(api, bonds!.bond!("Service", BOND), party);
    await send(api, bmpc!.registerRole!(endpoint(), offer(party)), party);
  }
  for (const [index, party] of data.entries()) {
    await send(api, bmpc!.registerDataset!(`ward ${index}`, schema, rows[index], bytes(32), cell, policy), party);
  }
}
