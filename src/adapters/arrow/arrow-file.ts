/**
 * Rows as an Arrow IPC file (Feather V2, no compression), which pandas, Polars, DuckDB and R open: one schema, then batches of rows.
 *
 * @see https://arrow.apache.org/docs/format/Columnar.html
 */
import { FlatBuffer } from "./flat-buffer.js";

type ArrowRows = readonly (readonly (string | number | boolean | null)[])[];

export interface ArrowColumn {
  readonly name: string;
  /** `decimal`: whole numbers of at most 38 digits, as text. */
  readonly type: ArrowType;
}

export type ArrowType = "utf8" | "int64" | "decimal" | "float64" | "bool";

/** Members of the union `Type` in Arrow's schema, and of `MessageHeader`. */
const TYPE = { int64: 2, float64: 3, utf8: 5, bool: 6, decimal: 7 } as const;
const HEADER = { schema: 1, record_batch: 3 } as const;
const V5 = 4;
const DOUBLE = 2;
const DECIMAL_DIGITS = 38;
const MAGIC = "ARROW1";
const NAME_AND_PAD = new TextEncoder().encode(`${MAGIC}\0\0`);

/** The bytes of a file, piece by piece: one head, any number of batches, one end. */
export class ArrowFile {
  readonly #columns: readonly ArrowColumn[];
  readonly #blocks: Block[] = [];
  #at = 0;

  constructor(columns: readonly ArrowColumn[]) {
    this.#columns = columns;
  }

