/**
 * The column file: one line of JSON, padded with spaces to a multiple of 64 bytes with its line end, then each column's
 * values one after the other, 8 bytes each, little-endian. Offsets count from the end of the first line.
 *
 * In Python: `f = open(p, "rb"); h = json.loads(f.readline())`, then `numpy.fromfile(f, "<i8", h["rows"])` per column.
 */
import type { EquityCurve } from "../../core/projections/equity-curve.js";
import { littleEndianBytes } from "../../core/projections/table-identity.js";

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
