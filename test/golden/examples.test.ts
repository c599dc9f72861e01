/** The shipped examples, each with its totals and the content hash of its tape. A change here is a change of what users get. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Onetape, openOnetape } from "../../src/apps/library/onetape.js";
import { calendarById } from "../../src/core/market/calendars/registry.js";
import { GENERATE_DEFAULTS, generateBars } from "../../src/core/market/generate-bars.js";
import { formatScaled } from "../../src/core/money/decimal.js";

let folder: string;
let onetape: Onetape;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "onetape-examples-"));
  onetape = openOnetape({ home: join(folder, ".onetape") });
});
afterAll(async () => {
  await onetape.close();
  await rm(folder, { recursive: true, force: true });
});

// Orders, equity and commission come from a separate recomputation in Python decimals, written from the configs alone; the hashes are ours.
const GOLDEN = {
  "ema-cross": {
    totals: { bars: 1950, events: 461, signals: 74, orders: 74, fills: 74, trades: 37 },
    final_equity: "102688.36",
    commission: "196.9",
    content_hash: "a5a3a455af59324dd70a4a03c21a3b577dc3243a02b4a6593ee01baad4044a7f",
  },
  turtle: {
    totals: { bars: 1950, events: 593, signals: 96, orders: 96, fills: 96, trades: 48 },
    final_equity: "100357.85",
    commission: "96",
    content_hash: "aeacdd8c5e916ed28ab82af347b6942d694c10e2a791f7d5d596130dbb063dce",
  },
} as const;

describe.each(Object.entries(GOLDEN))("examples/%s", (name, golden) => {
  it("ends with its recorded totals and tape", async () => {
    const outcome = await onetape.backtest({ configPath: `examples/${name}/backtest.yaml` });
    if (outcome.kind !== "ok") throw new Error(JSON.stringify(outcome));
    const { bars, events, signals, orders, fills, trades, metrics, tape } = outcome.result;
    expect({
      totals: { bars, events, signals, orders, fills, trades },
      final_equity: metrics["final_equity"]?.value,
      commission: metrics["ex.cost"]?.value,
      content_hash: tape?.content_hash,
    }).toEqual(golden);
  });
});

it("the examples' bars are what the generator makes from seed 7", async () => {
  const bars = generateBars({
    ...GENERATE_DEFAULTS,
    symbol: "DEMO",
    calendar: calendarById("XNYS"),
    seed: 7,
    from: Date.UTC(2024, 0, 2),
    to: Date.UTC(2024, 0, 9) - 1_000,
  });
  const text = (column: Float64Array, row: number, scale: number): string => formatScaled(column[row] ?? 0, scale);
  const lines = Array.from({ length: bars.rows }, (_, row) => {
    const time = new Date(bars.ts[row] ?? 0).toISOString().replace(".000Z", "Z");
    const prices = [bars.open, bars.high, bars.low, bars.close].map((column) => text(column, row, bars.price_scale));
    return [time, ...prices, text(bars.volume, row, bars.volume_scale)].join(",");
  });
  expect(await readFile("examples/data/demo-1m.csv", "utf8")).toBe(`${["ts,open,high,low,close,volume", ...lines].join("\n")}\n`);
});
