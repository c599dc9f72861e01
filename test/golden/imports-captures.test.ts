/** Captures: identity, clocks, order, open bars, storage, and coming back from damage. */
import { readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { BarColumns } from "../../src/core/market/bars.js";
import { columnSetId } from "../../src/core/market/column-set.js";
import { formatScaled } from "../../src/core/money/decimal.js";
import { readDataIndex } from "../../src/usecases/catalogue-log.js";
import { importBars } from "../../src/usecases/import-bars.js";
import { listData } from "../../src/usecases/list-data.js";
import { readStored, resolveData } from "../../src/usecases/resolve-data.js";
import { showData } from "../../src/usecases/show-data.js";
import { validateData } from "../../src/usecases/validate-data.js";
import { workspaceBarLibrary } from "../../src/usecases/workspace-bar-library.js";
import { type TestWorkspace, testWorkspace } from "../support/data-workspace.js";

let workspace: TestWorkspace;

beforeEach(async () => {
  workspace = await testWorkspace();
});

afterEach(async () => {
  await workspace.remove();
});

const HEADER = "ts,open,high,low,close,volume";
const choices = { symbol: "BTCUSDT", timeframe: "1m", stamp: "close", price_mode: "raw" } as const;
const wanted = { symbol: "BTCUSDT", timeframe: "1m", set: "latest", basis: "trade", price_mode: "raw" } as const;

function minute(n: number): string {
  return new Date(Date.UTC(2024, 0, 2) + n * 60_000).toISOString();
}

function row(n: number, close = 100 + n): string {
  return `${minute(n)},${close},${close + 1},${close - 1},${close},${n}`;
}

async function columnsOf(set = "latest"): Promise<BarColumns> {
  const found = await resolveData(workspace.ports, { ...wanted, set });
  if (found.kind === "refused") throw new Error(JSON.stringify(found.violations));
  return found.columns;
}

async function take(text: string, name = "bars.csv", more = {}): ReturnType<TestWorkspace["take"]> {
  await workspace.file(name, text);
  return workspace.take({ files: { bars: [name] }, ...choices, ...more });
}

describe("duplicates, shuffled rows, a gap, a naive time, an open bar and a five-minute bar", () => {
  const head = "ts,timeframe,is_closed,open,high,low,close,volume";
  const bar = (n: number, close: number, closed = true, timeframe = "1m"): string =>
    `${minute(n)},${timeframe},${closed},${close},${close},${close},${close},1`;

  test("the last duplicate stays, rows are sorted, the gap keeps its neighbours, the open bar is stored and never run", async () => {
    const rows = [bar(3, 13), bar(1, 11), bar(2, 12), bar(2, 22), bar(6, 16), bar(7, 17, false)];
    const taken = await take(`${[head, ...rows].join("\n")}\n`);
    expect(taken.counts).toMatchObject({ rows_read: 6, duplicates: 1, out_of_order: 3, open_bars: 1, gap_count: 1, missing_bars: 2 });
    expect(taken.duplicate_rows).toEqual([{ file: "bars.csv", line: 4, close_time: "2024-01-02T00:02:00Z" }]);
    expect(taken.out_of_order_rows.map((r) => r.line)).toEqual([3, 4, 5]);
    expect(taken.gaps).toEqual([{ prev_ts: "2024-01-02T00:03:00Z", next_ts: "2024-01-02T00:06:00Z", missing: 2 }]);
    const columns = await columnsOf();
    expect([...columns.close].map((p) => p / 1e8)).toEqual([11, 22, 13, 16]);
    const index = await readDataIndex(workspace.ports);
    const capture = index.kind === "read" ? index.index.captures[0] : undefined;
    const stored = capture === undefined ? null : await readStored(workspace.ports, capture);
    expect(stored?.kind === "read" ? [...stored.bars.open[0].close].map((p) => p / 1e8) : null).toEqual([17]);
  });

  test("a naive time is an error, a five-minute bar is refused, and a file of open bars has nothing to run", async () => {
    await workspace.file("naive.csv", `${head}\n2024-01-02 00:01:00,1m,true,1,1,1,1,1\n`);
    expect((await workspace.refuse({ files: { bars: ["naive.csv"] }, ...choices })).violations[0]?.code).toBe("TS_NAIVE");
    await workspace.file("five.csv", `${head}\n${bar(5, 1, true, "5m")}\n`);
    expect((await workspace.refuse({ files: { bars: ["five.csv"] }, ...choices })).violations[0]?.code).toBe("TIMEFRAME_MIXED");
    await workspace.file("open.csv", `${head}\n${bar(5, 1, false)}\n`);
    expect((await workspace.refuse({ files: { bars: ["open.csv"] }, ...choices })).violations[0]?.code).toBe("NO_CLOSED_BARS");
  });
});

describe("a capture", () => {
  const text = `${[HEADER, row(1), row(2), row(3)].join("\n")}\n`;

  test("of the same bytes and choices is taken once, whatever the file is called and whenever it was touched", async () => {
    const first = await take(text);
    await workspace.file("copy.csv", text);
    await utimes(join(workspace.folder, "copy.csv"), 1, 1);
    const again = await workspace.take({ files: { bars: ["copy.csv"] }, ...choices });
    expect([first.already_imported, again.already_imported]).toEqual([false, true]);
    expect({ ...again, already_imported: false, gaps: [] }).toEqual(first);
    const index = await readDataIndex(workspace.ports);
    expect(index.kind === "read" ? index.index.captures.length : 0).toBe(1);
  });

  test("of other choices is another one", async () => {
    const first = await take(text);
    const other = await take(text, "bars.csv", { stamp: "open" });
    expect(other.capture_id).not.toBe(first.capture_id);
    expect(other.first_close).toBe("2024-01-02T00:02:00Z");
    expect((await take(text, "bars.csv", { price_mode: "adjusted" })).column_set).not.toBe(first.column_set);
  });

  test("has three clocks: the bars', the source's and the platform's", async () => {
    await workspace.file("bars.csv", text);
    await utimes(join(workspace.folder, "bars.csv"), 1_700_000_000, 1_700_000_000);
    const taken = await workspace.take({ files: { bars: ["bars.csv"] }, ...choices });
    expect([taken.first_close, taken.last_close, taken.source_time]).toEqual([
      "2024-01-02T00:01:00Z",
      "2024-01-02T00:03:00Z",
      "2023-11-14T22:13:20Z",
    ]);
    expect(taken.captured_at).toMatch(/^2026-01-01T00:00:0\dZ$/);
    await workspace.file("stated.csv", `${text}${row(4)}\n`);
    const stated = await workspace.take({ files: { bars: ["stated.csv"] }, ...choices, source_time: Date.UTC(2024, 1, 1) });
    expect(stated.source_time).toBe("2024-02-01T00:00:00Z");
  });

  test("of changed data leaves the old one where it was", async () => {
    const first = await take(text);
    const second = await take(text.replace(",103,3", ",103.5,3"));
    expect(second.column_set).not.toBe(first.column_set);
    const closes = [(await columnsOf(first.capture_id.slice(0, 12))).close[2], (await columnsOf()).close[2]];
    expect(closes.map((close) => formatScaled(close ?? 0, 8))).toEqual(["103", "103.5"]);
    const list = await listData(workspace.ports);
    expect(list.kind === "listed" ? list.captures.map((c) => c.latest) : []).toEqual([false, true]);
  });

  test("of several files in order is one import", async () => {
    await workspace.file("a.csv", `${HEADER}\n${row(1)}\n`);
    await workspace.file("b.csv", "close,open,high,low,volume,ts\n");
    await workspace.file("b.csv", `close,open,high,low,volume,ts\n101,102,103,100,5,${minute(2)}\n`);
    const taken = await workspace.take({ files: { bars: ["a.csv", "b.csv"] }, ...choices });
    expect([taken.rows, taken.sources.map((s) => s.file)]).toEqual([2, ["a.csv", "b.csv"]]);
    expect((await columnsOf()).open[1]).toBe(102e8);
  });
});

describe("rows in another order", () => {
  test("are another capture with the same column set, stored once", async () => {
    const rows = [1, 2, 3, 4, 6].map((n) => row(n));
    const straight = await take(`${[HEADER, ...rows].join("\n")}\n`);
    const shuffled = await take(`${[HEADER, ...rows.toReversed()].join("\n")}\n`, "shuffled.csv");
    expect(shuffled.capture_id).not.toBe(straight.capture_id);
    expect(shuffled.column_set).toBe(straight.column_set);
    expect(shuffled.object).toEqual(straight.object);
    expect(shuffled.counts.out_of_order).toBe(4);
    const objects = (await readdir(join(workspace.home, "objects"), { recursive: true })).filter((name) => name.endsWith(".parquet"));
    expect(objects).toHaveLength(1);
  });

  test("give the same columns for any rows and any order", async () => {
    const price = fc.integer({ min: 1, max: 10_000_000 }).map((n) => formatScaled(n, 4));
    const bars = fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 5000 }), price, fc.integer({ min: 0, max: 9999 })), {
      selector: ([n]) => n,
      minLength: 1,
      maxLength: 40,
    });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        bars.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))),
        async ([list, shuffled]) => {
          run += 1;
          const text = (some: typeof list): string =>
            `${[HEADER, ...some.map(([n, p, v]) => `${minute(n)},${p},${p},${p},${p},${v}`)].join("\n")}\n`;
          // Fewer than ten bars are too few to judge their spacing; more may, by chance, all lie five minutes apart.
          fc.pre(list.length < 10 || list.some(([n], i) => i > 0 && (n - (list[0]?.[0] ?? 0)) % 5 !== 0));
          const [a, b] = [await take(text(list), `a${run}.csv`), await take(text(shuffled), `b${run}.csv`)];
          expect(b.column_set).toBe(a.column_set);
          const columns = await columnsOf(a.capture_id);
          const sorted = list.toSorted((x, y) => x[0] - y[0]);
          expect([...columns.ts]).toEqual(sorted.map(([n]) => Date.UTC(2024, 0, 2) + n * 60_000));
          expect([...columns.close].map((c) => formatScaled(c, columns.price_scale))).toEqual(sorted.map(([, p]) => p));
        },
      ),
      { numRuns: 25 },
    );
  });
});

