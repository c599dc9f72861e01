import type { PointPool } from "../ports/point-pool.js";
import type { SweepCharts } from "../ports/sweep-charts.js";
import type { SweepStore } from "../ports/sweep-store.js";
import type { BacktestPorts } from "./backtest-ports.js";

/** The world that sweeps need. */
export interface SweepPorts extends BacktestPorts {
  readonly points: PointPool;
  readonly sweeps: SweepStore;
  readonly charts: SweepCharts;
}
