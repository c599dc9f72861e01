import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expectSameRun } from "../support/same-run.js";
import { json, onetape, scratchFolder } from "./cli-process.js";

const scratch = scratchFolder("diff");
const cwd = join(scratch.path, "sample");
let first: string;
let second: string;

function backtest(config: string, home: string): string {
  const done = onetape(["backtest", config, "--json", "--home", home], { cwd });
  expect([done.code, done.stderr]).toEqual([0, done.stderr]);
  return String(json(done)["run_id"]);
}

beforeAll(() => {
  expect(onetape(["init", "sample"], { cwd: scratch.path }).code).toBe(0);
  const config = readFileSync(join(cwd, "backtest.yaml"), "utf8");
  const slower = config.replace("slow: 48", "slow: 50");
  expect(slower).not.toBe(config);
  writeFileSync(join(cwd, "slower.yaml"), slower);
  first = backtest("backtest.yaml", ".onetape");
  second = backtest("slower.yaml", ".onetape");
});
afterAll(scratch.remove);

describe("onetape diff", () => {
  test("ends with 0 and the common content hash where two runs are identical, wherever they lie", () => {
    const elsewhere = join(scratch.path, "elsewhere");
    expect(backtest("backtest.yaml", elsewhere)).toBe(first);
    const done = onetape(["diff", first, join(elsewhere, "runs", first)], { cwd });
    expect([done.code, done.stderr]).toEqual([0, ""]);
    expect(done.stdout).toMatch(/^identical: [0-9,]+ events, content [0-9a-f]{64}$/m);
    expectSameRun(first, join(elsewhere, "runs", first), cwd);
  });

  test("ends with 5 and names the inputs and the first decision where they part", () => {
    const done = onetape(["diff", first, second], { cwd });
    expect(done.code).toBe(5);
    expect(done.stdout).toContain("/config/strategy/params/slow  48 | 50");
    for (const title of ["first decision that differs", "trading state before", "trading state after", "common cause", "bar of DEMO"])
      expect(done.stdout).toContain(title);
    expect(done.stderr).toContain("DIVERGED");
    expect(() => expectSameRun(first, second, cwd)).toThrow("/config/strategy/params/slow  48 | 50");
  });

  test("prints one document, with the whole states where --full asks for them", () => {
    const short = onetape(["diff", first, second, "--json"], { cwd });
    expect(short.code).toBe(5);
    expect(json(short)).toMatchObject({
      schema: "onetape.diff/1",
      identical: false,
      verdict: "parted",
      inputs: [{ area: "strategy", path: "/config/strategy/params/slow", left: 48, right: 50 }],
      first: { states: { kind: "folded", before: { differences: [] } } },
      error: { code: "DIVERGED" },
    });
    const states = (document: unknown): object => (document as { first: { states: { before: object } } }).first.states.before;
    expect(Object.keys(states(json(short)))).toEqual(["differences"]);
    expect(Object.keys(states(json(onetape(["diff", first, second, "--json", "--full"], { cwd }))))).toEqual([
      "differences",
      "left",
      "right",
    ]);
  });

  test("takes a converted tape by its path", () => {
    expect(onetape(["tape", "convert", first, "--layout", "rows", "--output", "copy.sqlite"], { cwd }).code).toBe(0);
    expect(json(onetape(["diff", "copy.sqlite", first, "--json"], { cwd }))).toMatchObject({
      identical: true,
      left: { name: "copy.sqlite" },
    });
    expect(onetape(["diff", "copy.sqlite", second], { cwd }).code).toBe(5);
  });

  test("refuses an unknown run, a file that is no tape, and anything but two runs", () => {
    expect(onetape(["diff", first, "nowhere"], { cwd })).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("there is no run nowhere"),
    });
    expect(onetape(["diff", first, "backtest.yaml"], { cwd })).toMatchObject({ code: 3, stderr: expect.stringContaining("is no tape") });
    expect(onetape(["diff", first, "data"], { cwd })).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("not the folder of a run"),
    });
    expect(onetape(["diff", first], { cwd })).toMatchObject({ code: 3, stderr: expect.stringContaining("compares two runs; 1 given") });
    expect(onetape(["diff", first, first, first], { cwd }).code).toBe(3);
  });
});
