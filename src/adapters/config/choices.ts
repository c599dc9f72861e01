import { DEFAULT_EXECUTION, type ExecutionConfig, type FeeModel } from "../../core/engine/run-config.js";
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
} from "./execution-schema.js";
import { mergeSizing } from "./merge-sizing.js";
import { checkTree, type JsonSchema } from "./schema-check.js";
import { parseYaml } from "./yaml-document.js";

/** A file's execution and sizing in the engine's form. */
export function toChoices(execution: ExecutionFields | undefined, sizing: SizingFields | undefined): PartialChoices {
  const { fees, slippage, slippage_bps, ...rest } = execution ?? {};
  const slips = slippage ?? (slippage_bps === undefined ? undefined : { model: "bps" as const, bps: slippage_bps });
  return {
    execution: {
      ...rest,
      ...(fees === undefined ? {} : { fees: toFeeModel(fees) }),
      ...(slips === undefined ? {} : { slippage: slips }),
    },
    sizing: sizing ?? {},
  };
}

function toFeeModel(fees: FeeFields): FeeModel {
  if (fees.model !== "per_share") return fees;
  return { model: "per_share", amount: fees.amount, minimum: fees.minimum ?? "0", cap_fraction: fees.cap_fraction ?? null };
}

/** What the schema of `execution` cannot say. @param at JSON pointer of the section. */
export function checkExecution(
  execution: { readonly slippage?: unknown; readonly slippage_bps?: string | undefined; readonly participation?: string | undefined },
  file: string,
  at: string,
): readonly Violation[] {
  const violations: Violation[] = [];
  const { slippage, slippage_bps, participation } = execution;
  if (slippage !== undefined && slippage_bps !== undefined)
    violations.push({
      code: "CONFIG_VALUE",
      message: "slippage is stated twice",
      file,
      field: `${at}/slippage_bps`,
      value: slippage_bps,
      expected: "either slippage or slippage_bps",
    });
  if (participation !== undefined && Number(participation) > 1)
    violations.push({
      code: "CONFIG_VALUE",
      message: "nobody can trade more than a bar's volume",
      file,
      field: `${at}/participation`,
      value: participation,
      expected: "a fraction above 0 and at most 1",
    });
  return violations;
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
  violations.push(...checkExecution(asExecutionFields(execution), config.strategy, "/defaults/execution"));
  if (violations.length > 0) return { kind: "invalid", violations };
  const strategy = toChoices(asExecutionFields(execution), asSizingFields(sizing));
  const origins = new Map<string, ChoiceOrigin>();
  const merged = mergeExecution(config.execution, strategy.execution, origins);
  const sized = mergeSizing(config.path, config.sizing, strategy.sizing, origins);
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
  for (const field of Object.keys(DEFAULT_EXECUTION)) {
    const stated: { readonly [name: string]: unknown } = { ...config };
    const shipped: { readonly [name: string]: unknown } = { ...strategy };
    origins.set(`/execution/${field}`, stated[field] !== undefined ? "config" : shipped[field] !== undefined ? "strategy" : "default");
  }
  return { ...DEFAULT_EXECUTION, ...strategy, ...config };
}
