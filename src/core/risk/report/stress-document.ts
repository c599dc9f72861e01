/** Declared scenarios on a book, with what each rests on. */
import type { CalcIdentity } from "../../calc/identity.js";
import { canonicalJson } from "../../tape/canonical-json.js";
import type { Sha256Fn, Sha256Hex } from "../../tape/hash.js";
import type { Scenario } from "../portfolio/scenario.js";
import { type ScenarioResult, scenarioRun } from "../portfolio/scenario-run.js";
import type { RiskError } from "../risk-outcome.js";
import type { BookRisk, RiskBasis } from "./book-risk.js";

/** What `onetape risk stress` answers. */
export interface StressDocument {
  readonly basis: RiskBasis;
  readonly calculation: CalcIdentity;
  /** SHA-256 of the scenarios in canonical form. */
  readonly scenario_set: Sha256Hex;
  /** In the order of their names; none where they were refused. */
  readonly results: readonly ScenarioResult[];
  readonly worst: string | null;
  readonly best: string | null;
  /** Null where the scenarios were refused. */
  readonly max_loss: number | null;
  readonly max_gain: number | null;
  readonly excluded: readonly string[];
  readonly errors: readonly RiskError[];
}

/** Reprices the book under every scenario, in full. */
export function stressDocument(book: BookRisk, scenarios: readonly Scenario[], sha256: Sha256Fn): StressDocument {
  const text = canonicalJson(scenarios, 1, Number.MAX_SAFE_INTEGER);
  if (!text.ok) throw new RangeError("checked scenarios have no canonical form");
  const run = scenarioRun({ ...book.input, scenarios });
  const common = {
    basis: book.basis,
    calculation: { calc_name: "risk.scenarios", calc_version: "v1" },
    scenario_set: sha256(text.text),
  } as const;
  if (!run.ok) {
    const none = { results: [], worst: null, best: null, max_loss: null, max_gain: null, excluded: [] };
    return { ...common, ...none, errors: run.errors };
  }
  const { results, worst, best, max_loss, max_gain, excluded } = run.value;
  return { ...common, results, worst, best, max_loss, max_gain, excluded, errors: [] };
}
