// A whole job by extrinsics alone: every party is an account of the test.

import type { ApiPromise } from "@polkadot/api";
import type { SubmittableExtrinsic } from "@polkadot/api/types";
import type { KeyringPair } from "@polkadot/keyring/types";
import { hexToU8a, u8aToHex } from "@polkadot/util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { account, bestNumber, ETS, rpc, send } from "../../support/chain.js";
import { jobOf as job, leaf, maskKey, merkleRoot, type OpenUnit, publication, unitSet } from "../../support/job.js";
import { all, eventData, names, total, untilBlock, untilClockIsBeyond } from "../src/chain.js";
import {
  BOND,
  bond as bondOf,
  bytes,
  cell,
  computing,
  commitment,
  confirm,
  confirmAll,
  coordinator,
  data,
  deliver,
  delivery,
  endpoint,
  key,
  makeJob,
  NOT_OWED,
  parties,
  policy,
  register,
  request,
  schedule,
  schema,
  terms,
  user,
} from "../src/job.js";
import { DevNode } from "../src/node.js";

type Quote = { fee: string; total: string; prepaidFees: string; charges: string; bond: string };

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

  const bond = (address: string) => bondOf(api, address);
  const encode = (value: unknown) =>
    api.registry.createType(api.tx.bmpc!.request!.meta.args[0]!.type.toString(), value).toHex();
  const quoteOf = (asked: unknown) => rpc<Quote>(api, "bmpc_quote", user.address, encode(asked));

  it("runs from the quote to the last unit of money", async () => {
    const asked = request();
    const quote = await quoteOf(asked);
    expect(BigInt(quote.bond)).toBeGreaterThanOrEqual(BigInt(quote.total) + BigInt(quote.charges));
    const before = new Map<string, bigint>();
    for (const { address } of [user, ...parties]) before.set(address, await total(api, address));

    let spent = BigInt(quote.total) + BigInt(quote.prepaidFees);
    const pay = async (tx: SubmittableExtrinsic<"promise">) => {
      const result = await send(api, tx, user);
      spent += BigInt(eventData(result, "transactionPayment.TransactionFeePaid").actual_fee as string);
      return result;
    };
    const made = await pay(api.tx.bmpc!.request!(asked));
    const id = eventData(made, "bmpc.Requested").job_id as number;
    for (const { address } of parties) {
      const duties = await rpc<{ kind: string }[]>(api, "bmpc_duties", address);
      expect(duties.map(({ kind }) => kind)).toEqual(["confirm"]);
      expect(await bond(address), "nothing is engaged before all have confirmed").toEqual({ active: BOND, engaged: 0n });
    }
    await confirmAll(api, id);
    for (const { address } of parties) expect(await bond(address)).toEqual({ active: BOND, engaged: BigInt(quote.bond) });
    await deliver(api, id, "selection", coordinator);
    await Promise.all(data.map((party) => deliver(api, id, "inputs", party)));
    await Promise.all(computing.map((party) => deliver(api, id, "outputs", party)));
    await deliver(api, id, "result", coordinator);
    expect((await job(api, id)).status.is).toBe("challenge");
    const settled = await pay(api.tx.bmpc!.accept!(id));
    expect(names(settled).filter((name) => name === "bmpc.Paid").length).toBeGreaterThanOrEqual(parties.length);
    expect(names(settled)).toContain("bmpc.Settled");

    const end = await job(api, id);
    expect(end.status.is).toBe("settled");
    expect(end.commitments).toHaveLength(6);
    expect(end.maskKeys).toEqual(data.map(({ address }) => maskKey(end, address)));
    const earned = new Map<string, bigint>();
    for (const { party, amount } of all(settled, "bmpc.Paid")) earned.set(party as string, BigInt(amount as string));
    const fee = BigInt(eventData(settled, "bmpc.Settled").fee as string);
    expect(fee).toBe(BigInt(quote.fee));
    expect([...earned.values()].reduce((sum, pay) => sum + pay, fee)).toBe(BigInt(quote.total));
    // Every balance is what it was, plus pay: what a party owed was free. The user paid price, prepaid fees and its own calls'.
    for (const { address } of [user, ...parties]) {
      const change = (earned.get(address) ?? 0n) - (address === user.address ? spent : 0n);
      expect(await total(api, address), address).toBe(before.get(address)! + change);
    }
    for (const { address } of parties) expect(await bond(address)).toEqual({ active: BOND, engaged: 0n });
  });

  it("takes a confirmation free of charge while it is owed, and nothing that is not owed into the pool", async () => {
    const id = await makeJob(api);
    const asked = await job(api, id);
    const { accept, decline, challenge, resumeRole } = api.tx.bmpc!;
    const [first, second] = data;
    const call = (job: number, hash: string, key: string | null) => api.tx.bmpc!.confirm!(job, hash, key);
    const { contractHash } = asked;
    const owed = maskKey(asked, second.address);
    const before = await total(api, first.address);
    await confirm(api, id, first);
    expect(await total(api, first.address)).toBe(before);
    const refused: [string, SubmittableExtrinsic<"promise">, KeyringPair][] = [
      ["a stranger's", call(id, contractHash, null), user],
      ["another contract's", call(id, bytes(32), owed), second],
      ["a second", call(id, contractHash, maskKey(asked, first.address)), first],
      ["one without a mask key", call(id, contractHash, null), second],
      ["one with a mask key of small order", call(id, contractHash, `0x01${"00".repeat(31)}`), second],
      ["a coordinator's with a mask key", call(id, contractHash, owed), coordinator],
      ["a decline after the confirmation", decline!(id, "Other"), first],
      ["a delivery before its stage", await delivery(api, id, "selection"), coordinator],
      ["a challenge before its stage", challenge!(id, "0x01"), first],
      ["an unknown job's", call(77, contractHash, owed), first],
      ["a role that is not suspended", resumeRole!("Coordinator"), coordinator],
    ];
    for (const [whose, call, signer] of refused) await expect(send(api, call, signer), whose).rejects.toThrow(NOT_OWED);
    await expect(send(api, accept!(id), user)).rejects.toThrow("bmpc.WrongStage");
    const funds = await total(api, user.address);
    await send(api, decline!(id, "Schedule"), second);
    expect((await job(api, id)).status).toMatchObject({ is: "declined", reason: "schedule" });
    expect(await total(api, user.address)).toBe(funds);
  });

  it("takes no delivery on another basis", async () => {
    const id = await makeJob(api);
    await confirmAll(api, id);
    const { commitSelection } = api.tx.bmpc!;
    await expect(send(api, commitSelection!(id, commitment(), bytes(32)), coordinator)).rejects.toThrow(NOT_OWED);
    // Made from nothing, and so not from the selection that the chain has.
    const early = await delivery(api, id, "inputs");
    await deliver(api, id, "selection", coordinator);
    await expect(send(api, early, data[0])).rejects.toThrow(NOT_OWED);
    await deliver(api, id, "inputs", data[0]);
  });

  it("is cancelled by its user until all have confirmed, and by nobody afterwards", async () => {
    const id = await makeJob(api);
    const { cancel } = api.tx.bmpc!;
    await confirm(api, id, data[0]);
    await expect(send(api, cancel!(id), data[0])).rejects.toThrow("bmpc.NotAuthorized");
    const engaged = (await bond(data[0].address)).engaged;
    const before = await total(api, user.address);
    const cancelled = await send(api, cancel!(id), user);
    const fee = BigInt(eventData(cancelled, "transactionPayment.TransactionFeePaid").actual_fee as string);
    expect(BigInt(eventData(cancelled, "bmpc.Cancelled").refunded as string)).toBeGreaterThan(0n);
    expect((await job(api, id)).status.is).toBe("cancelled");
    expect([await total(api, user.address), (await bond(data[0].address)).engaged]).toEqual([before - fee, engaged]);
    await expect(confirm(api, id, data[1])).rejects.toThrow(NOT_OWED);

    const other = await makeJob(api);
    await confirmAll(api, other);
    await expect(send(api, cancel!(other), user)).rejects.toThrow("bmpc.WrongStage");
  });

  it("lapses at nobody's expense when a party lacks the bond at the last confirmation", async () => {
    const id = await makeJob(api);
    const [poor] = computing;
    const { active, engaged } = await bond(poor.address);
    await send(api, api.tx.bonds!.unbond!("Service", active - engaged - ETS), poor);
    const before = new Map<string, bigint>();
    for (const { address } of [user, ...parties]) before.set(address, await total(api, address));
    for (const party of parties.slice(1)) await confirm(api, id, party);
    const last = await confirm(api, id, parties[0]!);
    const lapsed = eventData(last, "bmpc.Lapsed");
    expect(lapsed).toMatchObject({ job_id: id, silent_parties: [] });
    expect(lapsed.reason, "what the party lacks").not.toBeNull();
    expect((await job(api, id)).status.is).toBe("lapsed");
    for (const { address } of [user, ...parties]) expect(await total(api, address), address).toBe(before.get(address)!);
    await send(api, api.tx.bonds!.bondMore!("Service", active - engaged), poor);
  });

  it("lapses at nobody's expense when a data provider posts another's mask key", async () => {
    const id = await makeJob(api);
    const asked = await job(api, id);
    const [first, second] = data;
    const copied = maskKey(asked, second.address);
    const before = await total(api, user.address);
    await send(api, api.tx.bmpc!.confirm!(id, asked.contractHash, copied), first);
    const lapsed = eventData(await confirm(api, id, second), "bmpc.Lapsed");
    expect(lapsed).toMatchObject({ job_id: id, silent_parties: [] });
    expect(lapsed.reason).not.toBeNull();
    expect((await job(api, id)).maskKeys).toEqual([copied, null]);
    expect(await total(api, user.address)).toBe(before);
  });

  it("lapses when somebody is silent, whose role is suspended until it resumes", async () => {
    const id = await makeJob(api, { schedule: schedule({ confirmation: 10 }) });
    const silent = data[1];
    const punctual = parties.filter((party) => party !== silent);
    await Promise.all(punctual.map((party) => confirm(api, id, party)));
    await expect(send(api, api.tx.bmpc!.expire!(id), coordinator)).rejects.toThrow("bmpc.NotOverdue");
    const { deadline } = (await job(api, id)).status.awaited![0]!;
    await untilClockIsBeyond(api, deadline);
    await expect(confirm(api, id, silent)).rejects.toThrow(NOT_OWED);
    const [funds, stake] = [await total(api, user.address), await bond(silent.address)];
    const ended = await send(api, api.tx.bmpc!.expire!(id), coordinator);
    expect(eventData(ended, "bmpc.Lapsed")).toMatchObject({ silent_parties: [silent.address], reason: null });
    expect(all(ended, "bmpc.Slashed")).toEqual([]);
    expect((await job(api, id)).status.is).toBe("lapsed");
    expect([await total(api, user.address), await bond(silent.address)]).toEqual([funds, stake]);

    await expect(quoteOf(request())).rejects.toThrow("RoleSuspended");
    const before = await total(api, silent.address);
    const resumed = await send(api, api.tx.bmpc!.resumeRole!("DataProvider"), silent);
    expect(names(resumed)).toContain("bmpc.RoleResumed");
    expect(await total(api, silent.address)).toBe(before);
    await quoteOf(request());
  });

  it("waits for a withheld unit, which anybody publishes, and whoever challenged it has its time again", async () => {
    const id = await makeJob(api);
    await confirmAll(api, id);
    const messages = computing.map(() => hexToU8a(bytes(selectionMessage.length)));
    const roots = messages.map((message, index) => leaf(index, selectionMessage.root(message)));
    await deliver(api, id, "selection", coordinator, { root: u8aToHex(merkleRoot(roots)), blob: bytes(32) });

    const [challenger, other] = data;
    const publish = async (bytes: Uint8Array) => {
      const extrinsic = await publication(api, [id, 0, 0], bytes, [roots[1]!]);
      return rpc<string>(api, "author_submitExtrinsic", extrinsic);
    };
    await expect(publish(messages[0]!), "before it is challenged").rejects.toThrow(NOT_OWED);
    const awaited = async (party: KeyringPair) => {
      const { status } = await job(api, id);
      return status.awaited!.find(({ account }) => account === party.address)!;
    };
    const [clock, others] = [(await awaited(challenger)).deadline, (await awaited(other)).deadline];
    const { challenge } = api.tx.bmpc!;
    await expect(send(api, challenge!(id, unitSet([0])), user), "who owes nothing").rejects.toThrow(NOT_OWED);
    await expect(send(api, challenge!(id, unitSet([3])), challenger), "what it does not need").rejects.toThrow(NOT_OWED);
    const before = new Map<string, bigint>();
    for (const { address } of [challenger, other, coordinator]) before.set(address, await total(api, address));
    const challenged = await send(api, challenge!(id, unitSet([0])), challenger);
    expect(eventData(challenged, "bmpc.UnitChallenged")).toMatchObject({ unit: 0, challenger: challenger.address });
    expect((await awaited(challenger)).challenged).toBe(true);
    const open = await rpc<OpenUnit[]>(api, "bmpc_openUnits", id);
    expect(open).toMatchObject([{ unit: 0, owner: coordinator.address, stage: "selection", chunks: 1, published: [] }]);
    await expect(send(api, challenge!(id, unitSet([1])), challenger), "a second challenge").rejects.toThrow(NOT_OWED);

    await expect(publish(messages[1]!), "another message").rejects.toThrow(NOT_OWED);
    const from = await bestNumber(api);
    await untilBlock(api, from + 3);
    await publish(messages[0]!);
    await untilBlock(api, from + 6);
    expect(await rpc(api, "bmpc_openUnits", id)).toEqual([]);
    expect((await awaited(challenger)).deadline).toBeGreaterThan(clock);
    expect((await awaited(other)).deadline, "who did not challenge").toBe(others);
    // Owner and challenger pay the same for each byte, out of what they have on hold.
    const cost = BigInt((await job(api, id)).chargePerByte) * BigInt(selectionMessage.length);
    for (const { address } of [challenger, coordinator]) {
      expect(await total(api, address), address).toBe(before.get(address)! - cost);
    }
    expect(await total(api, other.address)).toBe(before.get(other.address));
    await expect(publish(messages[0]!), "a second time").rejects.toThrow(/outdated|Already Imported/);
    await deliver(api, id, "inputs", challenger);
  });

  it("refuses a job worth more than a party's bond by name", async () => {
    const { updateRole, request: ask } = api.tx.bmpc!;
    await send(api, updateRole!(endpoint(), { Coordinator: { price: BOND } }, terms()), coordinator);
    await expect(send(api, ask!(request({ maxPrice: 2n * BOND })), user)).rejects.toThrow("bmpc.BondTooLow");
    await send(api, updateRole!(endpoint(), { Coordinator: { price: ETS } }, terms()), coordinator);
  });

  it("is refused outside of a party's terms by name", async () => {
    const offer = { Coordinator: { price: ETS } };
    const update = (change: Record<string, unknown>) =>
      send(api, api.tx.bmpc!.updateRole!(endpoint(), offer, terms(change)), coordinator);
    for (const [change, error] of [
      [{ maxBond: ETS }, "BondAboveTerms"],
      [{ maxPublication: 1 }, "PublicationAboveTerms"],
      [{ buyers: [account("//Stranger").address] }, "BuyerNotAllowed"],
      [{ coProviders: [data[0].address] }, "CoProviderNotAllowed"],
      [{ base: 100 }, "StageTooShort"],
    ] as const) {
      await update(change);
      await expect(quoteOf(request()), error).rejects.toThrow(error);
    }
    await update({});
    await quoteOf(request());
  });

  it.each([
    ["an unknown template", { template: 9 }, "UnknownTemplate"],
    ["an unknown dataset", { datasets: [9] }, "UnknownDataset"],
    ["a dataset twice", { datasets: [0, 0] }, "DuplicateParty"],
    ["no data provider", { datasets: [] }, "NoProvider"],
    ["a computing provider twice", { computingProviders: [computing[0].address, computing[0].address] }, "DuplicateParty"],
    ["an unregistered computing provider", { computingProviders: [user.address] }, /NotRegistered|DuplicateParty/],
    ["an unregistered coordinator", { coordinator: data[0].address }, /NotRegistered|DuplicateParty/],
    ["a price above the maximum", { maxPrice: 1 }, "PriceAboveMaximum"],
    ["an even modulus", { userKey: `${key.slice(0, -1)}2` }, "ModulusEven"],
    ["a short modulus", { userKey: key.slice(0, -2) }, "ModulusLength"],
    ["no columns", { selection: { commitment: bytes(32), selected: 0, sealed: [] } }, /Selected|Selection/],
    ["a selection sealed to nobody", { selection: { commitment: bytes(32), selected: 1, sealed: [] } }, "InvalidSelection"],
    ["weights for a mean", { parameters: { Weights: [1] } }, "InvalidParameters"],
    ["too little time to confirm", { schedule: schedule({ confirmation: 9 }) }, "StageTooShort"],
    ["too little time to work", { schedule: schedule({ outputs: 61 }) }, "StageTooShort"],
    ["a stage of a year", { schedule: schedule({ result: 5_000_000 }) }, "ScheduleTooLong"],
  ])("refuses %s by name, and moves nothing", async (_, change, error) => {
    const escrow = async () => JSON.stringify((await api.query.balances!.holds!(user.address)).toJSON());
    const held = await escrow();
    await expect(send(api, api.tx.bmpc!.request!(request(change)), user)).rejects.toThrow(error);
    expect(await escrow()).toBe(held);
  });

  it("refuses a withdrawn dataset", async () => {
    await send(api, api.tx.bmpc!.withdrawDataset!(1), data[1]);
    await expect(send(api, api.tx.bmpc!.request!(request()), user)).rejects.toThrow("bmpc.DatasetWithdrawn");
  });

  it("returns all datasets by pages of 64, and refuses a larger page", async () => {
    const { bmpc, utility } = api.tx;
    const others = Array.from({ length: 64 }, (_, index) => {
      return bmpc!.registerDataset!(`ward ${data.length + index}`, schema, 100, bytes(32), cell, policy);
    });
    await send(api, utility!.batchAll!(others), data[0]);
    const page = (from?: number, limit?: number) => rpc<{ dataset: number }[]>(api, "bmpc_datasets", from, limit);
    const pages = [await page(), await page(64)];
    expect(pages.map(({ length }) => length)).toEqual([64, 2]);
    expect(pages.flat().map(({ dataset }) => dataset)).toEqual([...Array(66).keys()]);
    await expect(page(0, 65)).rejects.toThrow("a page has at most 64 entries, not 65");
    await expect(rpc(api, "bmpc_roles", "coordinator", null, 65)).rejects.toThrow("a page has at most 64 entries");
    await expect(rpc(api, "identity_keysOf", user.address, null, 65)).rejects.toThrow("a page has at most 64 entries");
  });
});

/** A selection message about two columns, under a modulus of 2048 bits: a leaf for each selector, and one for the rest. */
const selectionMessage = {
  length: (3 * 2 + 1) * 512 + 2 * 16 + 256,
  root: (message: Uint8Array) => {
    const parts = [message.slice(0, 512), message.slice(512, 1024), message.slice(1024)];
    return merkleRoot(parts.map((part, index) => leaf(index, part)));
  },
};
