import type { SignalSet, StrategyLoad, StrategySource } from "../../ports/strategy-source.js";
import { signalStrategyFiles } from "../signals/follow-signals.js";
import { reviveStrategy } from "./instantiate-strategy.js";
import { loadEsbuild } from "./load-esbuild.js";
import { loadStrategy, type StrategyLoading } from "./load-strategy.js";
import { locateFailure } from "./locate-failure.js";

/** Strategies from TypeScript files: bundled by esbuild, guarded by a parse of every source. */
export const esbuildStrategySource: StrategySource = { prepare, load, follow, revive: reviveStrategy, locate: locateFailure };

/** The compiler is a process of its own, and the parser a file to be read. */
function prepare(): void {
  const compiler = async (): Promise<unknown> => loadEsbuild().transform("");
  Promise.all([compiler(), import("acorn")]).catch(() => {});
}

async function load(entry: string): Promise<StrategyLoad> {
  return loaded(await loadStrategy(entry));
}

async function follow(signals: SignalSet): Promise<StrategyLoad> {
  return loaded(await loadStrategy("strategy.ts", signalStrategyFiles(signals)));
}

function loaded(loading: StrategyLoading): StrategyLoad {
  if (loading.kind === "refused") return loading;
  const { definition, bundle } = loading;
  const { code, source_map, source_sha256, source_set } = bundle;
  return { kind: "loaded", strategy: { definition, bundle: code, source_map, source_sha256, sources: source_set } };
}
