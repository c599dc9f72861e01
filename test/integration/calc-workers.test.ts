/** Weekly files that threads read before their turn: whatever their number, the same tape, the same rows, the same files. */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { WeekThreadCrashed, WorkerWeeks } from "../../src/adapters/week-threads/worker-week-threads.js";
import { openCalculations } from "../../src/index.js";
import { BACKFILL_CALCULATIONS, backfillWeeks } from "../../src/usecases/backfill-weeks.js";
import type { CalcPorts } from "../../src/usecases/calc-log.js";
import type { IngestOptions } from "../../src/usecases/ingest-week.js";
import { compactFile } from "../support/finra-week.js";

const WEEKS = ["2025-11-14", "2025-11-21", "2025-11-28", "2025-12-05", "2025-12-12", "2025-12-19", "2025-12-26"];
const folders: string[] = [];

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function fresh(): string {
  const folder = mkdtempSync(join(tmpdir(), "onetape-calc-workers-"));
  folders.push(folder);
  return folder;
}

/** Seven weeks with rejects of every stage, a duplicate, a file that is missing, one of no shape, and one that comes twice. */
function files(folder: string): readonly IngestOptions[] {
  const made = WEEKS.map((week, at): IngestOptions => {
    const path = join(folder, `finra_otc_weekly_otc_${week.replaceAll("-", "")}-${at}.psv`);
    const text = compactFile(week, [
      ["A", "ETRD", 1_000 + at, 10],
      ['B,"C', "SCHW", 9_007_199_254_740_991, 3],
      ["a", "ETRD", 5 * at, 1],
      ["BRK.B", "SCHW", 70 * at + 1, 2],
      ["ZZ", "TOOLONG", 1, 1],
      ["D", "NITE", -4, 1],
    ]);
    writeFileSync(path, `${text}${week}|OTC|E|NITE|12x|1\n${week}|OTC|\u0000F|NITE|1|1\n${week}|OTC|G|NITE\n`);
    return { path, tier: "OTC", week_ending: week };
  });
  const shapeless = join(folder, "week_2025-11-07.psv");
  writeFileSync(shapeless, "a|b\n1|2\n");
  const bad: readonly IngestOptions[] = [
    { path: shapeless, tier: "OTC", week_ending: "2025-11-07" },
    { path: join(folder, "missing.psv"), tier: "OTC", week_ending: "2025-11-07" },
  ];
  // Its name tells the week, its rows the tier.
  const { path = "" } = made[3] ?? {};
  return [...bad, ...made.slice(0, 4), { path }, ...made.slice(4)];
}

/** Files below a folder that are named by their content. */
function objectsIn(home: string): readonly string[] {
  const root = join(home, "calculations");
  return readdirSync(root, { recursive: true })
    .map(String)
    .filter((name) => /[0-9a-f]{64}/.test(name))
    .sort();
}

async function open(home: string, workers: number) {
  let clock = Date.parse("2026-01-05T10:00:00Z");
  const opened = await openCalculations({ home, store: "sqlite" }, { mode: "write", now: () => (clock += 1), workers });
  if ("kind" in opened) throw new Error(JSON.stringify(opened));
  return opened;
}

async function backfilled(source: string, workers: number) {
  const home = fresh();
  const opened = await open(home, workers);
  const { ports, log, registry, rows } = opened;
  expect(ports.ahead === undefined).toBe(workers === 0);
  const report = await backfillWeeks(ports, log, registry, { files: files(source) }, async () => {});
  const again = await backfillWeeks(ports, log, registry, { files: files(source) }, async () => {});
  const events: unknown[] = [];
  for await (const event of log.events()) events.push(event);
  const groups = (await rows.groups()).map(({ path, ...group }) => group);
  const found: unknown[] = [];
  for (const calc of BACKFILL_CALCULATIONS) found.push(await rows.readRows(`finra_otc_transparency_${calc}`, calc, ["v1"], null));
  await opened.close();
  return { report, again, events, groups, found, objects: objectsIn(home), left: readdirSync(join(home, "tmp")) };
}

/** Takes no rows. */
const NOBODY = { begin: () => async (): Promise<void> => {} };

