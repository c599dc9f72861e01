/**
 * Splits CSV bytes (RFC 4180, any one-byte delimiter) into records, without a string or an object per cell.
 *
 * Import runs at the speed of this loop, so it hands out offsets into its own buffer instead of text. Blanks around cells are cut,
 * blank lines are passed over.
 */

/** Receives one record. Offsets are valid until it returns. */
export type RecordHandler = (bytes: Uint8Array, starts: Int32Array, ends: Int32Array, count: number, line: number) => void;

/** The bytes are no CSV. */
export class BadCsv extends Error {
  override readonly name = "BadCsv";
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

const LF = 10;
const CR = 13;
const BLANK = 32;
const QUOTE = 34;
const MAX_CELLS = 4096;
/** Longest record; a longer one is an unclosed quote or no CSV at all. */
export const MAX_RECORD_BYTES = 1_048_576;

export class CsvScanner {
  readonly #delimiter: number;
  readonly #handle: RecordHandler;
  readonly #starts = new Int32Array(MAX_CELLS);
  readonly #ends = new Int32Array(MAX_CELLS);
  /** Cells of the current record that hold doubled quotes. */
  readonly #escaped: number[] = [];
  #buffer: Uint8Array = new Uint8Array(0);
  #line = 1;
  #first = true;

  constructor(delimiter: number, handle: RecordHandler) {
    this.#delimiter = delimiter;
    this.#handle = handle;
  }

  /** Takes more bytes and hands out the records that are complete. @throws {BadCsv} */
  write(chunk: Uint8Array): void {
    const rest = this.#buffer;
    const bytes = new Uint8Array(rest.length + chunk.length);
    bytes.set(rest);
    bytes.set(chunk, rest.length);
    const used = this.#scan(bytes, bytes.length, false);
    this.#buffer = bytes.subarray(used);
    if (this.#buffer.length > MAX_RECORD_BYTES) {
      throw new BadCsv(this.#line, `record is longer than ${MAX_RECORD_BYTES} bytes: an unclosed quote, or no CSV`);
    }
  }

  /** Hands out the last record, which may lack its line end. @throws {BadCsv} */
  end(): void {
    if (this.#buffer.length > 0) this.#scan(Uint8Array.from([...this.#buffer, LF]), this.#buffer.length + 1, true);
    this.#buffer = new Uint8Array(0);
  }

  /** @returns where the first incomplete record starts. */
  #scan(bytes: Uint8Array, length: number, last: boolean): number {
    const starts = this.#starts;
    const ends = this.#ends;
    const delimiter = this.#delimiter;
    if (this.#first && length < 3 && !last) return 0;
    let at = this.#first ? markLength(bytes) : 0;
    this.#first = false;
    for (;;) {
      const recordStart = at;
      this.#escaped.length = 0;
      let lines = 0;
      let count = 0;
      for (;;) {
        while (at < length && bytes[at] === BLANK) at += 1;
        if (at >= length) return recordStart;
        let start = at;
        let end: number;
        if (bytes[at] === QUOTE) {
          const close = this.#closingQuote(bytes, at, length);
          if (close < 0) {
            if (last) throw new BadCsv(this.#line, "quote is never closed");
            return recordStart;
          }
          start = at + 1;
          for (let i = start; i < close; i++) {
            if (bytes[i] === LF) lines += 1;
            else if (bytes[i] === QUOTE && this.#escaped.at(-1) !== count) this.#escaped.push(count);
          }
          end = close;
          at = close + 1;
          while (at < length && bytes[at] === BLANK) at += 1;
          if (at >= length) return recordStart;
          if (bytes[at] !== delimiter && bytes[at] !== LF && bytes[at] !== CR) {
            throw new BadCsv(this.#line + lines, "a closing quote must be followed by the delimiter or the line's end");
          }
        } else {
          for (; at < length; at++) {
            const byte = bytes[at];
            if (byte === delimiter || byte === LF || byte === CR) break;
          }
          if (at >= length) return recordStart;
          end = at;
          while (end > start && bytes[end - 1] === BLANK) end -= 1;
        }
        if (count === MAX_CELLS) throw new BadCsv(this.#line, `more than ${MAX_CELLS} cells in one line`);
        starts[count] = start;
        ends[count] = end;
        count += 1;
        if (bytes[at] === delimiter) {
          at += 1;
          continue;
        }
        break;
      }
      if (bytes[at] === CR) {
        if (at + 1 >= length && !last) return recordStart;
        at += bytes[at + 1] === LF ? 2 : 1;
      } else at += 1;
      // Only now is the record known to be whole: a record that goes on in the next chunk is scanned again, from its unchanged bytes.
      for (const cell of this.#escaped) ends[cell] = halveQuotes(bytes, starts[cell] as number, ends[cell] as number);
      if (count > 1 || (ends[0] as number) > (starts[0] as number)) this.#handle(bytes, starts, ends, count, this.#line);
      this.#line += lines + 1;
      if (at >= length) return at;
    }
  }

  #closingQuote(bytes: Uint8Array, open: number, length: number): number {
    for (let at = open + 1; at < length; at++) {
      if (bytes[at] !== QUOTE) continue;
      if (at + 1 >= length) return -1;
      if (bytes[at + 1] !== QUOTE) return at;
      at += 1;
    }
    return -1;
  }
}

/** Length of a byte order mark. @throws {BadCsv} for encodings other than UTF-8. */
function markLength(bytes: Uint8Array): number {
  const [a, b, c] = bytes;
  if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)) throw new BadCsv(1, "text is UTF-16; save it as UTF-8");
  return a === 0xef && b === 0xbb && c === 0xbf ? 3 : 0;
}

/** Halves doubled quotes in place. @returns the cell's new end. */
function halveQuotes(bytes: Uint8Array, start: number, close: number): number {
  let end = start;
  for (let at = start; at < close; at++) {
    if (bytes[at] === QUOTE) at += 1;
    bytes[end] = bytes[at] ?? 0;
    end += 1;
  }
  return end;
}
