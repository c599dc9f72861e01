import { expect, test } from "vitest";
import type { SqlColumn, SqlValue } from "../../adapters/calc-rows/calc-sql.js";
import { makeStyle } from "../../adapters/terminal/style.js";
import { renderRows } from "./calc-answer.js";

const io = { out: makeStyle(false) };
const CAPTURE = "finra.otc_transparency:OTC:2025-12-26:70168b";

const rendered = (cells: { readonly [column: string]: SqlValue }, full: boolean): Promise<string> => {
  const columns = Object.keys(cells).map((name): SqlColumn => ({ name, type: "text" }));
  return renderRows({ columns, rows: [Object.values(cells)], row_count: 1 }, full, io);
};

test("the screen leaves out where a row came from, unless everything is asked for", async () => {
  const row = { mpid: "ETRD", capture_id: CAPTURE, execution_id: "e", batch_id: "nightly" };
  expect(await rendered(row, false)).toBe("mpid\nETRD\n1 of 1 rows\n");
  expect(await rendered(row, true)).toContain(CAPTURE);
  expect(await rendered(row, true)).toContain("nightly");
});

test("a capture's id is shown whole where it names the row", async () => {
  expect(await rendered({ capture_id: CAPTURE, tier: "OTC" }, false)).toContain(`${CAPTURE}  OTC`);
});

test("a long cell is cut, and whole where everything is asked for", async () => {
  const long = "x".repeat(80);
  expect(await rendered({ says: long }, false)).toContain(`${"x".repeat(45)}\u2026`);
  expect(await rendered({ says: long }, true)).toContain(long);
});
