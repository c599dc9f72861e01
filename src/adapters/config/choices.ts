import type { ExecutionConfig, FeeModel, SizingConfig } from "../../core/engine/run-config.js";
import type { Violation } from "../../core/quality/violation.js";
import type { StrategyDefaults } from "../../core/strategy/strategy.js";
import type { Json } from "../../core/tape/event.js";
import type { BacktestConfig, ChoiceOrigin, PartialChoices, ResolvedChoices } from "../../ports/config-source.js";
import {
  asExecutionFields,
  asSizingFields,
  type ExecutionFields,
  executionSchema,
  type FeeFields,
  type SizingFields,
  sizingSchema,
} from "./backtest-schema.js";
import { checkTree, type JsonSchema } from "./schema-check.js";
import { parseYaml } from "./yaml-document.js";

/** What holds where neither the config nor the strategy says otherwise. */
export const engineDefaults: { readonly execution: ExecutionConfig; readonly sizing: SizingConfig } = {
  execution: { fill_timing: "next_open", limit_fill: "cross", cash_short: "reject", slippage_bps: "0", fees: { model: "none" } },
  sizing: { mode: "fixed", qty: "1" },
};

/** A file's execution and sizing in the engine's form. */
export function toChoices(execution: ExecutionFields | undefined, sizing: SizingFields | undefined): PartialChoices {
  const { fees, ...rest } = execution ?? {};
  return { execution: { ...rest, ...(fees === undefined ? {} : { fees: toFeeModel(fees) }) }, sizing: sizing ?? {} };
}

function toFeeModel(fees: FeeFields): FeeModel {
  if (fees.model !== "per_share") return fees;
  return { model: "per_share", amount: fees.amount, minimum: fees.minimum ?? "0", cap_fraction: fees.cap_fraction ?? null };
}

/** Fills execution and sizing field by field: config, then the strategy's defaults, then the engine's. */
export function resolveChoices(config: BacktestConfig, defaults: StrategyDefaults | undefined): ResolvedChoices {
  const violations: Violation[] = [];
  const read = (schema: JsonSchema, value: { readonly [field: string]: Json } | undefined, field: string): Json => {
    if (value === undefined) return {};
    const checked = checkJson(schema, value, config.strategy, `/defaults/${field}`);
    violations.push(...checked.violations);
    return checked.value;
  };
  const execution = read(executionSchema, defaults?.execution, "execution");
  const sizing = read(sizingSchema, defaults?.sizing, "sizing");
  if (violations.length > 0) return { kind: "invalid", violations };
  const strategy = toChoices(asExecutionFields(execution), asSizingFields(sizing));
  const origins = new Map<string, ChoiceOrigin>();
  const merged = mergeExecution(config.execution, strategy.execution, origins);
  const sized = mergeSizing(config, strategy, origins);
  if (sized.kind === "invalid") return sized;
  return { kind: "resolved", execution: merged, sizing: sized.sizing, origins };
}

/** A strategy's defaults are values, not text: their faults are told by field, without a line. */
function checkJson(
  schema: JsonSchema,
  value: Json,
  file: string,
  pointer: string,
): { readonly value: Json; readonly violations: readonly Violation[] } {
  const parsed = parseYaml(file, JSON.stringify(value));
  if (parsed.kind === "invalid") return { value: null, violations: parsed.violations };
  const checked = checkTree(schema, parsed.root, file);
  const violations = checked.violations.map(({ code, message, field, value: given, expected }) => ({
    code,
    message,
    file,
    field: field === "/" ? pointer : `${pointer}${field ?? ""}`,
    ...(given === undefined ? {} : { value: given }),
    ...(expected === undefined ? {} : { expected }),
  }));
  return { value: checked.value, violations };
}

function mergeExecution(
  config: Partial<ExecutionConfig>,
  strategy: Partial<ExecutionConfig>,
  origins: Map<string, ChoiceOrigin>,
): ExecutionConfig {
  for (const field of Object.keys(engineDefaults.execution)) {
    const stated: { readonly [name: string]: unknown } = { ...config };
    const shipped: { readonly [name: string]: unknown } = { ...strategy };
    origins.set(`/execution/${field}`, stated[field] !== undefined ? "config" : shipped[field] !== undefined ? "strategy" : "default");
  }
  return { ...engineDefaults.execution, ...strategy, ...config };
}

type MergedSizing =
  | { readonly kind: "sized"; readonly sizing: SizingConfig }
  | { readonly kind: "invalid"; readonly violations: readonly Violation[] };

/** The highest layer that names a mode decides it; a quantity or percentage below that layer counts only for the same mode. */
function mergeSizing(config: BacktestConfig, strategy: PartialChoices, origins: Map<string, ChoiceOrigin>): MergedSizing {
  const layers: readonly (readonly [ChoiceOrigin, PartialChoices["sizing"]])[] = [
    ["config", config.sizing],
    ["strategy", strategy.sizing],
    ["default", engineDefaults.sizing],
  ];
  const modeLayer = layers.find(([, { mode }]) => mode !== undefined);
  const mode = modeLayer?.[1].mode ?? engineDefaults.sizing.mode;
  const field = mode === "fixed" ? "qty" : "pct";
  const foreign = mode === "fixed" ? "pct" : "qty";
  if (config.sizing[foreign] !== undefined) {
    return invalid(
      config,
      `/sizing/${foreign}`,
      `"${foreign}" has no meaning with mode ${mode}`,
      config.sizing[foreign],
      `"${field}", or another mode`,
    );
  }
  const amountLayer = layers.find(([, layer]) => layer[field] !== undefined && (layer.mode ?? mode) === mode);
  const amount = amountLayer?.[1][field];
  if (amount === undefined || amountLayer === undefined) {
    return invalid(config, `/sizing/${field}`, `sizing mode ${mode} needs "${field}"`, undefined, "a decimal number above 0");
  }
  origins.set("/sizing/mode", modeLayer?.[0] ?? "default");
  origins.set(`/sizing/${field}`, amountLayer[0]);
  return { kind: "sized", sizing: mode === "fixed" ? { mode, qty: amount } : { mode, pct: amount } };
}

function invalid(config: BacktestConfig, field: string, message: string, value: string | undefined, expected: string): MergedSizing {
  return {
    kind: "invalid",
    violations: [{ code: "CONFIG_VALUE", message, file: config.path, field, expected, ...(value === undefined ? {} : { value }) }],
  };
}
