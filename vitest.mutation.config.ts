import { defineConfig } from "vitest/config";

/**
 * Tests that a mutant may run: those of its subject that are fast and need no files. Named here and not by Stryker's `testFiles`,
 * which switches a change of a module's constants on only after the module was loaded, and so reports it as unnoticed.
 */
export default defineConfig({
  test: {
    environment: "node",
    include: (process.env["ONETAPE_MUTATION_TESTS"] ?? "src/core/**/*.test.ts").split(" "),
    testTimeout: 60_000,
    allowOnly: false,
  },
});
