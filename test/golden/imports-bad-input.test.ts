/** Every way in which a file of bars can be wrong, what it gets, and that nothing is left behind. */
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { zipSync } from "fflate";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { DataRefusal } from "../../src/usecases/data-ports.js";
import { exportData } from "../../src/usecases/export-data.js";
import { importBars } from "../../src/usecases/import-bars.js";
import type { ImportBarsOptions } from "../../src/usecases/import-options.js";
import { listData } from "../../src/usecases/list-data.js";
import { type TestWorkspace, testWorkspace } from "../support/data-workspace.js";

let workspace: TestWorkspace;

beforeEach(async () => {
  workspace = await testWorkspace();
});

afterEach(async () => {
  await workspace.remove();
});

const HEADER = "timestamp,open,high,low,close,volume";
const GOOD = ["2024-01-02 00:01:00,10,12,9,11,5", "2024-01-02 00:02:00,11,13,10,12,6", "2024-01-02 00:03:00,12,12,12,12,0"];
const choices = { symbol: "BTCUSDT", timeframe: "1m", stamp: "close", tz: "UTC", price_mode: "raw" } as const;

async function refuse(content: string | Uint8Array, more: Partial<ImportBarsOptions> = {}, name = "bars.csv"): Promise<DataRefusal> {
  await workspace.file(name, content);
  const refused = await workspace.refuse({ files: { bars: [name] }, ...choices, ...more });
  await expectNothingLeft();
  return refused;
}

async function expectNothingLeft(): Promise<void> {
  expect(await listData(workspace.ports)).toEqual({ kind: "listed", captures: [] });
  const left = existsSync(workspace.home)
    ? (await readdir(workspace.home, { recursive: true, withFileTypes: true })).filter((e) => e.isFile())
    : [];
  expect(left).toEqual([]);
}

function lines(...rows: readonly string[]): string {
  return `${[HEADER, ...rows].join("\n")}\n`;
}

describe("a value that breaks the contract is named with file, line, field and value", () => {
  test.each([
    ["NaN price", "2024-01-02 00:02:00,nan,13,10,12,6", { code: "PRICE_NOT_A_NUMBER", field: "open", value: "nan" }],
    ["infinite price", "2024-01-02 00:02:00,11,inf,10,12,6", { code: "PRICE_NOT_A_NUMBER", field: "high", value: "inf" }],
    ["empty price", "2024-01-02 00:02:00,11,13,,12,6", { code: "PRICE_MISSING", field: "low", value: "" }],
    ["price with a decimal comma", '2024-01-02 00:02:00,11,13,10,"12,5",6', { code: "PRICE_NOT_A_NUMBER", field: "close", value: "12,5" }],
    ["empty volume", "2024-01-02 00:02:00,11,13,10,12,", { code: "VOLUME_MISSING", field: "volume", value: "" }],
    ["negative volume", "2024-01-02 00:02:00,11,13,10,12,-6", { code: "VOLUME_NEGATIVE", field: "volume", value: "-6" }],
    ["high below close", "2024-01-02 00:02:00,11,11.5,10,12,6", { code: "HIGH_BELOW_BODY", field: "high", value: "11.5" }],
    ["low above open", "2024-01-02 00:02:00,11,13,11.5,12,6", { code: "LOW_ABOVE_BODY", field: "low", value: "11.5" }],
    ["price of zero", "2024-01-02 00:02:00,0,13,0,12,6", { code: "PRICE_NOT_POSITIVE", field: "open", value: "0" }],
    ["stamp off the minute", "2024-01-02 00:02:59.999,11,13,10,12,6", { code: "TS_OFF_GRID", field: "ts" }],
    ["stamp that is no time", "noon,11,13,10,12,6", { code: "TS_NOT_A_TIME", field: "ts", value: "noon" }],
    ["line with too few cells", "2024-01-02 00:02:00,11,13,10,12", { code: "FIELD_COUNT", value: "5 cells" }],
    ["price with more digits than fit", "2024-01-02 00:02:00,11.123456789012345678,13,10,12,6", { code: "NUMBER_TOO_WIDE", field: "open" }],
  ])("%s", async (_, row, expected) => {
    const refused = await refuse(lines(GOOD[0] ?? "", row, GOOD[2] ?? ""));
    expect(refused.reason).toBe("invalid");
    expect(refused.violations[0]).toMatchObject({ ...expected, file: "bars.csv", line: 3 });
    expect(refused.violations[0]?.expected).not.toBe("");
  });

  test("all violations come at once, the first hundred in full and all of them counted", async () => {
    const bad = Array.from(
      { length: 150 },
      (_, i) => `2024-01-02 ${String(Math.floor(i / 60)).padStart(2, "0")}:${String(i % 60).padStart(2, "0")},x,1,2,1,-1`,
    );
    const refused = await refuse(lines(...bad));
    expect(refused.violations).toHaveLength(100);
    // Beside the cell that is no number, low 2 stands above close 1 and the volume is negative.
    expect(refused.totals).toEqual([
      { code: "LOW_ABOVE_BODY", count: 150 },
      { code: "PRICE_NOT_A_NUMBER", count: 150 },
      { code: "VOLUME_NEGATIVE", count: 150 },
    ]);
    expect(refused.violations[1]?.message).toBe("low is above open or close: low is 2, expected at most close 1");
    const both = await refuse(lines("2024-01-02 00:01,5,1,6,5,-1"));
    expect(both.violations.map((v) => v.code)).toEqual(["HIGH_BELOW_BODY", "LOW_ABOVE_BODY", "VOLUME_NEGATIVE"]);
    const timeless = await refuse(lines("noon,nan,1,1,nan,-1"));
    expect(timeless.violations.map((v) => `${v.code} ${v.field}`)).toEqual([
      "TS_NOT_A_TIME ts",
      "PRICE_NOT_A_NUMBER open",
      "PRICE_NOT_A_NUMBER close",
      "VOLUME_NEGATIVE volume",
    ]);
  });
});

