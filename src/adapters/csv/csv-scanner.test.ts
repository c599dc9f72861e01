import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BadCsv, CsvScanner } from "./csv-scanner.js";

const decoder = new TextDecoder();

function records(text: string | Uint8Array, pieces: number[] = [], delimiter = ","): { cells: string[]; line: number }[] {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  const found: { cells: string[]; line: number }[] = [];
  const scanner = new CsvScanner(delimiter.charCodeAt(0), (buffer, starts, ends, count, line) => {
    const cells = Array.from({ length: count }, (_, i) => decoder.decode(buffer.subarray(starts[i], ends[i])));
    found.push({ cells, line });
  });
  let at = 0;
  for (const piece of [...pieces, bytes.length]) {
    scanner.write(bytes.slice(at, at + piece));
    at += piece;
  }
  scanner.end();
  return found;
}

const rows = (text: string | Uint8Array, pieces: number[] = [], delimiter = ","): string[][] =>
  records(text, pieces, delimiter).map((r) => r.cells);

describe("CSV bytes", () => {
  test("cells are cut at blanks, blank lines are passed over, the last line needs no end", () => {
    expect(rows("a, b ,c\r\n\r\n1,,3\n\n4,5,6")).toEqual([
      ["a", "b", "c"],
      ["1", "", "3"],
      ["4", "5", "6"],
    ]);
  });

  test("lines are those of the file, line breaks inside quotes and old line ends included", () => {
    expect(records('a\n"x\ny"\n\nb\rc\r\nd').map((r) => r.line)).toEqual([1, 2, 5, 6, 7]);
  });

  test("a byte order mark is no part of the first cell", () => {
    expect(rows(Uint8Array.of(0xef, 0xbb, 0xbf, 97, 44, 98, 10), [1, 1])).toEqual([["a", "b"]]);
  });

  test.each([
    ['"a\nb', "quote is never closed"],
    ['"a"b,c\n', "closing quote"],
    ["\ufffea,b", "UTF-16"],
  ])("%j is no CSV", (text, message) => {
    const bytes = text.startsWith("\ufffe") ? Uint8Array.of(0xff, 0xfe, 97, 0) : text;
    expect(() => rows(bytes)).toThrow(BadCsv);
    expect(() => rows(bytes)).toThrow(message);
  });

  test("is split as csv-parse splits it, wherever the chunks are cut", () => {
    const cell = fc.oneof(
      fc.stringMatching(/^[a-zé0-9.:-]{0,8}$/),
      fc
        .array(fc.constantFrom("a", '"', ",", "\n", " ", "€"), { minLength: 1, maxLength: 6 })
        .map((parts) => `"${parts.join("").replaceAll('"', '""')}"`),
    );
    const table = fc
      .integer({ min: 2, max: 5 })
      .chain((width) => fc.array(fc.array(cell, { minLength: width, maxLength: width }), { maxLength: 8 }));
    fc.assert(
      fc.property(
        table,
        fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 12 }),
        fc.constantFrom("\n", "\r\n"),
        (cells, pieces, end) => {
          const text = cells.map((row) => row.join(",")).join(end);
          const expected: string[][] = parse(text, { record_delimiter: end });
          expect(rows(text, pieces)).toEqual(expected);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
