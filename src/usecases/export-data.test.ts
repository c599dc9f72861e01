import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { parse } from "csv-parse/sync";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type TestWorkspace, testWorkspace } from "../../test/support/data-workspace.js";
import { deriveData } from "./derive-data.js";
import { EXPORT_COLUMNS, type ExportDataOptions, type ExportedData, exportData } from "./export-data.js";
import { generateData } from "./generate-data.js";
import { listData } from "./list-data.js";
import { resolveData } from "./resolve-data.js";
import { showData } from "./show-data.js";
import { validateData } from "./validate-data.js";

let workspace: TestWorkspace;

beforeEach(async () => {
  workspace = await testWorkspace();
});

afterEach(async () => {
  await workspace.remove();
});

/** A day of New York minutes: 2024-07-03 closed at 13:00, 2024-07-05 is whole. */
async function generate(seed = 7): ReturnType<typeof generateData> {
  const { ports } = workspace;
  return generateData(ports, {
    symbol: "DEMO",
    calendar: "XNYS",
    from: Date.UTC(2024, 6, 3),
    to: Date.UTC(2024, 6, 6),
    seed,
    start_price: "50",
  });
}

async function exported(options: Omit<ExportDataOptions, "output">): Promise<{ outcome: ExportedData; text: string }> {
  let text = "";
  const write = async (part: string): Promise<void> => {
    text += part;
  };
  const outcome = await exportData(workspace.ports, { ...options, output: { write } });
  if (outcome.kind === "refused") throw new Error(JSON.stringify(outcome.violations));
  return { outcome, text };
}

/** Rows of a query by a DuckDB of its own. */
async function query(sql: string): Promise<unknown[]> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  await connection.run("SET TimeZone='UTC'");
  const rows = (await connection.runAndReadAll(sql)).getRowObjectsJson();
  connection.closeSync();
  instance.closeSync();
  return rows;
}

describe("generated bars", () => {
  test("fill the sessions of the calendar, half days included, and are called synthetic everywhere", async () => {
    const made = await generate();
    expect(made).toMatchObject({ kind: "generated", synthetic: true, rows: 210 + 390, already_generated: false });
    const shown = await showData(workspace.ports, { what: "DEMO" });
    expect(shown).toMatchObject({ kind: "shown", synthetic: true, sessions: { completeness: 1, expected: 600, present: 600 } });
    const list = await listData(workspace.ports);
    expect(list.kind === "listed" ? list.captures[0] : null).toMatchObject({
      synthetic: true,
      source: "synthetic:bars.synthetic@v1 seed=7",
    });
    const { outcome, text } = await exported({ what: "DEMO", format: "csv" });
    expect([outcome.synthetic, parse(text, { columns: true }).length]).toEqual([true, 600]);
    expect(text.split("\n")[1]).toContain(",synthetic:bars.synthetic@v1 seed=7,");
  });

  test("are the same for the same seed, and others for another", async () => {
    const first = await generate();
    const again = await generate();
    const other = await generate(8);
    if (first.kind === "refused" || again.kind === "refused" || other.kind === "refused") throw new Error("refused");
    expect([again.already_generated, again.capture_id, again.column_set]).toEqual([true, first.capture_id, first.column_set]);
    expect(other.column_set).not.toBe(first.column_set);
  });

  test("with wrong options are refused, all at once", async () => {
    const refused = await generateData(workspace.ports, { symbol: "a b", calendar: "XXXX", from: 0, to: 1 });
    expect(refused.kind === "refused" ? refused.violations.map((v) => v.code) : []).toEqual(["CALENDAR_UNKNOWN", "SYMBOL_INVALID"]);
    const range = await generateData(workspace.ports, { symbol: "A", calendar: "24/7", from: 10, to: 1, seed: -1 });
    expect(range.kind === "refused" ? range.violations[0]?.message : "").toMatch(/to is 1.*seed is -1/s);
  });
});

