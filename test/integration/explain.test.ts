/** Every number of a run goes back to its terms, and its terms to the tape. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeSample } from "../../src/apps/cli/demo-steps.js";
import { openOnetape } from "../../src/apps/library/onetape.js";
import { openWorkspacePorts } from "../../src/apps/library/workspace.js";
import type { BarColumns } from "../../src/core/market/bars.js";
import { type ExplainedStep, explainExpression, positionsIn } from "../../src/core/metrics/explain.js";
import type { MetricInput } from "../../src/core/metrics/metric.js";
import { roundHalfEven } from "../../src/core/metrics/round-half-even.js";
import { METRIC_DECIMALS, metricGroups, metricInput, type RunMetrics } from "../../src/core/metrics/run-metrics.js";
import type { TapeEvent } from "../../src/core/tape/event.js";
import type { StoredRun } from "../../src/ports/run-store.js";
import { openTape } from "../../src/usecases/compare-runs.js";
import type { ExplainOutcome } from "../../src/usecases/explain-run.js";
import { metricsOf } from "../../src/usecases/find-run.js";
import { projectRun } from "../../src/usecases/project-run.js";
import { configOf, recordedStart } from "../../src/usecases/recorded-run.js";
import { refold } from "../support/refold.js";

let home: string;

interface Loaded {
  readonly run: StoredRun;
  readonly input: MetricInput;
  readonly stored: RunMetrics;
  readonly tape: readonly TapeEvent[];
}

const runs = new Map<string, Loaded>();

async function load(name: string, configPath: string): Promise<void> {
  const onetape = openOnetape({ home });
  const outcome = await onetape.backtest({ configPath });
  if (outcome.kind !== "ok") throw new Error(JSON.stringify(outcome));
  await onetape.close();
  const workspace = openWorkspacePorts({ home, store: "sqlite" });
  const ports = workspace.backtests;
  const found = await ports.runs.find(outcome.result.run_id);
  if (found.kind !== "found") throw new Error("the run is not stored");
  const store = ports.tapes(found.run.dir);
  const { session } = await openTape(store, found.run.manifest.tape.log);
  if (session === null) throw new Error("the tape does not open");
  const started = await recordedStart(session);
  if (started === null) throw new Error("no run.started");
  const columns = new Map<string, BarColumns>();
  for (const { symbol, column_set, basis } of configOf(started).data) {
    const bars = await ports.bars.load(column_set, basis);
    if (bars !== null) columns.set(symbol, bars);
  }
  const folded = await projectRun({ session, columns, config: configOf(started), inputs: {}, detail: true });
  const tape: TapeEvent[] = [];
  for await (const event of session.readLog()) tape.push(event);
  const stored = await metricsOf(ports, found.run);
  runs.set(name, { run: found.run, input: metricInput(folded.measures, folded.detail), stored, tape });
  await store.close();
  await workspace.close();
}

beforeAll(async () => {
  home = join(await mkdtemp(join(tmpdir(), "onetape-explain-")), ".onetape");
  const project = join(dirname(home), "project");
  await writeSample(project);
  await load("the demo's run", join(project, "backtest.yaml"));
  await load("ema-cross", "examples/ema-cross/backtest.yaml");
}, 120_000);
afterAll(() => rm(dirname(home), { recursive: true, force: true }));

function loaded(name: string): Loaded {
  const found = runs.get(name);
  if (found === undefined) throw new Error(`${name} was not loaded`);
  return found;
}

/** The one rounding that a result goes through. */
function asStored(value: number | string): number | string {
  return typeof value === "number" ? roundHalfEven(value, METRIC_DECIMALS) : value;
}

function foldsIn(step: ExplainedStep): Extract<ExplainedStep, { kind: "fold" }>[] {
  if (step.kind === "fold") return [step];
  if (step.kind === "metric") return foldsIn(step.is);
  return step.kind === "apply" ? step.operands.flatMap(foldsIn) : [];
}

const ALL = Number.POSITIVE_INFINITY;