describe("numbers", () => {
  test("get eight decimals, or more where the source has more, or fewer where eight do not fit", async () => {
    const fine = await take(`${HEADER}\n${minute(1)},0.0000000123,0.0000000123,0.0000000123,0.0000000123,1\n`, "fine.csv");
    expect([fine.price_scale, fine.volume_scale]).toEqual([10, 8]);
    const large = await take(`${HEADER}\n${minute(1)},1,1,1,1,200000000.5\n`, "large.csv");
    expect(large.volume_scale).toBe(1);
    await workspace.file(
      "both.csv",
      `${HEADER}\n${minute(1)},0.000000000001,1,0.000000000001,1,1\n${minute(2)},900000,900000,900000,900000,1\n`,
    );
    const refused = await workspace.refuse({ files: { bars: ["both.csv"] }, ...choices });
    expect(refused.violations[0]).toMatchObject({ code: "NUMBER_TOO_WIDE", line: 3, field: "open", value: "900000" });
  });

  test("are rounded where it is asked for, and the capture says so", async () => {
    const taken = await take(`${HEADER}\n${minute(1)},1.5760800000000001,1.5761,1.576,1.57605,1\n`, "noise.csv", { price_decimals: 6 });
    expect(taken.options["price_decimals"]).toBe(6);
    expect((await columnsOf()).open[0]).toBe(157_608_000);
  });
});

