// Money by extrinsics: a grant from the motion to its last claim, service fees, and bonds from bonding to withdrawal.

import type { ApiPromise } from "@polkadot/api";
import type { SubmittableExtrinsic } from "@polkadot/api/types";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { account, bestNumber, enacted, ETS, rpc, send } from "../../support/chain.js";
import { all, eventData, names, program, total, untilBlock } from "../src/chain.js";
import { DevNode } from "../src/node.js";

type Grant = { id: number; amount: string; claimed: string; claimable: string; cliffBlock: number; endBlock: number };
type Bond = { active: string; engaged: string; available: string; unbonding: { amount: string; until: number }[] };
type Validator = { account: string; stake: string; points: number; pendingReward: string; elected: boolean };

const [alice, bob, charlie] = [account("//Alice"), account("//Bob"), account("//Charlie")];

describe("money", () => {
  let node: DevNode;
  let api: ApiPromise;
  beforeAll(async () => {
    node = await DevNode.start();
    api = await node.connect();
  });
  afterAll(async () => {
    await api?.disconnect();
    await node?.stop();
  });

  /** Three of the four voting nodes decide on `decided`; the events of the block in which that takes effect. */
  async function motion(decided: SubmittableExtrinsic<"promise">) {
    const call = api.tx.enactment!.schedule!(decided);
    const length = call.method.encodedLength + 4;
    const proposed = await send(api, api.tx.votingNodes!.propose!(3, call, length), alice);
    const { proposal_hash: hash, proposal_index: index } = eventData(proposed, "votingNodes.Proposed");
    for (const member of [alice, bob, charlie]) {
      await send(api, api.tx.votingNodes!.vote!(hash, index, true), member);
    }
    const weight = (await api.call.transactionPaymentApi!.queryInfo!(call.toU8a(), call.encodedLength)) as unknown as {
      weight: unknown;
    };
    const closed = await send(api, api.tx.votingNodes!.close!(hash, index, weight.weight, length), alice);
    return enacted(api, { name: "enactment.Scheduled", data: eventData(closed, "enactment.Scheduled") });
  }

  it("grants out of a program, vests by block, and pays to the unit", async () => {
    const grantee = account("//grantee");
    const before = await total(api, program(0));
    const start = (await bestNumber(api)) + 24;
    const terms = { amount: 100n * ETS, start, cliff: 4, duration: 10, revocable: false };
    const made = await motion(api.tx.tokenAllocation!.grant!("Ecology", grantee.address, terms));
    const id = made.find(({ name }) => name === "tokenAllocation.Granted")!.data.grant_id as number;

    // The grantee owns nothing yet: somebody gives it what its transactions cost.
    await send(api, api.tx.balances!.transferKeepAlive!(grantee.address, ETS), bob);
    await expect(send(api, api.tx.tokenAllocation!.claim!(id), grantee)).rejects.toThrow("tokenAllocation.NothingToClaim");
    const [grant] = await rpc<Grant[]>(api, "ets_grants", grantee.address);
    expect(grant).toMatchObject({ id, amount: String(100n * ETS), claimed: "0", cliffBlock: start + 4, endBlock: start + 10 });

    await untilBlock(api, start + 4);
    const first = eventData(await send(api, api.tx.tokenAllocation!.claim!(id), grantee), "tokenAllocation.Claimed");
    const part = BigInt(first.amount as string);
    expect(part % (10n * ETS)).toBe(0n);
    expect(part).toBeGreaterThanOrEqual(40n * ETS);

    await untilBlock(api, start + 10);
    await send(api, api.tx.tokenAllocation!.claim!(id), grantee);
    expect(await rpc(api, "ets_grants", grantee.address)).toEqual([]);
    // Fees come in while the grant goes out.
    expect(await total(api, program(0))).toBeGreaterThanOrEqual(before - 100n * ETS);
    const supply = await rpc<{ total: string; programs: { program: string; granted: string }[] }>(api, "ets_supply");
    expect(BigInt(supply.total)).toBe(2_000_000_000n * ETS);
    expect(supply.programs.map(({ granted }) => granted)).toEqual(["0", "0", "0", "0", "0", "0"]);
  });

  it("refuses grants by anyone else", async () => {
    const terms = { amount: ETS, start: 1_000_000, cliff: 0, duration: 10, revocable: false };
    await expect(send(api, api.tx.tokenAllocation!.grant!("Ecology", bob.address, terms), bob)).rejects.toThrow("BadOrigin");
  });

  it("charges service fees to the ecology program", async () => {
    const schedule = await rpc<Record<string, string>>(api, "ets_feeSchedule");
    const who = charlie;
    for (const [call, price] of [
      [api.tx.tokenAllocation!.createAccount!(), schedule.accountCreation],
      [api.tx.tokenAllocation!.upgradeAccount!("Professional"), schedule.professional],
      [api.tx.tokenAllocation!.registerDeveloper!("Example"), schedule.developerRegistration],
      [api.tx.tokenAllocation!.buyApiCalls!(3), String(3n * BigInt(schedule.apiCall!))],
    ] as const) {
      const paid = eventData(await send(api, call, who), "tokenAllocation.FeePaid");
      expect(BigInt(paid.amount as string), call.method.method).toBe(BigInt(price!));
    }
    expect(await rpc(api, "ets_account", who.address)).toMatchObject({ tier: "professional", developer: "Example" });
    await send(api, api.tx.tokenAllocation!.closeAccount!(), who);
    expect(await rpc(api, "ets_account", who.address)).toBeNull();
  });

  it("bonds, unbonds after the delay, and withdraws to the unit", async () => {
    const who = account("//Eve");
    const before = await total(api, who.address);
    const fees: bigint[] = [];
    const pay = async (tx: SubmittableExtrinsic<"promise">) => {
      const result = await send(api, tx, who);
      fees.push(BigInt(eventData(result, "transactionPayment.TransactionFeePaid").actual_fee as string));
      return result;
    };
    const bond = () => rpc<Bond | null>(api, "bonds_bond", "service", who.address);
    const bonds = api.tx.bonds!;

    await expect(send(api, bonds.bond!("Service", 1n), who)).rejects.toThrow("bonds.BelowMinimum");
    fees.push(await lastFee(who.address));
    await pay(bonds.bond!("Service", 100n * ETS));
    await pay(bonds.bondMore!("Service", 20n * ETS));
    expect(await bond()).toMatchObject({ active: String(120n * ETS), engaged: "0", available: String(120n * ETS) });
    await pay(bonds.unbond!("Service", 120n * ETS));
    const [chunk] = (await bond())!.unbonding;
    await expect(pay(bonds.withdraw!("Service"))).rejects.toThrow("bonds.NothingMatured");
    fees.push(await lastFee(who.address));
    await untilBlock(api, chunk!.until);
    await pay(bonds.withdraw!("Service"));
    expect(await bond()).toBeNull();
    expect(await total(api, who.address)).toBe(before - fees.reduce((sum, fee) => sum + fee, 0n));
  });

  /** The fee that `who` paid in the newest block that has a fee of it: what a failed extrinsic cost. */
  async function lastFee(who: string): Promise<bigint> {
    for (let number = await bestNumber(api); number > 0; number--) {
      const at = await api.at(await api.rpc.chain.getBlockHash(number));
      const events = (await at.query.system!.events!()) as unknown as {
        event: { section: string; method: string; data: { toJSON(): [string, string | number] } };
      }[];
      const paid = events.filter(({ event }) => `${event.section}.${event.method}` === "transactionPayment.TransactionFeePaid");
      const own = paid.map(({ event }) => event.data.toJSON()).filter(([account]) => account === who);
      if (own.length > 0) return BigInt(own.at(-1)![1]);
    }
    throw new Error(`${who} never paid a fee`);
  }

  it("tells the validators, and refuses candidates without keys or bond", async () => {
    const validators = await rpc<Validator[]>(api, "bonds_validators");
    expect(validators).toHaveLength(1);
    expect(validators[0]!.elected).toBe(true);
    expect(BigInt(validators[0]!.stake)).toBeGreaterThan(0n);
    await expect(send(api, api.tx.bonds!.declare!(), bob)).rejects.toThrow("bonds.");
  });

  it("pays the author for its blocks when the era ends", async () => {
    const stash = (await rpc<Validator[]>(api, "bonds_validators"))[0]!.account;
    const { startSession, sessions } = await rpc<{ startSession: number; sessions: number }>(api, "bonds_era");
    const epoch = (await api.query.consensusParameters!.epochSlots!()) as unknown as { toNumber(): number };
    // Slots without a block make the era end earlier than this block, never later.
    await untilBlock(api, (startSession + sessions) * epoch.toNumber() + 1);
    const number = await bestNumber(api);
    for (let at = number; at > 0; at--) {
      const state = await api.at(await api.rpc.chain.getBlockHash(at));
      const events = (await state.query.system!.events!()) as unknown as {
        event: { section: string; method: string; data: { toHuman(): Record<string, string> } };
      }[];
      const rewarded = events.find(({ event }) => event.section === "bonds" && event.method === "Rewarded");
      if (!rewarded) continue;
      expect(rewarded.event.data.toHuman().validator).toBe(stash);
      return;
    }
    throw new Error(`no reward up to block ${number}`);
  });
});
