// The `encrytrust` binary next to the node's.

import { execFile } from "node:child_process";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { BINARY } from "../../support/node.js";

const ENCRYTRUST = join(dirname(BINARY), "encrytrust");

/** Runs a command with `--json` and returns what it prints; throws its error's sentence. */
export async function encrytrust<T>(...args: string[]): Promise<T> {
  const run = promisify(execFile)(ENCRYTRUST, [...args, "--json"]);
  const { stdout } = await run.catch((error: { stdout?: string; message: string }) => {
    if (!error.stdout) throw new Error(`${error.message}. Build it first: scripts/test does.`);
    throw new Error((JSON.parse(error.stdout) as { error: string }).error);
  });
  return JSON.parse(stdout) as T;
}