describe.each(["the demo's run", "ema-cross"])("%s", (name) => {
  it("has every number of metrics.json fold back from its terms, to the last decimal", () => {
    const { input, stored } = loaded(name);
    let explained = 0;
    for (const metric of metricGroups.flatMap((g) => g.metrics)) {
      const derivation = metric.derive(input);
      const kept = stored.metrics[metric.id];
      expect(kept?.state, metric.id).toBe(derivation.state);
      if (derivation.state === "undefined") continue;
      const again = refold(explainExpression(derivation.is, input, ALL), input.run.money_scale);
      expect(asStored(again), metric.id).toBe(kept?.value);
      explained += 1;
    }
    expect(explained).toBeGreaterThan(90);
  });

  it("has every number of every table fold back from its terms", () => {
    const { input, stored } = loaded(name);
    let cells = 0;
    for (const table of metricGroups.flatMap((g) => g.tables)) {
      const derivation = table.derive(input);
      if (derivation.state === "undefined") continue;
      for (const [i, row] of derivation.rows.entries()) {
        for (const [column, cell] of Object.entries(row)) {
          const kept = stored.tables[table.id]?.rows[i]?.[column];
          if (cell === null || typeof cell === "string") {
            expect(kept ?? null, `${table.id} ${column}`).toBe(cell);
            continue;
          }
          const again = refold(explainExpression(cell, input, ALL), input.run.money_scale);
          expect(asStored(again), `${table.id} ${i} ${column}`).toBe(kept);
          cells += 1;
        }
      }
    }
    expect(cells).toBeGreaterThan(60);
  });

  it("names events that are on the tape, of the kind that can carry the term", () => {
    const { input, tape } = loaded(name);
    const kinds: Readonly<Record<string, RegExp>> = {
      "session return": /^(run\.started|session\.closed|run\.completed)$/,
      "session mark": /^(session\.closed|run\.completed)$/,
      "commission of a fill": /^(order\.filled|order\.partially_filled)$/,
      "trade's profit": /^(order\.filled|order\.partially_filled)$/,
      "signal.emitted": /^signal\.emitted$/,
      "bars attached": /^bars\.attached$/,
      "gross exposure": /^(bars\.attached|order\.filled|order\.partially_filled)$/,
    };
    const seen = new Set<string>();
    for (const metric of metricGroups.flatMap((g) => g.metrics)) {
      const derivation = metric.derive(input);
      if (derivation.state === "undefined") continue;
      const step = explainExpression(derivation.is, input, 20);
      for (const position of positionsIn(step)) expect(tape[position - 1]?.position, `${metric.id} names ${position}`).toBe(position);
      for (const fold of foldsIn(step)) {
        for (const term of fold.terms) {
          if (fold.of !== "order" && !fold.of.startsWith("bars outside"))
            expect(term.events.length, `${metric.id}: ${term.label}`).toBeGreaterThan(0);
          const kind = kinds[fold.of];
          if (kind === undefined) continue;
          seen.add(fold.of);
          for (const position of term.events) expect(tape[position - 1]?.type, `${metric.id}: ${fold.of}`).toMatch(kind);
        }
      }
    }
    expect([...seen].sort()).toEqual(Object.keys(kinds).sort());
  });

  it("has each commission and each session mark say what its event's payload says", () => {
    const { input, tape } = loaded(name);
    const payload = (position: number): Record<string, unknown> =>
      JSON.parse(tape[position - 1]?.payload ?? "{}") as Record<string, unknown>;
    const stepOf = (id: string): ExplainedStep => {
      const derivation = metricGroups
        .flatMap((g) => g.metrics)
        .find((m) => m.id === id)
        ?.derive(input);
      if (derivation?.state !== "ok") throw new Error(`${id} is undefined`);
      return explainExpression(derivation.is, input, ALL);
    };
    const commissions = foldsIn(stepOf("ex.fees"))[0]?.terms ?? [];
    expect(commissions.length).toBeGreaterThan(10);
    for (const { value, events } of commissions) expect(payload(events[0] ?? 0)["commission"]).toBe(value);
    const marks = foldsIn(stepOf("ex.turnover")).find((f) => f.of === "session mark")?.terms ?? [];
    expect(marks.length).toBeGreaterThan(3);
    for (const { value, events } of marks) expect(payload(events[0] ?? 0)["equity"]).toBe(value);
  });
});

