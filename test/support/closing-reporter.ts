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
    // Vitest calls the tests below a failed hook skipped; nobody skipped them.
    const unrun = inState("skipped").filter(isBelowFailedHook);
    const skipped = inState("skipped").filter((test) => !unrun.includes(test));
    // A name filter on the command line skips on purpose.
    if (!this.#filtered) this.#report(skipped);
    const brokenFiles = modules.filter((module) => module.errors().length > 0).length;
    const failed = inState("failed").length + unrun.length + brokenFiles;
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

function isBelowFailedHook(test: TestCase): boolean {
  for (let parent: TestCase["parent"] = test.parent; parent.type === "suite"; parent = parent.parent) {
    if (parent.errors().length > 0) return true;
  }
  return test.module.errors().length > 0;
}
