/** Reads scenarios from a YAML or JSON file. Every fault is told at once, with its place and path. */
import type { Violation } from "../../core/quality/violation.js";
import { type Scenario, scenarioErrors } from "../../core/risk/portfolio/scenario.js";
import { readTextFile } from "./read-text-file.js";
import { asScenarioFile, type ScenarioFile, scenarioFileSchema } from "./scenario-schema.js";
import { checkTree } from "./schema-check.js";
import { parseYaml, placeOf } from "./yaml-document.js";

export type LoadedScenarios =
  | { readonly kind: "loaded"; readonly scenarios: readonly Scenario[] }
  | { readonly kind: "invalid"; readonly violations: readonly Violation[] };

/** @param file path as its user wrote it */
export async function loadScenarios(file: string): Promise<LoadedScenarios> {
  const read = await readTextFile(file);
  return read.kind === "read" ? scenariosOf(file, read.text) : { kind: "invalid", violations: [read.violation] };
}

/** As {@link loadScenarios} for a text that is at hand. */
export function scenariosOf(file: string, text: string): LoadedScenarios {
  const parsed = parseYaml(file, text);
  if (parsed.kind === "invalid") return parsed;
  const checked = checkTree(scenarioFileSchema, parsed.root, file);
  if (checked.violations.length > 0) return { kind: "invalid", violations: checked.violations };
  const scenarios = asScenarioFile(checked.value).scenarios.map(scenarioOf);
  const violations = scenarios.flatMap((scenario, n) =>
    faultsOf(scenario, scenarios.slice(0, n)).map(({ pointer, code, message, value, expected }): Violation => {
      const field = `/scenarios/${n}${pointer}`;
      return { code, message, file, ...placeOf(parsed.root, field), field, value, expected };
    }),
  );
  return violations.length > 0 ? { kind: "invalid", violations } : { kind: "loaded", scenarios };
}

function scenarioOf({ name, shocks = [], fx, rates = {} }: ScenarioFile["scenarios"][number]): Scenario {
  const complete = shocks.map(({ underlyings, spot_pct = "0", vol_abs = "0", vol_pct = "0" }) => ({
    underlyings,
    spot_pct,
    vol_abs,
    vol_pct,
  }));
  return { name, shocks: complete, fx: fx ?? null, rates };
}

interface Fault {
  readonly pointer: string;
  readonly code: string;
  readonly message: string;
  readonly value: string;
  readonly expected: string;
}

function faultsOf(scenario: Scenario, before: readonly Scenario[]): readonly Fault[] {
  const prefix = `scenarios/${scenario.name}`;
  const own = scenarioErrors([scenario]).map(({ code, message, details }): Fault => {
    const path = (details["field"] ?? prefix).slice(prefix.length);
    // A pair has a slash of its own.
    const pointer = path.startsWith("/fx/") ? `/fx/${path.slice("/fx/".length).replaceAll("/", "~1")}` : path;
    return { pointer, code, message, value: details["value"] ?? "", expected: details["expected"] ?? message };
  });
  if (!before.some(({ name }) => name === scenario.name)) return own;
  const message = `the name ${scenario.name} stands for two scenarios`;
  return [{ pointer: "/name", code: "DUPLICATE_NAME", message, value: scenario.name, expected: "a name of its own" }, ...own];
}
