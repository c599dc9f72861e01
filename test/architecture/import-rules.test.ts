import { beforeAll, describe, expect, test } from "vitest";
import { repositoryRoot, runNode, temporaryCheckout } from "../support/temporary-checkout.js";

interface Violation {
  readonly from: string;
  readonly rule: { readonly name: string };
}

async function violations(root: string): Promise<readonly string[]> {
  const args = ["--config", ".dependency-cruiser.cjs", "--output-type", "json", "src"];
  const { stdout, stderr } = await runNode(["node_modules/dependency-cruiser/bin/dependency-cruise.mjs", ...args], { cwd: root });
  if (stdout === "") throw new Error(stderr);
  const { summary } = JSON.parse(stdout) as { summary: { violations: readonly Violation[] } };
  return summary.violations.map(({ rule, from }) => `${rule.name}: ${from}`);
}

/** Each planted file breaks one rule; the key says which file, the value which rule must name it. */
const planted: Record<string, { readonly rule: string; readonly files: Record<string, string> }> = {
  "a core file that imports an adapter": {
    rule: "core-imports-nothing-outside: src/core/money/planted-adapter-user.ts",
    files: {
      "src/core/money/planted-adapter-user.ts": 'export { thing } from "../../adapters/planted/thing.js";',
      "src/adapters/planted/thing.ts": "export const thing: number = 1;",
    },
  },
  "a core file that imports a part of Node": {
    rule: "core-imports-nothing-outside: src/core/money/planted-file-reader.ts",
    files: { "src/core/money/planted-file-reader.ts": 'export { readFileSync } from "node:fs";' },
  },
  "a core file that imports a package": {
    rule: "core-imports-nothing-outside: src/core/money/planted-package-user.ts",
    files: { "src/core/money/planted-package-user.ts": 'export { parse } from "yaml";' },
  },
  "a core file that names an adapter's type only": {
    rule: "core-imports-nothing-outside: src/core/money/planted-type-user.ts",
    files: {
      "src/core/money/planted-type-user.ts": 'import type { Thing } from "../../adapters/planted/type.js";\nexport type Mine = Thing;',
      "src/adapters/planted/type.ts": "export type Thing = number;",
    },
  },
  "risk code that reaches the broker port through a chain": {
    rule: "risk-cannot-reach-a-broker: src/core/risk/planted-risk.ts",
    files: {
      "src/core/risk/planted-risk.ts": 'export { link } from "../market/planted-link.js";',
      "src/core/market/planted-link.ts": 'export { second as link } from "../market/planted-second-link.js";',
      "src/core/market/planted-second-link.ts": 'export { broker as second } from "../../ports/planted-broker.js";',
      "src/ports/planted-broker.ts": "export const broker: number = 1;",
    },
  },
  "a calculation that reaches the simulated venue through a chain": {
    rule: "risk-cannot-reach-a-broker: src/core/calc/planted-calculation.ts",
    files: {
      "src/core/calc/planted-calculation.ts": 'export { venue } from "../market/planted-venue-link.js";',
      "src/core/market/planted-venue-link.ts": 'export { venue } from "../venue/planted-venue.js";',
      "src/core/venue/planted-venue.ts": "export const venue: number = 1;",
    },
  },
  "a strategy that makes its own approval": {
    rule: "only-gate-makes-approvals: src/core/strategy/planted-approver.ts",
    files: { "src/core/strategy/planted-approver.ts": 'export * from "../gate/mint-approval.js";' },
  },
  "a file of the gate that makes approvals beside the one that may": {
    rule: "only-gate-makes-approvals: src/core/gate/planted-minter.ts",
    files: { "src/core/gate/planted-minter.ts": 'export { mintApproval } from "./mint-approval.js";' },
  },
  "a file of the gate that approves what nobody decided on": {
    rule: "only-a-decision-is-approved: src/core/gate/checks/planted-approver.ts",
    files: { "src/core/gate/checks/planted-approver.ts": 'export { Approvals } from "../approvals.js";' },
  },
  "an engine that approves its own orders": {
    rule: "only-a-decision-is-approved: src/core/engine/planted-approver.ts",
    files: { "src/core/engine/planted-approver.ts": 'export { Approvals } from "../gate/approvals.js";' },
  },
  "a port that imports a use case": {
    rule: "ports-only-core: src/ports/planted-port.ts",
    files: {
      "src/ports/planted-port.ts": 'export { work } from "../usecases/planted-work.js";',
      "src/usecases/planted-work.ts": "export const work: number = 1;",
    },
  },
  "a use case that imports an app": {
    rule: "usecases-and-adapters-not-apps: src/usecases/planted-app-user.ts",
    files: {
      "src/usecases/planted-app-user.ts": 'export { app } from "../apps/planted/app.js";',
      "src/apps/planted/app.ts": "export const app: number = 1;",
    },
  },
  "a use case that imports an adapter": {
    rule: "usecases-not-adapters: src/usecases/planted-adapter-user.ts",
    files: {
      "src/usecases/planted-adapter-user.ts": 'export { store } from "../adapters/planted/store.js";',
      "src/adapters/planted/store.ts": "export const store: number = 1;",
    },
  },
  "an adapter that imports a use case": {
    rule: "adapters-not-usecases: src/adapters/planted/use-case-user.ts",
    files: {
      "src/adapters/planted/use-case-user.ts": 'export { other } from "../../usecases/planted-other.js";',
      "src/usecases/planted-other.ts": "export const other: number = 1;",
    },
  },
  "a public entry that imports an app": {
    rule: "apps-are-roots: src/planted-entry.ts",
    files: {
      "src/planted-entry.ts": 'export { root } from "./apps/planted/root.js";',
      "src/apps/planted/root.ts": "export const root: number = 1;",
    },
  },
  "two files that import each other": {
    rule: "no-circular: src/core/money/planted-left.ts",
    files: {
      "src/core/money/planted-left.ts": 'import { right } from "./planted-right.js";\nexport const left: () => number = () => right;',
      "src/core/money/planted-right.ts": 'import { left } from "./planted-left.js";\nexport const right: number = left.length;',
    },
  },
  "a file that nothing imports": {
    rule: "no-orphans: src/core/money/planted-orphan.ts",
    files: { "src/core/money/planted-orphan.ts": "export const orphan: number = 1;" },
  },
  "a source that needs a development package": {
    rule: "not-to-dev-dep: src/usecases/planted-tester.ts",
    files: { "src/usecases/planted-tester.ts": 'export { test } from "vitest";' },
  },
  "an import that leads nowhere": {
    rule: "not-to-unresolvable: src/usecases/planted-lost.ts",
    files: { "src/usecases/planted-lost.ts": 'export { gone } from "./no-such-file.js";' },
  },
  "a source that imports a test": {
    rule: "not-to-tests: src/usecases/planted-test-user.ts",
    files: {
      "src/usecases/planted-test-user.ts": 'export { one } from "./planted.test.js";',
      "src/usecases/planted.test.ts": "export const one: number = 1;",
    },
  },
};

describe("the import rules", () => {
  let found: readonly string[] = [];

  beforeAll(async () => {
    const files = Object.assign({}, ...Object.values(planted).map(({ files }) => files)) as Record<string, string>;
    let remove = (): void => undefined;
    const root = temporaryCheckout(["src", "test"], files, (cleanUp) => {
      remove = cleanUp;
    });
    found = await violations(root).finally(remove);
  });

  test.each(Object.entries(planted))("refuse %s", (_, { rule }) => {
    expect(found).toContain(rule);
  });

  test("let a core test import what it needs", () => {
    expect(found.filter((violation) => violation.includes(".test.ts"))).toEqual([]);
  });
});

test("no source of this repository breaks an import rule", async () => {
  expect(await violations(repositoryRoot)).toEqual([]);
});
