import { calendarById } from "../../core/market/calendars/registry.js";
import { GENERATE_DEFAULTS, generateBars } from "../../core/market/generate-bars.js";
import { formatScaled } from "../../core/money/decimal.js";

/** What the sample is made from. The same values make the same bytes on every machine. */
export const sample = {
  symbol: "DEMO",
  calendar: "XNYS",
  seed: 7,
  /** First and last session. */
  from: "2024-01-02",
  to: "2024-01-30",
} as const;

/** One-minute bars of an invented symbol as CSV: close times in UTC, prices and volumes as decimal text. */
export function sampleBarsCsv(): string {
  const bars = generateBars({
    ...GENERATE_DEFAULTS,
    symbol: sample.symbol,
    calendar: calendarById(sample.calendar),
    seed: sample.seed,
    from: Date.parse(`${sample.from}T00:00:00Z`),
    to: Date.parse(`${sample.to}T23:59:59Z`),
  });
  const lines = ["ts,open,high,low,close,volume"];
  const price = (column: Float64Array, row: number): string => formatScaled(column[row] ?? 0, bars.price_scale);
  for (let row = 0; row < bars.rows; row += 1) {
    const ts = new Date(bars.ts[row] ?? 0).toISOString().replace(".000Z", "Z");
    const prices = [bars.open, bars.high, bars.low, bars.close].map((column) => price(column, row));
    lines.push([ts, ...prices, formatScaled(bars.volume[row] ?? 0, bars.volume_scale)].join(","));
  }
  return `${lines.join("\n")}\n`;
}
