// Talking to a chain: accounts, extrinsics, events, JSON-RPC.

import type { ApiPromise } from "@polkadot/api";
import type { SignerOptions, SubmittableExtrinsic } from "@polkadot/api/types";
import { Keyring } from "@polkadot/keyring";
import type { KeyringPair } from "@polkadot/keyring/types";
import type { ISubmittableResult } from "@polkadot/types/types";
import { stringToU8a, u8aConcat, u8aToHex } from "@polkadot/util";
import { blake2AsU8a } from "@polkadot/util-crypto";

export const ETS = 10n ** 12n;

/** The key pair of a secret URI, with an SS58 address. */
export const account = (uri: string, type: "sr25519" | "ed25519" | "ecdsa" = "sr25519"): KeyringPair =>
  new Keyring({ type }).addFromUri(uri);

/** Sends an extrinsic and waits until it is in a block; throws `pallet.Error` if it failed there. */
export const send = (
  api: ApiPromise,
  tx: SubmittableExtrinsic<"promise">,
  signer: KeyringPair,
  options: Partial<SignerOptions> = {},
): Promise<ISubmittableResult> => sendUntil("isInBlock", api, tx, signer, options);

/** As `send`, and waits until the block is finalised. */
export const sendFinalized = (
  api: ApiPromise,
  tx: SubmittableExtrinsic<"promise">,
  signer: KeyringPair,
): Promise<ISubmittableResult> => sendUntil("isFinalized", api, tx, signer, {});

function sendUntil(
  status: "isInBlock" | "isFinalized",
  api: ApiPromise,
  tx: SubmittableExtrinsic<"promise">,
  signer: KeyringPair,
  options: Partial<SignerOptions>,
): Promise<ISubmittableResult> {
  return new Promise((resolve, reject) => {
    let unsubscribe = () => {};
    tx.signAndSend(signer, { nonce: -1, ...options }, (result) => {
      if (!result.status[status] && !result.isError) return;
      unsubscribe();
      if (result.dispatchError) reject(new Error(errorName(api, result.dispatchError)));
      else if (result.isError) reject(new Error(`not included: ${result.status.type}`));
      else resolve(result);
    })
      .then((stop) => (unsubscribe = stop))
      .catch(reject);
  });
}

/** What an identity key is registered by: `docs/protocol/identity.md`, "Possession". */
export function possessionMessage(
  api: ApiPromise,
  key: KeyringPair,
  owner: KeyringPair,
  purpose: "request" | "rotate" = "request",
): Uint8Array {
  const domain = ["encrytrust/identity/2", "possession", purpose].map((text) => stringToU8a(text));
  const type = new Uint8Array([["sr25519", "ed25519", "ecdsa"].indexOf(key.type)]);
  const parts = [...domain, api.genesisHash.toU8a(), owner.publicKey, type, key.publicKey];
  const framed = parts.flatMap((part) => [new Uint8Array([part.length, 0, 0, 0]), part]);
  return blake2AsU8a(u8aConcat(...framed), 512);
}

/** The signature by which an identity key is registered, as an argument of a call. */
export function possession(...[api, key, owner, purpose]: Parameters<typeof possessionMessage>): Record<string, string> {
  const variant = { sr25519: "Sr25519", ed25519: "Ed25519", ecdsa: "Ecdsa" }[key.type as "sr25519" | "ed25519" | "ecdsa"];
  return { [variant]: u8aToHex(key.sign(possessionMessage(api, key, owner, purpose))) };
}

type DispatchError = NonNullable<ISubmittableResult["dispatchError"]>;

function errorName(api: ApiPromise, error: DispatchError): string {
  if (!error.isModule) return error.toString();
  const { section, name } = api.registry.findMetaError(error.asModule);
  return `${section}.${name}`;
}

/** An event as `pallet.Event`, and its fields as plain JSON. */
export interface Event {
  name: string;
  data: Record<string, unknown>;
}

export type EventRecord = ISubmittableResult["events"][number];

export const plain = ({ event: { section, method, meta, data } }: EventRecord): Event => ({
  name: `${section}.${method}`,
  data: Object.fromEntries(meta.fields.map((field, index) => [field.name.toString(), data[index]?.toJSON()])),
});

/** Waits until a decision of the voting nodes has taken effect in a final block, whose events it returns; throws if its call failed. */
export async function enacted(api: ApiPromise, { data }: Event): Promise<Event[]> {
  const block = data.enacted_at as number;
  await new Promise<void>((resolve, reject) => {
    const stop = api.rpc.chain.subscribeFinalizedHeads((head) => {
      if (head.number.toNumber() >= block) stop.then((unsubscribe) => (unsubscribe(), resolve()), reject);
    });
    stop.catch(reject);
  });
  const at = await api.at(await api.rpc.chain.getBlockHash(block));
  const events = ((await at.query.system!.events!()) as unknown as EventRecord[]).map(plain);
  const isIts = (event: Event) => event.name === "enactment.Enacted" && event.data.decision_id === data.decision_id;
  const result = events.find(isIts)?.data.result as { err?: unknown } | undefined;
  if (!result) throw new Error(`decision ${data.decision_id} had no effect in block ${block}`);
  if (result.err) throw new Error(`the decision's call failed: ${JSON.stringify(result.err)}`);
  return events;
}

/** The number of the best block. */
export const bestNumber = async (api: ApiPromise): Promise<number> =>
  (await api.rpc.chain.getHeader()).number.toNumber();

/** Calls a JSON-RPC method that polkadot.js does not know. */
export async function rpc<T>(api: ApiPromise, method: string, ...params: unknown[]): Promise<T> {
  // The provider is private to the client in its types, and public in all its documentation.
  const { provider } = (api as unknown as { _rpcCore: { provider: { send: (m: string, p: unknown[]) => Promise<T> } } })
    ._rpcCore;
  return provider.send(method, params);
}
