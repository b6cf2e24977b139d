// A validator: one process over one database.

import { type ChildProcess, spawn } from "node:child_process";
import { homedir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { ApiPromise, WsProvider } from "@polkadot/api";
import { until } from "./chain.js";

const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "encrytrust");

export const BINARY =
  process.env.ENCRYTRUST_NODE ?? join(process.env.CARGO_TARGET_DIR ?? join(CACHE, "target"), "debug", "encrytrust-node");

const LOG_LINES_KEPT = 30;

/** What a process that listens has said about itself, and a client of it. */
interface Session {
  provider: WsProvider;
  api: ApiPromise;
  /** The best block that its database held when it started. */
  highest: number;
}

export class Validator {
  private child: ChildProcess | undefined;
  private session: Session | undefined;

  /** `key` is the well-known name whose session keys it has; without one it begins with none. */
  constructor(
    readonly name: string,
    private readonly spec: string,
    private readonly base: string,
    private readonly key?: string,
  ) {}

  get isReady(): boolean {
    return this.session !== undefined;
  }

  /** A client of the running process. */
  get api(): ApiPromise {
    return this.ready.api;
  }

  get highestAtStart(): number {
    return this.ready.highest;
  }

  private get ready(): Session {
    if (!this.session) throw new Error(`${this.name} does not run`);
    return this.session;
  }

  async start(bootnodes: string[]): Promise<void> {
    const args = ["--chain", this.spec, "--base-path", this.base, "--name", this.name, "--validator"];
    if (this.key) args.push(`--${this.key}`);
    // The peer's key is made with the database: nothing else knows these validators by it.
    args.push("--unsafe-force-node-key-generation", "--rpc-port", "0", "--no-prometheus", "--no-mdns");
    args.push("--listen-addr", "/ip4/127.0.0.1/tcp/0", "--allow-private-ip");
    if (bootnodes.length > 0) args.push("--bootnodes", ...bootnodes);
    this.child = spawnWithUs(args);
    const { url, highest } = await greeting(this.child);
    const provider = new WsProvider(url);
    this.session = { provider, highest, api: await ApiPromise.create({ provider, noInitWarn: true, throwOnConnect: true }) };
  }

  /** Where other nodes reach it. */
  async address(): Promise<string> {
    return until(`${this.name} listens`, async () => {
      const addresses = (await this.api.rpc.system.localListenAddresses()).map((address) => address.toString());
      return addresses.find((address) => address.startsWith("/ip4/127.0.0.1/"));
    });
  }

  /** A JSON-RPC method that polkadot.js does not know. */
  rpc<T>(method: string, ...params: unknown[]): Promise<T> {
    return this.ready.provider.send(method, params) as Promise<T>;
  }

  /** Ends the process, and leaves the database. */
  async stop(signal: NodeJS.Signals): Promise<void> {
    const { child, session } = this;
    this.child = this.session = undefined;
    await session?.api.disconnect();
    if (child) await end(child, signal);
  }
}

/** A process that outlives neither this one nor the test runner that this one works for. */
function spawnWithUs(args: string[]): ChildProcess {
  const child = spawn(BINARY, args, { stdio: ["ignore", "ignore", "pipe"] });
  const kill = () => child.kill("SIGKILL");
  for (const event of ["exit", "disconnect"]) {
    process.once(event, kill);
    child.once("exit", () => process.off(event, kill));
  }
  return child;
}

/** Where the process serves JSON-RPC, and the block that it goes on from. */
function greeting(child: ChildProcess): Promise<{ url: string; highest: number }> {
  const lines: string[] = [];
  let highest = 0;
  return new Promise((resolve, reject) => {
    child.once("error", (error) => reject(new Error(`${BINARY}: ${error.message}. Build it first: scripts/test does.`)));
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

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill(signal);
  await ended;
}
