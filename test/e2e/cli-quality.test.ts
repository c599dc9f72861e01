/** Service levels of bars, as the command line asks for them. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { json, onetape, scratchFolder } from "./cli-process.js";

const scratch = scratchFolder("quality");
const project = join(scratch.path, "p");
const settings = (text: string): void => writeFileSync(join(project, "onetape.yaml"), text);
const ENFORCE = "quality:\n  level: warn\n  checks: { m1_completeness: enforce }\n";
const IMPORT = ["data", "import", "data/holes.csv", "--symbol", "DEMO", "--timeframe", "1m", "--stamp", "close", "--tz", "UTC"];
const TAKE = [...IMPORT, "--price-mode", "raw", "--calendar", "XNYS", "--currency", "USD", "--asset-class", "equity", "--json"];
const run = (args: readonly string[], env: { readonly [name: string]: string } = {}): ReturnType<typeof onetape> =>
  onetape(args, { cwd: project, env });

beforeAll(() => {
  expect(onetape(["init", "p"], { cwd: scratch.path }).code).toBe(0);
  const lines = readFileSync(join(project, "data/demo-1m.csv"), "utf8").split("\n");
  // 100 of the 7,800 minutes of 20 sessions: 0.987 is there.
  writeFileSync(join(project, "data/holes.csv"), lines.filter((_, n) => n < 200 || n >= 300).join("\n"));
});
afterAll(scratch.remove);

test("an import, a backtest and a paper session on bars with holes end with exit code 4 under enforce, and nothing is half done", () => {
  settings(ENFORCE);
  const refused = run(TAKE);
  expect(refused.code).toBe(4);
  expect(json(refused)).toMatchObject({
    category: "GATE",
    code: "QUALITY_REFUSED",
    details: [{ code: "SLA_FAILED", field: "m1_completeness", value: String(7700 / 7800) }],
    next: expect.stringMatching(/^onetape quality resolve [0-9a-f]{16} --by NAME --note TEXT$/),
  });
  expect(json(run(["data", "list", "--json"]))).toMatchObject({ items: [] });
  const latest = JSON.parse(readFileSync(join(project, ".onetape/quality/latest_sla.json"), "utf8")) as object;
  expect(latest).toMatchObject({ stage: "import", verdict: "refused", grade: "F" });

  settings("quality: { level: warn }\n");
  expect(run(TAKE)).toMatchObject({ code: 0, stderr: expect.stringContaining("DEMO m1_completeness: 7,700 of 7,800") });

  settings(ENFORCE);
  const config = readFileSync(join(project, "backtest.yaml"), "utf8");
  writeFileSync(join(project, "holes.yaml"), config.replace("file: data/demo-1m.csv", "file: data/holes.csv"));
  for (const command of [
    ["backtest", "holes.yaml"],
    ["paper", "holes.yaml", "--replay", "latest"],
  ]) {
    const stopped = run([...command, "--json"]);
    expect([command, stopped.code]).toEqual([command, 4]);
    // A session takes orders, so its refusal also tells what the bars are not ready for.
    const unready = command[0] === "paper" ? [{ code: "DATA_NOT_READY", message: expect.stringContaining("not ready for orders") }] : [];
    expect(json(stopped)).toMatchObject({ code: "QUALITY_REFUSED", details: [{ field: "m1_completeness" }, ...unready] });
  }
  const readiness = json(run(["quality", "readiness", "--json"]));
  expect(readiness).toMatchObject({ items: [{ symbol: "DEMO", ready_for: { research: true, orders: false, promotion: false } }] });
  expect(json(run(["runs", "list", "--json"]))).toMatchObject({ items: [] });
  expect(existsSync(join(project, ".onetape/sessions/session"))).toBe(false);

  expect(run(["backtest", "holes.yaml"], { ENABLE_SLA_CHECKS: "off" }).code).toBe(0);
  expect(run(["data", "list"], { ENABLE_SLA_CHECKS: "perhaps" })).toMatchObject({
    code: 3,
    stderr: expect.stringContaining("ENABLE_SLA_CHECKS"),
  });
}, 120_000);

test("an anomaly is resolved by somebody with a note, stays, and no longer refuses its bars", () => {
  settings(ENFORCE);
  const open = json(run(["quality", "anomalies", "--json"]))["items"] as readonly { anomaly_id: string; check: string }[];
  const ids = open.filter(({ check }) => check === "m1_completeness").map(({ anomaly_id }) => anomaly_id);
  expect(run(["quality", "resolve", ids[0] ?? ""]).code).toBe(3);
  expect(run(["quality", "resolve", "0123", "--by", "a", "--note", "b"]).code).toBe(3);
  for (const id of ids)
    expect(json(run(["quality", "resolve", id, "--by", "desk-1", "--note", "a halt", "--json"]))).toMatchObject({ changed: true });
  expect(json(run(["quality", "resolve", ids[0] ?? "", "--by", "desk-2", "--note", "again", "--json"]))).toMatchObject({
    changed: false,
    anomaly: { resolution: { by: "desk-1", note: "a halt" } },
  });
  expect(run(["backtest", "holes.yaml"]).code).toBe(0);
  expect(run(TAKE).code).toBe(0);
  expect(run(["quality", "anomalies", "--all"]).stdout).toContain("desk-1: a halt");
  expect(run(["verify", "--all"])).toMatchObject({ code: 0, stdout: expect.stringMatching(/quality\s+ok/) });
}, 120_000);

test("the report shows what is missing, in the terminal, as a document and as a page", () => {
  const { stdout } = run(["quality", "report"]);
  expect(stdout).toMatch(/DEMO 1m\s+F\s+98\.71 %\s+1\s+7#{19}\s/);
  const document = json(run(["quality", "report", "DEMO", "--json"]));
  expect(document).toMatchObject({
    schema: "onetape.quality-report/1",
    series: [{ symbol: "DEMO", grade: "F", expected: 7800, present: 7700, gap_count: 1, gaps: [{ missing: 100 }] }],
  });
  expect(run(["quality", "report", "--output", "quality.html"]).stdout).toContain("wrote quality.html");
  expect(run(["quality", "report", "--output", "quality.html"]).stdout).toContain("unchanged: quality.html");
  expect(readFileSync(join(project, "quality.html"), "utf8")).toContain("290 of 390 bars");
  expect(run(["quality", "report", "NOBODY"]).code).toBe(3);
}, 120_000);
