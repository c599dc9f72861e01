import type { StrategyLoad, StrategySource } from "../../ports/strategy-source.js";
import { reviveStrategy } from "./instantiate-strategy.js";
import { loadStrategy } from "./load-strategy.js";
import { locateFailure } from "./locate-failure.js";

/** Strategies from TypeScript files: bundled by esbuild, guarded by a parse of every source. */
export const esbuildStrategySource: StrategySource = { load, revive: reviveStrategy, locate: locateFailure };

async function load(entry: string): Promise<StrategyLoad> {
  const loading = await loadStrategy(entry);
  if (loading.kind === "refused") return loading;
  const { definition, bundle } = loading;
  const { code, source_map, source_sha256, source_set } = bundle;
  return { kind: "loaded", strategy: { definition, bundle: code, source_map, source_sha256, sources: source_set } };
}
