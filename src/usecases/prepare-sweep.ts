/** From what an author wrote to the points of a sweep: strategy bundled once, data loaded and checked once, the grid resolved, all identified. */
import type { Violation } from "../core/quality/violation.js";
import { overrideParams, type StatedParam } from "../core/strategy/override-params.js";
import type { ParamSchemas } from "../core/strategy/params.js";
import type { ResolvedParams } from "../core/strategy/resolve-params.js";
import type { StatedAxis } from "../core/sweep/axis-values.js";
import { type Ranking, rankingBy, type SweepGoal } from "../core/sweep/rank-points.js";
import { MAX_POINTS, paramsAt, resolveGrid, type SweepGrid } from "../core/sweep/sweep-grid.js";
import { sweepId } from "../core/sweep/sweep-id.js";
import type { BacktestConfig } from "../ports/config-source.js";
import type { PointTask } from "../ports/point-pool.js";
import type { SweepManifest } from "../ports/sweep-store.js";
import type { BacktestPorts } from "./backtest-ports.js";
import { type PreparedRun, prepareRun, withParams } from "./prepare-run.js";
import { configText } from "./run-identity.js";

/** What is swept and how, as its author asks for it. Absent: what the config's section `sweep` says, else the default. */
export interface SweepChoices {
  readonly configPath: string;
  /** Parameters to sweep; each takes the place of the config's own of the same name. */
  readonly grid: readonly StatedAxis[];
  /** Parameters to hold, over the config's values and out of its grid. */
  readonly params: readonly StatedParam[];
  readonly metric?: string;
  readonly goal?: SweepGoal;
  readonly max_points?: number;
  readonly point_budget_ms?: number;
  /** Encode and hash every point's events, so that each carries the content hash of its run. Default false. */
  readonly content_hashes?: boolean;
  /** Told what the config's files say that no run heeds. */
  readonly onNote?: (note: string) => void;
}

/** A sweep that is ready to start. */
export interface PreparedSweep {
  readonly sweep_id: string;
  readonly grid: SweepGrid;
  readonly ranking: Ranking;
  /** The run of the grid's first point. */
  readonly run: PreparedRun;
  /** Text of the configuration without the swept parameters. */
  readonly config_text: string;
  readonly content_hashes: boolean;
  readonly point_budget_ms: number | null;
}

export type SweepPreparation =
  | { readonly kind: "ready"; readonly sweep: PreparedSweep }
  | { readonly kind: "invalid"; readonly violations: readonly Violation[] };

/** Resolves and checks everything that a sweep needs; reports every fault that can be found at once. */
export async function prepareSweep(ports: BacktestPorts, choices: SweepChoices): Promise<SweepPreparation> {
  let settled: Settled | null = null;
  const preparation = await prepareRun(ports, choices.configPath, {
    tape: false,
    onNote: choices.onNote,
    params(schemas, config) {
      settled = settle(schemas, config, choices);
      return settled.params;
    },
  });
  if (preparation.kind === "invalid") return preparation;
  const found = settled as Settled | null;
  if (found?.grid == null || found.ranking === null) throw new Error("a sweep without a grid was prepared");
  const { run } = preparation;
  const { grid, ranking, point_budget_ms } = found;
  const swept = new Set(grid.axes.map(({ name }) => name));
  const held = Object.fromEntries(Object.entries(run.config.strategy.params).filter(([name]) => !swept.has(name)));
  const config_text = configText({ ...run.config, strategy: { ...run.config.strategy, params: held } });
  const content_hashes = choices.content_hashes ?? false;
  const identity = {
    engine_build: ports.engine.build,
    source_sha256: run.strategy.source_sha256,
    config: config_text,
    grid,
    content_hashes,
  };
  return {
    kind: "ready",
    sweep: { sweep_id: sweepId(identity, ports.hash), grid, ranking, run, config_text, content_hashes, point_budget_ms },
  };
}

