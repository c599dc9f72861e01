/** Rows of a calculation on their way to a reader: asked with values as people write them, and written part by part. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { answerSql } from "../../src/adapters/calc-rows/calc-sql.js";
import { withDuckDb } from "../../src/adapters/parquet/duckdb-session.js";
import { type AnswerRows, firstRows, headOf, rowsOfCalculation } from "../../src/apps/cli/answer-rows.js";
import { streamDocument, streamLines, writeAnswerFile } from "../../src/apps/cli/stream-answer.js";
import { currentVersions } from "../../src/usecases/govern-calculations.js";
import { openCalcRows, queryCalculation } from "../../src/usecases/query-calculation.js";
import { type OpenedCalcStore, openCalcStore } from "../support/calc-stores.js";
import { CalcWorkspace, DAY } from "../support/calc-workspace.js";

const WEEKS = ["2025-12-12", "2025-12-19", "2025-12-26"];
const WEEK = "2025-12-26";

let opened: OpenedCalcStore;
let workspace: CalcWorkspace;
beforeEach(async () => {
  opened = await openCalcStore();
  workspace = await CalcWorkspace.open({ rows: opened.store });
});
afterEach(() => opened.dispose());

/** Three weeks of two venues; the last week is restated. */
async function taken(): Promise<void> {
  for (const week of WEEKS)
    await workspace.take(week, [
      ["A", "ETRD", 1_500, 2],
      ["B", "SCHW", 500, 1],
    ]);
  workspace.clock += DAY;
  await workspace.take(WEEK, [
    ["A", "ETRD", 10 ** 15, 2],
    ["B", "SCHW", 500, 1],
  ]);
  await workspace.run("venue_share", WEEKS);
}

const ask = (query: object) => queryCalculation(workspace.ports, workspace.log, workspace.registry, { calc: "venue_share", ...query });

async function answer(query: object = {}): Promise<AnswerRows> {
  const stream = await openCalcRows(workspace.ports, workspace.log, workspace.registry, { calc: "venue_share", ...query });
  if (stream.kind === "refused") throw new Error(JSON.stringify(stream.violations));
  return rowsOfCalculation({ rows: opened.store }, stream);
}

describe("13: values that rows are asked for by", () => {
  test("a tier in any spelling finds its rows; an unknown tier and a Thursday are refused, both at once", async () => {
    await taken();
    const spelled = await ask({ where: { tier: "otc", week_ending: WEEK } });
    expect(spelled).toEqual(await ask({ where: { tier: "OTC", week_ending: WEEK } }));
    expect(spelled).toMatchObject({ rows: [{ mpid: "ETRD" }, { mpid: "SCHW" }] });
    expect(await ask({ where: { tier: "tier9", week_ending: "2025-12-25" } })).toMatchObject({
      kind: "refused",
      violations: [
        { code: "INVALID_TIER", expected: expect.stringContaining("NMS_TIER_1, NMS_TIER_2, OTC") },
        { code: "WEEK_NOT_FRIDAY", expected: "the nearest Friday is 2025-12-26" },
      ],
    });
  });

  test("a column that no row has is refused with the nearest one, and is no empty answer", async () => {
    await taken();
    expect(await ask({ where: { mipd: "ETRD" } })).toMatchObject({
      kind: "refused",
      violations: [{ code: "UNKNOWN_COLUMN", expected: "did you mean mpid?" }],
    });
    expect(await ask({ where: { mpid: "NONE" } })).toMatchObject({ kind: "answered", rows: [] });
  });

  test("SQL on a table without rows: rejects have their columns, a calculation says what makes its rows", async () => {
    await workspace.take(WEEK, [["A", "ETRD", 10, 1]]);
    await workspace.log.tellTables();
    const sql = (text: string) =>
      answerSql(opened.store, {
        sql: text,
        current: currentVersions(workspace.log, workspace.registry),
        entries: workspace.registry.entries,
      });
    expect(await sql("SELECT reason_code FROM core_rejects ORDER BY week_ending, tier, line_number")).toMatchObject({ rows: [] });
    expect(await sql("SELECT change FROM finra_otc_transparency_wow_change_latest")).toMatchObject({
      violations: [{ message: expect.stringContaining("wow_change has no row yet: onetape calc run wow_change") }],
    });
  });
});

