import { readFile, writeFile } from "node:fs/promises";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runBacktest } from "../../src/usecases/run-backtest.js";
import { type PathBar, type PathEntry, pathOutcomes } from "../property/bar-paths.js";
import { type BacktestWorkspace, backtestWorkspace } from "../support/backtest-workspace.js";
import { columnsOf, type HandBar } from "../support/engine-fixture.js";

/** The metric against a count over every path of every bar. */

let workspace: BacktestWorkspace;
beforeAll(async () => {
  workspace = await backtestWorkspace();
});
afterAll(() => workspace.close());

/** A bar at 100 on whose close entries are made, the bar in question, and two more at 100 to be out by. */
const EPISODE = 4;
const price = fc.integer({ min: 97, max: 103 });
const range = fc.integer({ min: 0, max: 4 });
const distance = fc.option(fc.integer({ min: 1, max: 4 }));
const episode = fc
  .tuple(price, range, range, price, fc.constantFrom("held", "stop", "limit", "either way"), price, distance, distance)
  .map(([open, up, down, close, kind, level, loss, gain]) => {
    const bar: PathBar = { open, high: Math.max(open, close) + up, low: Math.min(open, close) - down, close };
    const entry = (side: "buy" | "sell", of: PathEntry["kind"], at: number): PathEntry => {
      const long = side === "buy" ? 1 : -1;
      return { side, kind: of, level: at, stop: loss === null ? null : at - long * loss, target: gain === null ? null : at + long * gain };
    };
    if (kind === "either way") return { bar, entries: [entry("buy", "stop", level + 1), entry("sell", "stop", level - 1)] };
    const of = kind === "stop" || kind === "limit" ? kind : "held";
    return { bar, entries: [entry(level % 2 === 0 ? "buy" : "sell", of, of === "held" ? 100 : level)] };
  });

const STRATEGY = (plan: readonly (readonly PathEntry[])[]): string => `import { defineStrategy } from "onetape/strategy";

const plan = ${JSON.stringify(plan)};

export default defineStrategy({
  meta: { name: "episodes", version: "1.0.0", universe: ["DEMO"], timeframe: "1m", required_fields: ["close"], session: "all" },
  params: {},
  state: () => ({ bars: 0 }),
  onBar(bar, ctx) {
    const n = ctx.state.bars;
    ctx.state.bars += 1;
    if (n % ${EPISODE} === 1) {
      for (const order of ctx.openOrders()) ctx.cancel(order.order_id);
      const { qty } = ctx.position();
      if (qty > 0) ctx.exitLong();
      if (qty < 0) ctx.exitShort();
    }
    if (n % ${EPISODE} !== 0) return;
    const entries = plan[n / ${EPISODE}] ?? [];
    for (const entry of entries) {
      const options = {
        qty: 1,
        tif: "GTC",
        ...(entry.kind === "held" ? {} : { type: entry.kind, [entry.kind]: entry.level }),
        ...(entry.stop === null ? {} : { stop_loss: entry.stop }),
        ...(entry.target === null ? {} : { take_profit: entry.target }),
        ...(entries.length === 1 ? {} : { oco: "episode-" + n }),
      };
      if (entry.side === "buy") ctx.enterLong(options);
      else ctx.enterShort(options);
    }
  },
});
`;

describe("the number of trades that depend on the path inside a bar", () => {
  it.each(["stop_first", "target_first", "nearer_extreme"])("is what trying every path of every bar gives, under %s", async (rule) => {
    const episodes = fc.sample(episode, { numRuns: 300, seed: 20_240_102 });
    const calm = (minute: number): HandBar => [minute, 100, 100, 100, 100];
    const bars = episodes.flatMap(({ bar }, i): HandBar[] => {
      const minute = i * EPISODE + 1;
      return [calm(minute), [minute + 1, bar.open, bar.high, bar.low, bar.close], calm(minute + 2), calm(minute + 3)];
    });
    workspace.bars.set("DEMO", columnsOf("DEMO", bars));
    await workspace.writeStrategy(STRATEGY(episodes.map(({ entries }) => entries)));
    const configPath = await workspace.writeConfig();
    const text = await readFile(configPath, "utf8");
    await writeFile(configPath, text.replace(/^execution: .*$/m, `execution: { intrabar: ${rule} }`));
    const outcome = await runBacktest(workspace.ports, { configPath });
    if (outcome.kind !== "ok") throw new Error(JSON.stringify(outcome));

    const ends = episodes.map(({ bar, entries }) => pathOutcomes(bar, entries, true));
    const entered = ends.filter((possible) => !possible.has("")).length;
    const doubtful = ends.filter((possible) => possible.size > 1).length;
    expect(doubtful).toBeGreaterThan(40);
    const { metrics } = outcome.result;
    expect([metrics["tr.count"]?.value, metrics["ex.ambiguous"]?.value]).toEqual([entered, doubtful]);
  });
});
