/** One record of a CSV text. */
export interface CsvRecord {
  readonly cells: readonly string[];
  /** Line on which it begins, from 1. */
  readonly line: number;
}

export type CsvRecords =
  | { readonly kind: "split"; readonly records: readonly CsvRecord[] }
  /** A quote that begins on `line` is never closed, or something stands after it. */
  | { readonly kind: "broken"; readonly line: number };

/** Splits RFC 4180 text at commas. Cells keep their blanks; lines without a cell are passed over; a byte order mark is none of the text. */
export function csvRecords(text: string): CsvRecords {
  const records: CsvRecord[] = [];
  const cell = /(?:"([^"]*(?:""[^"]*)*)"|([^",\r\n]*))(,|\r?\n|\r|$)/y;
  let line = 1;
  let at = text.startsWith("\ufeff") ? 1 : 0;
  while (at < text.length) {
    const begins = line;
    const cells: string[] = [];
    for (let more = true; more; ) {
      cell.lastIndex = at;
      const found = cell.exec(text);
      if (found === null) return { kind: "broken", line };
      const [all, quoted, bare = "", end = ""] = found;
      cells.push(quoted === undefined ? bare : quoted.replaceAll('""', '"'));
      line += all.split(/\r\n|\r|\n/).length - 1;
      at += all.length;
      more = end === ",";
    }
    if (cells.length > 1 || cells[0]?.trim() !== "") records.push({ cells, line: begins });
  }
  return { kind: "split", records };
}

/** A cell of RFC 4180 text. */
export function csvCell(text: string): string {
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
