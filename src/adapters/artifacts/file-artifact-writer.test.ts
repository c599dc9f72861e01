import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { EquityRecorder } from "../../core/projections/equity-curve.js";
import type { Table, TableSchema } from "../../core/projections/table.js";
import { FileArtifactWriter } from "./file-artifact-writer.js";

const schema = {
  name: "sample",
  grain: "one row",
  sort_key: ["n"],
  columns: {
    n: { type: "int64", unit: "count", nullable: false, doc: "" },
    ts: { type: "timestamp_ms", unit: "UTC", nullable: true, doc: "" },
    x: { type: "float64", unit: null, nullable: true, doc: "" },
    price: { type: "decimal", unit: "price", nullable: true, min_scale: 8, doc: "" },
    name: { type: "text", unit: null, nullable: true, doc: "" },
    yes: { type: "bool", unit: null, nullable: true, doc: "" },
  },
} as const satisfies TableSchema;

const row = (n: number, changes: Partial<Record<keyof typeof schema.columns, string | number | boolean>> = {}) => ({
  n,
  ts: null,
  x: null,
  price: null,
  name: null,
  yes: null,
  ...changes,
});

let dir = "";
const writer = new FileArtifactWriter();
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "onetape-artifacts-"));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

/** Reads a file with a connection of its own. Integers come back as text. */
async function query(sql: string): Promise<unknown[]> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  await connection.run("SET TimeZone='UTC'");
  const rows = (await connection.runAndReadAll(sql)).getRowObjectsJson();
  connection.closeSync();
  instance.closeSync();
  return rows;
}

async function readBack(): Promise<unknown[]> {
  return query(`SELECT n, epoch_ms(ts) AS ts, x, price::VARCHAR AS price, name, yes FROM '${dir}/sample.parquet'`);
}

