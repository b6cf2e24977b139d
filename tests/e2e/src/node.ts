// A dev chain of its own for each test file: started on free ports of the loopback, ended with the file.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { ApiPromise, WsProvider } from "@polkadot/api";

const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "encrytrust");
export const BINARY =
  process.env.ENCRYTRUST_NODE ?? join(process.env.CARGO_TARGET_DIR ?? join(CACHE, "target"), "debug", "encrytrust-node");

export class DevNode {
  private constructor(
    private child: ChildProcess,
    private readonly base: string,
    public url: string,
    private readonly extra: string[],
  ) {}

  /** Starts a fresh dev chain, by a node with these arguments besides. */
  static async start(...extra: string[]): Promise<DevNode> {
    const base = await mkdtemp(join(tmpdir(), "encrytrust-e2e-"));
    const { child, url } = await launch(base, extra);
    return new DevNode(child, base, url, extra);
  }

  /** A client of the node; the caller disconnects it. */
  async connect(): Promise<ApiPromise> {
    return ApiPromise.create({ provider: new WsProvider(this.url), noInitWarn: true, throwOnConnect: true });
  }

  /** Kills the process without warning and starts it again over the same database. */
  async killAndRestart(): Promise<void> {
    await end(this.child, "SIGKILL");
    const { child, url } = await launch(this.base, this.extra);
    this.child = child;
    this.url = url;
  }

  async stop(): Promise<void> {
    await end(this.child, "SIGTERM");
    await rm(this.base, { recursive: true, force: true });
  }
}

/** The process, once it says where its JSON-RPC listens. */
async function launch(base: string, extra: string[]): Promise<{ child: ChildProcess; url: string }> {
  const args = ["--dev", "--base-path", base, "--rpc-port", "0", "--no-prometheus", "--no-mdns"];
  const child = spawn(BINARY, [...args, ...extra, "--listen-addr", "/ip4/127.0.0.1/tcp/0"], { stdio: ["ignore", "ignore", "pipe"] });
  const lines: string[] = [];
  const url = await new Promise<string>((resolve, reject) => {
    child.on("error", (error) => reject(new Error(`${BINARY}: ${error.message}. Build it first: scripts/test does.`)));
    child.on("exit", (code) => reject(new Error(`the node ended with ${code}:\n${lines.slice(-20).join("\n")}`)));
    createInterface({ input: child.stderr! }).on("line", (line) => {
      lines.push(line);
      const address = /Running JSON-RPC server: addr=(127\.0\.0\.1:\d+)/.exec(line)?.[1];
      if (address) resolve(`ws://${address}`);
    });
  });
  child.removeAllListeners("exit");
  return { child, url };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill(signal);
  await ended;
}
