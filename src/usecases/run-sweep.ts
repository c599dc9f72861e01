/**
 * Runs a sweep: every point of a grid over worker threads that share the bars, each point durable the moment it has ended.
 *
 * A sweep's id is its content, so running the same again takes what is there and computes the rest. Results and files are the same for any
 * number of workers and any order in which points end.
 */
import type { Violation } from "../core/quality/violation.js";
import { heatMapOf } from "../core/sweep/heat-map.js";
import type { Ranking } from "../core/sweep/rank-points.js";
import { paramsAt, type SweepGrid, type SweptParams } from "../core/sweep/sweep-grid.js";
import { pointLine, type SweepPoint, settledPoint } from "../core/sweep/sweep-point.js";
import { type SweepSummary, summarise } from "../core/sweep/sweep-summary.js";
import { sweepTable } from "../core/sweep/sweep-table.js";
import type { PointOutcome, PointTask } from "../ports/point-pool.js";
import type { PointJournal, StoredSweep } from "../ports/sweep-store.js";
import type { DataRefusal } from "./data-ports.js";
import { manifestOfSweep, type PreparedSweep, pointTask, prepareSweep, runOfPoint, type SweepChoices } from "./prepare-sweep.js";
import { askQuality, type QualityGate, seriesOfRun } from "./quality-gate.js";
import { asJsonObject } from "./run-manifest.js";
import type { SweepPorts } from "./sweep-ports.js";

export interface SweepRequest extends SweepChoices {
  /** Threads. Results do not depend on it. */
  readonly workers: number;
  /** Go on with a sweep that was begun, and refuse where there is none of this content. Default false. */
  readonly resume?: boolean;
  /** Compute every point again and compare it with the stored one. Default false. */
  readonly recompute?: boolean;
  readonly signal?: AbortSignal;
  /** Service levels that the bars must keep; left out, none is asked. */
  readonly quality?: QualityGate;
  readonly onStart?: (start: SweepStart) => void;
  /** Each point that was computed, the moment it is durable, in the order in which they end. */
  readonly onPoint?: (row: SweepRow) => void;
  /** Every point in grid order, as soon as all before it are there. */
  readonly onRow?: (row: SweepRow) => void;
}

export interface SweepStart {
  readonly sweep_id: string;
  readonly grid: SweepGrid;
  readonly ranking: Ranking;
  /** Bars of each point. */
  readonly bars: number;
  /** Points that were there before. */
  readonly taken: readonly SweepPoint[];
  /** Lines of the stored results that were changed after they were written; their points are computed again. */
  readonly damaged: readonly string[];
  readonly workers: number;
}

/** A point that was ended from outside: known by its parameters, not kept, tried again next time. */
export interface OverBudgetPoint {
  readonly point: number;
  readonly params: SweptParams;
  readonly status: "over_budget";
  /** `handler`: one call took too long; `point`: the whole did. */
  readonly budget: "handler" | "point";
}

export type SweepRow = SweepPoint | OverBudgetPoint;

/** What a sweep came to. */
export interface SweepResult {
  readonly sweep_id: string;
  readonly dir: string;
  readonly status: "complete" | "partial";
  readonly points: number;
  /** Points that were there before. */
  readonly taken: number;
  readonly computed: number;
  /** True where every point was computed again and equals the stored one; null where nothing was compared. */
  readonly identical: boolean | null;
  readonly ranking: Ranking;
  readonly summary: SweepSummary;
  readonly elapsed_ms: number;
}

export type SweepOutcome =
  | { readonly kind: "ended"; readonly result: SweepResult; readonly sweep: StoredSweep; readonly rows: readonly SweepPoint[] }
  /** Stopped on request; what has ended is kept. */
  | { readonly kind: "aborted"; readonly sweep_id: string; readonly done: number; readonly points: number }
  /** Points whose stored result is another: the engine, the disk or a strategy is not what it should be. */
  | { readonly kind: "mismatch"; readonly sweep_id: string; readonly points: readonly number[] }
  /** There is nothing of this content to go on with. */
  | { readonly kind: "nothing_to_resume"; readonly sweep_id: string; readonly others: readonly StoredSweep[] }
  /** The bars do not keep a service level that is enforced, or it could not be asked. Nothing was run. */
  | { readonly kind: "refused"; readonly refusal: DataRefusal }
  | { readonly kind: "invalid"; readonly violations: readonly Violation[] };

