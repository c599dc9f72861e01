import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { makeStyle } from "../../src/adapters/terminal/style.js";
import { renderDiff } from "../../src/apps/cli/render-diff.js";
import { runCatalogue } from "../../src/core/engine/run-event-schemas.js";
import type { BarColumns } from "../../src/core/market/bars.js";
import { formatScaled } from "../../src/core/money/decimal.js";
import type { StoredRun } from "../../src/ports/run-store.js";
import { diffRuns, type RunDiff } from "../../src/usecases/diff-runs.js";
import { diffStoredRuns } from "../../src/usecases/diff-stored-runs.js";
import { readRunEvents } from "../../src/usecases/read-run-events.js";
import { runBacktest } from "../../src/usecases/run-backtest.js";
import { type BacktestWorkspace, backtestWorkspace, EMA_STRATEGY } from "../support/backtest-workspace.js";

let workspace: BacktestWorkspace;
let original: StoredRun;
let bars: BarColumns;

beforeAll(async () => {
  workspace = await backtestWorkspace({ days: 2 });
  bars = workspace.bars.get("DEMO") as BarColumns;
  original = await backtest();
});
afterEach(() => {
  workspace.bars.clear();
  workspace.bars.set("DEMO", bars);
});
afterAll(() => workspace.close());

async function stored(name: string): Promise<StoredRun> {
  const found = await workspace.ports.runs.find(name);
  if (found.kind !== "found") throw new Error(`${name} was not stored`);
  return found.run;
}

async function backtest(config = "", ports = workspace.ports): Promise<StoredRun> {
  const outcome = await runBacktest(ports, { configPath: await workspace.writeConfig(config) });
  if (outcome.kind === "ok") return stored(outcome.result.run_id);
  if (outcome.kind === "mismatch") return stored(outcome.kept_as);
  throw new Error(JSON.stringify(outcome));
}

async function diff(left: StoredRun, right: StoredRun): Promise<RunDiff> {
  const outcome = await diffStoredRuns(workspace.ports, left, right);
  if (outcome.kind !== "compared") throw new Error(JSON.stringify(outcome));
  // Every comparison can be told in words.
  expect(renderDiff(outcome.diff, makeStyle(false), true)).not.toContain("undefined");
  return outcome.diff;
}

/** A run under the same identity by a strategy that was changed behind its hash, as a fault of the engine would make it. */
async function faulty(from: string, to: string): Promise<StoredRun> {
  const { strategies } = workspace.ports;
  return backtest("", {
    ...workspace.ports,
    strategies: {
      ...strategies,
      load: async (path) => {
        const loaded = await strategies.load(path);
        if (loaded.kind !== "loaded") return loaded;
        const bundle = loaded.strategy.bundle.replace(from, to);
        expect(bundle).not.toBe(loaded.strategy.bundle);
        return { ...loaded, strategy: { ...loaded.strategy, bundle } };
      },
    },
  });
}

/** The demo bars with one number changed. */
function withChange(field: "open" | "volume", row: number, by: number): BarColumns {
  const changed = new Float64Array(new SharedArrayBuffer(bars[field].byteLength));
  changed.set(bars[field]);
  changed[row] = (changed[row] ?? 0) + by;
  return { ...bars, [field]: changed };
}

/** Runs on other bars; both sets stay in the workspace, as two captures would. */
async function backtestOn(other: BarColumns): Promise<StoredRun> {
  workspace.bars.set("DEMO", other);
  const run = await backtest();
  workspace.bars.set("first capture", bars);
  return run;
}

