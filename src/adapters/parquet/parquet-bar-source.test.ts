import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type TestWorkspace, testWorkspace } from "../../../test/support/data-workspace.js";
import { formatScaled } from "../../core/money/decimal.js";
import { resolveData } from "../../usecases/resolve-data.js";
import { literal, withDuckDb } from "./duckdb-session.js";

let workspace: TestWorkspace;

beforeEach(async () => {
  workspace = await testWorkspace();
});

afterEach(async () => {
  await workspace.remove();
});

const choices = { symbol: "BTCUSDT", timeframe: "1m", stamp: "close", price_mode: "raw" } as const;

async function parquet(name: string, query: string): Promise<string> {
  await withDuckDb(":memory:", async ({ connection }) => {
    await connection.run(`COPY (${query}) TO ${literal(join(workspace.folder, name))} (FORMAT parquet)`);
  });
  return name;
}

async function closes(set: string): Promise<readonly (readonly [string, string])[]> {
  const found = await resolveData(workspace.ports, { symbol: "BTCUSDT", timeframe: "1m", set, basis: "trade", price_mode: "raw" });
  if (found.kind === "refused") throw new Error(JSON.stringify(found.violations));
  const { ts, close, rows, price_scale } = found.columns;
  return Array.from({ length: rows }, (_, i) => [new Date(ts[i] ?? 0).toISOString(), formatScaled(close[i] ?? 0, price_scale)] as const);
}

const numbers = "1.1::DOUBLE AS open, 1.3 AS high, 1.0::FLOAT AS low, 1.2::DOUBLE AS close, 7 AS volume";

describe("Parquet from elsewhere", () => {
  test.each([
    ["an instant", "TIMESTAMPTZ '2024-01-02 00:01:00+00'", undefined],
    ["a time without zone", "TIMESTAMP '2024-01-02 09:01:00'", "Asia/Seoul"],
    ["nanoseconds without zone", "TIMESTAMP_NS '2024-01-02 09:01:00'", "Asia/Seoul"],
    ["epoch milliseconds", "1704153660000::BIGINT", undefined],
    ["text", "'2024-01-02T00:01:00Z'", undefined],
  ])("may stamp its rows with %s", async (_, stamp, tz) => {
    const name = await parquet("bars.parquet", `SELECT ${stamp} AS "timestamp", ${numbers}`);
    const taken = await workspace.take({ files: { bars: [name] }, ...choices, tz });
    expect(await closes(taken.capture_id)).toEqual([["2024-01-02T00:01:00.000Z", "1.2"]]);
  });

  test("without zone wants one", async () => {
    const name = await parquet("bars.parquet", `SELECT TIMESTAMP '2024-01-02 09:01:00' AS ts, ${numbers}`);
    const refused = await workspace.refuse({ files: { bars: [name] }, ...choices });
    expect(refused.violations[0]).toMatchObject({ code: "TS_NAIVE", file: "bars.parquet", line: 1, value: "2024-01-02T09:01:00" });
  });

  test("may name its columns as it likes, and have columns that bars do not have", async () => {
    const name = await parquet(
      "bars.parquet",
      `SELECT TIMESTAMPTZ '2024-01-02 00:01:00+00' AS "Bar Time", 1 AS "O", 2 AS "H", 1 AS "L", 2 AS "Last", 'x' AS note`,
    );
    const taken = await workspace.take({ files: { bars: [name] }, ...choices, columns: { ts: "Bar Time", close: "last" } });
    expect([taken.rows, taken.has_volume, taken.notes[1]]).toEqual([1, false, "columns not used: note"]);
  });

  test("names row and value of what is missing or no number", async () => {
    const name = await parquet(
      "bars.parquet",
      "SELECT TIMESTAMPTZ '2024-01-02 00:00:00+00' + INTERVAL (i) MINUTE AS ts, 1 AS open, CASE WHEN i = 2 THEN NULL ELSE 1 END AS high, 1 AS low, CASE WHEN i = 3 THEN 'nan'::DOUBLE ELSE 1 END AS close FROM range(1, 5) t(i)",
    );
    const refused = await workspace.refuse({ files: { bars: [name] }, ...choices });
    expect(refused.violations.map((v) => [v.code, v.line, v.field])).toEqual([
      ["PRICE_MISSING", 2, "high"],
      ["PRICE_NOT_A_NUMBER", 3, "close"],
    ]);
  });

  test("with decimals wider than needed keeps them exact", async () => {
    const name = await parquet(
      "bars.parquet",
      "SELECT TIMESTAMPTZ '2024-01-02 00:01:00+00' AS ts, 0.000000012345::DECIMAL(38,20) AS open, open AS high, open AS low, open AS close",
    );
    const taken = await workspace.take({ files: { bars: [name] }, ...choices });
    expect([taken.price_scale, (await closes(taken.capture_id))[0]?.[1]]).toEqual([12, "0.000000012345"]);
  });

  test("with prices that floating point has smeared wants to be told how many digits are meant", async () => {
    const name = await parquet(
      "bars.parquet",
      "SELECT TIMESTAMPTZ '2024-01-02 00:01:00+00' AS ts, 0.1::DOUBLE + 1.1::DOUBLE AS open, open AS high, open AS low, open AS close",
    );
    const refused = await workspace.refuse({ files: { bars: [name] }, ...choices });
    expect(refused.violations[0]).toMatchObject({ code: "NUMBER_TOO_WIDE", field: "open", value: "1.2000000000000002" });
    const taken = await workspace.take({ files: { bars: [name] }, ...choices, price_decimals: 8 });
    expect((await closes(taken.capture_id))[0]?.[1]).toBe("1.2");
  });

  test("without rows is empty", async () => {
    const name = await parquet("bars.parquet", `SELECT TIMESTAMPTZ '2024-01-02 00:01:00+00' AS ts, ${numbers} LIMIT 0`);
    expect((await workspace.refuse({ files: { bars: [name] }, ...choices })).violations[0]).toMatchObject({ code: "FILE_EMPTY" });
  });
});

