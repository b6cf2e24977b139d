// What the tests say to the chain.

import type { ApiPromise } from "@polkadot/api";
import type { SignerOptions, SubmittableExtrinsic } from "@polkadot/api/types";
import type { KeyringPair } from "@polkadot/keyring/types";
import { Keyring } from "@polkadot/keyring";
import type { ISubmittableResult } from "@polkadot/types/types";
import { stringToU8a, u8aConcat } from "@polkadot/util";
import { encodeAddress } from "@polkadot/util-crypto";

export const ETS = 10n ** 12n;

/** The keyless account of a program: the type id, the program's index, zeros. */
export const program = (index: number): string =>
  encodeAddress(u8aConcat(stringToU8a("etsp"), new Uint8Array([index]), new Uint8Array(27)));

const keyring = new Keyring({ type: "sr25519" });
export const account = (uri: string): KeyringPair => keyring.addFromUri(uri);

/** Sends an extrinsic and waits until it is in a block; throws `Pallet.Error` if it failed there. */
export async function send(
  api: ApiPromise,
  tx: SubmittableExtrinsic<"promise">,
  signer: KeyringPair,
  options: Partial<SignerOptions> = {},
): Promise<ISubmittableResult> {
  return new Promise((resolve, reject) => {
    let unsubscribe = () => {};
    tx.signAndSend(signer, { nonce: -1, ...options }, (result) => {
      if (result.dispatchError) {
        unsubscribe();
        reject(new Error(errorName(api, result.dispatchError)));
      } else if (result.status.isInBlock) {
        unsubscribe();
        resolve(result);
      } else if (result.isError) {
        reject(new Error(`not included: ${result.status.type}`));
      }
    })
      .then((stop) => (unsubscribe = stop))
      .catch(reject);
  });
}

type DispatchError = NonNullable<ISubmittableResult["dispatchError"]>;

function errorName(api: ApiPromise, error: DispatchError): string {
  if (!error.isModule) return error.toString();
  const { section, name } = api.registry.findMetaError(error.asModule);
  return `${section}.${name}`;
}

/** The events of a result, as `pallet.Event`. */
export const names = (result: ISubmittableResult): string[] =>
  result.events.map(({ event }) => `${event.section}.${event.method}`);

/** Data of all events of that name, as plain JSON by field. */
export function all(result: ISubmittableResult, name: string): Record<string, unknown>[] {
  return result.events
    .filter(({ event }) => `${event.section}.${event.method}` === name)
    .map(({ event: { data, meta } }) =>
      Object.fromEntries(meta.fields.map((field, index) => [field.name.toString(), data[index]?.toJSON()])),
    );
}

/** Data of the first event of that name. */
export function eventData(result: ISubmittableResult, name: string): Record<string, unknown> {
  const [first] = all(result, name);
  if (!first) throw new Error(`no ${name} among ${names(result).join(", ")}`);
  return first;
}

/** A JSON-RPC method that polkadot.js does not know. */
export async function rpc<T>(api: ApiPromise, method: string, ...params: unknown[]): Promise<T> {
  // The provider is private to the client in its types, and public in all its documentation.
  const { provider } = (api as unknown as { _rpcCore: { provider: { send: (m: string, p: unknown[]) => Promise<T> } } })
    ._rpcCore;
  return provider.send(method, params);
}

/** Free and held balance together. */
export async function total(api: ApiPromise, address: string): Promise<bigint> {
  const { data } = (await api.query.system!.account!(address)) as unknown as {
    data: { free: { toBigInt(): bigint }; reserved: { toBigInt(): bigint } };
  };
  return data.free.toBigInt() + data.reserved.toBigInt();
}

/** Resolves when the chain's head has that number. */
export async function untilBlock(api: ApiPromise, number: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const stop = api.rpc.chain.subscribeNewHeads((head) => {
      if (head.number.toNumber() >= number) stop.then((unsubscribe) => (unsubscribe(), resolve()), reject);
    });
    stop.catch(reject);
  });
}

export const blockNumber = async (api: ApiPromise): Promise<number> =>
  (await api.rpc.chain.getHeader()).number.toNumber();