describe("times", () => {
  test("without zone are refused until a zone is said", async () => {
    const refused = await refuse(lines(...GOOD), { tz: undefined });
    expect(refused.violations[0]).toMatchObject({ code: "TS_NAIVE", line: 2, value: "2024-01-02 00:01:00" });
    expect(refused.violations[0]?.expected).toContain("--tz");
  });

  test("that happened twice name both candidates; either can be chosen", async () => {
    const text = lines("2024-11-03 01:30:00,10,12,9,11,5");
    const refused = await refuse(text, { tz: "America/New_York" });
    expect(refused.violations[0]).toMatchObject({ code: "TS_AMBIGUOUS", line: 2, value: "2024-11-03 01:30:00" });
    expect(refused.violations[0]?.message).toContain("2024-11-03T05:30:00Z or 2024-11-03T06:30:00Z");
    const taken = await workspace.take({ files: { bars: ["bars.csv"] }, ...choices, tz: "America/New_York", ambiguous: "later" });
    expect(taken.first_close).toBe("2024-11-03T06:30:00Z");
  });

  test("that never happened are refused", async () => {
    const refused = await refuse(lines("2024-03-10 02:30:00,10,12,9,11,5"), { tz: "America/New_York" });
    expect(refused.violations[0]).toMatchObject({ code: "TS_NOT_EXISTENT" });
  });

  test("in a zone that does not exist are refused", async () => {
    expect((await refuse(lines(...GOOD), { tz: "Europe/Berlinn" })).violations[0]).toMatchObject({
      code: "TZ_UNKNOWN",
      value: "Europe/Berlinn",
    });
  });
});