describe("bid and ask", () => {
  test("rows that one side lacks are counted and left out", async () => {
    await workspace.file("bid.csv", `${[HEADER, row(1), row(2), row(4)].join("\n")}\n`);
    await workspace.file("ask.csv", `${[HEADER, row(1, 103), row(3, 105), row(4, 106)].join("\n")}\n`);
    const taken = await workspace.take({ files: { bid: ["bid.csv"], ask: ["ask.csv"] }, ...choices });
    expect([taken.rows, taken.counts.unmatched_bid, taken.counts.unmatched_ask]).toEqual([2, 1, 1]);
    expect(taken.unmatched_rows).toEqual([
      { side: "bid", close_time: "2024-01-02T00:02:00Z" },
      { side: "ask", close_time: "2024-01-02T00:03:00Z" },
    ]);
    const trade = await resolveData(workspace.ports, wanted);
    expect(trade.kind === "refused" ? trade.violations[0]?.message : "").toContain("bid/ask/mid");
    const mid = await resolveData(workspace.ports, { ...wanted, basis: "mid" });
    if (mid.kind === "refused") throw new Error("no middle");
    expect([...mid.columns.close].map((c) => formatScaled(c, mid.columns.price_scale))).toEqual(["102", "105"]);
    const library = workspaceBarLibrary(workspace.ports);
    expect((await library.load(mid.column_set, "mid"))?.rows).toBe(2);
    expect(await library.load("0".repeat(64), "mid")).toBeNull();
  });
});

