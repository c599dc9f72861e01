import { utcText } from "../core/market/scan-time.js";
import { readDataIndex } from "./catalogue-log.js";
import type { DataPorts, DataRefusal } from "./data-ports.js";

/** One capture in a list. */
export interface ListedCapture {
  readonly capture_id: string;
  readonly column_set: string;
  readonly symbol: string;
  readonly timeframe: string;
  /** `trade`, `bid`, `ask`, `mid`, or `bid/ask` for both sides. */
  readonly basis: string;
  readonly price_mode: string;
  readonly rows: number;
  readonly first_close: string;
  readonly last_close: string;
  readonly gap_count: number;
  readonly has_volume: boolean;
  readonly synthetic: boolean;
  /** Not one-minute bars: for research only. */
  readonly research: boolean;
  /** The calculation that made it, such as `bars.derive@v1`, or null for imported bars. */
  readonly calculation: string | null;
  readonly source: string;
  readonly captured_at: string;
  /** Whether a run that asks for the latest bars of this shape gets this one. */
  readonly latest: boolean;
}

export interface DataList {
  readonly kind: "listed";
  readonly captures: readonly ListedCapture[];
}

/** The captures of a workspace by symbol, timeframe and basis, the newest of each last. */
export async function listData(
  ports: Pick<DataPorts, "store">,
  options: { readonly symbol?: string | undefined } = {},
): Promise<DataList | DataRefusal> {
  const read = await readDataIndex(ports);
  if (read.kind === "refused") return read;
  const newest = new Map<string, string>();
  const rows = read.index.captures
    .filter((capture) => options.symbol === undefined || capture.symbol === options.symbol)
    .map((capture): ListedCapture => {
      const basis = capture.content === "quotes" ? "bid/ask" : capture.basis;
      newest.set(shapeKey(capture.symbol, capture.timeframe, basis, capture.price_mode), capture.capture_id);
      return {
        capture_id: capture.capture_id,
        column_set: capture.column_set,
        symbol: capture.symbol,
        timeframe: capture.timeframe,
        basis,
        price_mode: capture.price_mode,
        rows: capture.rows,
        first_close: utcText(capture.clocks.business_from),
        last_close: utcText(capture.clocks.business_to),
        gap_count: capture.counts.gap_count,
        has_volume: capture.has_volume,
        synthetic: capture.synthetic,
        research: capture.timeframe !== "1m",
        calculation: capture.derived === null ? null : `${capture.derived.calc_name}@${capture.derived.calc_version}`,
        source: capture.sources[0]?.file ?? "",
        captured_at: utcText(capture.clocks.captured_at),
        latest: false,
      };
    })
    .map((row) => ({ ...row, latest: newest.get(shapeKey(row.symbol, row.timeframe, row.basis, row.price_mode)) === row.capture_id }));
  // A stable sort keeps the order of taking within a shape.
  rows.sort((a, b) =>
    compare(shapeKey(a.symbol, a.timeframe, a.basis, a.price_mode), shapeKey(b.symbol, b.timeframe, b.basis, b.price_mode)),
  );
  return { kind: "listed", captures: rows };
}

function shapeKey(symbol: string, timeframe: string, basis: string, mode: string): string {
  return `${symbol}\u0000${timeframe}\u0000${basis}\u0000${mode}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