describe("columns", () => {
  test("that are missing are named beside those that are there", async () => {
    const refused = await refuse("timestamp,open,high,low,last\n2024-01-02 00:01,1,1,1,1\n");
    expect(refused.violations).toMatchObject([{ code: "COLUMN_MISSING", field: "close", file: "bars.csv" }]);
    expect(refused.violations[0]?.message).toContain('"last"');
    const taken = await workspace.take({ files: { bars: ["bars.csv"] }, ...choices, columns: { close: "Last" } });
    expect([taken.rows, taken.has_volume]).toEqual([1, false]);
  });

  test("that do not exist, and fields that do not, are refused", async () => {
    const refused = await refuse(lines(...GOOD), { columns: { close: "Last", colour: "open" } });
    expect(refused.violations.map((v) => v.code)).toEqual(["COLUMN_MISSING", "UNKNOWN_FIELD"]);
  });

  test("two of which could be one field are not guessed between", async () => {
    const refused = await refuse("ts,open,high,low,close,Close,volume\n2024-01-02 00:01,1,1,1,1,1,1\n");
    expect(refused.violations[0]).toMatchObject({ code: "COLUMN_AMBIGUOUS", field: "close" });
  });

  test("without names want positions", async () => {
    const refused = await refuse(`${GOOD.join("\n")}\n`);
    expect(refused.violations[0]).toMatchObject({ code: "COLUMN_MISSING" });
    const taken = await workspace.take({
      files: { bars: ["bars.csv"] },
      ...choices,
      columns: { ts: "1", open: "2", high: "3", low: "4", close: "5", volume: "6" },
    });
    expect(taken.rows).toBe(3);
  });

  test("in capitals, of other names, and split into date and time are recognised", async () => {
    await workspace.file("b.csv", "Date;Time;Open;High;Low;Close;Volume\n20240102;00:01;1;1;1;1;1\n20240102;00:02;1;1;1;1;1\n");
    expect((await workspace.take({ files: { bars: ["b.csv"] }, ...choices })).rows).toBe(2);
    await workspace.file("index.csv", ",Open,High,Low,Close,Volume\n2024-01-02 00:01:00,1,1,1,1,1\n");
    expect((await workspace.take({ files: { bars: ["index.csv"] }, ...choices })).rows).toBe(1);
  });
});

describe("symbols and timeframes", () => {
  const mixed = "ts,symbol,open,high,low,close,volume\n2024-01-02 00:01,BTCUSDT,1,1,1,1,1\n2024-01-02 00:01,ETHUSDT,2,2,2,2,2\n";

  test("mixed symbols are refused, and one of them can be chosen", async () => {
    const refused = await refuse(mixed, { symbol: undefined });
    expect(refused.violations[0]).toMatchObject({ code: "SYMBOL_MIXED", line: 3, value: "ETHUSDT" });
    const taken = await workspace.take({ files: { bars: ["bars.csv"] }, ...choices, symbol: "ETHUSDT" });
    expect([taken.rows, taken.counts.rows_of_other_symbols]).toEqual([1, 1]);
  });

  test("a symbol that the file does not have is refused", async () => {
    expect((await refuse(mixed, { symbol: "SOLUSDT" })).violations[0]).toMatchObject({ code: "SYMBOL_ABSENT" });
  });

  test("rows of another timeframe are refused", async () => {
    const refused = await refuse("ts,timeframe,open,high,low,close\n2024-01-02 00:01,1m,1,1,1,1\n2024-01-02 00:05,5m,1,1,1,1\n");
    expect(refused.violations[0]).toMatchObject({ code: "TIMEFRAME_MIXED", line: 3, value: "5m" });
  });

  test("what the file does not say must be said, all of it at once", async () => {
    await workspace.file("bars.csv", lines(...GOOD));
    const refused = await workspace.refuse({ files: { bars: ["bars.csv"] } });
    expect(refused.violations.map((v) => [v.code, v.field])).toEqual([
      ["OPTION_REQUIRED", "stamp"],
      ["OPTION_REQUIRED", "timeframe"],
      ["OPTION_REQUIRED", "symbol"],
      ["PRICE_MODE_REQUIRED", "price_mode"],
    ]);
    expect(refused.violations[3]?.expected).toContain("--price-mode raw");
  });

  test("a share's price mode must be said; a coin's is raw", async () => {
    expect((await refuse(lines(...GOOD), { symbol: "SPY", price_mode: undefined })).violations.map((v) => v.code)).toEqual([
      "PRICE_MODE_REQUIRED",
    ]);
    expect((await workspace.take({ files: { bars: ["bars.csv"] }, ...choices, price_mode: undefined })).price_mode).toBe("raw");
  });
});

