import { defineConfig } from "vitest/config";

// Each file starts a node of its own and waits for its blocks most of the time: all files run at once, whatever the cores.
export default defineConfig({
  test: { include: ["tests/**/*.test.ts"], testTimeout: 120_000, hookTimeout: 60_000, minWorkers: 1, maxWorkers: 4 },
});