describe("rows in parts", () => {
  test("come a week at a time, and together are what one answer holds", async () => {
    await taken();
    const whole = await ask({ versions: "all" });
    const stream = await openCalcRows(workspace.ports, workspace.log, workspace.registry, { calc: "venue_share", versions: "all" });
    if (whole.kind === "refused" || stream.kind === "refused") throw new Error("refused");
    const parts: (readonly object[])[] = [];
    for await (const part of stream.parts) parts.push(part);
    expect(parts.map((part) => part.length)).toEqual([2, 2, 2]);
    expect(parts.flat()).toEqual(whole.rows);
  });

  test("every format holds the same rows, exact integers to the last digit", async () => {
    await taken();
    const out = (name: string): string => join(opened.folder, name);
    for (const format of ["json", "csv", "ndjson", "parquet", "arrow"] as const)
      expect(await writeAnswerFile(await answer(), format, out(`rows.${format}`))).toMatchObject({ kind: "written", row_count: 6 });
    const json: readonly { readonly [column: string]: unknown }[] = JSON.parse(readFileSync(out("rows.json"), "utf8"));
    expect(json.map((row) => row["total_volume"])).toEqual(["1500", "500", "1500", "500", "1000000000000000", "500"]);
    const lines = readFileSync(out("rows.ndjson"), "utf8").trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toEqual(json);
    const csv = readFileSync(out("rows.csv"), "utf8").trimEnd().split("\n");
    expect(csv[0]).toBe(Object.keys(json[0] ?? {}).join(","));
    expect(csv.slice(1)).toEqual(json.map((row) => Object.values(row).join(",")));
    const read = await withDuckDb(":memory:", async ({ connection }) =>
      (
        await connection.runAndReadAll(
          `SELECT CAST(total_volume AS VARCHAR), typeof(total_volume) FROM read_parquet('${out("rows.parquet")}')`,
        )
      ).getRows(),
    );
    expect(read).toEqual(json.map((row) => [row["total_volume"], "DECIMAL(38,0)"]));
    // The format's decimal is 16 bytes, little-endian; the exact integers stand together in its column.
    const decimals = Buffer.alloc(6 * 16);
    for (const [at, row] of json.entries()) decimals.writeBigInt64LE(BigInt(String(row["total_volume"])), at * 16);
    expect(readFileSync(out("rows.arrow")).includes(decimals)).toBe(true);
    expect(readdirSync(opened.folder).filter((name) => name.includes("spool") || name.endsWith(".tmp"))).toEqual([]);
  });

  test("a document on its way is one JSON document, with and without rows", async () => {
    await taken();
    for (const query of [{}, { where: { mpid: "NONE" } }]) {
      let text = "";
      const sent = await streamDocument(
        await answer(query),
        { schema: "x" },
        () => ({ more: 1 }),
        async (part) => {
          text += part;
        },
      );
      const count = sent.kind === "answered" ? sent.row_count : -1;
      const document = JSON.parse(text);
      expect([document.schema, document.row_count, document.rows.length, document.more]).toEqual(["x", count, count, 1]);
      expect(Object.keys(document)).toEqual(["schema", "columns", "rows", "row_count", "more"]);
    }
  });

  test("the best come first by rank, in every format, and all are counted", async () => {
    await taken();
    const best = firstRows(await answer(), 3, true);
    let text = "";
    const sent = await streamLines(best, "ndjson", async (part) => {
      text += part;
    });
    const ranks = text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line).rank);
    expect([sent, ranks]).toEqual([{ kind: "answered", row_count: 6 }, [1, 1, 1]]);
    expect(await headOf(firstRows(await answer(), 2, false), 20)).toMatchObject({ kind: "head", row_count: 6, rows: { length: 2 } });
  });

  test("a disk that takes nothing leaves no file", async () => {
    await taken();
    for (const format of ["csv", "parquet", "arrow"] as const)
      await expect(writeAnswerFile(await answer(), format, join(opened.folder, "none", `rows.${format}`))).rejects.toThrow();
    const failing: AnswerRows = {
      ...(await answer()),
      send: async (sink) => {
        await sink.onColumns([{ name: "a", type: "text" }]);
        await sink.onRows([["1"]]);
        throw new Error("the source is gone");
      },
    };
    const before = readdirSync(opened.folder);
    for (const format of ["json", "parquet"] as const)
      await expect(writeAnswerFile(failing, format, join(opened.folder, `rows.${format}`))).rejects.toThrow("the source is gone");
    expect(readdirSync(opened.folder)).toEqual(before);
  });
});
