import type { Json } from "../../core/tape/event.js";
import { asBacktestFile, type BacktestFile, backtestFileSchema } from "./backtest-schema.js";
import type { JsonSchema } from "./schema-check.js";
import { type SweepFields, sweepSchema } from "./sweep-schema.js";

/** `backtest.yaml` whole: a backtest, and what a sweep of it runs over. */
export interface ConfigFile extends BacktestFile {
  sweep?: SweepFields;
}

export const configFileSchema: JsonSchema = {
  ...backtestFileSchema,
  properties: { ...backtestFileSchema.properties, sweep: sweepSchema },
};

/** Names a checked tree by its type. */
export function asConfigFile(checked: Json): ConfigFile {
  return asBacktestFile(checked) as ConfigFile;
}
