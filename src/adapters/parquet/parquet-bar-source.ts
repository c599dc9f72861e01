import type { DuckDBConnection } from "@duckdb/node-api";
import { MS_PER_DAY } from "../../core/market/civil-date.js";
import type { StampReader } from "../../core/market/stamp-reader.js";
import type { Violation } from "../../core/quality/violation.js";
import type {
  BarSink,
  BarSource,
  Inspection,
  LayoutChoices,
  ReadControl,
  ReadReport,
  SourceFacts,
  SourceFile,
} from "../../ports/bar-source.js";
import { type ColumnLayout, columnLayout } from "../csv/csv-layout.js";
import { CsvRows } from "../csv/csv-rows.js";
import { identifier, isPattern, literal, withDuckDb } from "./duckdb-session.js";

/** Bars from Parquet files with any column names. Floats are read as the shortest decimal that names them. */
export const parquetBarSource: BarSource = { inspect: inspectParquet, read: readParquet };

/** How a stamp column is read. */
type StampKind = "utc" | "local" | "day" | "text";

interface ParquetShape {
  readonly layout: ColumnLayout;
  readonly names: readonly string[];
  readonly stamp: StampKind;
  readonly symbol: string | null;
  readonly rows: number;
}

async function inspectParquet(files: readonly SourceFile[], choices: LayoutChoices): Promise<Inspection> {
  return withDuckDb(":memory:", async ({ connection }) => {
    const violations: Violation[] = [];
    const shapes: ParquetShape[] = [];
    for (const file of files) {
      const shape = await shapeOf(connection, file, choices);
      if (Array.isArray(shape)) violations.push(...shape);
      else shapes.push(shape);
    }
    const first = shapes[0];
    if (violations.length > 0 || first === undefined) return { kind: "refused", violations };
    const odd = shapes.findIndex((s) => s.layout.content !== first.layout.content || s.layout.has_volume !== first.layout.has_volume);
    if (odd >= 0) {
      const message = `${files[odd]?.name ?? ""} and ${files[0]?.name ?? ""} do not have the same kind of columns (bars or quotes, with or without volume)`;
      return { kind: "refused", violations: [{ code: "FILES_DIFFER", message, expected: "files of one shape in one import" }] };
    }
    const facts: SourceFacts = {
      files,
      content: first.layout.content,
      has_volume: first.layout.has_volume,
      stamp: first.layout.stamp,
      tz: null,
      symbol: first.symbol,
      timeframe: null,
      asset_class: null,
      calendar: null,
      currency: null,
      notes: first.layout.notes,
    };
    return { kind: "readable", facts };
  });
}

async function readParquet(facts: SourceFacts, choices: LayoutChoices, sink: BarSink, control: ReadControl): Promise<ReadReport> {
  return withDuckDb(":memory:", async ({ connection }) => {
    let rows: CsvRows | null = null;
    let done = 0;
    for (const file of facts.files) {
      control.signal?.throwIfAborted();
      const shape = await shapeOf(connection, file, choices);
      if (Array.isArray(shape)) {
        for (const violation of shape) sink.log.add(violation);
        continue;
      }
      const stamp = { ms: 0 };
      const rules = { layout: shape.layout, price_digits: 0, stamp_of: stampOf(shape.stamp, sink.stamps, stamp) };
      const reader: CsvRows = rows ?? new CsvRows(sink, rules);
      rows = reader;
      reader.beginFile(file.name, rules);
      try {
        await readRows(connection, file, shape, reader, stamp, control, (share) =>
          control.onProgress?.(done + share * file.bytes, reader.report.rows_read),
        );
      } catch (error) {
        control.signal?.throwIfAborted();
        sink.log.add(corrupt(file, error));
      }
      done += file.bytes;
    }
    return rows?.report ?? { rows_read: 0, rows_of_other_symbols: 0 };
  });
}

