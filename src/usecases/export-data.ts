import { open } from "node:fs/promises";
import type { BarColumns, PriceBasis, Timeframe } from "../core/market/bars.js";
import type { CaptureTaken } from "../core/market/capture.js";
import { sliceColumns } from "../core/market/column-set.js";
import type { DerivedTimeframe } from "../core/market/derive-bars.js";
import { utcText } from "../core/market/scan-time.js";
import { formatScaled } from "../core/money/decimal.js";
import type { StoredLabels } from "../ports/bar-archive.js";
import { readDataIndex } from "./catalogue-log.js";
import { chooseCapture } from "./choose-capture.js";
import { type DataPorts, type DataRefusal, type DataRunOptions, refusal } from "./data-ports.js";
import { derive } from "./derive-data.js";
import { loadBasis } from "./resolve-data.js";
import { writeFileAtomically } from "./workspace.js";

export type ExportFormat = "csv" | "ndjson" | "parquet";

export interface ExportDataOptions {
  /** A symbol (its latest capture), or the beginning of a capture's or column set's id. */
  readonly what: string;
  readonly format: ExportFormat;
  /** A file, which is there whole or not at all; or a function that takes text, which Parquet does not have. */
  readonly output: { readonly path: string } | { readonly write: (text: string) => Promise<void> };
  /** Default: as stored. Longer ones are derived from one-minute bars on the fly. */
  readonly timeframe?: Timeframe | undefined;
  /** Of quotes: `bid` (default), `ask` or `mid`. */
  readonly basis?: PriceBasis | undefined;
  /** Calendar to derive by. Default: the instrument's. */
  readonly calendar?: string | undefined;
  /** First and last close time, inclusive, UTC milliseconds. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

export interface ExportedData {
  readonly kind: "exported";
  readonly symbol: string;
  readonly timeframe: string;
  readonly basis: string;
  readonly rows: number;
  readonly capture_id: string;
  readonly column_set: string;
  /** The calculation that derived the rows, or null for stored ones. */
  readonly calculation: string | null;
  readonly synthetic: boolean;
  readonly path: string | null;
}

const BATCH = 4096;

/** Columns of an export as text, in order. Only closed bars are exported; `ingested_at` is when their capture was taken. `volume` is empty where the source has none; `calc_*` are empty for rows as stored. */
export const EXPORT_COLUMNS = [
  "symbol",
  "ts",
  "timeframe",
  "open",
  "high",
  "low",
  "close",
  "volume",
  "is_closed",
  "basis",
  "price_mode",
  "source",
  "ingested_at",
  "calc_name",
  "calc_version",
  "capture_id",
] as const;

/** Writes stored bars, or bars derived from them, for other tools. */
export async function exportData(
  ports: DataPorts,
  options: ExportDataOptions,
  run: DataRunOptions = {},
): Promise<ExportedData | DataRefusal> {
  if (options.format === "parquet" && !("path" in options.output)) {
    return refusal("invalid", [
      { code: "OUTPUT_REQUIRED", message: "Parquet is written to a file", field: "output", expected: "--output FILE.parquet" },
    ]);
  }
  const selected = await select(ports, options);
  if (selected.kind === "refused") return selected;
  const { columns, capture, calculation } = selected;
  const sheet: Sheet = { columns, labels: labelsOf(capture, calculation) };
  const path = "path" in options.output ? options.output.path : null;
  if (path !== null) {
    await writeFileAtomically(path, (temporary) => writeFile(ports, sheet, options.format, temporary, run));
  } else if ("write" in options.output) {
    for (const text of texts(sheet, options.format === "ndjson" ? "ndjson" : "csv")) {
      run.signal?.throwIfAborted();
      await options.output.write(text);
    }
  }
  return {
    kind: "exported",
    symbol: capture.symbol,
    timeframe: columns.timeframe,
    basis: columns.basis,
    rows: columns.rows,
    capture_id: capture.capture_id,
    column_set: selected.column_set,
    calculation: calculation === null ? null : `${calculation.calc_name}@${calculation.calc_version}`,
    synthetic: capture.synthetic,
    path,
  };
}

interface Calculation {
  readonly calc_name: string;
  readonly calc_version: string;
}

interface Selected {
  readonly kind: "selected";
  readonly columns: BarColumns;
  readonly column_set: string;
  readonly capture: CaptureTaken;
  readonly calculation: Calculation | null;
}

