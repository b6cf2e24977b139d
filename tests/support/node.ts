// Processes of the node, on free ports of the loopback interface.

import { type ChildProcess, spawn } from "node:child_process";
import { homedir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { ApiPromise, WsProvider } from "@polkadot/api";

const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "encrytrust");
const TARGET = process.env.CARGO_TARGET_DIR ?? join(CACHE, "target");

export const BINARY = process.env.ENCRYTRUST_NODE ?? join(TARGET, "debug", "encrytrust-node");

const LOG_LINES_KEPT = 30;

/** Starts a process, which outlives neither this one nor the test runner that this one works for. */
export function spawnNode(args: string[]): ChildProcess {
  const network = ["--rpc-port", "0", "--no-prometheus", "--no-mdns", "--listen-addr", "/ip4/127.0.0.1/tcp/0"];
  const child = spawn(BINARY, [...args, ...network], { stdio: ["ignore", "ignore", "pipe"] });
  const kill = () => child.kill("SIGKILL");
  for (const event of ["exit", "disconnect"]) {
    process.once(event, kill);
    child.once("exit", () => process.off(event, kill));
  }
  return child;
}

/** The URL of a process's JSON-RPC once it serves it, and the best block that its database held when it started. */
export function untilServing(child: ChildProcess): Promise<{ url: string; highest: number }> {
  const lines: string[] = [];
  let highest = 0;
  return new Promise((resolve, reject) => {
    const failed = (error: Error) => new Error(`${BINARY}: ${error.message}. Build it first: scripts/test does.`);
    child.once("error", (error) => reject(failed(error)));
    child.once("exit", (code) => reject(new Error(`the node ended with ${code}:\n${lines.join("\n")}`)));
    createInterface({ input: child.stderr! }).on("line", (line) => {
      lines.push(line);
      lines.splice(0, lines.length - LOG_LINES_KEPT);
      highest = Number(/Highest known block at #(\d+)/.exec(line)?.[1] ?? highest);
      const address = /Running JSON-RPC server: addr=(127\.0\.0\.1:\d+)/.exec(line)?.[1];
      if (address) resolve({ url: `ws://${address}`, highest });
    });
  });
}

/** A client of a node; the caller disconnects it. */
export const connect = (url: string): Promise<ApiPromise> =>
  ApiPromise.create({ provider: new WsProvider(url), noInitWarn: true, throwOnConnect: true });

/** Ends a process, and waits until it has ended. */
export async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill(signal);
  await ended;
}