describe("files", () => {
  test("that do not exist are named, all of them", async () => {
    const refused = await workspace.refuse({ files: { bars: ["one.csv", "two.csv"] }, ...choices });
    expect([refused.reason, refused.violations.map((v) => v.file)]).toEqual(["not_found", ["one.csv", "two.csv"]]);
  });

  test.each([
    ["no bytes", ""],
    ["blank lines only", "\n\n"],
    ["a header only", `${HEADER}\n`],
  ])("with %s are empty", async (_, text) => {
    expect((await refuse(text)).violations[0]).toMatchObject({ code: "FILE_EMPTY" });
  });

  test("with a quote that is never closed are no CSV, and the line is named", async () => {
    expect((await refuse(`${HEADER}\n${GOOD[0]}\n"2024-01-02 00:02:00,1,1,1,1,1\n`)).violations.at(-1)).toMatchObject({
      code: "CSV_MALFORMED",
      line: 3,
    });
  });

  test("in UTF-16 are named as such", async () => {
    const refused = await refuse(Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(lines(...GOOD), "utf16le")]));
    expect(refused.violations[0]?.message).toContain("UTF-16");
  });

  test("of gzip that are cut off are damaged", async () => {
    const whole = gzipSync(
      lines(...Array.from({ length: 500 }, (_, i) => `${1_704_153_600_000 + i * 60_000},${i + 1},${i + 2},${i + 1},${i + 1},${i}`)),
    );
    expect((await refuse(whole.subarray(0, whole.length - 20), {}, "bars.csv.gz")).violations.at(-1)).toMatchObject({
      code: "FILE_CORRUPT",
    });
    await workspace.file("bars.csv.gz", whole);
    expect((await workspace.take({ files: { bars: ["bars.csv.gz"] }, ...choices })).rows).toBe(500);
  });

  test("of zip with one flipped bit are damaged", async () => {
    const whole = zipSync({ "bars.csv": new TextEncoder().encode(lines(...GOOD)) }, { level: 0 });
    await workspace.file("good.zip", whole);
    expect((await workspace.take({ files: { bars: ["good.zip"] }, ...choices })).rows).toBe(3);
    const at = Buffer.from(whole).indexOf("00:02:00,11") + 10;
    const flipped = Uint8Array.from(whole);
    flipped[at] = (flipped[at] ?? 0) ^ 1;
    await workspace.file("bad.zip", flipped);
    const refused = await workspace.refuse({ files: { bars: ["bad.zip"] }, ...choices });
    expect(refused.violations[0]).toMatchObject({ code: "FILE_CORRUPT" });
    expect(refused.violations[0]?.message).toContain("checksum");
    await workspace.file("cut.zip", whole.subarray(0, whole.length - 30));
    expect((await workspace.refuse({ files: { bars: ["cut.zip"] }, ...choices })).violations[0]).toMatchObject({ code: "FILE_CORRUPT" });
  });

  test.each([
    ["bars.zip", "does not begin as a zip file does"],
    ["bars.csv.gz", "does not begin as a gzip file does"],
    ["bars.csv", "is no text: byte 3 is zero"],
  ])("of bytes that are no bars are damaged, and none of the bytes are shown: %s", async (name, message) => {
    const refused = await refuse(new Uint8Array([0x9c, 0x41, 0x00, 0x1b, 0x5b, 0x0a, 0xff, 0x2c]), {}, name);
    expect(refused.violations).toMatchObject([{ code: "FILE_CORRUPT", message: `${name} ${message}` }]);
  });

  test("of zip with several CSVs want one to be chosen", async () => {
    const text = new TextEncoder().encode(lines(...GOOD));
    const refused = await refuse(zipSync({ "a.csv": text, "b.csv": text }), {}, "two.zip");
    expect(refused.violations[0]?.message).toContain("a.csv, b.csv");
    expect((await workspace.take({ files: { bars: ["two.zip"] }, ...choices, entry: "b." })).rows).toBe(3);
  });

  test("of LEAN with a damaged archive are named", async () => {
    const folder = join(workspace.folder, "equity/usa/minute/spy");
    await mkdir(folder, { recursive: true });
    const good = zipSync({ "20131007_spy_minute_trade.csv": new TextEncoder().encode("34200000,1455000,1456000,1454000,1455500,100\n") });
    await writeFile(join(folder, "20131007_trade.zip"), good);
    await writeFile(join(folder, "20131008_trade.zip"), good.subarray(0, 40));
    const refused = await workspace.refuse({ files: { bars: ["equity/usa/minute/spy"] }, price_mode: "raw" });
    expect(refused.violations[0]).toMatchObject({ code: "FILE_CORRUPT", file: join("equity/usa/minute/spy", "20131008_trade.zip") });
    const taken = await workspace.take({ files: { bars: ["equity/usa/minute/spy/20131007_trade.zip"] }, price_mode: "raw" });
    expect([taken.symbol, taken.first_close, taken.tzdata]).toEqual(["SPY", "2013-10-07T13:31:00Z", process.versions["tz"]]);
  });

  test("of Parquet that are damaged are named, and whole ones are read", async () => {
    await workspace.file("source.csv", lines(...GOOD));
    await workspace.take({ files: { bars: ["source.csv"] }, ...choices });
    const path = join(workspace.folder, "bars.parquet");
    await exportData(workspace.ports, { what: "BTCUSDT", format: "parquet", output: { path } });
    const whole = await readFile(path);
    await workspace.file("bad.parquet", whole.subarray(0, whole.length - 100));
    const refused = await workspace.refuse({ files: { bars: ["bad.parquet"] }, ...choices });
    expect(refused.violations[0]).toMatchObject({ code: "FILE_CORRUPT", file: "bad.parquet" });
    const taken = await workspace.take({ files: { bars: ["bars.parquet"] }, ...choices });
    expect(taken.rows).toBe(3);
  });

  test("whose rows are out of order are refused when order is demanded", async () => {
    const refused = await refuse(lines(GOOD[1] ?? "", GOOD[0] ?? ""), { strict: true });
    expect(refused.violations[0]).toMatchObject({ code: "TS_NOT_INCREASING", line: 3 });
  });
});