describe("a table on disk", () => {
  const rows: Table["rows"] = [
    row(-5, { ts: 1_704_164_645_678, x: 0.1, price: "-12.5", name: 'comma, "quote"\nline\r\nend\ttab', yes: true }),
    row(0),
    row(1, { ts: -1, x: 5e-324, price: "123456789012345678901234567890.00000001", name: "", yes: false }),
    row(9_007_199_254_740_991, {
      ts: 0,
      x: 1.7976931348623157e308,
      price: "0.000000001",
      name: " é 한국어 😀 'x' \\n lone\rreturn",
      yes: true,
    }),
  ];

  test("reads back from Parquet with every value as it was, empty text and absent text told apart", async () => {
    await writer.writeTable(dir, { schema, rows: rows.filter((r) => r["n"] !== 1) });
    expect(await readBack()).toEqual([
      { n: "-5", ts: "1704164645678", x: 0.1, price: "-12.500000000", name: 'comma, "quote"\nline\r\nend\ttab', yes: true },
      { n: "0", ts: null, x: null, price: null, name: null, yes: null },
      {
        n: "9007199254740991",
        ts: "0",
        x: 1.7976931348623157e308,
        price: "0.000000001",
        name: " é 한국어 😀 'x' \\n lone\rreturn",
        yes: true,
      },
    ]);
  });

  test("has the declared Parquet types, timestamps in UTC and decimals at no less than the declared scale", async () => {
    await writer.writeTable(dir, { schema, rows: rows.slice(0, 3) });
    const types = await query(`DESCRIBE SELECT * FROM '${dir}/sample.parquet'`);
    expect(types.map((t) => (t as { column_type: string }).column_type)).toEqual([
      "BIGINT",
      "TIMESTAMP WITH TIME ZONE",
      "DOUBLE",
      "DECIMAL(38,8)",
      "VARCHAR",
      "BOOLEAN",
    ]);
    expect((await readBack())[2]).toEqual({
      n: "1",
      ts: "-1",
      x: 5e-324,
      price: "123456789012345678901234567890.00000001",
      name: "",
      yes: false,
    });
  });

  test("marks columns without absent values as required, and has groups of 65,536 rows, also where a column is empty", async () => {
    await writer.writeTable(dir, { schema, rows: Array.from({ length: 65_536 + 1000 }, (_, n) => row(n, { yes: true })) });
    const file = `'${dir}/sample.parquet'`;
    expect(await query(`SELECT name, repetition_type AS is FROM parquet_schema(${file}) WHERE type IS NOT NULL`)).toEqual(
      Object.entries(schema.columns).map(([name, { nullable }]) => ({ name, is: nullable ? "OPTIONAL" : "REQUIRED" })),
    );
    const groups = `SELECT row_group_num_rows::INT AS rows, compression AS packed FROM parquet_metadata(${file}) WHERE path_in_schema = 'n' ORDER BY rows`;
    expect(await query(groups)).toEqual([
      { rows: 1000, packed: "GZIP" },
      { rows: 65_536, packed: "GZIP" },
    ]);
    expect(await query(`SELECT sum(n)::VARCHAR AS n, count(ts) + count(x) + count(price) + count(name) AS found FROM ${file}`)).toEqual([
      { n: String((66_536 * 66_535) / 2), found: "0" },
    ]);
  });

  test("is CSV with a header, LF line ends, ISO times, and quotes only where they are needed", async () => {
    await writer.writeTable(dir, { schema, rows: rows.slice(0, 3) });
    expect(readFileSync(join(dir, "sample.csv"), "utf8")).toBe(
      'n,ts,x,price,name,yes\n-5,2024-01-02T03:04:05.678Z,0.1,-12.5,"comma, ""quote""\nline\r\nend\ttab",true\n0,,,,,\n' +
        '1,1969-12-31T23:59:59.999Z,5e-324,123456789012345678901234567890.00000001,"",false\n',
    );
  });

  test("may be empty", async () => {
    const { csv, parquet } = await writer.writeTable(dir, { schema, rows: [] });
    expect(readFileSync(join(dir, csv.path), "utf8")).toBe("n,ts,x,price,name,yes\n");
    expect(parquet.bytes).toBeGreaterThan(0);
    expect(await readBack()).toEqual([]);
  });

  test("is described by the path, size and SHA-256 of the bytes on disk, the same when written again", async () => {
    const table: Table = { schema, rows: rows.slice(0, 3) };
    const first = await writer.writeTable(dir, table);
    for (const file of [first.csv, first.parquet]) {
      const bytes = readFileSync(join(dir, file.path));
      expect(file).toEqual({ path: file.path, bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") });
    }
    const other = new FileArtifactWriter();
    expect(await other.writeTable(dir, table)).toEqual(first);
    expect(readdirSync(dir).sort()).toEqual(["sample.csv", "sample.parquet"]);
  });

  test("keeps order and values over many chunks, and lines of more than two megabytes", async () => {
    const long = '"'.repeat(1_200_000);
    const many = Array.from({ length: 120_000 }, (_, i) =>
      row(i, { ts: i * 1000, x: i / 7, price: `${i}.25`, name: i === 60_000 ? long : `row ${i}`, yes: i % 2 === 0 }),
    );
    await writer.writeTable(dir, { schema, rows: many });
    const [found] = await query(`SELECT count(*)::INT AS rows, bool_and(n = file_row_number) AS ordered, bool_and(x = n / 7) AS doubles,
      bool_and(price = n + 0.25) AS decimals, bool_and(epoch_ms(ts) = n * 1000) AS times, max(length(name))::INT AS longest,
      bool_and(name = 'row ' || n OR n = 60000) AS names FROM read_parquet('${dir}/sample.parquet', file_row_number = true)`);
    expect(found).toEqual({ rows: 120_000, ordered: true, doubles: true, decimals: true, times: true, longest: 1_200_000, names: true });
  });

  test("reads back any text", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('"', ",", "\n", "\r", "\\", "'", "a", " ", "é") })), {
          minLength: 1,
          maxLength: 20,
        }),
        async (texts) => {
          const clean = texts.map((t) => t.replace(/[\0\p{Surrogate}]/gu, ""));
          await writer.writeTable(dir, { schema, rows: clean.map((name, n) => row(n, { name })) });
          expect(((await readBack()) as { name: string }[]).map((r) => r.name)).toEqual(clean);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("reads back any numbers, absent ones between them and repeated ones", async () => {
    const digits = (most: number) =>
      fc.integer({ min: 1, max: most }).chain((n) => fc.stringMatching(new RegExp(`^[1-9][0-9]{${n - 1}}$`)));
    const decimal = fc
      .tuple(fc.constantFrom("", "-"), fc.oneof(fc.constant("0"), digits(20)), fc.option(digits(10), { nil: null }))
      .map(
        ([sign, whole, fraction]) => `${whole === "0" && fraction === null ? "" : sign}${whole}${fraction === null ? "" : `.${fraction}`}`,
      );
    const cells = fc.record({
      price: fc.option(fc.oneof(decimal, fc.constantFrom("7.25", "-7.25"))),
      ts: fc.option(fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 })),
      x: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => (x === 0 ? 0 : x))),
      yes: fc.option(fc.boolean()),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(cells, { minLength: 1, maxLength: 40 }), async (rows) => {
        await writer.writeTable(dir, { schema, rows: rows.map((cell, n) => ({ ...row(n), ...cell })) });
        const scale = Math.max(8, ...rows.map(({ price }) => price?.split(".")[1]?.length ?? 0));
        const filled = (price: string): string => {
          const [whole, fraction = ""] = price.split(".");
          return `${whole}.${fraction.padEnd(scale, "0")}`;
        };
        expect(await readBack()).toEqual(
          rows.map(({ price, ts, x, yes }, n) => ({
            n: String(n),
            ts: ts === null ? null : String(ts),
            x,
            price: price === null ? null : filled(price),
            name: null,
            yes,
          })),
        );
      }),
      { numRuns: 40 },
    );
  });

  test("reads back a column that repeats itself at first and then no more", async () => {
    const names = Array.from({ length: 3000 }, (_, i) => (i < 600 ? `same ${i % 2}` : `row ${i}`));
    await writer.writeTable(dir, { schema, rows: names.map((name, n) => row(n, { name, price: `${Math.max(n, 600)}.5` })) });
    const found = (await readBack()) as { name: string; price: string }[];
    expect(found.map(({ name }) => name)).toEqual(names);
    expect(found.map(({ price }) => price)).toEqual(names.map((_, n) => `${Math.max(n, 600)}.50000000`));
  });

  test("is refused, and not rounded, when a decimal needs more than 38 digits", async () => {
    const table: Table = { schema, rows: [row(1, { price: "1234567890123456789012345678901.5" })] };
    await expect(writer.writeTable(dir, table)).rejects.toThrow(
      "sample.price needs 31 digits before the point and 8 after; Parquet decimals hold 38 in all",
    );
  });
});

