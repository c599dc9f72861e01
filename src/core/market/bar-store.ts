/** Bars while their number is not known: typed chunks, ten numbers a row, no object. */

/** The columns of a chunk, in the order of {@link BarSlot}'s arrays after the time. */
export const SLOT_FIELDS = ["open", "high", "low", "close", "volume"] as const;

const SHIFT = 16;
const CHUNK_ROWS = 65_536;
const MASK = CHUNK_ROWS - 1;
const COLUMNS = 6;

/** Growable columns of bars. Column 0 is the close time, 1 to 4 are prices, 5 is volume. */
export class BarStore {
  readonly #columns: Float64Array[][] = Array.from({ length: COLUMNS }, () => []);
  readonly #lines: Uint32Array[] = [];
  readonly #closed: Uint8Array[] = [];
  #rows = 0;

  get rows(): number {
    return this.#rows;
  }

  append(ts: number, open: number, high: number, low: number, close: number, volume: number, line: number, closed: boolean): void {
    const row = this.#rows;
    const chunk = row >> SHIFT;
    if ((row & MASK) === 0) this.#grow();
    const at = row & MASK;
    this.#set(0, chunk, at, ts);
    this.#set(1, chunk, at, open);
    this.#set(2, chunk, at, high);
    this.#set(3, chunk, at, low);
    this.#set(4, chunk, at, close);
    this.#set(5, chunk, at, volume);
    (this.#lines[chunk] as Uint32Array)[at] = line;
    (this.#closed[chunk] as Uint8Array)[at] = closed ? 1 : 0;
    this.#rows = row + 1;
  }

  ts(row: number): number {
    return ((this.#columns[0] as Float64Array[])[row >> SHIFT] as Float64Array)[row & MASK] as number;
  }

  line(row: number): number {
    return (this.#lines[row >> SHIFT] as Uint32Array)[row & MASK] as number;
  }

  isClosed(row: number): boolean {
    return (this.#closed[row >> SHIFT] as Uint8Array)[row & MASK] === 1;
  }

  /** Multiplies one column by a power of ten; the caller has checked that it stays exact. */
  multiply(column: number, factor: number): void {
    for (const chunk of this.#columns[column] as Float64Array[])
      for (let i = 0; i < chunk.length; i++) chunk[i] = (chunk[i] as number) * factor;
  }

  /** The values of one column at `rows`, in their order. Frees the column's chunks when `last`. */
  gather(column: number, rows: Uint32Array, last: boolean): Float64Array {
    const chunks = this.#columns[column] as Float64Array[];
    const out = new Float64Array(rows.length);
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as number;
      out[i] = (chunks[row >>> SHIFT] as Float64Array)[row & MASK] as number;
    }
    if (last) this.#columns[column] = [];
    return out;
  }

  #set(column: number, chunk: number, at: number, value: number): void {
    ((this.#columns[column] as Float64Array[])[chunk] as Float64Array)[at] = value;
  }

  #grow(): void {
    for (const column of this.#columns) column.push(new Float64Array(CHUNK_ROWS));
    this.#lines.push(new Uint32Array(CHUNK_ROWS));
    this.#closed.push(new Uint8Array(CHUNK_ROWS));
  }
}
