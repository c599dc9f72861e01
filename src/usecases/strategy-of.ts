import type { BacktestConfig } from "../ports/config-source.js";
import type { StrategyLoad, StrategySource } from "../ports/strategy-source.js";

/** The strategy that a config names, or the one that follows its signals. */
export function strategyOf(strategies: StrategySource, { strategy, signals, data, timeframe }: BacktestConfig): Promise<StrategyLoad> {
  if (signals === null) return strategies.load(strategy);
  return strategies.follow({ signals, symbols: data.map(({ symbol }) => symbol), timeframe });
}
