// The parties of a job, all of them accounts of the tests, and what they send.

import { generateKeyPairSync, randomBytes } from "node:crypto";
import type { ApiPromise } from "@polkadot/api";
import type { SubmittableExtrinsic } from "@polkadot/api/types";
import type { KeyringPair } from "@polkadot/keyring/types";
import type { ISubmittableResult } from "@polkadot/types/types";
import { account, ETS, send } from "../../support/chain.js";
import { basis, type Commitment, confirmation, jobOf, type Stage } from "../../support/job.js";
import { eventData } from "./chain.js";

export const user = account("//Alice");
export const data = [account("//Bob"), account("//Charlie")] as [KeyringPair, KeyringPair];
export const computing = [account("//Dave"), account("//Eve")] as [KeyringPair, KeyringPair];
export const coordinator = account("//Ferdie");
export const parties = [...data, ...computing, coordinator];

/** What the pool answers about a call that nobody owes. */
export const NOT_OWED = "Transaction is outdated";
/** What each party bonds: much more than a job here is worth. */
export const BOND = 1_000n * ETS;
/** Finalised blocks that a party has for the least work on a development chain, `T + M` and one each for work and bytes. */
export const SHORTEST = 62;

/** Columns that both datasets share. */
export const schema = {
  V1: [
    { name: "age", decimals: 0, bits: 8 },
    { name: "dose", decimals: 3, bits: 20 },
  ],
};
export const policy = { templates: [0, 1], minRows: 10, buyers: null, maxQueries: null };
export const cell = 1_000_000n;
const rows = [100, 200];

export const bytes = (length: number) => `0x${randomBytes(length).toString("hex")}`;
/** An RSA modulus is the product of two primes that a Paillier key needs. */
const modulus = (bits: number) => {
  const { publicKey } = generateKeyPairSync("rsa", { modulusLength: bits });
  return `0x${Buffer.from(publicKey.export({ format: "jwk" }).n!, "base64url").toString("hex")}`;
};
export const endpoint = () => ({ sealing: bytes(32), peer: bytes(32), address: "/ip4/127.0.0.1/tcp/4001" });
export const commitment = (): Commitment => ({ root: bytes(32), blob: bytes(32) });
export const key = modulus(2048);

/** What a party asks of jobs: as little as the chain lets it. */
export const terms = (change: Record<string, unknown> = {}) => ({
  base: 0,
  workPerBlock: 1_000_000,
  bytesPerBlock: 10_000_000,
  maxBond: 10n * BOND,
  maxPublication: 10_000_000,
  maxSpan: 100_000,
  buyers: null,
  coProviders: null,
  ...change,
});

export const schedule = (change: Record<string, number> = {}) => ({
  confirmation: 300,
  selection: SHORTEST,
  inputs: SHORTEST,
  outputs: SHORTEST,
  result: SHORTEST,
  ...change,
});

/** A good request. */
export const request = (change: Record<string, unknown> = {}) => ({
  template: 1,
  datasets: [0, 1],
  rowRanges: [],
  computingProviders: computing.map(({ address }) => address),
  coordinator: coordinator.address,
  parameters: "None",
  userKey: key,
  userKeyProof: bytes(32),
  // To each computing provider, and to the coordinator.
  selection: { commitment: bytes(32), selected: 1, sealed: [...computing, coordinator].map(() => bytes(96)) },
  schedule: schedule(),
  maxPrice: 10n * ETS,
  ...change,
});

/** Requests a job and returns its number. */
export async function makeJob(api: ApiPromise, change: Record<string, unknown> = {}): Promise<number> {
  const made = await send(api, api.tx.bmpc!.request!(request(change)), user);
  return eventData(made, "bmpc.Requested").job_id as number;
}

export async function confirm(api: ApiPromise, job: number, party: KeyringPair): Promise<ISubmittableResult> {
  return send(api, await confirmation(api, job, party.address), party);
}

export async function confirmAll(api: ApiPromise, job: number): Promise<void> {
  await Promise.all(parties.map((party) => confirm(api, job, party)));
}

const DELIVERIES = { selection: "commitSelection", inputs: "commitInputs", outputs: "commitOutput", result: "commitResult" };

/** The delivery that a stage ends with, on the basis of what the chain has. */
export async function delivery(
  api: ApiPromise,
  job: number,
  stage: Exclude<Stage, "confirmation">,
  content: Commitment = commitment(),
): Promise<SubmittableExtrinsic<"promise">> {
  return api.tx.bmpc![DELIVERIES[stage]]!(job, content, basis(await jobOf(api, job), stage));
}

export async function deliver(
  api: ApiPromise,
  job: number,
  stage: Exclude<Stage, "confirmation">,
  party: KeyringPair,
  content?: Commitment,
): Promise<ISubmittableResult> {
  return send(api, await delivery(api, job, stage, content), party);
}

/** What an account has bonded for jobs, and what of it they engage. */
export async function bond(api: ApiPromise, address: string): Promise<{ active: bigint; engaged: bigint }> {
  const { active, engaged } = (await api.query.bonds!.ledgers!("Service", address)).toJSON() as Record<string, string>;
  return { active: BigInt(active!), engaged: BigInt(engaged!) };
}

export const offer = (party: KeyringPair) => {
  if (data.includes(party)) return "DataProvider";
  if (party === coordinator) return { Coordinator: { price: ETS } };
  return { ComputingProvider: { price: ETS / 100n, paillier: modulus(2048), keyProof: bytes(32) } };
};

/** Bonds, roles and datasets of all parties. */
export async function register(api: ApiPromise): Promise<void> {
  const { bmpc, bonds } = api.tx;
  await Promise.all(parties.map((party) => send(api, bonds!.bond!("Service", BOND), party)));
  await Promise.all(parties.map((party) => send(api, bmpc!.registerRole!(endpoint(), offer(party), terms()), party)));
  for (const [index, party] of data.entries()) {
    await send(api, bmpc!.registerDataset!(`ward ${index}`, schema, rows[index], bytes(32), cell, policy), party);
  }
}
