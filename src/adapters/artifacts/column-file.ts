/**
 * The column file: one line of JSON, padded with spaces to a multiple of 64 bytes with its line end, then each column's
 * values one after the other, 8 bytes each, little-endian. Offsets count from the end of the first line.
 *
 * In Python: `f = open(p, "rb"); h = json.loads(f.readline())`, then `numpy.fromfile(f, "<i8", h["rows"])` per column.
 */
import { type CurveColumn, type EquityCurve, equitySchema } from "../../core/projections/equity-curve.js";
import { littleEndianBytes } from "../../core/projections/table-identity.js";
import type { ReadArtifact } from "../../ports/artifact-reader.js";

const ALIGNMENT = 64;

/** Name of the format, as it stands in the first line. */
const COLUMN_FILE_FORMAT = "onetape-columns-1";

/** The bytes of a column file, in chunks. */
export function columnFileChunks(table: string, curve: EquityCurve): readonly Uint8Array[] {
  const header = JSON.stringify({
    format: COLUMN_FILE_FORMAT,
    table,
    rows: curve.rows,
    columns: curve.columns.map((c, i) => ({
      name: c.name,
      type: c.schema.type,
      unit: c.schema.unit,
      scale: c.scale,
      offset: i * curve.rows * 8,
    })),
  });
  const text = new TextEncoder().encode(header);
  const padded = new Uint8Array(Math.ceil((text.length + 1) / ALIGNMENT) * ALIGNMENT).fill(0x20);
  padded.set(text);
  padded[padded.length - 1] = 0x0a;
  return [padded, ...curve.columns.map((c) => littleEndianBytes(c.values))];
}

/** Reads a column file of the equity curve. */
export function readColumnFile(table: string, bytes: Uint8Array): ReadArtifact<EquityCurve> {
  const unreadable = (what: string): ReadArtifact<EquityCurve> => ({ kind: "unreadable", problem: `${table}.columns ${what}` });
  const end = bytes.indexOf(0x0a) + 1;
  const header = end === 0 ? null : headerOf(new TextDecoder().decode(bytes.subarray(0, end)));
  if (header?.format !== COLUMN_FILE_FORMAT || header.table !== table) return unreadable("does not begin with its header");
  const columns: CurveColumn[] = [];
  for (const [name, schema] of Object.entries(equitySchema.columns)) {
    const stated = header.columns.find((column) => column.name === name);
    if (stated === undefined || stated.type !== schema.type) return unreadable(`has no column ${name} of type ${schema.type}`);
    const from = end + stated.offset;
    if (from + header.rows * 8 > bytes.length) return unreadable(`ends inside column ${name}`);
    // A copy, because a column need not begin where an array of 8-byte numbers may.
    const copy = new Uint8Array(header.rows * 8);
    copy.set(bytes.subarray(from, from + copy.length));
    const { buffer } = littleEndianBytes(new Float64Array(copy.buffer));
    const values = schema.type === "float64" ? new Float64Array(buffer) : new BigInt64Array(buffer);
    columns.push({ name, schema, scale: stated.scale, values });
  }
  return { kind: "read", value: { rows: header.rows, columns } };
}

interface ColumnFileHeader {
  readonly format: string;
  readonly table: string;
  readonly rows: number;
  readonly columns: readonly { readonly name: string; readonly type: string; readonly scale: number; readonly offset: number }[];
}

function headerOf(text: string): ColumnFileHeader | null {
  try {
    const value: unknown = JSON.parse(text);
    return isHeader(value) ? value : null;
  } catch {
    return null;
  }
}

function isHeader(value: unknown): value is ColumnFileHeader {
  return (
    typeof value === "object" &&
    value !== null &&
    "format" in value &&
    "table" in value &&
    "rows" in value &&
    Number.isSafeInteger(value.rows) &&
    "columns" in value &&
    Array.isArray(value.columns) &&
    value.columns.every(
      (c: unknown) =>
        typeof c === "object" &&
        c !== null &&
        "name" in c &&
        "offset" in c &&
        Number.isSafeInteger(c.offset) &&
        "scale" in c &&
        Number.isSafeInteger(c.scale),
    )
  );
}