describe("loading", () => {
  const text = `${[HEADER, ...Array.from({ length: 500 }, (_, n) => row(n + 1))].join("\n")}\n`;

  async function cacheFile(): Promise<string> {
    const folder = join(workspace.home, "cache", "columns");
    const name = (await readdir(folder, { recursive: true })).find((n) => n.endsWith(".columns"));
    return join(folder, name ?? "");
  }

  test("gives columns in shared memory whose content is their identity", async () => {
    const taken = await take(text);
    const columns = await columnsOf();
    for (const name of ["ts", "open", "high", "low", "close", "volume"] as const)
      expect(columns[name].buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(columnSetId(columns, workspace.ports.hashBytes)).toBe(taken.column_set);
  });

  test("makes a cache again that is missing, cut off, or has one flipped bit", async () => {
    const taken = await take(text);
    const path = await cacheFile();
    const whole = await readFile(path);
    const damages: (() => Promise<void>)[] = [
      () => rm(path),
      () => writeFile(path, whole.subarray(0, whole.length - 8)),
      () => writeFile(path, Buffer.concat([whole.subarray(0, 5000), Buffer.from([(whole[5000] ?? 0) ^ 1]), whole.subarray(5001)])),
      () => writeFile(path, Buffer.concat([Buffer.from("nonsense"), whole.subarray(8)])),
    ];
    for (const damage of damages) {
      await damage();
      expect(columnSetId(await columnsOf(), workspace.ports.hashBytes)).toBe(taken.column_set);
      expect((await readFile(path)).equals(whole)).toBe(true);
    }
  });

  test("refuses a stored file that was changed, and says what to do", async () => {
    const taken = await take(text);
    await rm(join(workspace.home, "cache"), { recursive: true });
    const object = workspace.ports.objects.pathOf(taken.object.sha256);
    const whole = await readFile(object);
    await writeFile(object, Buffer.concat([whole, Buffer.from("x")]));
    const found = await resolveData(workspace.ports, wanted);
    expect(found.kind === "refused" ? [found.reason, found.violations[0]?.code, found.next] : []).toEqual([
      "corrupt",
      "STORED_DATA_CHANGED",
      "onetape data validate",
    ]);
    const validated = await validateData(workspace.ports);
    expect(validated).toMatchObject({
      kind: "validated",
      ok: false,
      captures: [{ object: "changed", column_set: "unknown", cache: "absent" }],
    });
    await writeFile(object, whole);
    expect(await validateData(workspace.ports)).toMatchObject({ ok: true, captures: [{ object: "ok", column_set: "ok", ok: true }] });
  });

  test("names what there is when nothing fits", async () => {
    await take(text);
    const ask = async (change: Partial<Parameters<typeof resolveData>[1]>): Promise<string> => {
      const found = await resolveData(workspace.ports, { ...wanted, ...change });
      return found.kind === "refused" ? `${found.violations[0]?.code}: ${found.violations[0]?.message} -> ${found.next}` : "found";
    };
    expect(await ask({ symbol: "ETHUSDT" })).toBe(
      "SYMBOL_UNKNOWN: there are no bars of ETHUSDT: the workspace has BTCUSDT -> onetape data import FILE --symbol ETHUSDT --timeframe 1m --price-mode raw --stamp close --tz UTC",
    );
    expect(await ask({ timeframe: "5m" })).toContain("SHAPE_UNKNOWN: BTCUSDT has no 5m trade raw bars: it has 1m trade raw");
    expect(await ask({ price_mode: "adjusted" })).toContain("SHAPE_UNKNOWN");
    expect(await ask({ set: "ffffffffffff" })).toContain("SET_UNKNOWN");
    expect(await ask({ set: "ff" })).toContain("SET_TOO_SHORT");
  });
});

describe("the instrument", () => {
  const text = `${[HEADER, row(1), row(2)].join("\n")}\n`;

  test("is stored as stated, and what nobody stated is marked", async () => {
    const taken = await take(text, "bars.csv", { instrument: { price_tick: "0.5" } });
    expect(taken.instrument).toMatchObject({ price_tick: "0.5", calendar: "24/7" });
    expect(taken.instrument?.guessed).not.toContain("price_tick");
    expect(taken.instrument?.guessed).toContain("calendar");
  });

  test("stated with an import that was there already is stored too, and a guess does not replace it", async () => {
    await take(text);
    const again = await take(text, "bars.csv", { instrument: { lot_step: "0.001" } });
    expect([again.already_imported, again.instrument?.lot_step]).toEqual([true, "0.001"]);
    await take(`${text}${row(3)}\n`);
    const shown = await showData(workspace.ports, { what: "BTCUSDT" });
    expect(shown.kind === "shown" ? [shown.instrument?.lot_step, shown.rows] : []).toEqual(["0.001", 3]);
  });

  test("that is wrong is refused before anything is stored", async () => {
    await workspace.file("bars.csv", text);
    const refused = await workspace.refuse({ files: { bars: ["bars.csv"] }, ...choices, instrument: { lot_step: "0.3", min_qty: "1" } });
    expect(refused.violations[0]).toMatchObject({ code: "MIN_QTY_OFF_LOT", field: "min_qty" });
    expect(await listData(workspace.ports)).toMatchObject({ captures: [] });
  });
});

describe("two imports of one file at once", () => {
  test("make one capture", async () => {
    await workspace.file("bars.csv", `${[HEADER, row(1), row(2)].join("\n")}\n`);
    const both = await Promise.all(
      [1, 2].map(() => importBars(workspace.ports, { files: { bars: ["bars.csv"] }, ...choices }, workspace.folder)),
    );
    expect(both.map((outcome) => outcome.kind)).toEqual(["imported", "imported"]);
    const list = await listData(workspace.ports);
    expect(list.kind === "listed" ? list.captures.length : 0).toBe(1);
    expect(await validateData(workspace.ports)).toMatchObject({ ok: true });
  });
});
