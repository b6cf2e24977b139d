// The chain as any client meets it: supply, balances, names, documentation, RPCs, and a node that was killed.

import type { ApiPromise } from "@polkadot/api";
import type { ApiDecoration } from "@polkadot/api/types";
import type { ISubmittableResult } from "@polkadot/types/types";
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { account, bestNumber, ETS, rpc, send } from "../../support/chain.js";
import { eventData, names, program, total, untilBlock } from "../src/chain.js";
import { DevNode } from "../src/node.js";

const SUPPLY = 2_000_000_000n * ETS;

describe("the dev chain", () => {
  let node: DevNode;
  let api: ApiPromise;
  const parentOf = async (result: ISubmittableResult) => (await api.rpc.chain.getHeader(result.status.asInBlock)).parentHash;
  const free = async (state: ApiDecoration<"promise">, who: string) => {
    const { data } = (await state.query.system!.account!(who)) as unknown as { data: { free: { toBigInt(): bigint } } };
    return data.free.toBigInt();
  };
  beforeAll(async () => {
    node = await DevNode.start();
    api = await node.connect();
  });
  afterAll(async () => {
    await api?.disconnect();
    await node?.stop();
  });

  it("starts with exactly two billion ETS, in the six programs less the endowments", async () => {
    const genesis = await api.at(api.genesisHash);
    const issuance = (await genesis.query.balances!.totalIssuance!()) as unknown as { toBigInt(): bigint };
    expect(issuance.toBigInt()).toBe(SUPPLY);
    const percent = [30n, 10n, 15n, 21n, 14n, 10n];
    const accounts = (await genesis.query.system!.account!.entries()).map(([key, info]) => {
      const { data } = info as unknown as { data: Record<"free" | "reserved", { toBigInt(): bigint }> };
      return [key.args[0]!.toString(), data.free.toBigInt() + data.reserved.toBigInt()] as const;
    });
    const held = new Map(accounts);
    const endowed = accounts.filter(([who]) => !percent.some((_, index) => program(index) === who));
    const endowments = endowed.reduce((sum, [, amount]) => sum + amount, 0n);
    percent.forEach((part, index) => {
      expect(held.get(program(index)), `program ${index}`).toBe((SUPPLY * part) / 100n - (index === 0 ? endowments : 0n));
    });
  });

  it("moves balances, and the fee goes to the block's author and the ecology program", async () => {
    const [alice, to, author] = [account("//Alice"), account("//somebody-new"), account("//Alice//stash")];
    const ecology = program(0);
    const before = [await total(api, alice.address), await total(api, ecology)] as const;
    const result = await send(api, api.tx.balances!.transferKeepAlive!(to.address, 5n * ETS), alice);
    expect(names(result)).toContain("balances.Transfer");
    const fee = BigInt(eventData(result, "transactionPayment.TransactionFeePaid").actual_fee as string | number);
    expect(await total(api, to.address)).toBe(5n * ETS);
    expect(await total(api, alice.address)).toBe(before[0] - 5n * ETS - fee);
    // The author has a fifth, and all balances of one block are read: rewards come at the end of an era only.
    const share = (fee * 20n) / 100n;
    const [parent, block] = [await api.at(await parentOf(result)), await api.at(result.status.asInBlock)];
    const gain = async (who: string) => (await free(block, who)) - (await free(parent, who));
    expect(await gain(author.address)).toBe(share);
    expect(await gain(ecology)).toBe(fee - share);
    expect(await total(api, ecology)).toBe(before[1] + fee - share);
  });

  it("counts the blocks that are final", async () => {
    const clock = async (at: string) => {
      const state = await api.at(at);
      return ((await state.query.finalityClock!.now!()) as unknown as { toNumber(): number }).toNumber();
    };
    await untilBlock(api, 8);
    const head = await api.rpc.chain.getHeader();
    const now = await clock(head.hash.toHex());
    // One validator: the clock is what it knew when it authored the block.
    expect(now).toBeGreaterThan(0);
    expect(now).toBeLessThan(head.number.toNumber());
    expect(await clock(head.parentHash.toHex())).toBeLessThanOrEqual(now);
  });

  it("names errors", async () => {
    const poor = account("//somebody-new");
    await expect(send(api, api.tx.balances!.transferKeepAlive!(account("//Bob").address, 5n * ETS), poor)).rejects.toThrow(
      "FundsUnavailable",
    );
    await expect(send(api, api.tx.bmpc!.accept!(77), account("//Bob"))).rejects.toThrow("bmpc.UnknownJob");
  });

  it("documents its calls and errors in the metadata", () => {
    for (const [name, call] of Object.entries(api.tx.bmpc!)) {
      expect(call.meta.docs.join("\n"), name).toContain("## Errors");
    }
    for (const [name, error] of Object.entries(api.errors.bmpc!)) {
      expect(error.meta.docs.join(" ").length, name).toBeGreaterThan(20);
    }
  });

  it("answers the custom RPCs", async () => {
    const templates = await rpc<{ name: string; kind: string }[]>(api, "bmpc_templates");
    const columns = ["column-sum", "column-mean", "column-variance", "covariance", "histogram", "weighted-sum"];
    const kinds = [...columns, "row-sum", "row-weighted-sum"];
    expect(templates.map(({ kind }) => kind)).toEqual(kinds);
    expect(await rpc(api, "bmpc_job", 77)).toBeNull();
    expect(await rpc(api, "bmpc_dataset", 77)).toBeNull();
    expect(await rpc(api, "bmpc_datasets")).toEqual([]);
    expect(await rpc(api, "bmpc_roles", "coordinator")).toEqual([]);
    expect(await rpc(api, "bmpc_duties", account("//Bob").address)).toEqual([]);
    await expect(rpc(api, "bmpc_quote", account("//Bob").address, "0x00")).rejects.toThrow("not a SCALE-encoded request");
  });

  it("checks the metadata hash of a signed extrinsic", async () => {
    const call = api.tx.system!.remark!("0x00");
    const wrong = { mode: 1, metadataHash: `0x${"11".repeat(32)}` };
    await expect(call.signAndSend(account("//Bob"), wrong)).rejects.toThrow(/bad signature/i);
    const file = new URL("../../../runtime/metadata-hash", import.meta.url);
    const right = { mode: 1, metadataHash: (await readFile(file, "utf8")).trim() };
    expect((await send(api, call, account("//Bob"), right)).status.isInBlock).toBe(true);
  });

  it("proves by the MMR that a block is in the chain", async () => {
    await untilBlock(api, 4);
    const proof = await rpc<{ blockHash: string; proof: string }>(api, "mmr_generateProof", [2], null, null);
    const root = await rpc<string>(api, "mmr_root", proof.blockHash);
    expect(await rpc(api, "mmr_verifyProofStateless", root, proof)).toBe(true);
  });

  it("goes on after its node was killed", async () => {
    const height = await bestNumber(api);
    await api.disconnect();
    await node.killAndRestart();
    api = await node.connect();
    await untilBlock(api, height + 3);
    const finalised = await api.rpc.chain.getHeader(await api.rpc.chain.getFinalizedHead());
    expect(finalised.number.toNumber()).toBeGreaterThan(0);
  });
});