  head(): Uint8Array {
    const schema = message(HEADER.schema, (buffer) => schemaTable(buffer, this.#columns), 0n);
    this.#at = NAME_AND_PAD.length + schema.length;
    return joined([NAME_AND_PAD, schema]);
  }

  batch(rows: ArrowRows): Uint8Array {
    const body = new Body();
    const nodes = this.#columns.map(({ type }, at) => body.column(type, rows, at));
    const bytes = body.finish();
    const record = (buffer: FlatBuffer): number => {
      const buffers = buffer.structs(body.buffers);
      const lengths = buffer.structs(nodes);
      return buffer.table(3, [
        [0, 8, BigInt(rows.length)],
        [1, "ref", lengths],
        [2, "ref", buffers],
      ]);
    };
    const metadata = message(HEADER.record_batch, record, BigInt(bytes.length));
    this.#blocks.push({ offset: this.#at, metadata: metadata.length, body: bytes.length });
    this.#at += metadata.length + bytes.length;
    return joined([metadata, bytes]);
  }

  end(): Uint8Array {
    const mark = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0);
    const footer = footerOf(this.#columns, this.#blocks);
    const size = new Uint8Array(4);
    new DataView(size.buffer).setInt32(0, footer.length, true);
    return joined([mark, footer, size, new TextEncoder().encode(MAGIC)]);
  }
}

/** Where a batch lies in the file, in bytes. */
interface Block {
  readonly offset: number;
  readonly metadata: number;
  readonly body: number;
}

function schemaTable(buffer: FlatBuffer, fields: readonly ArrowColumn[]): number {
  const written = fields.map(({ name, type }) => {
    const kind = typeTable(buffer, type);
    const children = buffer.references([]);
    const text = buffer.text(name);
    return buffer.table(7, [
      [0, "ref", text],
      [3, "ref", kind],
      [5, "ref", children],
      [1, 1, 1],
      [2, 1, TYPE[type]],
    ]);
  });
  const list = buffer.references(written);
  return buffer.table(4, [[1, "ref", list]]);
}

function typeTable(buffer: FlatBuffer, type: ArrowType): number {
  switch (type) {
    case "int64":
      return buffer.table(2, [
        [0, 4, 64],
        [1, 1, 1],
      ]);
    case "float64":
      return buffer.table(1, [[0, 2, DOUBLE]]);
    case "decimal":
      return buffer.table(3, [
        [0, 4, DECIMAL_DIGITS],
        [2, 4, 128],
      ]);
    default:
      return buffer.table(0, []);
  }
}

/** A message with its length in front, padded to eight bytes. */
function message(kind: number, header: (buffer: FlatBuffer) => number, bodyLength: bigint): Uint8Array {
  const buffer = new FlatBuffer();
  const inner = header(buffer);
  const root = buffer.table(5, [
    [3, 8, bodyLength],
    [2, "ref", inner],
    [0, 2, V5],
    [1, 1, kind],
  ]);
  const bytes = buffer.finish(root);
  const padded = Math.ceil(bytes.length / 8) * 8;
  const prefix = new Uint8Array(8);
  const view = new DataView(prefix.buffer);
  view.setInt32(0, -1, true);
  view.setInt32(4, padded, true);
  return joined([prefix, bytes, new Uint8Array(padded - bytes.length)]);
}

function footerOf(fields: readonly ArrowColumn[], batches: readonly Block[]): Uint8Array {
  const buffer = new FlatBuffer();
  const schema = schemaTable(buffer, fields);
  // A block is offset, length of the metadata with four bytes of padding, and length of the body.
  const blocks = buffer.structs(batches.map(({ offset, metadata, body }) => [BigInt(offset), BigInt(metadata), BigInt(body)]));
  const none = buffer.structs([]);
  return buffer.finish(
    buffer.table(5, [
      [1, "ref", schema],
      [2, "ref", none],
      [3, "ref", blocks],
      [0, 2, V5],
    ]),
  );
}

/** The buffers of a record batch: each begins at a multiple of eight. */
class Body {
  readonly buffers: (readonly bigint[])[] = [];
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  /** Adds a column. @returns its length and how many values it lacks. */
  column(type: ArrowType, rows: ArrowRows, at: number): readonly bigint[] {
    const valid = new Uint8Array(Math.ceil(rows.length / 8));
    let missing = 0;
    rows.forEach((row, n) => {
      if (row[at] === null || row[at] === undefined) missing += 1;
      else valid[n >> 3] = (valid[n >> 3] ?? 0) | (1 << (n & 7));
    });
    this.#add(valid);
    if (type === "utf8") this.#texts(rows, at);
    else this.#add(fixed(type, rows, at));
    return [BigInt(rows.length), BigInt(missing)];
  }

  finish(): Uint8Array {
    return joined(this.#parts);
  }

  #texts(rows: ArrowRows, at: number): void {
    const encoder = new TextEncoder();
    const offsets = new Int32Array(rows.length + 1);
    const texts = rows.map((row) => (row[at] === null || row[at] === undefined ? new Uint8Array(0) : encoder.encode(String(row[at]))));
    texts.forEach((text, n) => {
      offsets[n + 1] = (offsets[n] ?? 0) + text.length;
    });
    this.#add(new Uint8Array(offsets.buffer));
    this.#add(joined(texts));
  }

  #add(bytes: Uint8Array): void {
    this.buffers.push([BigInt(this.#length), BigInt(bytes.length)]);
    const padded = Math.ceil(bytes.length / 8) * 8;
    this.#parts.push(bytes, new Uint8Array(padded - bytes.length));
    this.#length += padded;
  }
}

function fixed(type: Exclude<ArrowType, "utf8">, rows: ArrowRows, at: number): Uint8Array {
  if (type === "bool") {
    const bits = new Uint8Array(Math.ceil(rows.length / 8));
    rows.forEach((row, n) => {
      if (row[at] === true) bits[n >> 3] = (bits[n >> 3] ?? 0) | (1 << (n & 7));
    });
    return bits;
  }
  const width = type === "decimal" ? 16 : 8;
  const bytes = new Uint8Array(rows.length * width);
  const view = new DataView(bytes.buffer);
  rows.forEach((row, n) => {
    const value = row[at];
    if (value === null || value === undefined) return;
    if (type === "float64") view.setFloat64(n * width, Number(value), true);
    else {
      const whole = BigInt(typeof value === "boolean" ? Number(value) : value);
      view.setBigInt64(n * width, BigInt.asIntN(64, whole), true);
      if (type === "decimal") view.setBigInt64(n * width + 8, whole >> 64n, true);
    }
  });
  return bytes;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