describe("two runs", () => {
  it("of the same content are identical, with the content hash that both have", async () => {
    const result = await diff(original, original);
    const { head_position, content_hash } = original.manifest.tape;
    expect(result).toMatchObject({
      verdict: "identical",
      prefix: null,
      first: null,
      inputs: [],
      damage: [],
      common: { position: head_position, content_hash },
      search: { events_read: 0 },
    });
    expect(renderDiff(result, makeStyle(false), false)).toContain(`content ${content_hash}`);
  });

  it("that were given the same part where one of them decided otherwise", async () => {
    const other = await faulty("ctx.enterLong()", "ctx.enterLong(ctx.state.fills > 40 ? { qty: 11 } : {})");
    const result = await diff(original, other);
    expect(result).toMatchObject({ verdict: "parted", inputs: [], common_decisions: null, damage: [] });
    const { first } = result;
    expect(first).toMatchObject({
      left: { type: "signal.emitted", payload: { action: "enter_long" }, position: result.common.position + 1 },
      right: { type: "signal.emitted", payload: { action: "enter_long", qty: "11" }, position: result.common.position + 1 },
      fields: ["payload"],
      paths: [{ path: "/qty", right: "11" }],
      cause: { left: { type: "bars.attached" }, right: { type: "bars.attached" }, left_steps: 1, right_steps: 1 },
    });
    // The signal was decided on the bar that closed at its time.
    expect(first?.bar?.left).toEqual(first?.bar?.right);
    expect(first?.bar).toMatchObject({ symbol: "DEMO", left: { ts: first?.left?.occurred_at } });
    // Every event before is equal, and that one is not.
    const [ours, theirs] = [await contents(original), await contents(other)];
    const parted = ours.findIndex((content, i) => content !== theirs[i]);
    expect(result.common.position).toBe(parted);
  });

  it("have the states that their tapes fold to, before and after the event", async () => {
    const other = await faulty("ctx.enterLong()", "ctx.enterLong(ctx.state.fills > 40 ? { qty: 11 } : {})");
    const { first } = await diff(original, other);
    if (first?.states.kind !== "folded") throw new Error("the states are unknown");
    const { before, after, changed } = first.states;
    expect(before.differences).toEqual([]);
    const cash = await cashBefore(original, first.left?.position ?? 0);
    expect(before.left["cash"]).toBe(cash);
    expect(before.left["positions"]).toMatchObject({ DEMO: { qty: "-10" } });
    expect(changed.left).toEqual([{ path: "/counts/signals", left: expect.any(Number), right: expect.any(Number) }]);
    expect(after.differences).toEqual([]);
  });

  it("that were given other parameters have the parameters listed, and then the first decision that differs", async () => {
    const other = await backtest("params: { fast: 6 }\n");
    const result = await diff(original, other);
    expect(result.verdict).toBe("parted");
    expect(result.inputs).toEqual([{ area: "strategy", path: "/config/strategy/params/fast", left: 5, right: 6 }]);
    expect(result.common_decisions).toBeGreaterThan(0);
    expect(result.first?.left?.type).toMatch(/^(signal|order|session)\./);
    expect(result.echoes.every(({ path }) => path === "/strategy_sha256")).toBe(true);
  });

  it("that were given other costs part at the first fill, with the cash that each then has", async () => {
    const { first, inputs } = await diff(original, await backtest("", await withFee("3")));
    expect(inputs).toEqual([{ area: "config", path: "/config/execution/fees/bps", left: "2", right: "3" }]);
    expect(first).toMatchObject({ left: { type: "order.filled" }, right: { type: "order.filled" } });
    expect(first?.paths.map(({ path }) => path)).toEqual(["/commission"]);
    if (first?.states.kind !== "folded") throw new Error("the states are unknown");
    expect(first.states.before.differences).toEqual([]);
    expect(first.states.after.differences.map(({ path }) => path)).toEqual(["/cash", "/positions/DEMO/commission"]);
  });

  it("on bars that differ by one tick are told the bar, and part where it first mattered", async () => {
    const fills: number[] = [];
    for await (const { occurred_at } of readRunEvents(workspace.ports, original, { types: ["order.filled"] })) fills.push(occurred_at);
    const row = bars.ts.indexOf(fills[30] ?? 0);
    const result = await diff(original, await backtestOn(withChange("open", row, 1)));
    expect(result.inputs.map(({ path }) => path)).toEqual(["/config/data/0/column_set"]);
    const [before, after] = [0, 1].map((by) => formatScaled((bars.open[row] ?? 0) + by, bars.price_scale));
    expect(result.data).toMatchObject([
      { symbol: "DEMO", left: { ts: bars.ts[row], open: before }, right: { ts: bars.ts[row], open: after } },
    ]);
    // The order filled at that open, one tick apart; the bar behind it is the one that was changed.
    expect(result.first).toMatchObject({
      left: { type: "order.filled", occurred_at: bars.ts[row] },
      right: { type: "order.filled" },
      bar: { symbol: "DEMO", left: { open: before }, right: { open: after } },
    });
    expect(result.first?.paths.map(({ path }) => path)).toContain("/price");
  });

  it("of which one is the beginning of the other are named as such", async () => {
    const store = workspace.ports.tapes(original.dir);
    const opened = await store.open({ log: original.manifest.tape.log, catalogue: runCatalogue, mode: "read" });
    if (opened.kind !== "opened") throw new Error(opened.kind);
    const anchor = (await opened.session.anchors())[0];
    if (anchor === undefined) throw new Error("the tape has no anchor");
    const side = { name: "whole", session: opened.session, run: null, bars: workspace.ports.bars };
    const cut = new Proxy(opened.session, {
      get(session, key) {
        if (key === "head") return () => ({ position: anchor.position, hash: anchor.hash, content_hash: anchor.content_hash });
        if (key === "anchors") return async () => [anchor];
        if (key === "readLog")
          return async function* (options?: Parameters<typeof session.readLog>[0]) {
            for await (const event of session.readLog(options)) if (event.position <= anchor.position) yield event;
          };
        const value: unknown = Reflect.get(session, key);
        return typeof value === "function" ? value.bind(session) : value;
      },
    });
    const result = await diffRuns(workspace.ports, { ...side, name: "short", session: cut }, side);
    expect(result).toMatchObject({
      verdict: "prefix",
      prefix: "left",
      common: { position: anchor.position, content_hash: anchor.content_hash },
      first: { left: null, right: { position: anchor.position + 1 } },
    });
    expect(renderDiff(result, makeStyle(false), false)).toContain("short is the beginning of whole");
    await store.close();
  });

  it("that were given other bars but decided the same say so", async () => {
    const result = await diff(original, await backtestOn(withChange("volume", 1_000, 1)));
    expect(result).toMatchObject({ verdict: "inputs_only", first: null, data: [{ symbol: "DEMO", left: { ts: bars.ts[1_000] } }] });
    expect(renderDiff(result, makeStyle(false), false)).toContain("different inputs, the same");
  });

  it("of two strategies have the source named", async () => {
    await workspace.writeStrategy(EMA_STRATEGY.replace("qty <= 0", "qty < 0"));
    const other = await backtest();
    await workspace.writeStrategy(EMA_STRATEGY);
    const result = await diff(original, other);
    expect(result.inputs.map(({ area, path }) => `${area} ${path}`)).toEqual(["strategy /strategy/source_sha256"]);
  });
});

async function withFee(bps: string): Promise<typeof workspace.ports> {
  const { configs } = workspace.ports;
  return {
    ...workspace.ports,
    configs: {
      ...configs,
      resolve: (config, defaults) => {
        const resolved = configs.resolve(config, defaults);
        if (resolved.kind !== "resolved") return resolved;
        return { ...resolved, execution: { ...resolved.execution, fees: { model: "bps", bps } } };
      },
    },
  };
}

async function contents(run: StoredRun): Promise<readonly string[]> {
  const all: string[] = [];
  for await (const { type, occurred_at, payload } of readRunEvents(workspace.ports, run))
    all.push(JSON.stringify({ type, occurred_at, payload }));
  return all;
}

/** Cash by adding fills up, without the engine's fold. */
async function cashBefore(run: StoredRun, position: number): Promise<string> {
  let cents = 10_000_000;
  for await (const { payload } of readRunEvents(workspace.ports, run, { types: ["order.filled"], to: position - 1 })) {
    const { side, qty, price, commission } = payload as { side: string; qty: string; price: string; commission: string };
    const value = Math.round(Number(qty) * Number(price) * 100);
    cents += (side === "buy" ? -value : value) - Math.round(Number(commission) * 100);
  }
  return String(cents / 100);
}