describe("options that contradict the file", () => {
  test("are refused", async () => {
    await workspace.file(
      "20131007_trade.zip",
      zipSync({ "20131007_spy_minute_trade.csv": new TextEncoder().encode("34200000,1,1,1,1,1\n") }),
    );
    const refused = await workspace.refuse({
      files: { bars: ["20131007_trade.zip"] },
      market: "equity/usa",
      symbol: "SPY",
      stamp: "close",
      tz: "UTC",
      price_mode: "raw",
    });
    expect(refused.violations.map((v) => [v.code, v.field, v.expected])).toEqual([
      ["OPTION_CONTRADICTS_FILE", "stamp", "open"],
      ["OPTION_CONTRADICTS_FILE", "tz", "America/New_York"],
    ]);
  });
});

describe("an import that is stopped", () => {
  test("leaves nothing behind, wherever it stands", async () => {
    const rows = Array.from({ length: 40_000 }, (_, i) => `${1_704_153_600_000 + i * 60_000},${i + 1},${i + 2},${i + 1},${i + 1},${i}`);
    await workspace.file("bars.csv", lines(...rows));
    for (const stopAt of [0, 1, 2]) {
      const controller = new AbortController();
      let calls = 0;
      if (stopAt === 0) controller.abort(new Error("stopped"));
      const importing = importBars(workspace.ports, { files: { bars: ["bars.csv"] }, ...choices }, workspace.folder, {
        signal: controller.signal,
        onProgress: () => {
          calls += 1;
          if (calls >= stopAt) controller.abort(new Error("stopped"));
        },
      });
      await expect(importing).rejects.toThrow("stopped");
      await expectNothingLeft();
    }
    const late = new AbortController();
    const write = workspace.ports.archive.write;
    const ports = {
      ...workspace.ports,
      archive: {
        ...workspace.ports.archive,
        write: async (...args: Parameters<typeof write>): Promise<void> => {
          await write(...args);
          late.abort(new Error("stopped"));
        },
      },
    };
    await expect(
      importBars(ports, { files: { bars: ["bars.csv"] }, ...choices }, workspace.folder, { signal: late.signal }),
    ).rejects.toThrow("stopped");
    await expectNothingLeft();
  });

  test("by a full disk leaves nothing behind and says what failed", async () => {
    await workspace.file("bars.csv", lines(...GOOD));
    const full = Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC", syscall: "write" });
    const ports = {
      ...workspace.ports,
      cache: { ...workspace.ports.cache, load: async () => null, drop: async () => undefined, save: () => Promise.reject(full) },
    };
    await expect(importBars(ports, { files: { bars: ["bars.csv"] }, ...choices }, workspace.folder)).rejects.toThrow("ENOSPC");
    await expectNothingLeft();
  });
});
