import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { RiskOutcome } from "../../src/core/risk/risk-outcome.js";
import { sharedRoot } from "./shared-data.js";
import { repositoryRoot } from "./temporary-checkout.js";

/** A published or recomputed case: its inputs, and what 40 digits give. */
export interface RiskCase<Inputs, Expected> {
  readonly inputs: Inputs;
  readonly expected: Expected;
}

const cases: { readonly [id: string]: unknown } = parse(join(repositoryRoot, "test/golden/risk-cases.golden.json"));

function parse(path: string): { readonly [id: string]: unknown } {
  return JSON.parse(readFileSync(path, "utf8")) as { readonly [id: string]: unknown };
}

/** Every case that the repository carries. */
export const CARRIED_CASES: readonly string[] = Object.keys(cases);

/** A case that the repository carries. */
export function riskCase<Inputs, Expected>(id: string): RiskCase<Inputs, Expected> {
  return cases[id] as RiskCase<Inputs, Expected>;
}

/** Where the cases with rows of a third party's data lie: beside the market data, never in the repository. */
function thirdPartyFile(): string {
  return join(sharedRoot() ?? "", "../reference/risk-cases.json");
}

/** A test of a case whose data the repository may not carry; where it is absent, the test is skipped and says so, and fails with `CI` set. */
export function testThirdPartyCase<Inputs, Expected>(id: string, name: string, body: (found: RiskCase<Inputs, Expected>) => void): void {
  describe(id, () => {
    test(name, (context) => {
      const path = thirdPartyFile();
      if (sharedRoot() === null || !existsSync(path))
        context.skip(`${path} is absent: it holds the data of ${id}, which is a third party's`);
      const all = (JSON.parse(readFileSync(path, "utf8")) as { cases: { id: string }[] }).cases;
      body(all.find((found) => found.id === id) as unknown as RiskCase<Inputs, Expected>);
    });
  });
}

/** The value of an outcome. @throws {Error} listing what was wrong where there is none. */
export function must<T>(outcome: RiskOutcome<T>): T {
  if (!outcome.ok) throw new Error(outcome.errors.map(({ code, details }) => `${code} ${JSON.stringify(details)}`).join("; "));
  return outcome.value;
}

/** The codes of a refusal; empty for a value. */
export function codesOf(outcome: RiskOutcome<unknown>): readonly string[] {
  return outcome.ok ? [] : outcome.errors.map(({ code }) => code);
}

/** Numbers equal within a relative error, at any depth of lists. */
export function expectClose(actual: unknown, expected: unknown, rel: number): void {
  if (Array.isArray(expected)) {
    expect(actual).toHaveLength(expected.length);
    for (const [index, value] of expected.entries()) expectClose((actual as unknown[])[index], value, rel);
    return;
  }
  const [a, e] = [Number(actual), Number(expected)];
  expect(Math.abs(a - e) <= rel * Math.abs(e), `${a} is not within ${rel} of ${e}`).toBe(true);
}
