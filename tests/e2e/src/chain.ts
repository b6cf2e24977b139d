// What the tests read of the dev chain.

import type { ApiPromise } from "@polkadot/api";
import type { ISubmittableResult } from "@polkadot/types/types";
import { stringToU8a, u8aConcat } from "@polkadot/util";
import { encodeAddress } from "@polkadot/util-crypto";
import { plain } from "../../support/chain.js";

/** The keyless account of a program: the type id, the program's index, zeros. */
export const program = (index: number): string =>
  encodeAddress(u8aConcat(stringToU8a("etsp"), new Uint8Array([index]), new Uint8Array(27)));

/** The events of a result, as `pallet.Event`. */
export const names = (result: ISubmittableResult): string[] => result.events.map((record) => plain(record).name);

/** The fields of all events of that name. */
export const all = (result: ISubmittableResult, name: string): Record<string, unknown>[] =>
  result.events.map(plain).filter((event) => event.name === name).map(({ data }) => data);

/** The fields of the first event of that name. */
export function eventData(result: ISubmittableResult, name: string): Record<string, unknown> {
  const [first] = all(result, name);
  if (!first) throw new Error(`no ${name} among ${names(result).join(", ")}`);
  return first;
}

/** Free and held balance together. */
export async function total(api: ApiPromise, address: string): Promise<bigint> {
  const { data } = (await api.query.system!.account!(address)) as unknown as {
    data: { free: { toBigInt(): bigint }; reserved: { toBigInt(): bigint } };
  };
  return data.free.toBigInt() + data.reserved.toBigInt();
}

/** Resolves when the best block has that number. */
export async function untilBlock(api: ApiPromise, number: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const stop = api.rpc.chain.subscribeNewHeads((head) => {
      if (head.number.toNumber() >= number) stop.then((unsubscribe) => (unsubscribe(), resolve()), reject);
    });
    stop.catch(reject);
  });
}

/** Resolves when the chain's clock of finalised blocks shows more than that in the best block. */
export async function untilClockIsBeyond(api: ApiPromise, value: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const now = api.query.finalityClock!.now! as unknown as (
      callback: (now: { toNumber(): number }) => void,
    ) => Promise<() => void>;
    const stop = now((now) => {
      if (now.toNumber() > value) stop.then((unsubscribe) => (unsubscribe(), resolve()), reject);
    });
    stop.catch(reject);
  });
}
