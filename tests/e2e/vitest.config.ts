import { defineConfig } from "vitest/config";

// tests/interop/identity/run has made a ceremony, whose proofs a chain is to take.
const include = process.env.CEREMONY ? "interop/**/*.test.ts" : "tests/**/*.test.ts";

// Each file starts a node of its own and waits for its blocks most of the time: all files run at once, whatever the cores.
export default defineConfig({
  test: { include: [include], testTimeout: 120_000, hookTimeout: 180_000, minWorkers: 1, maxWorkers: 5 },
});
