import { defineConfig } from "vitest/config";
import { pagesForVitest } from "./scripts/vitest-pages.mjs";
import { ClosingReporter } from "./test/support/closing-reporter.js";

export default defineConfig({
  plugins: [pagesForVitest(import.meta.dirname)],
  test: {
    environment: "node",
    globalSetup: "test/support/shared-postgres.ts",
    setupFiles: ["test/support/property-seed.ts"],
    include: ["src/**/*.test.ts", "web/**/*.test.ts", "test/**/*.test.ts"],
    // Processes, not threads: tests change the time zone, the working directory and the environment, and kill what they start.
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    allowOnly: false,
    reporters: ["default", new ClosingReporter({ skipsFail: process.env["CI"] === "true" })],
    coverage: {
      provider: "v8",
      include: ["src/**/*.ts"],
      exclude: ["src/**/*.test.ts"],
      reporter: ["text-summary"],
    },
  },
});