describe("derived bars", () => {
  test("are stored with the calculation and the capture they were made from, and are research", async () => {
    await generate();
    const derived = await deriveData(workspace.ports, { what: "DEMO", timeframe: "1h" });
    // 09:30 to 13:00 are three whole hours and a half; 09:30 to 16:00 six and a half.
    expect(derived).toMatchObject({ kind: "derived", rows: 4 + 7, research: true, synthetic: true, outside: 0 });
    if (derived.kind === "refused") throw new Error("refused");
    expect(derived.derived).toMatchObject({ calc_name: "bars.derive", calc_version: "v1", calendar: "XNYS" });
    const again = await deriveData(workspace.ports, { what: "DEMO", timeframe: "1h" });
    expect(again).toMatchObject({ already_derived: true, capture_id: derived.capture_id });
    const found = await resolveData(workspace.ports, { symbol: "DEMO", timeframe: "1h", set: "latest", basis: "trade", price_mode: "raw" });
    expect(found.kind === "found" ? found.columns.rows : 0).toBe(11);
    expect(await validateData(workspace.ports)).toMatchObject({ ok: true });
    const unknown = await deriveData(workspace.ports, { what: "OTHER", timeframe: "1h" });
    expect(unknown.kind === "refused" ? unknown.reason : "").toBe("not_found");
  });

  test("add up to the minutes they were made from", async () => {
    await generate();
    const minutes = parse(await exported({ what: "DEMO", format: "csv" }).then((e) => e.text), { columns: true }) as Record<
      string,
      string
    >[];
    const fives = parse(await exported({ what: "DEMO", format: "csv", timeframe: "5m" }).then((e) => e.text), { columns: true }) as Record<
      string,
      string
    >[];
    expect(fives).toHaveLength(120);
    const volume = (rows: typeof minutes): number => rows.reduce((sum, row) => sum + Number(row["volume"]), 0);
    expect(volume(fives)).toBe(volume(minutes));
    const five = minutes.slice(0, 5);
    expect(fives[0]).toMatchObject({
      open: five[0]?.["open"],
      close: five[4]?.["close"],
      high: String(Math.max(...five.map((row) => Number(row["high"])))),
      low: String(Math.min(...five.map((row) => Number(row["low"])))),
      ts: five[4]?.["ts"],
      timeframe: "5m",
      calc_name: "bars.derive",
      calc_version: "v1",
      capture_id: five[0]?.["capture_id"],
    });
    expect(minutes[0]).toMatchObject({ calc_name: "", calc_version: "" });
  });
});

