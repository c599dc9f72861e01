import { configFileSchema } from "./config-file-schema.js";
import { guardsFileSchema } from "./guards-schema.js";
import { instrumentsFileSchema } from "./instruments-schema.js";
import { policyFileSchema } from "./policy-schema.js";
import { referencePage } from "./reference-page.js";
import { riskDocumentSchema } from "./risk-document-schemas.js";
import { scenarioFileSchema } from "./scenario-schema.js";
import type { JsonSchema } from "./schema-check.js";
import { settingsFileSchema } from "./settings-schema.js";
import { sweepSchema } from "./sweep-schema.js";

const schemas: readonly (readonly [string, JsonSchema])[] = [
  ["backtest", configFileSchema],
  ["instruments", instrumentsFileSchema],
  ["policy", policyFileSchema],
  ["risk-backtest", riskDocumentSchema("risk-backtest")],
  ["risk-report", riskDocumentSchema("risk-report")],
  ["risk-stress", riskDocumentSchema("risk-stress")],
  ["risk-tail", riskDocumentSchema("risk-tail")],
  ["scenarios", scenarioFileSchema],
  ["settings", settingsFileSchema],
  ["sweep", sweepSchema],
];

/** The JSON Schemas of config files and of risk documents by name, as text: what `schemas/NAME.schema.json` holds. */
export function publishedSchemas(): ReadonlyMap<string, string> {
  return new Map(
    schemas.map(([name, schema]) => [
      name,
      `${JSON.stringify({ $schema: "https://json-schema.org/draft/2020-12/schema", ...schema }, null, 2)}\n`,
    ]),
  );
}

/** The page `docs/reference/config.md`. */
export function configReference(): string {
  return referencePage("Configuration", [
    ["backtest.yaml", configFileSchema],
    ["instruments.yaml", instrumentsFileSchema],
    ["onetape.yaml", settingsFileSchema],
  ]);
}

/** The page `docs/reference/policy.md`. */
export function policyReference(): string {
  return referencePage("Risk policies", [
    ["policy.yaml", policyFileSchema],
    ["A risk file with guards", guardsFileSchema],
  ]);
}
