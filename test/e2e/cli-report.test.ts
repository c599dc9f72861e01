import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { json, onetape, scratchFolder } from "./cli-process.js";

const scratch = scratchFolder("report");
const cwd = join(scratch.path, "p");
let dir = "";
let runId = "";

beforeAll(() => {
  expect(onetape(["init", "p"], { cwd: scratch.path })).toMatchObject({ code: 0 });
  const ran = json(onetape(["backtest", "backtest.yaml", "--json"], { cwd }));
  dir = String(ran["dir"]);
  runId = String(ran["run_id"]);
});
afterAll(scratch.remove);

describe("onetape report", () => {
  test("writes the same bytes in another time zone, locale and folder, and leaves a file that holds them alone", () => {
    const first = onetape(["report", "latest", "--json"], { cwd, env: { TZ: "America/New_York", LANG: "C" } });
    expect(json(first)).toMatchObject({ schema: "onetape.report/1", run_id: runId, format: "html", unchanged: false });
    const page = readFileSync(join(dir, "tear-sheet.html"));
    const before = statSync(join(dir, "tear-sheet.html")).mtimeMs;
    const elsewhere = join(scratch.path, "elsewhere");
    mkdirSync(elsewhere);
    const env = { TZ: "Asia/Seoul", LANG: "de_DE.UTF-8", LC_ALL: "de_DE.UTF-8" };
    const second = onetape(["report", runId, "--json", "--home", join(cwd, ".onetape")], { cwd: elsewhere, env });
    expect(json(second)).toMatchObject({ unchanged: true });
    expect(statSync(join(dir, "tear-sheet.html")).mtimeMs).toBe(before);
    onetape(["report", runId, "--output", "copy.html", "--home", join(cwd, ".onetape")], { cwd: elsewhere, env });
    expect(readFileSync(join(elsewhere, "copy.html")).equals(page)).toBe(true);
  });

  test("keeps the demo's page within 400 KB", () => {
    onetape(["report", "latest"], { cwd });
    expect(statSync(join(dir, "tear-sheet.html")).size).toBeLessThanOrEqual(400 * 1024);
  });

  test("prints the document, and one table", () => {
    const document = json(onetape(["report", "latest", "--format", "json", "--output", "-"], { cwd }));
    expect(document).toMatchObject({ schema: "onetape.tear-sheet/1", header: { run_id: runId } });
    const table = onetape(["report", "latest", "--format", "csv", "--table", "trades", "--output", "-"], { cwd }).stdout.trim().split("\n");
    expect(table[0]).toMatch(/^trade,symbol,side,status,/);
    expect(table).toHaveLength(1 + (document["trades"] as unknown[]).length);
  });

  test("writes every table, in either format, and says so again when nothing changed", () => {
    const csv = onetape(["report", "latest", "--format", "csv", "--output", "tables"], { cwd });
    expect(csv).toMatchObject({ code: 0 });
    expect(readdirSync(join(cwd, "tables"))).toEqual(
      expect.arrayContaining(["metrics.csv", "trades.csv", "sessions.csv", "equity.csv", "dd_top10.csv"]),
    );
    expect(onetape(["report", "latest", "--format", "csv", "--output", "tables"], { cwd }).stdout).toMatch(/^unchanged: tables/);
    expect(onetape(["report", "latest", "--format", "parquet", "--output", "tables"], { cwd })).toMatchObject({ code: 0 });
    const names = readdirSync(join(cwd, "tables"));
    expect(names.filter((name) => name.endsWith(".parquet"))).toHaveLength(names.filter((name) => name.endsWith(".csv")).length);
    expect(
      readFileSync(join(cwd, "tables", "trades.parquet"))
        .subarray(0, 4)
        .toString(),
    ).toBe("PAR1");
  });

  test("takes the format from the name of the file", () => {
    expect(onetape(["report", "latest", "--output", "sheet.json"], { cwd })).toMatchObject({ code: 0 });
    expect(JSON.parse(readFileSync(join(cwd, "sheet.json"), "utf8"))).toMatchObject({ schema: "onetape.tear-sheet/1" });
  });

  test.each([
    [["report", "lates"], "NOT_FOUND", 3, /there is no run lates/],
    [["report", "latest", "--format", "ndjson"], "USAGE", 3, /no format ndjson/],
    [["report", "latest", "--format", "csv", "--output", "-"], "USAGE", 3, /several tables/],
    [["report", "latest", "--format", "parquet", "--output", "-"], "USAGE", 3, /Parquet/],
    [["report", "latest", "--format", "csv", "--table", "trade", "--output", "-"], "USAGE", 3, /did you mean trades/],
    [["report", "latest", "--table", "trades"], "USAGE", 3, /--table/],
    [["report", "latest", "--format", "json", "--open", "yes"], "USAGE", 3, /opened/],
    [["data", "export", "DEMO", "--format", "html"], "USAGE", 3, /no format html/],
  ])("%j is refused", (args, code, exit, message) => {
    const refused = onetape(args, { cwd });
    expect(refused.code).toBe(exit);
    expect(refused.stderr).toMatch(message);
    expect(refused.stderr).toContain(code);
    expect(refused.stdout).toBe("");
  });

  test("is refused for a run whose tables were altered, with the exit code of a mismatch, and writes nothing", () => {
    const path = join(dir, "trades.csv");
    const before = readFileSync(path, "utf8");
    writeFileSync(path, before.replace("long", "short"));
    const refused = onetape(["report", "latest", "--output", "altered.html"], { cwd });
    writeFileSync(path, before);
    expect(refused.code).toBe(5);
    expect(refused.stderr).toContain("ARTIFACT_ALTERED");
    expect(existsSync(join(cwd, "altered.html"))).toBe(false);
  });

  test("costs other commands nothing: its renderer is loaded by a report alone", () => {
    const traced = onetape(["--help"], { cwd, env: { NODE_DEBUG: "esm" } });
    expect(traced.code).toBe(0);
    expect(traced.stderr).not.toMatch(/render-tear-sheet/);
    expect(onetape(["report", "latest"], { cwd, env: { NODE_DEBUG: "esm" } }).stderr).toMatch(/render-tear-sheet/);
  });
});