async function select(ports: DataPorts, options: ExportDataOptions): Promise<Selected | DataRefusal> {
  const read = await readDataIndex(ports);
  if (read.kind === "refused") return read;
  const { what, basis, timeframe } = options;
  const asStored = chooseCapture(read.index, { what, basis, timeframe });
  // A timeframe that is not stored is derived from the minutes.
  const chosen =
    asStored.kind === "found" || timeframe === undefined ? asStored : chooseCapture(read.index, { what, basis, timeframe: "1m" });
  if (chosen.kind === "missing") return refusal("not_found", chosen.violations, chosen.next);
  const { capture } = chosen;
  const loaded = await loadBasis(ports, capture, capture.content === "quotes" ? (basis ?? "bid") : capture.basis);
  if (loaded.kind === "refused") return loaded;
  const about = { kind: "selected", capture, column_set: loaded.column_set } as const;
  if (timeframe === undefined || timeframe === capture.timeframe) {
    return { ...about, columns: between(loaded.columns, options), calculation: capture.derived };
  }
  const derived = derive(read.index, capture, loaded.columns, timeframe as DerivedTimeframe, options.calendar);
  if (derived.kind === "refused") return derived;
  return { ...about, columns: between(derived.bars.columns, options), calculation: derived.bars };
}

function between(columns: BarColumns, { from, to }: ExportDataOptions): BarColumns {
  if (from === undefined && to === undefined) return columns;
  const first = from === undefined ? 0 : columns.ts.findIndex((ts) => ts >= from);
  const end = to === undefined ? columns.rows : columns.ts.findLastIndex((ts) => ts <= to) + 1;
  return first < 0 || end <= first ? sliceColumns(columns, 0, 0) : sliceColumns(columns, first, end - first);
}

interface Sheet {
  readonly columns: BarColumns;
  readonly labels: {
    readonly source: string;
    readonly ingested_at: number;
    readonly calc_name: string;
    readonly calc_version: string;
    readonly capture_id: string;
  };
}

function labelsOf(capture: CaptureTaken, calculation: Calculation | null): Sheet["labels"] {
  return {
    source: capture.sources[0]?.file ?? "",
    ingested_at: capture.clocks.captured_at,
    calc_name: calculation?.calc_name ?? "",
    calc_version: calculation?.calc_version ?? "",
    capture_id: capture.derived?.from_capture ?? capture.capture_id,
  };
}

async function writeFile(ports: DataPorts, sheet: Sheet, format: ExportFormat, path: string, run: DataRunOptions): Promise<void> {
  if (format === "parquet") {
    const { source, ingested_at, calc_name, calc_version, capture_id } = sheet.labels;
    const labels: StoredLabels = {
      source,
      ingested_at,
      more: [
        ["calc_name", calc_name],
        ["calc_version", calc_version],
        ["capture_id", capture_id],
      ],
    };
    await ports.archive.write(path, { closed: [sheet.columns], open: [sliceColumns(sheet.columns, 0, 0)] }, labels, run.signal ?? null);
    return;
  }
  const file = await open(path, "wx");
  try {
    let rows = 0;
    for (const text of texts(sheet, format)) {
      run.signal?.throwIfAborted();
      await file.writeFile(text);
      rows = Math.min(rows + BATCH, sheet.columns.rows);
      run.onProgress?.({ done_bytes: rows, total_bytes: sheet.columns.rows, rows });
    }
  } finally {
    await file.close();
  }
}

/** The export as text, some thousand rows at a time. */
function* texts({ columns, labels }: Sheet, format: "csv" | "ndjson"): Generator<string> {
  const { symbol, timeframe, price_scale, volume_scale, has_volume, basis, price_mode } = columns;
  const { source, ingested_at, calc_name, calc_version, capture_id } = labels;
  const tail = ["true", basis, price_mode, source, utcText(ingested_at), calc_name, calc_version, capture_id];
  if (format === "csv") yield `${EXPORT_COLUMNS.join(",")}\n`;
  const csvTail = tail.map(csvCell).join(",");
  for (let first = 0; first < columns.rows; first += BATCH) {
    const end = Math.min(first + BATCH, columns.rows);
    let text = "";
    for (let row = first; row < end; row++) {
      const price = (column: Float64Array): string => formatScaled(column[row] as number, price_scale);
      const volume = has_volume ? formatScaled(columns.volume[row] as number, volume_scale) : "";
      const cells = [
        symbol,
        utcText(columns.ts[row] as number),
        timeframe,
        price(columns.open),
        price(columns.high),
        price(columns.low),
        price(columns.close),
        volume,
      ];
      text += format === "csv" ? `${cells.map(csvCell).join(",")},${csvTail}\n` : `${jsonRow([...cells, ...tail])}\n`;
    }
    yield text;
  }
}

function csvCell(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Decimals stay text, so that nothing is rounded on the way; what is absent is null. */
function jsonRow(cells: readonly string[]): string {
  const value = (name: string, text: string | undefined): unknown => (name === "is_closed" ? text === "true" : text === "" ? null : text);
  return JSON.stringify(Object.fromEntries(EXPORT_COLUMNS.map((name, i) => [name, value(name, cells[i])])));
}
