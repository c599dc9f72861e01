import type { RunMetrics } from "../core/metrics/run-metrics.js";
import type { StoredRun } from "../ports/run-store.js";
import type { BacktestPorts } from "./backtest-ports.js";
import { openTape } from "./compare-runs.js";

/** One line of the list of runs. */
export interface RunSummary {
  readonly name: string;
  readonly run_id: string;
  readonly status: string;
  readonly strategy: string;
  readonly symbols: readonly string[];
  readonly bars: number;
  readonly orders: number;
  readonly fills: number;
  readonly final_equity: string | null;
  readonly net_pnl: string | null;
  /** Wall clock, UTC milliseconds. */
  readonly recorded_at: number | null;
}

/** A run in full: manifest, metrics, provenance, and where its files are. */
export interface RunDetails {
  readonly name: string;
  readonly dir: string;
  readonly manifest: StoredRun["manifest"];
  readonly metrics: RunMetrics["metrics"];
  readonly provenance: StoredRun["provenance"];
  /** Why the tape cannot be opened, or null where it can. */
  readonly tape_problem: string | null;
}

/** Newest first. */
export async function listRuns(ports: Pick<BacktestPorts, "runs">): Promise<readonly RunSummary[]> {
  return Promise.all((await ports.runs.list()).map((run) => summaryOf(ports, run)));
}

export async function showRun(ports: Pick<BacktestPorts, "runs" | "tapes">, run: StoredRun): Promise<RunDetails> {
  const { name, dir, manifest, provenance } = run;
  const store = ports.tapes(dir);
  try {
    const opened = await openTape(store, manifest.tape.log);
    const tape_problem = opened.session === null ? opened.why : null;
    return { name, dir, manifest, metrics: (await metricsOf(ports, run)).metrics, provenance, tape_problem };
  } finally {
    await store.close();
  }
}

/** A run's metrics as they were written; empty for a run that was ended from outside. */
export async function metricsOf(ports: Pick<BacktestPorts, "runs">, run: StoredRun): Promise<RunMetrics> {
  const text = await ports.runs.file(run, "metrics.json");
  // Written by this product from this type.
  return text === null ? { convention: "onetape-1", metrics: {}, tables: {} } : (JSON.parse(text) as RunMetrics);
}

async function summaryOf(ports: Pick<BacktestPorts, "runs">, run: StoredRun): Promise<RunSummary> {
  const { manifest, provenance } = run;
  const { metrics } = await metricsOf(ports, run);
  const text = (id: string): string | null => {
    const value = metrics[id]?.value ?? null;
    return value === null ? null : String(value);
  };
  const recorded = provenance["recorded_at"];
  return {
    name: run.name,
    run_id: manifest.run_id,
    status: manifest.status,
    strategy: `${manifest.strategy.name} ${manifest.strategy.version}`,
    symbols: manifest.inputs.map((i) => i.symbol),
    bars: manifest.totals.bars,
    orders: manifest.totals.orders,
    fills: manifest.totals.fills,
    final_equity: text("final_equity"),
    net_pnl: text("ret.net_pnl"),
    recorded_at: typeof recorded === "number" ? recorded : null,
  };
}
