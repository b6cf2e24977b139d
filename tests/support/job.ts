// Computation contracts as `docs/protocol/bmpc.md` has them: bases of deliveries, message units and their publication.

import type { ApiPromise } from "@polkadot/api";
import type { SubmittableExtrinsic } from "@polkadot/api/types";
import { compactToU8a, hexToU8a, stringToU8a, u8aConcat, u8aToHex } from "@polkadot/util";
import { blake2AsU8a, decodeAddress } from "@polkadot/util-crypto";
import { rpc } from "./chain.js";

export const STAGES = ["confirmation", "selection", "inputs", "outputs", "result"] as const;

export type Stage = (typeof STAGES)[number];

export interface Commitment {
  root: string;
  blob: string;
}

export interface Awaited {
  account: string;
  deadline: number;
  challenged: boolean;
}

export interface Job {
  contractHash: string;
  status: Record<string, unknown> & { is: string; stage?: Stage; awaited?: Awaited[] };
  data: { party: { account: string } }[];
  maskKeys: (string | null)[];
  commitments: { stage: Stage; account: string; commitment: Commitment }[];
  bond: string;
  chargePerByte: string;
  fee: string;
}

export interface OpenUnit {
  unit: number;
  owner: string;
  stage: Stage;
  chunks: number;
  published: number[];
  deadline: number;
}

export const jobOf = (api: ApiPromise, id: number): Promise<Job> => rpc<Job>(api, "bmpc_job", id);

const littleEndian = (value: number | bigint, bytes: number): Uint8Array =>
  Uint8Array.from({ length: bytes }, (_, index) => Number((BigInt(value) >> BigInt(8 * index)) & 0xffn));

/** Blake2b-256 over domain and parts, each behind its length. */
export const tagged = (domain: string, ...parts: Uint8Array[]): Uint8Array =>
  blake2AsU8a(u8aConcat(...[stringToU8a(domain), ...parts].flatMap((part) => [littleEndian(part.length, 4), part])));

/** What a delivery in `stage` must name: the contract, all mask keys and all commitments of earlier stages. */
export function basis({ contractHash, maskKeys, commitments }: Job, stage: Stage): string {
  const keys = maskKeys.flatMap((key) => (key ? [hexToU8a(key)] : []));
  const earlier = commitments.filter((delivered) => STAGES.indexOf(delivered.stage) < STAGES.indexOf(stage));
  const encoded = earlier.flatMap(({ stage, account, commitment: { root, blob } }) => [
    new Uint8Array([STAGES.indexOf(stage)]),
    decodeAddress(account),
    hexToU8a(root),
    hexToU8a(blob),
  ]);
  return u8aToHex(tagged("encrytrust/bmpc/basis/2", hexToU8a(contractHash), u8aConcat(...keys), u8aConcat(...encoded)));
}

/** What an account posts with its confirmation: a data provider a mask key. Here it is its public key, as good as any other. */
export const maskKey = ({ data }: Job, address: string): string | null =>
  data.some(({ party }) => party.account === address) ? u8aToHex(decodeAddress(address)) : null;

/** The call by which a party confirms. */
export async function confirmation(
  api: ApiPromise,
  id: number,
  address: string,
): Promise<SubmittableExtrinsic<"promise">> {
  const job = await jobOf(api, id);
  return api.tx.bmpc!.confirm!(id, job.contractHash, maskKey(job, address));
}

/** The hash of a Merkle leaf. */
export const leaf = (index: number, data: Uint8Array): Uint8Array =>
  blake2AsU8a(u8aConcat(new Uint8Array([0]), littleEndian(index, 8), data));

/** The root over leaf hashes; a node without a sibling moves up unchanged. */
export function merkleRoot(leaves: Uint8Array[]): Uint8Array {
  if (leaves.length <= 1) return leaves[0] ?? new Uint8Array(32);
  const parents: Uint8Array[] = [];
  for (let index = 0; index < leaves.length; index += 2) {
    const [left, right] = leaves.slice(index, index + 2) as [Uint8Array, Uint8Array?];
    parents.push(right ? blake2AsU8a(u8aConcat(new Uint8Array([1]), left, right)) : left);
  }
  return merkleRoot(parents);
}

/** A bit for each number, counted from the lowest of the first byte. */
export function unitSet(units: number[]): string {
  const bitmap = new Uint8Array(Math.floor(Math.max(...units) / 8) + 1);
  for (const unit of units) bitmap[Math.floor(unit / 8)]! |= 1 << (unit % 8);
  return u8aToHex(bitmap);
}

/** The extrinsic, which needs no account, that publishes a chunk of a challenged unit. */
export async function publication(
  api: ApiPromise,
  [job, unit, chunk]: [job: number, unit: number, chunk: number],
  bytes: Uint8Array,
  path: Uint8Array[],
): Promise<string> {
  const place = u8aConcat(littleEndian(job, 8), littleEndian(unit, 4), littleEndian(chunk, 4));
  const content = u8aConcat(compactToU8a(bytes.length), bytes, compactToU8a(path.length), ...path);
  const answer = await rpc<string>(api, "state_call", "BmpcApi_publication", u8aToHex(u8aConcat(place, content)));
  // Of text polkadot.js would take an option for its content.
  const extrinsic = api.registry.createType("Option<Bytes>", hexToU8a(answer)).unwrapOr(null) as { toHex(): string } | null;
  if (!extrinsic) throw new Error("no chunk or path has that many bytes");
  return extrinsic.toHex();
}