async function shapeOf(connection: DuckDBConnection, file: SourceFile, choices: LayoutChoices): Promise<ParquetShape | Violation[]> {
  if (isPattern(file.path)) {
    return [
      {
        code: "PATH_UNUSABLE",
        message: `${file.path} holds a character that stands for a pattern`,
        file: file.name,
        expected: "a path without * ? [ ] { }",
      },
    ];
  }
  let names: string[];
  let types: string[];
  let rows: number;
  let symbol: string | null = null;
  try {
    const described = (await connection.runAndReadAll(`DESCRIBE SELECT * FROM read_parquet(${literal(file.path)})`)).getRowObjects();
    names = described.map((row) => String(row["column_name"]));
    types = described.map((row) => String(row["column_type"]));
    const counted = await connection.runAndReadAll(`SELECT CAST(count(*) AS DOUBLE) FROM read_parquet(${literal(file.path)})`);
    rows = Number(counted.getRows()[0]?.[0]);
    const layout = columnLayout([names], { columns: choices.columns, header: "present" });
    if (layout.kind === "known" && layout.layout.symbol >= 0 && rows > 0) {
      const first = await connection.runAndReadAll(
        `SELECT CAST(${identifier(names[layout.layout.symbol] ?? "")} AS VARCHAR) FROM read_parquet(${literal(file.path)}) LIMIT 1`,
      );
      symbol = String(first.getRows()[0]?.[0]);
    }
    if (layout.kind === "unknown") return layout.violations.map((violation) => ({ ...violation, file: file.name }));
    if (rows === 0) return [{ code: "FILE_EMPTY", message: `${file.name} has no rows`, file: file.name }];
    return { layout: { ...layout.layout, header_rows: 0 }, names, stamp: stampKind(types[layout.layout.ts] ?? ""), symbol, rows };
  } catch (error) {
    return [corrupt(file, error)];
  }
}

function corrupt(file: SourceFile, error: unknown): Violation {
  const cause = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
  return { code: "FILE_CORRUPT", message: `${file.name} cannot be read as Parquet: ${cause}`, file: file.name };
}

function stampKind(type: string): StampKind {
  if (type === "TIMESTAMP WITH TIME ZONE") return "utc";
  if (type.startsWith("TIMESTAMP")) return "local";
  return type === "DATE" ? "day" : "text";
}

function stampOf(
  kind: StampKind,
  stamps: StampReader,
  stamp: { ms: number },
): ((bytes: Uint8Array, starts: Int32Array, ends: Int32Array) => number) | null {
  if (kind === "text") return null;
  return (bytes, starts, ends) => {
    const { ms } = stamp;
    if (!Number.isSafeInteger(ms)) return stamps.refuse(bytes, starts[0] ?? 0, ends[0] ?? 0, "a time in whole milliseconds");
    return kind === "utc" ? stamps.readUtc(ms) : kind === "local" ? stamps.readLocal(ms) : stamps.readDay(ms / MS_PER_DAY);
  };
}

async function readRows(
  connection: DuckDBConnection,
  file: SourceFile,
  shape: ParquetShape,
  rows: CsvRows,
  stamp: { ms: number },
  control: ReadControl,
  onShare: (share: number) => void,
): Promise<void> {
  const { layout, names } = shape;
  const ts = identifier(names[layout.ts] ?? "");
  const wanted = new Set([layout.ts, layout.time, layout.symbol, layout.timeframe, layout.is_closed, ...layout.sides.flat()]);
  const time =
    shape.stamp === "text"
      ? "NULL::DOUBLE"
      : `CAST(epoch_us(${ts}::${shape.stamp === "utc" ? "TIMESTAMPTZ" : "TIMESTAMP"}) AS DOUBLE) / 1000`;
  const cells = names.map((name, i) => (wanted.has(i) ? `CAST(${identifier(name)} AS VARCHAR)` : "NULL::VARCHAR"));
  const result = await connection.stream(`SELECT ${time}, ${cells.join(", ")} FROM read_parquet(${literal(file.path)})`);
  const record = new TextRecord(names.length);
  let row = 0;
  for (;;) {
    control.signal?.throwIfAborted();
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return;
    const times = chunk.getColumnVector(0);
    const columns = names.map((_, i) => chunk.getColumnVector(i + 1));
    for (let i = 0; i < chunk.rowCount; i++) {
      const ms = times.getItem(i);
      stamp.ms = typeof ms === "number" ? ms : Number.NaN;
      record.clear();
      for (const [column, vector] of columns.entries()) {
        const cell = wanted.has(column) ? vector.getItem(i) : null;
        record.put(column, typeof cell === "string" ? cell : "");
      }
      row += 1;
      rows.take(record.bytes, record.starts, record.ends, names.length, row);
    }
    onShare(row / shape.rows);
  }
}

/** One row's cells as bytes in a buffer of its own, in the form that CSV rows have. */
class TextRecord {
  bytes: Uint8Array = new Uint8Array(4096);
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  #used = 0;

  constructor(width: number) {
    this.starts = new Int32Array(width);
    this.ends = new Int32Array(width);
  }

  clear(): void {
    this.#used = 0;
  }

  put(column: number, text: string): void {
    const needed = this.#used + text.length;
    if (needed > this.bytes.length) {
      const grown = new Uint8Array(needed * 2);
      grown.set(this.bytes);
      this.bytes = grown;
    }
    this.starts[column] = this.#used;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      this.bytes[this.#used] = unit < 128 ? unit : 0;
      this.#used += 1;
    }
    this.ends[column] = this.#used;
  }
}
