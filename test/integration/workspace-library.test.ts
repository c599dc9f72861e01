/** What the command line does with runs and sweeps is a call of the library. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeSample } from "../../src/apps/cli/demo-steps.js";
import { type Onetape, openOnetape } from "../../src/apps/library/onetape.js";
import type { StoredRun } from "../../src/ports/run-store.js";

const folder = mkdtempSync(join(tmpdir(), "onetape-library-"));
const configPath = join(folder, "sample", "backtest.yaml");
let onetape: Onetape;
let run: StoredRun;

beforeAll(async () => {
  await writeSample(join(folder, "sample"));
  onetape = openOnetape({ home: join(folder, "home") });
  const outcome = await onetape.backtest({ configPath });
  if (outcome.kind !== "ok") throw new Error(JSON.stringify(outcome));
  const found = await onetape.runs.find(outcome.result.run_id);
  if (found.kind !== "found") throw new Error(found.kind);
  run = found.run;
}, 120_000);

afterAll(async () => {
  await onetape.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("a run's report", () => {
  test("is a page, or a document, about the same run", async () => {
    const [page, document] = await Promise.all([onetape.runs.report(run, "html"), onetape.runs.report(run, "json")]);
    if (page.kind !== "report" || document.kind !== "report") throw new Error(`${page.kind}, ${document.kind}`);
    expect(page.text).toMatch(/^<!doctype html>/i);
    expect(page.text).toContain(run.manifest.run_id);
    expect(JSON.stringify(JSON.parse(document.text))).toContain(run.manifest.run_id);
  });

  test("says that no limit held where the run had no policy", async () => {
    expect(await onetape.runs.exposure({ run })).toEqual({ kind: "no_policy", run: run.name });
  });
});

describe("a paper session", () => {
  test("decides what the backtest of the same config decided, beside other work, and ends once", async () => {
    const heard: number[] = [];
    const [paper, backtest] = await Promise.all([
      onetape.paper({ configPath, session: "desk", onProgress: ({ bars }) => heard.push(bars) }),
      onetape.backtest({ configPath }),
    ]);
    if (paper.kind !== "completed" || backtest.kind !== "ok") throw new Error(`${paper.kind}, ${backtest.kind}`);
    const { bars, signals, orders, fills } = backtest.result;
    expect(paper.standing).toMatchObject({ session: "desk", resumed_from: 0, bars, counts: { signals, orders, fills } });
    expect(heard.length).toBeGreaterThan(0);
    const again = await onetape.paper({ configPath, session: "desk" });
    expect(again).toMatchObject({ kind: "invalid", violations: [{ code: "SESSION_ENDED" }] });
  }, 120_000);

  test("goes on where a signal stopped it", async () => {
    const controller = new AbortController();
    const stopped = await onetape.paper({ configPath, session: "halves", signal: controller.signal, onProgress: () => controller.abort() });
    const ended = await onetape.paper({ configPath, session: "halves" });
    if (stopped.kind !== "stopped" || ended.kind !== "completed") throw new Error(`${stopped.kind}, ${ended.kind}`);
    expect(ended.standing.resumed_from).toBe(stopped.standing.head.position);
  }, 120_000);

  test("has no speed of zero", async () => {
    await expect(onetape.paper({ configPath, speed: 0 })).rejects.toThrow("a speed is a number above 0, or null, not 0");
  });
});

describe("a sweep", () => {
  test("is run, found, ranked, and its points are made into runs that say the same", async () => {
    const grid = [{ name: "fast", items: ["5", "6"], field: "grid" }];
    const outcome = await onetape.sweeps.run({ configPath, grid, params: [], workers: 1 });
    if (outcome.kind !== "ended") throw new Error(outcome.kind);
    expect(outcome.result).toMatchObject({ status: "complete", points: 2, computed: 2, taken: 0 });
    const again = await onetape.sweeps.run({ configPath, grid, params: [], workers: 2 });
    expect(again.kind === "ended" && again.result).toMatchObject({ sweep_id: outcome.result.sweep_id, computed: 0, taken: 2 });
    expect((await onetape.sweeps.list()).map(({ sweep_id }) => sweep_id)).toEqual([outcome.result.sweep_id]);
    const found = await onetape.sweeps.find("latest");
    if (found.kind !== "found") throw new Error(found.kind);
    const shown = await onetape.sweeps.show(found.sweep);
    expect(shown.kind === "shown" && shown.shown.ranked.length).toBe(2);
    const opened = await onetape.sweeps.open({ sweep: found.sweep, point: 2 });
    expect(opened.kind === "opened" && [opened.differs, opened.result.status]).toEqual([[], "completed"]);
  }, 120_000);
});

describe("service levels", () => {
  test("that are enforced refuse bars with a hole, and warn where they only warn", async () => {
    const file = join(folder, "holes.csv");
    const rows = [31, 32, 33, 58, 59].map((minute) => `2024-01-02T14:${minute}:00Z,10,11,9,10,100`);
    writeFileSync(file, `timestamp,open,high,low,close,volume\n${rows.join("\n")}\n`);
    const stated = { symbol: "HOLE", timeframe: "1m", stamp: "close", tz: "UTC", price_mode: "raw" } as const;
    const options = { ...stated, files: { bars: [file] }, instrument: { calendar: "XNYS" } };
    const strict = openOnetape({ home: join(folder, "strict"), quality: { ladder: { level: "enforce", checks: {} } } });
    const refused = await strict.data.import(options);
    await strict.close();
    expect(refused).toMatchObject({ kind: "refused", reason: "gate" });
    const warnings: string[] = [];
    const mild = openOnetape({
      home: join(folder, "mild"),
      quality: { ladder: { level: "warn", checks: {} }, onWarning: (text) => warnings.push(text) },
    });
    const taken = await mild.data.import(options);
    await mild.close();
    expect(taken.kind).toBe("imported");
    expect(warnings.join("\n")).toContain("HOLE");
  });
});