export async function runSweep(ports: SweepPorts, request: SweepRequest): Promise<SweepOutcome> {
  const started = ports.now();
  const preparation = await prepareSweep(ports, request);
  if (preparation.kind === "invalid") return preparation;
  const { sweep } = preparation;
  const gated = await askQuality(request.quality, "sweep", sweep.sweep_id, seriesOfRun(sweep.run));
  if (gated.kind === "refused") return { kind: "refused", refusal: gated };
  const known = await ports.sweeps.find(sweep.sweep_id);
  if (request.resume === true && known.kind !== "found")
    return { kind: "nothing_to_resume", sweep_id: sweep.sweep_id, others: await relatedTo(ports, sweep) };
  const stored = known.kind === "found" ? known.sweep : await begin(ports, sweep);
  const before = await ports.sweeps.points(stored);
  if (before.contradicting.length > 0) return { kind: "mismatch", sweep_id: sweep.sweep_id, points: before.contradicting };
  const taken = request.recompute === true ? [] : before.points;
  const { grid, ranking, run } = sweep;
  request.onStart?.({
    sweep_id: sweep.sweep_id,
    grid,
    ranking,
    bars: run.total_bars,
    taken,
    damaged: before.damaged,
    workers: request.workers,
  });
  const work = new SweepWork(ports, sweep, request, taken, before.points);
  const ended = await work.run(await ports.sweeps.journal(stored));
  if (work.mismatches.length > 0) return { kind: "mismatch", sweep_id: sweep.sweep_id, points: work.mismatches };
  if (ended === "aborted") return { kind: "aborted", sweep_id: sweep.sweep_id, done: work.stored, points: grid.points };
  const rows = work.points();
  const summary = summarise({ ...grid, periods_per_year: run.config.periods_per_year }, rows, ranking, work.overBudget);
  const status = work.overBudget > 0 ? "partial" : "complete";
  const elapsed_ms = ports.now() - started;
  const sealed = await seal(ports, sweep, stored, { rows, summary, status, elapsed_ms, workers: request.workers });
  const result: SweepResult = {
    sweep_id: sweep.sweep_id,
    dir: sealed.dir,
    status,
    points: grid.points,
    taken: taken.length,
    computed: rows.length - taken.length,
    identical: request.recompute === true && before.points.length > 0 ? true : null,
    ranking,
    summary,
    elapsed_ms,
  };
  return { kind: "ended", result, sweep: sealed, rows };
}

/** Runs points, keeps them, and tells of them. */
class SweepWork {
  readonly mismatches: number[] = [];
  overBudget = 0;
  readonly #ports: SweepPorts;
  readonly #sweep: PreparedSweep;
  readonly #request: SweepRequest;
  /** Finished points by number. */
  readonly #points: Map<number, SweepPoint>;
  /** What the store held before, to compare with. */
  readonly #before: ReadonlyMap<number, SweepPoint>;
  /** Rows that wait for those before them. */
  readonly #waiting = new Map<number, SweepRow>();
  readonly #runIds = new Map<number, string>();
  #next = 1;

  constructor(ports: SweepPorts, sweep: PreparedSweep, request: SweepRequest, taken: readonly SweepPoint[], before: readonly SweepPoint[]) {
    this.#ports = ports;
    this.#sweep = sweep;
    this.#request = request;
    this.#points = new Map(taken.map((point) => [point.point, point]));
    this.#before = new Map(before.map((point) => [point.point, point]));
  }

  /** Points that are on disk. */
  get stored(): number {
    return new Set([...this.#before.keys(), ...this.#points.keys()]).size;
  }

  /** Finished points in grid order. */
  points(): readonly SweepPoint[] {
    return [...this.#points.values()].sort((a, b) => a.point - b.point);
  }

  async run(journal: PointJournal): Promise<"completed" | "aborted"> {
    const { run, point_budget_ms, content_hashes } = this.#sweep;
    const { signal, workers } = this.#request;
    const broken = new AbortController();
    const keeping = new Set<Promise<void>>();
    let failure: { readonly error: unknown } | null = null;
    try {
      this.#tell();
      const ended = await this.#ports.points.run(
        { bundle: run.task.bundle, instruments: run.task.instruments, inputs: run.task.inputs, content_hashes },
        this.#tasks(),
        {
          workers,
          time_budget_ms: run.time_budget_ms,
          point_budget_ms,
          signal: signal === undefined ? broken.signal : AbortSignal.any([signal, broken.signal]),
          onOutcome: (outcome) => {
            const kept = this.#take(outcome, journal).catch((error: unknown) => {
              failure ??= { error };
              broken.abort();
            });
            keeping.add(kept);
            void kept.finally(() => keeping.delete(kept));
          },
        },
      );
      await Promise.all(keeping);
      const fault = failure as { readonly error: unknown } | null;
      if (fault !== null) throw fault.error;
      return ended;
    } finally {
      await journal.close();
    }
  }

