import type { BarColumns, Timeframe } from "../../src/core/market/bars.js";
import { calendarById } from "../../src/core/market/calendars/registry.js";
import { deriveBars } from "../../src/core/market/derive-bars.js";
import { GENERATE_DEFAULTS, type GenerateBarsOptions, generateBars } from "../../src/core/market/generate-bars.js";
import { formatScaled } from "../../src/core/money/decimal.js";

/**
 * The bars of examples/data as they are made: everything is invented, by the generator and a seed. Files by name.
 *
 * `mate-1d.csv` is three fifths of the DEMO beside it plus a price of its own that swings around 20, minute by minute: two symbols whose
 * distance returns.
 */
export const EXAMPLE_FILES: { readonly [name: string]: () => string } = {
  "demo-1m.csv": () => csv(minutes("DEMO", WEEK)),
  "demo-5m.csv": () => csv(derived(minutes("DEMO", MONTH), "5m")),
  "demo-1d.csv": () => csv(derived(minutes("DEMO", YEARS), "1d")),
  "mate-1d.csv": () => csv(derived(mate(minutes("DEMO", YEARS), minutes("SWING", SWING)), "1d")),
};

type Choices = Omit<GenerateBarsOptions, "symbol" | "calendar">;

const WEEK: Choices = { ...GENERATE_DEFAULTS, seed: 7, from: Date.UTC(2024, 0, 2), to: Date.UTC(2024, 0, 9) - 1_000 };
const MONTH: Choices = { ...WEEK, to: Date.UTC(2024, 0, 31) - 1_000 };
/** Three years of trends that last about thirty sessions. */
const YEARS: Choices = {
  ...WEEK,
  from: Date.UTC(2022, 0, 3),
  to: Date.UTC(2024, 11, 31, 23),
  regime_minutes: 390 * 30,
  trend_strength: 0.012,
  reversion: 0.0005,
};
/** One regime for ever; under this seed it swings. */
const SWING: Choices = { ...YEARS, seed: 3, start_price: "20", yearly_volatility: 0.5, regime_minutes: 1_000_000_000 };

const XNYS = calendarById("XNYS");

function minutes(symbol: string, choices: Choices): BarColumns {
  return generateBars({ ...choices, symbol, calendar: XNYS });
}

function derived(bars: BarColumns, timeframe: Exclude<Timeframe, "1m">): BarColumns {
  const last = bars.ts[bars.rows - 1] ?? 0;
  const source = { column_set: "", captures: [] };
  return deriveBars(bars, { timeframe, calendar: XNYS, source, complete_until: last }).columns;
}

/** Prices are rounded to the cent; sums of highs and lows bound sums of opens and closes. */
function mate(demo: BarColumns, swing: BarColumns): BarColumns {
  const cent = 1_000_000;
  const join = (column: "open" | "high" | "low" | "close"): Float64Array =>
    demo[column].map((price, row) => Math.round((price * 3) / 5 / cent) * cent + (swing[column][row] ?? Number.NaN));
  return { ...demo, symbol: "MATE", open: join("open"), high: join("high"), low: join("low"), close: join("close") };
}

function csv(bars: BarColumns): string {
  const lines = Array.from({ length: bars.rows }, (_, row) => {
    const time = new Date(bars.ts[row] ?? 0).toISOString().replace(".000Z", "Z");
    const prices = [bars.open, bars.high, bars.low, bars.close].map((column) => formatScaled(column[row] ?? 0, bars.price_scale));
    return [time, ...prices, formatScaled(bars.volume[row] ?? 0, bars.volume_scale)].join(",");
  });
  return `${["ts,open,high,low,close,volume", ...lines].join("\n")}\n`;
}