test("a column file is a line of JSON and little-endian values at the stated offsets", async () => {
  const recorder = new EquityRecorder(2);
  for (let i = 0; i < 3000; i++) recorder.add(i * 60_000, { cash: BigInt(i), equity: BigInt(-i), gross: 7n, net: -7n });
  const file = await writer.writeCurve(dir, "equity", recorder.finish());
  const bytes = readFileSync(join(dir, file.path));
  const start = bytes.indexOf(0x0a) + 1;
  const head = JSON.parse(bytes.subarray(0, start).toString("utf8")) as {
    rows: number;
    format: string;
    columns: { name: string; offset: number; scale: number }[];
  };
  expect([start % 64, head.format, head.rows, bytes.length]).toEqual([0, "onetape-columns-1", 3000, start + 5 * 8 * 3000]);
  const at = (name: string) => start + (head.columns.find((c) => c.name === name)?.offset ?? Number.NaN) + 8 * 2999;
  expect(bytes.readDoubleLE(at("ts"))).toBe(2999 * 60_000);
  expect(bytes.readBigInt64LE(at("equity"))).toBe(-2999n);
  expect(bytes.readBigInt64LE(at("cash"))).toBe(2999n);
  expect(bytes.readBigInt64LE(at("net_exposure"))).toBe(-7n);
  expect(head.columns.map((c) => c.scale)).toEqual([0, 2, 2, 2, 2]);
});
