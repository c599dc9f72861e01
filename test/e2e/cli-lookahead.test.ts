import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TAKES_COLUMNS } from "../support/cheating-strategies.js";
import { json, onetape, scratchFolder } from "./cli-process.js";

const scratch = scratchFolder("lookahead");
const cwd = join(scratch.path, "sample");
const backtest = ["backtest", "backtest.yaml", "--prove-no-lookahead", "4"];

beforeAll(() => {
  expect(onetape(["init", "sample"], { cwd: scratch.path }).code).toBe(0);
});
afterAll(scratch.remove);

describe("onetape backtest --prove-no-lookahead", () => {
  test("says in text and as a document how far it looked", () => {
    const done = onetape(backtest, { cwd });
    expect([done.code, done.stderr]).toEqual([0, done.stderr]);
    expect(done.stdout).toMatch(/no look-ahead found: 4 cuts, the last after [0-9,]+ slices, [0-9,]+ events equal/);
    expect(json(onetape([...backtest, "--json"], { cwd }))).toMatchObject({
      schema: "onetape.backtest/1",
      identical: true,
      lookahead: { verdict: "passed", points_asked: 4, failure: null, points: [{ passed: true }, {}, {}, {}] },
    });
  });

  test("keeps none of the cut runs", () => {
    expect(json(onetape(["runs", "list", "--json"], { cwd }))["items"]).toHaveLength(1);
  });

  test("ends with 5 for a strategy that looks ahead, and names cut, events and bar", () => {
    writeFileSync(join(cwd, "strategy.ts"), TAKES_COLUMNS.replace('"all"', '"regular"'));
    const config = ["backtest", "cheat.yaml", "--prove-no-lookahead", "60"];
    const text = readFileSync(join(cwd, "backtest.yaml"), "utf8");
    writeFileSync(join(cwd, "cheat.yaml"), text.replace(/^params:\n( .*\n)+/m, ""));
    const done = onetape(config, { cwd });
    expect([done.code, done.stderr]).toEqual([5, done.stderr]);
    for (const text of ["LOOKED AHEAD", "whole run", "cut run", "bar of DEMO"]) expect(done.stdout).toContain(text);
    expect(done.stderr).toContain("LOOKAHEAD");
    expect(json(onetape([...config, "--json"], { cwd }))).toMatchObject({ lookahead: { verdict: "failed" }, error: { code: "LOOKAHEAD" } });
  });

  test("is refused together with --no-tape, and for no points", () => {
    expect(onetape([...backtest, "--no-tape"], { cwd })).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("--no-tape keeps none"),
    });
    expect(onetape(["backtest", "backtest.yaml", "--prove-no-lookahead", "0"], { cwd }).code).toBe(3);
  });
});
