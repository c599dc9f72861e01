import type { AnyStrategy } from "../../core/strategy/strategy.js";
import { checkDefinition } from "../../core/strategy/validate-definition.js";
import { bundleStrategy, type StrategyBundle } from "./bundle-strategy.js";
import { guardStrategy } from "./guard-strategy.js";
import { instantiateStrategy } from "./instantiate-strategy.js";
import { mapStrategyError } from "./locate-failure.js";
import type { SourceTexts } from "./source-set.js";
import { byPlace, type StrategyViolation } from "./strategy-violation.js";

export type StrategyLoading =
  | { readonly kind: "loaded"; readonly definition: AnyStrategy; readonly bundle: StrategyBundle }
  | { readonly kind: "refused"; readonly violations: readonly StrategyViolation[] };

/**
 * Bundles, guards, instantiates and checks a strategy file. Reports every fault of a stage at once; reading and the guard
 * count as one stage, so that a refused import does not hide a clock.
 *
 * @param file TypeScript or JavaScript, as the user named it
 * @param texts stand for its folder
 */
export async function loadStrategy(file: string, texts: SourceTexts | null = null): Promise<StrategyLoading> {
  const bundling = await bundleStrategy(file, texts);
  const modules = bundling.kind === "bundled" ? bundling.bundle.modules : bundling.modules;
  const refused = bundling.kind === "refused" ? bundling.violations : [];
  const violations = [...refused, ...guardStrategy(modules)].sort(byPlace);
  if (bundling.kind === "refused" || violations.length > 0) return { kind: "refused", violations };
  const { bundle } = bundling;
  let exported: unknown;
  try {
    exported = instantiateStrategy(bundle.code);
  } catch (error) {
    return { kind: "refused", violations: [failedAtLoad(error, bundle, file)] };
  }
  const checked = checkDefinition(exported);
  if (checked.kind === "invalid") {
    return { kind: "refused", violations: checked.violations.map((violation) => ({ ...violation, category: "Validation", file })) };
  }
  return { kind: "loaded", definition: checked.definition, bundle };
}

function failedAtLoad(error: unknown, { source_map, modules }: StrategyBundle, entryFile: string): StrategyViolation {
  const { message, file, line, column, frame } = mapStrategyError(error, source_map);
  const place = modules.find(({ path }) => path === file)?.file ?? entryFile;
  const base = {
    category: "StrategyLoad",
    code: "STRATEGY_THREW_AT_LOAD",
    message: `the strategy failed while it was loaded: ${message}`,
    file: place,
  } as const;
  return line === null || column === null ? base : { ...base, line, column, ...(frame === null ? {} : { value: frame }) };
}