describe("an export", () => {
  test("comes back as the same column set, from CSV and from Parquet", async () => {
    const made = await generate();
    if (made.kind === "refused") throw new Error("refused");
    for (const format of ["csv", "parquet"] as const) {
      const name = `bars.${format}`;
      await exportData(workspace.ports, { what: "DEMO", format, output: { path: join(workspace.folder, name) } });
      const back = await workspace.take({ files: { bars: [name] }, symbol: "DEMO", timeframe: "1m", stamp: "close", price_mode: "raw" });
      // Volumes were generated at scale 0; an import gives them eight decimals.
      expect([back.rows, back.first_close, back.price_scale, back.volume_scale]).toEqual([made.rows, made.first_close, 8, 8]);
      const [a, b] = await Promise.all(
        [made.capture_id, back.capture_id].map(async (set) => {
          const found = await resolveData(workspace.ports, { symbol: "DEMO", timeframe: "1m", set, basis: "trade", price_mode: "raw" });
          if (found.kind === "refused") throw new Error("refused");
          return found.columns;
        }),
      );
      for (const field of ["ts", "open", "high", "low", "close"] as const) expect(b?.[field]).toEqual(a?.[field]);
      expect([...(b?.volume ?? [])]).toEqual([...(a?.volume ?? [])].map((v) => v * 1e8));
    }
  });

  test("in NDJSON has decimals as text and null for what is absent", async () => {
    await workspace.file("bars.csv", "ts,open,high,low,close\n2024-01-02T00:01:00Z,1.50,2,1,1.75\n");
    await workspace.take({ files: { bars: ["bars.csv"] }, symbol: "BTCUSDT", timeframe: "1m", stamp: "close" });
    const { text } = await exported({ what: "BTCUSDT", format: "ndjson" });
    const row: Record<string, unknown> = JSON.parse(text);
    expect(Object.keys(row)).toEqual([...EXPORT_COLUMNS]);
    expect(row).toMatchObject({ symbol: "BTCUSDT", ts: "2024-01-02T00:01:00Z", open: "1.5", close: "1.75", volume: null, calc_name: null });
  });

  test("says of every row that its bar is closed and when it was taken, as the stored Parquet does", async () => {
    const rows = ["2024-01-02T00:01:00Z,1,2,1,2,5,true", "2024-01-02T00:02:00Z,2,3,2,3,6,false", "2024-01-02T00:03:00Z,3,4,3,4,7,true"];
    await workspace.file("bars.csv", `ts,open,high,low,close,volume,is_closed\n${rows.join("\n")}\n`);
    const taken = await workspace.take({ files: { bars: ["bars.csv"] }, symbol: "BTCUSDT", timeframe: "1m", stamp: "close" });
    const list = await listData(workspace.ports);
    const captured_at = list.kind === "listed" ? list.captures[0]?.captured_at : undefined;
    expect(taken.rows).toBe(2);
    const { text } = await exported({ what: "BTCUSDT", format: "csv" });
    const labels = (parse(text, { columns: true }) as Record<string, string>[]).map(({ ts, is_closed, source, ingested_at }) => [
      ts,
      is_closed,
      source,
      ingested_at,
    ]);
    expect(labels).toEqual(["01", "03"].map((minute) => [`2024-01-02T00:${minute}:00Z`, "true", "bars.csv", captured_at]));
    const line = (await exported({ what: "BTCUSDT", format: "ndjson" })).text.split("\n")[0] ?? "";
    expect(JSON.parse(line)).toMatchObject({ is_closed: true, timeframe: "1m", source: "bars.csv" });
    const objects = await readdir(join(workspace.home, "objects"), { recursive: true, withFileTypes: true });
    const file = objects.find((entry) => entry.isFile());
    const stored =
      await query(`SELECT symbol, timeframe, is_closed, source, epoch_ms(ingested_at)::DOUBLE AS ingested_at, minute(ts)::INT AS minute
      FROM read_parquet('${join(file?.parentPath ?? "", file?.name ?? "")}') ORDER BY ts`);
    const same = { symbol: "BTCUSDT", timeframe: "1m", source: "bars.csv", ingested_at: Date.parse(captured_at ?? "") };
    expect(stored).toEqual([1, 2, 3].map((minute) => ({ ...same, is_closed: minute !== 2, minute })));
  });

  test("between two times holds the bars that close from the first to the last, both included", async () => {
    await generate();
    const { outcome } = await exported({
      what: "DEMO",
      format: "csv",
      from: Date.UTC(2024, 6, 3, 13, 31),
      to: Date.UTC(2024, 6, 3, 13, 35),
    });
    expect(outcome.rows).toBe(5);
    expect((await exported({ what: "DEMO", format: "csv", from: Date.UTC(2025, 0, 1) })).outcome.rows).toBe(0);
  });

  test("of Parquet wants a file, and a failed one leaves none", async () => {
    await generate();
    const refused = await exportData(workspace.ports, { what: "DEMO", format: "parquet", output: { write: async () => undefined } });
    expect(refused.kind === "refused" ? refused.violations[0]?.code : "").toBe("OUTPUT_REQUIRED");
    const controller = new AbortController();
    controller.abort(new Error("stopped"));
    const path = join(workspace.folder, "out", "bars.csv");
    await expect(
      exportData(workspace.ports, { what: "DEMO", format: "csv", output: { path } }, { signal: controller.signal }),
    ).rejects.toThrow("stopped");
    expect(await readdir(join(workspace.folder, "out"))).toEqual([]);
    await exportData(workspace.ports, { what: "DEMO", format: "csv", output: { path } });
    expect((await readFile(path, "utf8")).split("\n")).toHaveLength(602);
  });
});
