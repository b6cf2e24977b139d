// What the tests say to a chain, and how they wait for its answers.

import { setTimeout as delay } from "node:timers/promises";
import type { ApiPromise } from "@polkadot/api";
import type { SubmittableExtrinsic } from "@polkadot/api/types";
import { Keyring } from "@polkadot/keyring";
import type { KeyringPair } from "@polkadot/keyring/types";
import type { ISubmittableResult } from "@polkadot/types/types";

export const ETS = 10n ** 12n;

const POLL_MILLISECONDS = 250;

/** The keys of a secret URI, as SS58 addresses and for signing. */
export const account = (uri: string, type: "sr25519" | "ed25519" = "sr25519"): KeyringPair =>
  new Keyring({ type }).addFromUri(uri);

/** Asks until the answer is neither `undefined` nor `false`; fails after so many seconds. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false>,
  seconds = 120,
): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > deadline) throw new Error(`not within ${seconds} s: ${what}`);
    await delay(POLL_MILLISECONDS);
  }
}

/**
 * Sends an extrinsic and waits until it is in a final block, for several validators make forks; throws `pallet.Error` if it
 * failed there.
 */
export function send(
  api: ApiPromise,
  tx: SubmittableExtrinsic<"promise">,
  signer: KeyringPair,
): Promise<ISubmittableResult> {
  return new Promise((resolve, reject) => {
    let unsubscribe = () => {};
    tx.signAndSend(signer, { nonce: -1 }, (result) => {
      if (!result.status.isFinalized && !result.isError) return;
      unsubscribe();
      const { dispatchError } = result;
      if (dispatchError?.isModule) {
        const { section, name } = api.registry.findMetaError(dispatchError.asModule);
        reject(new Error(`${section}.${name}`));
      } else if (dispatchError) {
        reject(new Error(dispatchError.toString()));
      } else if (result.isError) {
        reject(new Error(`not included: ${result.status.type}`));
      } else {
        resolve(result);
      }
    })
      .then((stop) => (unsubscribe = stop))
      .catch(reject);
  });
}

/** An event's name and its fields, as plain JSON. */
export interface Event {
  name: string;
  data: Record<string, unknown>;
}

type EventRecord = ISubmittableResult["events"][number];

export const plain = ({ event: { section, method, meta, data } }: EventRecord): Event => ({
  name: `${section}.${method}`,
  data: Object.fromEntries(meta.fields.map((field, index) => [field.name.toString(), data[index]?.toJSON()])),
});

export const bestNumber = async (api: ApiPromise): Promise<number> =>
  (await api.rpc.chain.getHeader()).number.toNumber();

export async function finalNumber(api: ApiPromise): Promise<number> {
  const hash = await api.rpc.chain.getFinalizedHead();
  return (await api.rpc.chain.getHeader(hash)).number.toNumber();
}

/** Reads the final blocks after a block, each once, oldest first. */
export class FinalBlocks {
  private constructor(
    private readonly api: ApiPromise,
    private last: number,
  ) {}

  /** From the block after the present final one. */
  static async fromNow(api: ApiPromise): Promise<FinalBlocks> {
    return new FinalBlocks(api, await finalNumber(api));
  }

  /** The hashes of the blocks that have become final since the last call. */
  private async *fresh(): AsyncGenerator<string> {
    for (const head = await finalNumber(this.api); this.last < head; ) {
      this.last += 1;
      yield (await this.api.rpc.chain.getBlockHash(this.last)).toHex();
    }
  }

  /** Their authors' addresses. */
  async authors(): Promise<string[]> {
    const authors: string[] = [];
    for await (const hash of this.fresh()) {
      const header = await this.api.derive.chain.getHeader(hash);
      if (header.author) authors.push(header.author.toString());
    }
    return authors;
  }

  /** Their events. */
  async events(): Promise<Event[]> {
    const events: Event[] = [];
    for await (const hash of this.fresh()) {
      const records = (await (await this.api.at(hash)).query.system!.events!()) as unknown as EventRecord[];
      events.push(...records.map(plain));
    }
    return events;
  }
}

/** The accounts of the present session's validators. */
export const validators = async (api: ApiPromise): Promise<string[]> =>
  (await api.query.session!.validators!()).toJSON() as string[];

/** How many offences were ever reported. */
export const offences = async (api: ApiPromise): Promise<number> =>
  (await api.query.offences!.reports!.keys()).length;

/** Of all money in the chain. */
export const totalIssuance = async (api: ApiPromise): Promise<bigint> =>
  BigInt((await api.query.balances!.totalIssuance!()).toString());
