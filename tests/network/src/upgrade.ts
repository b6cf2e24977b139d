// Another runtime without compiling one: the same Wasm blob under a higher version of its implementation, the number by
// which a runtime says that its code is different though its logic is not. It stands in two places of the blob: as SCALE
// in the custom section that nodes read, and in the constant that the runtime answers with. (The version of the
// specification stands in its logic too, where the compiler has folded it in.)

import { compress as toZstd, init } from "@bokuweb/zstd-wasm";
import type { ApiPromise } from "@polkadot/api";
import type { RuntimeVersion } from "@polkadot/types/interfaces";
import { decompress as zstd } from "fzstd";

/** Where a chain keeps its code: `:code`. */
const CODE_KEY = "0x3a636f6465";

/** Marks a compressed runtime (`sp-maybe-compressed-blob`). */
const COMPRESSED = Buffer.from("52bc537646db8e05", "hex");

/** How the compiler marks a `Cow` that is borrowed: the capacity that no vector has. */
const BORROWED = 0x8000_0000;

/** A runtime's version, with the number of its APIs. */
export interface Version {
  specName: string;
  implName: string;
  authoringVersion: number;
  specVersion: number;
  implVersion: number;
  transactionVersion: number;
  apis: number;
}

export const versionOf = (version: RuntimeVersion): Version => ({
  specName: version.specName.toString(),
  implName: version.implName.toString(),
  authoringVersion: version.authoringVersion.toNumber(),
  specVersion: version.specVersion.toNumber(),
  implVersion: version.implVersion.toNumber(),
  transactionVersion: version.transactionVersion.toNumber(),
  apis: version.apis.length,
});

/** The code that the chain runs. */
export async function runtimeCode(api: ApiPromise): Promise<Buffer> {
  const stored = (await api.rpc.state.getStorage(CODE_KEY)) as unknown as { unwrap(): Uint8Array };
  return Buffer.from(stored.unwrap());
}

/** The runtime's Wasm as the compiler wrote it. */
export function decompress(code: Buffer): Buffer {
  const isCompressed = code.subarray(0, COMPRESSED.length).equals(COMPRESSED);
  return isCompressed ? Buffer.from(zstd(code.subarray(COMPRESSED.length))) : code;
}

/** As the build compresses it: bare, it is longer than what a block takes. */
export async function compress(wasm: Buffer): Promise<Buffer> {
  await init();
  return Buffer.concat([COMPRESSED, toZstd(wasm, 3)]);
}

/** A copy of the blob that calls itself `implVersion`. */
export function withImplVersion(wasm: Buffer, version: Version, implVersion: number): Buffer {
  const copy = Buffer.from(wasm);
  const numbers = words(version.authoringVersion, version.specVersion, version.implVersion);
  const places = [...inSection(wasm, version, numbers), ...inConstants(wasm, version, numbers)];
  for (const place of places) copy.writeUInt32LE(implVersion, place + 8);
  return copy;
}

/** Where the numbers stand in the custom section: after the two names. */
function inSection(wasm: Buffer, { specName, implName }: Version, numbers: Buffer): number[] {
  const names = Buffer.concat([text(specName), text(implName)]);
  return found("section", occurrences(wasm, Buffer.concat([names, numbers])).map((at) => at + names.length));
}

/**
 * Where the numbers stand in the runtime's constants of type `RuntimeVersion`: after two borrowed names and a borrowed
 * list, each a marker, a pointer and a length.
 */
function inConstants(wasm: Buffer, version: Version, numbers: Buffer): number[] {
  const borrowed = [version.specName.length, version.implName.length, version.apis];
  const looksRight = (at: number): boolean =>
    borrowed.every((length, index) => {
      const start = at - 12 * (borrowed.length - index);
      return wasm.readUInt32LE(start) === BORROWED && wasm.readUInt32LE(start + 8) === length;
    });
  const needle = Buffer.concat([numbers, words(version.transactionVersion)]);
  return found("constant", occurrences(wasm, needle).filter(looksRight));
}

function found(what: string, places: number[]): number[] {
  if (places.length === 0) throw new Error(`no ${what} of the blob holds its version: the layout has changed`);
  return places;
}

function occurrences(blob: Buffer, needle: Buffer): number[] {
  const places: number[] = [];
  for (let at = blob.indexOf(needle); at >= 0; at = blob.indexOf(needle, at + 1)) places.push(at);
  return places;
}

const words = (...values: number[]): Buffer => Buffer.from(Uint32Array.from(values).buffer);

/** A text shorter than 64 bytes in SCALE. */
const text = (value: string): Buffer => Buffer.concat([Buffer.from([value.length << 2]), Buffer.from(value)]);