  *#tasks(): Generator<PointTask> {
    for (let point = 1; point <= this.#sweep.grid.points; point++) {
      if (this.#points.has(point)) continue;
      const run = runOfPoint(this.#ports, this.#sweep, point);
      this.#runIds.set(point, run.run_id);
      yield pointTask(run, point);
    }
  }

  async #take(outcome: PointOutcome, journal: PointJournal): Promise<void> {
    const { point } = outcome;
    const params = paramsAt(this.#sweep.grid, point);
    const run_id = this.#runIds.get(point) ?? "";
    this.#runIds.delete(point);
    if (outcome.kind === "over_budget") {
      this.overBudget += 1;
      this.#ended({ point, params, status: "over_budget", budget: outcome.budget });
      return;
    }
    const row = settledPoint({ point, params, run_id, ...outcome.figures });
    const known = this.#before.get(point);
    if (known === undefined) await journal.append(row);
    else if (pointLine(known, this.#ports.hash) !== pointLine(row, this.#ports.hash)) this.mismatches.push(point);
    this.#points.set(point, row);
    this.#ended(row);
  }

  #ended(row: SweepRow): void {
    this.#waiting.set(row.point, row);
    this.#request.onPoint?.(row);
    this.#tell();
  }

  /** Tells rows in grid order as far as they are there. */
  #tell(): void {
    for (;;) {
      const row = this.#waiting.get(this.#next) ?? this.#points.get(this.#next);
      if (row === undefined) return;
      this.#waiting.delete(this.#next);
      this.#next += 1;
      this.#request.onRow?.(row);
    }
  }
}

async function begin(ports: SweepPorts, sweep: PreparedSweep): Promise<StoredSweep> {
  const { bundle, source_map } = sweep.run.strategy;
  const provenance = asJsonObject({ recorded_at: ports.now(), captures: sweep.run.captures });
  return ports.sweeps.begin(
    manifestOfSweep(ports, sweep),
    [bundle, source_map, sweep.config_text, ...Object.values(sweep.run.task.inputs)],
    provenance,
  );
}

interface Ended {
  readonly rows: readonly SweepPoint[];
  readonly summary: SweepSummary;
  readonly status: "complete" | "partial";
  readonly elapsed_ms: number;
  readonly workers: number;
}

async function seal(ports: SweepPorts, sweep: PreparedSweep, stored: StoredSweep, ended: Ended): Promise<StoredSweep> {
  const { grid, ranking, run } = sweep;
  const { rows, summary, status, elapsed_ms, workers } = ended;
  const map = heatMapOf(grid, rows, ranking, summary.best?.point ?? null);
  const { name, version } = run.config.strategy;
  const facts = { sweep_id: sweep.sweep_id, strategy: `${name} ${version}`, bars: run.total_bars, points: grid.points, summary };
  const provenance = asJsonObject({ recorded_at: ports.now(), captures: run.captures, workers, elapsed_ms });
  return ports.sweeps.seal(
    stored,
    rows,
    async (folder) => {
      await ports.artifacts.writeTable(folder, sweepTable(grid, rows));
      await ports.artifacts.writeText(folder, "heat-map.svg", ports.charts.svg(map));
      await ports.artifacts.writeText(folder, "heat-map.html", ports.charts.page(map, facts));
    },
    (files) => ({ ...manifestOfSweep(ports, sweep), status, summary, files }),
    provenance,
  );
}

/** Sweeps of the same strategy: one of them was probably meant, and something in it has changed since. */
async function relatedTo(ports: SweepPorts, sweep: PreparedSweep): Promise<readonly StoredSweep[]> {
  const { name } = sweep.run.config.strategy;
  return (await ports.sweeps.list()).filter(({ manifest }) => manifest.strategy.name === name);
}