describe("threads that read weekly files", () => {
  test("tape, rows and files are the same for no thread, one and three", async () => {
    const source = fresh();
    const alone = await backfilled(source, 0);
    expect(alone.report.weeks.map(({ status }) => status)).toEqual([
      ...["failed", "failed"],
      ...["processed", "processed", "processed", "processed", "skipped", "processed", "processed", "processed"],
    ]);
    expect(alone.events.length).toBeGreaterThan(60);
    expect(alone.objects.length).toBeGreaterThan(20);
    expect(alone.left).toEqual([]);
    for (const workers of [1, 3]) expect(await backfilled(source, workers)).toEqual(alone);
  }, 120_000);

  test("a file that changes after it was read ahead is taken as it is in its turn", async () => {
    const source = fresh();
    const [first = {}, second = {}] = files(source).slice(2);
    const home = fresh();
    const opened = await open(home, 1);
    const { ports, log, registry } = opened;
    const other = compactFile(WEEKS[1] ?? "", [["LATER", "ETRD", 1, 1]]);
    const { ahead } = ports;
    if (ahead === undefined) throw new Error("nothing reads ahead");
    const changing: CalcPorts = {
      ...ports,
      ahead: {
        ...ahead,
        weeks: {
          open: (requests) => {
            const inner = ahead.weeks.open(requests);
            return {
              take: async (at) => {
                const read = await inner.take(at);
                if (at === 1) writeFileSync(second.path ?? "", other);
                return read;
              },
              close: () => inner.close(),
            };
          },
        },
      },
    };
    const report = await backfillWeeks(changing, log, registry, { files: [first, second] }, async () => {});
    expect(report).toMatchObject({ processed: 2, failed: 0 });
    const capture = report.weeks[1]?.capture_id ?? "";
    expect((await ports.rows.readWeek(capture))?.rows).toEqual([{ symbol: "LATER", mpid: "ETRD", shares: 1, trades: 1, line: 2 }]);
    expect((await ports.rows.readRaw(capture))?.raw_count).toBe(1);
    await opened.close();
  }, 60_000);

  test("a stop ends the threads and leaves no file behind; the same call goes on", async () => {
    const source = fresh();
    const home = fresh();
    const opened = await open(home, 2);
    const { ports, log, registry } = opened;
    const stop = new AbortController();
    const stopped = backfillWeeks(
      ports,
      log,
      registry,
      { files: files(source), signal: stop.signal, onProgress: (done) => (done === 3 ? stop.abort(new Error("stopped")) : undefined) },
      async () => {},
    );
    await expect(stopped).rejects.toThrow("stopped");
    const rest = await backfillWeeks(ports, log, registry, { files: files(source) }, async () => {});
    expect(rest.weeks.map(({ status }) => status)[2]).toBe("skipped");
    expect(rest.failed).toBe(2);
    await opened.close();
    expect(readdirSync(join(home, "tmp"))).toEqual([]);
  }, 60_000);

  test("files that were begun before their turn and that nobody took leave nothing behind, not even among what is kept", async () => {
    const source = fresh();
    const home = fresh();
    const opened = await open(home, 2);
    const { ports } = opened;
    const requests = files(source).flatMap(({ path, tier, week_ending }) =>
      path === undefined ? [] : [{ path, ...(tier === undefined ? {} : { tier }), ...(week_ending === undefined ? {} : { week_ending }) }],
    );
    const weeks = ports.ahead?.weeks.open(requests.slice(2, 6));
    expect((await weeks?.take(0))?.week.rows.length).toBeGreaterThan(0);
    expect((await weeks?.take(1))?.week.rows.length).toBeGreaterThan(0);
    await weeks?.close();
    expect(readdirSync(join(home, "tmp"), { recursive: true }).filter((name) => /\.(csv|parquet)$/.test(String(name)))).toEqual([]);
    await opened.close();
    expect([readdirSync(join(home, "tmp")), objectsIn(home)]).toEqual([[], []]);
  }, 60_000);

  test("a file too large for a thread is left to its turn", async () => {
    const folder = fresh();
    const entry = join(folder, "large.mjs");
    writeFileSync(
      entry,
      "import { parentPort } from 'node:worker_threads'; const kept = []; parentPort.on('message', () => { for (;;) kept.push([...kept]); });",
    );
    const weeks = new WorkerWeeks(() => pathToFileURL(entry), 1, join(folder, "scratch"), NOBODY).open([{ path: "a" }, { path: "b" }]);
    expect([await weeks.take(0), await weeks.take(1)]).toEqual([null, null]);
    await weeks.close();
  }, 60_000);

  test("a thread that breaks stops the backfill with its cause", async () => {
    const folder = fresh();
    const entry = join(folder, "broken.mjs");
    writeFileSync(entry, "import { parentPort } from 'node:worker_threads'; parentPort.on('message', () => process.exit(7));");
    const weeks = new WorkerWeeks(() => pathToFileURL(entry), 1, join(folder, "scratch"), NOBODY).open([{ path: "a" }, { path: "b" }]);
    await expect(weeks.take(0)).rejects.toThrow(WeekThreadCrashed);
    await expect(weeks.take(1)).rejects.toThrow("code 7");
    await weeks.close();
    expect(existsSync(join(folder, "scratch"))).toBe(false);
  });
});
