// What the tests read of a chain, and how they wait for it.

import { setTimeout as delay } from "node:timers/promises";
import type { ApiPromise } from "@polkadot/api";
import { type Event, type EventRecord, plain } from "../../support/chain.js";

const POLL_MILLISECONDS = 250;

/** Calls `ask` until the answer is neither `undefined` nor `false`; fails after so many seconds. */
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

export async function finalNumber(api: ApiPromise): Promise<number> {
  const hash = await api.rpc.chain.getFinalizedHead();
  return (await api.rpc.chain.getHeader(hash)).number.toNumber();
}

/** What the chain's clock of finalised blocks shows in the best block. */
export async function finalityClock(api: ApiPromise): Promise<number> {
  return ((await api.query.finalityClock!.now!()) as unknown as { toNumber(): number }).toNumber();
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

/**
 * The accounts of the validators as of the last final block. polkadot.js names a block's author by its parent's validators:
 * of the final blocks after a change that was seen here, it names them all rightly.
 */
export async function validators(api: ApiPromise): Promise<string[]> {
  const final = await api.at(await api.rpc.chain.getFinalizedHead());
  return (await final.query.session!.validators!()).toJSON() as string[];
}

/** The number of offences that were ever reported. */
export const offences = async (api: ApiPromise): Promise<number> =>
  (await api.query.offences!.reports!.keys()).length;

/** The total issuance of ETS. */
export const totalIssuance = async (api: ApiPromise): Promise<bigint> =>
  BigInt((await api.query.balances!.totalIssuance!()).toString());
