import type { Reporter, TestCase, TestModule, Vitest } from "vitest/node";

/** Says loudly which tests were skipped and why, and ends a run with one plain line of counts. */
export class ClosingReporter implements Reporter {
  readonly #skipsFail: boolean;
  #filtered = false;

  /** @param options.skipsFail makes the run fail where a test was skipped. */
  constructor(options: { readonly skipsFail: boolean }) {
    this.#skipsFail = options.skipsFail;
  }

  onInit(vitest: Vitest): void {
    this.#filtered = vitest.config.testNamePattern !== undefined;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const inState = (state: string): TestCase[] => tests.filter((test) => test.result().state === state);
    const skipped = inState("skipped");
    // A name filter on the command line skips on purpose.
    if (!this.#filtered) this.#report(skipped);
    const brokenFiles = modules.filter((module) => module.errors().length > 0).length;
    const failed = inState("failed").length + brokenFiles;
    console.log(`${inState("passed").length} passed, ${failed} failed, ${skipped.length} skipped`);
  }

  #report(skipped: readonly TestCase[]): void {
    for (const test of skipped) {
      const result = test.result();
      const reason = (result.state === "skipped" ? result.note : undefined) ?? "NO REASON GIVEN";
      console.error(`SKIPPED ${test.module.relativeModuleId} > ${test.fullName}: ${reason}`);
    }
    if (skipped.length > 0 && this.#skipsFail) {
      console.error(`FAILED: ${skipped.length} skipped tests, and CI allows none`);
      process.exitCode = 1;
    }
  }
}