describe("what is asked for", () => {
  async function explain(what: string, limit?: number): Promise<ExplainOutcome> {
    const onetape = openOnetape({ home });
    try {
      return await onetape.runs.explain({ run: loaded("ema-cross").run, what, ...(limit === undefined ? {} : { limit }) });
    } finally {
      await onetape.close();
    }
  }

  it("a metric gives its card, its stored result, a formula, the largest terms first and the events behind them", async () => {
    const outcome = await explain("sharpe", 2);
    if (outcome.kind !== "explained" || outcome.explanation.kind !== "metric") throw new Error(JSON.stringify(outcome));
    const { card, result, formula, is, events } = outcome.explanation;
    expect([card.calc, result.value, formula]).toEqual([
      { calc_name: "perf.sharpe", calc_version: "v1" },
      loaded("ema-cross").stored.metrics["sharpe"]?.value,
      "mean(r) / sd(r) x sqrt(P, periods a year)",
    ]);
    const [mean] = foldsIn(is as ExplainedStep);
    const sizes = (mean?.terms ?? []).map((t) => Math.abs(Number(t.value)));
    expect([mean?.terms.length, mean?.more, sizes[0] ?? 0]).toEqual([2, (mean?.n ?? 0) - 2, Math.max(...sizes)]);
    expect(events.map((e) => e.type)).toContain("session.closed");
    expect(events.every((e) => !e.stream.startsWith("run/"))).toBe(true);
  });

  it("a trade gives fills that add up, and each order's signal, decision and bar", async () => {
    const outcome = await explain("trade:1");
    if (outcome.kind !== "explained" || outcome.explanation.kind !== "trade") throw new Error(JSON.stringify(outcome));
    const { trade, fills, orders } = outcome.explanation;
    const cents = (text: string): number => Math.round(Number(text) * 100);
    expect(fills.reduce((sum, f) => sum + cents(f.realized) - cents(f.commission), 0)).toBe(cents(trade.net_pnl));
    expect(orders.map((o) => o.part)).toEqual(["entry", "exit"]);
    for (const { signal, bar, events } of orders) {
      expect(events.map((e) => e.type)).toEqual(["order.created", "risk.decided", "order.submitted", "order.accepted", "order.filled"]);
      expect(bar?.values.ts).toBe(signal?.payload["bar_ts"]);
    }
  });

  it("a session gives rows that sum to the change of equity, exactly", async () => {
    const outcome = await explain("2024-01-03", 1_000);
    if (outcome.kind !== "explained" || outcome.explanation.kind !== "session") throw new Error(JSON.stringify(outcome));
    const { from, to, change, rows, rest, more } = outcome.explanation;
    const cents = (text: string): number => Math.round(Number(text) * 100);
    expect(cents(to.equity) - cents(from.equity)).toBe(cents(change));
    expect(rows.reduce((sum, row) => sum + cents(row.total), cents(rest))).toBe(cents(change));
    expect([more, rest]).toEqual([0, "0"]);
  });

  it("a row of a table gives its numbers alone, a table all rows", async () => {
    const [row, table] = [await explain("ret.best_worst/month"), await explain("ret.best_worst")];
    if (row.kind !== "explained" || row.explanation.kind !== "table") throw new Error(JSON.stringify(row));
    if (table.kind !== "explained" || table.explanation.kind !== "table") throw new Error(JSON.stringify(table));
    expect(row.explanation.rows.map((r) => r.name)).toEqual(["month"]);
    expect(table.explanation.rows.map((r) => r.name)).toEqual(["day", "week", "month", "year"]);
  });

  it("a stored number that the tape does not give is not explained away", async () => {
    const { run, stored } = loaded("ema-cross");
    const path = join(run.dir, "metrics.json");
    const before = await readFile(path, "utf8");
    const value = stored.metrics["ex.cost"]?.value;
    const tampered = { ...stored, metrics: { ...stored.metrics, "ex.cost": { ...stored.metrics["ex.cost"], value: "1" }, psr: undefined } };
    try {
      await writeFile(path, JSON.stringify(tampered));
      expect(await explain("ex.cost")).toEqual({
        kind: "differs",
        message: `metrics.json of the run holds "1" for ex.cost, its tape gives "${value}"`,
      });
      expect(await explain("psr")).toMatchObject({ kind: "unknown", message: expect.stringContaining("has no psr") });
      await rm(path);
      expect(await explain("sharpe")).toMatchObject({ kind: "unknown", message: expect.stringContaining("ended from outside") });
      expect(await explain("trade:1")).toMatchObject({ kind: "explained" });
    } finally {
      await writeFile(path, before);
    }
  });

  it.each([
    ["sharp", "there is no metric sharp; did you mean sharpe?"],
    ["tail.var", "there is no metric tail.var; there are tail.var_95, tail.var_975, tail.var_99"],
    ["trade:999", "there is no trade 999; the run made trade:1 to trade:37"],
    ["trade:0", "there is no trade 0; the run made trade:1 to trade:37"],
    ["2024-01-06", "the run has no session 2024-01-06; it has 5, from 2024-01-02 to 2024-01-08, the nearest 2024-01-05 and 2024-01-08"],
    ["ret.period/2Y", "ret.period has no row 2Y; it has MTD, 3M, 6M, YTD, 1Y, 3Y, 5Y, all"],
  ])("%s is not there, and the answer says what is", async (what, message) => {
    expect(await explain(what)).toEqual({ kind: "unknown", message });
  });
});