describe("the stored file", () => {
  test("has the columns that other tools expect, times in UTC and exact decimals", async () => {
    await workspace.file(
      "bars.csv",
      "ts,is_closed,open,high,low,close,volume\n2024-01-02T00:01:00Z,true,1.5,2,1,1.75,3\n2024-01-02T00:02:00Z,false,1,1,1,1,1\n",
    );
    const taken = await workspace.take({ files: { bars: ["bars.csv"] }, ...choices });
    const path = workspace.ports.objects.pathOf(taken.object.sha256);
    const { types, rows } = await withDuckDb(":memory:", async ({ connection }) => {
      const described = (await connection.runAndReadAll(`DESCRIBE SELECT * FROM read_parquet(${literal(path)})`)).getRows();
      const read = await connection.runAndReadAll(
        `SELECT symbol, ts::VARCHAR, timeframe, open::VARCHAR, close::VARCHAR, volume::VARCHAR, is_closed, source, ingested_at::VARCHAR FROM read_parquet(${literal(path)})`,
      );
      return { types: described.map((row) => `${String(row[0])} ${String(row[1])}`), rows: read.getRows() };
    });
    expect(types).toEqual([
      "symbol VARCHAR",
      "ts TIMESTAMP WITH TIME ZONE",
      "timeframe VARCHAR",
      "open DECIMAL(18,8)",
      "high DECIMAL(18,8)",
      "low DECIMAL(18,8)",
      "close DECIMAL(18,8)",
      "volume DECIMAL(18,8)",
      "is_closed BOOLEAN",
      "source VARCHAR",
      "ingested_at TIMESTAMP WITH TIME ZONE",
    ]);
    const ingested = taken.captured_at.replace("T", " ").replace("Z", "+00");
    expect(rows).toEqual([
      ["BTCUSDT", "2024-01-02 00:01:00+00", "1m", "1.50000000", "1.75000000", "3.00000000", true, "bars.csv", ingested],
      ["BTCUSDT", "2024-01-02 00:02:00+00", "1m", "1.00000000", "1.00000000", "1.00000000", false, "bars.csv", ingested],
    ]);
  });
});