interface Settled {
  readonly params: ResolvedParams<ParamSchemas>;
  readonly grid: SweepGrid | null;
  readonly ranking: Ranking | null;
  readonly point_budget_ms: number | null;
}

/** Grid and parameters against the strategy's schemas: flags over the config's section. */
function settle(schemas: ParamSchemas, config: BacktestConfig, choices: SweepChoices): Settled {
  const section = config.sweep;
  const stated = new Set([...choices.grid, ...choices.params].map(({ name }) => name));
  const axes = [...(section?.grid ?? []).filter(({ name }) => !stated.has(name)), ...choices.grid];
  const resolved = resolveGrid(axes, schemas, choices.max_points ?? section?.max_points ?? MAX_POINTS);
  const ranking = rankingBy(choices.metric ?? section?.metric ?? "sharpe", choices.goal ?? section?.goal ?? undefined);
  const violations: Violation[] = resolved.kind === "invalid" ? [...resolved.violations] : [];
  if (ranking.kind === "invalid") {
    const field = choices.metric === undefined ? "/sweep/metric" : "--metric";
    violations.push({ code: "METRIC_UNKNOWN", message: ranking.message, field, expected: ranking.expected });
  }
  for (const { name } of choices.params.filter((param) => choices.grid.some((axis) => axis.name === param.name))) {
    const message = `the parameter "${name}" is held and swept`;
    violations.push({
      code: "PARAM_HELD_AND_SWEPT",
      message,
      field: "--param",
      value: name,
      expected: `--param or --grid for ${name}, not both`,
    });
  }
  const first = resolved.kind === "resolved" ? paramsAt(resolved.grid, 1) : {};
  const swept = new Set(axes.map(({ name }) => name));
  const base = Object.fromEntries(Object.entries(config.params).filter(([name]) => !swept.has(name)));
  const params = overrideParams(schemas, { ...base, ...first }, choices.params);
  const faults = [...violations, ...(params.kind === "invalid" ? params.violations : [])];
  return {
    params: faults.length > 0 ? { kind: "invalid", violations: faults } : params,
    grid: resolved.kind === "resolved" ? resolved.grid : null,
    ranking: ranking.kind === "chosen" ? ranking.ranking : null,
    point_budget_ms: choices.point_budget_ms ?? section?.point_budget_ms ?? null,
  };
}

/** The backtest of a point, as it would be prepared by itself. */
export function runOfPoint(ports: Pick<BacktestPorts, "hash" | "engine">, { run, grid }: PreparedSweep, point: number): PreparedRun {
  return withParams(ports, run, { ...run.config.strategy.params, ...paramsAt(grid, point) });
}

export function pointTask(run: PreparedRun, point: number): PointTask {
  return { point, log: run.log, config: run.config, started: run.task.started };
}

/** What a sweep is, before anything of it has run. */
export function manifestOfSweep(ports: Pick<BacktestPorts, "hash" | "engine">, sweep: PreparedSweep): SweepManifest {
  const { run, grid, ranking } = sweep;
  const { config, strategy } = run;
  return {
    schema: "onetape.sweep-manifest/1",
    sweep_id: sweep.sweep_id,
    status: "unfinished",
    engine: ports.engine,
    strategy: {
      name: config.strategy.name,
      version: config.strategy.version,
      source_sha256: strategy.source_sha256,
      bundle_sha256: ports.hash(strategy.bundle),
      source_map_sha256: ports.hash(strategy.source_map),
    },
    config_sha256: ports.hash(sweep.config_text),
    inputs: config.data.map((d) => ({ symbol: d.symbol, column_set: d.column_set, basis: d.basis, rows: d.row_count })),
    bars: run.total_bars,
    content_hashes: sweep.content_hashes,
    axes: grid.axes,
    points: grid.points,
    periods_per_year: config.periods_per_year,
    ranking,
    summary: null,
    files: {},
  };
}
