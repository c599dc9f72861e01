import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasTerminal, json, onetape, onTerminal, program, scratchFolder, start } from "./cli-process.js";

const scratch = scratchFolder("sweep");
const project = join(scratch.path, "p");
const GRID = ["--grid", "fast=5..15:5", "--grid", "slow=20,40"];
beforeAll(() => {
  expect(onetape(["init", "p"], { cwd: scratch.path }).code).toBe(0);
});
afterAll(scratch.remove);

const swept = (...args: readonly string[]) => onetape(["sweep", "backtest.yaml", ...args], { cwd: project });

describe("onetape sweep", () => {
  test("ranks every point, and each is the backtest with its parameters", () => {
    const document = json(swept(...GRID, "--json"));
    expect(document).toMatchObject({ schema: "onetape.sweep/1", status: "complete", points: 6, summary: { ok: 6, failed: 0 } });
    const top = document["top"] as {
      readonly point: number;
      readonly run_id: string;
      readonly params: { readonly [name: string]: number };
      readonly metrics: object;
    }[];
    const values = top.map(({ metrics }) => (metrics as { readonly sharpe: number }).sharpe);
    expect(values).toEqual([...values].sort((a, b) => b - a));
    const [best] = top;
    if (best === undefined) throw new Error("no best point");
    const params = Object.entries(best.params).flatMap(([name, value]) => ["--param", `${name}=${value}`]);
    const run = json(onetape(["backtest", "backtest.yaml", ...params, "--json"], { cwd: project }));
    expect(run["run_id"]).toBe(best.run_id);
    const opened = json(onetape(["sweep", "open", "latest", "--json"], { cwd: project }));
    expect(opened).toMatchObject({ run_id: best.run_id, identical: true, tape: run["tape"] });
    expect(json(onetape(["sweep", "open", "latest", "--point", "fast=5,slow=40", "--json"], { cwd: project }))["run_id"]).toBe(
      top.find((each) => each.params["fast"] === 5 && each.params["slow"] === 40)?.run_id,
    );
  });

  test("streams rows in grid order, the same for any number of workers, and takes them from before", () => {
    const [one, three] = ["1", "3"].map((workers) => swept(...GRID, "--ndjson", "--workers", workers, "--home", `home-${workers}`));
    if (one === undefined || three === undefined) throw new Error("nothing ran");
    expect([one.code, one.stdout]).toEqual([0, three.stdout]);
    const rows = one.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { readonly point: number });
    expect(rows.map(({ point }) => point)).toEqual([1, 2, 3, 4, 5, 6]);
    const again = swept(...GRID, "--ndjson", "--home", "home-1");
    expect(again.stdout).toBe(one.stdout);
    expect(again.stderr).toContain("6 of 6 points are there from before");
    expect(json(swept(...GRID, "--recompute", "--json", "--home", "home-1"))).toMatchObject({ identical: true, taken: 0, computed: 6 });
  });

  test("refuses what makes no grid, with exit code 3 and the fault named", () => {
    for (const [args, code] of [
      [[], "GRID_EMPTY"],
      [["--grid", "fast="], "GRID_EMPTY"],
      [["--grid", "fast=1..5:0"], "GRID_ENDLESS"],
      [["--grid", "fast=5..1"], "GRID_ENDLESS"],
      [["--grid", "fast=1..5", "--grid", "fast=7"], "GRID_REPEATED"],
      [["--grid", "fast=1..500", "--grid", "slow=2..500"], "GRID_TOO_LARGE"],
      [["--grid", "fsat=1"], "PARAM_UNKNOWN"],
      [["--grid", "fast"], "USAGE"],
      [["--grid", "fast=1", "--metric", "shrpe"], "METRIC_UNKNOWN"],
    ] as const) {
      const refused = swept(...args, "--json");
      expect([args, refused.code]).toEqual([args, 3]);
      expect(json(refused)["details"]).toMatchObject([{ code }]);
    }
    expect(swept("--grid", "fast=7", "--resume").stderr).toContain("no sweep of this content was begun");
    expect(onetape(["sweep", "lst"], { cwd: project }).stderr).toContain("next: onetape sweep list --help");
    expect(onetape(["sweep", "show", "latest", "--grid", "fast=1"], { cwd: project })).toMatchObject({ code: 3 });
  });

  test("ends with exit code 2 where points fail, names them, and has the others", () => {
    const path = join(project, "strategy.ts");
    const text = readFileSync(path, "utf8");
    const broken = text.replace(
      "indicators: (",
      "warmup: (p) => { if (p.fast === 10) throw new Error('ten'); return 0; },\n  indicators: (",
    );
    expect(broken).not.toBe(text);
    writeFileSync(path, broken);
    const done = swept(...GRID, "--json");
    writeFileSync(path, text);
    expect(done.code).toBe(2);
    expect(json(done)).toMatchObject({
      summary: { ok: 4, failed: 2 },
      error: { code: "PARTIAL", details: [{ message: expect.stringContaining("point 3 (fast=10 slow=20)") }, {}] },
    });
  });

  test("is listed and shown, and draws its map", () => {
    const { items } = json(onetape(["sweep", "list", "--json"], { cwd: project })) as {
      readonly items: readonly { readonly sweep_id: string }[];
    };
    expect(items.length).toBeGreaterThan(1);
    const id = items.at(-1)?.sweep_id ?? "";
    const shown = onetape(["sweep", "show", id.slice(0, 8), "--metric", "calmar"], { cwd: project });
    expect(shown.stdout).toContain("[ ] the best point");
    expect(shown.stdout).toContain("deflated Sharpe");
    for (const name of ["map.svg", "map.html"]) {
      expect(onetape(["sweep", "show", id, "--output", name], { cwd: project }).code).toBe(0);
      expect(existsSync(join(project, name))).toBe(true);
    }
    expect(onetape(["sweep", "show", id, "--output", "map.gif"], { cwd: project }).code).toBe(3);
    expect(onetape(["sweep", "show", "nothing"], { cwd: project }).stderr).toContain("there is no sweep nothing");
  });

  test("stopped by Ctrl-C keeps what has ended, says how to go on, and goes on", async () => {
    const args = ["sweep", "backtest.yaml", "--grid", "fast=5..60", "--workers", "1", "--ndjson"];
    const child = start(args, { cwd: project });
    let stderr = "";
    let rows = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
    child.stdout?.on("data", (chunk: Buffer) => {
      if (rows === "") child.kill("SIGINT");
      rows += chunk.toString();
    });
    expect(await ended).toBe(130);
    const [, kept, total] = /(\d+) of (\d+) points are kept; go on with\n/.exec(stderr) ?? [];
    expect(Number(total)).toBe(56);
    const line = stderr.split("\n").find((each) => each.startsWith("onetape sweep"));
    expect(line).toBe("onetape sweep backtest.yaml --grid fast=5..60 --workers 1 --ndjson --resume");
    const resumed = onetape((line ?? "").split(" ").slice(1), { cwd: project });
    expect(resumed.code).toBe(0);
    expect(resumed.stderr).toContain(`${kept} of 56 points are there from before`);
    expect(resumed.stdout.startsWith(rows)).toBe(true);
    expect(resumed.stdout.trim().split("\n")).toHaveLength(56);
  });

  test.runIf(hasTerminal)("shows the best points while it runs, on a terminal alone, and clears them", () => {
    const line = `${JSON.stringify(process.execPath)} ${JSON.stringify(program)} sweep backtest.yaml --grid fast=5..9 --workers 1 --home live`;
    const { screen, code } = onTerminal(line, { cwd: project });
    expect(code).toBe(0);
    expect(screen).toContain("best so far");
    expect(screen).toMatch(/\/5 points.*1 worker/);
    expect(screen).toContain("\u001b[J");
    const dumb = onTerminal(line, { cwd: project, env: { TERM: "dumb" } });
    expect(dumb.screen).not.toContain("\u001b");
  });
});
