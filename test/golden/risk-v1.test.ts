import { execFile, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { historicalVar } from "../../src/core/risk/v1/historical-var.js";
import { parametricVar } from "../../src/core/risk/v1/parametric-var.js";
import { repositoryRoot } from "../support/temporary-checkout.js";

interface Golden {
  readonly historical: readonly { series: string; n: number; confidence: number; var: number; cvar: number }[];
  readonly parametric: readonly { sigma_1d: number; confidence: number; horizon_days: number; var: number }[];
}

const text = readFileSync(join(repositoryRoot, "test/golden/risk-v1.golden.json"), "utf8");
const golden = JSON.parse(text) as Golden;

/** The series of the oracle. */
function series(name: string, n: number): readonly number[] {
  if (name === "whole numbers") return Array.from({ length: n }, (_, i) => i - Math.floor(n / 2));
  let state = 12345n + BigInt(n);
  const values = Array.from({ length: n }, () => {
    state = (1103515245n * state + 12345n) % 2n ** 31n;
    return (Number(state % 200001n) - 100000) / 64;
  });
  return name === "scattered" ? values : values.map((value) => Math.abs(value) + 1);
}

test("historical VaR and CVaR are those of Python's floats, to the bit", () => {
  const wrong = golden.historical.filter(({ series: name, n, confidence, var: value, cvar }) => {
    const got = historicalVar({ pnl: series(name, n), confidence, horizon_days: 1, currency: "ILS" });
    return !got.ok || !Object.is(got.value.var, value) || !Object.is(got.value.cvar, cvar);
  });
  expect(wrong).toEqual([]);
  expect(golden.historical).toHaveLength(210);
});

test("parametric VaR is that of Python's normal distribution, to the bit", () => {
  const wrong = golden.parametric.filter(({ var: value, ...input }) => {
    const got = parametricVar({ ...input, currency: "ILS" });
    return !got.ok || !Object.is(got.value.var, value);
  });
  expect(wrong).toEqual([]);
  expect(golden.parametric).toHaveLength(108);
});

test("the oracle still prints the golden file", async (context) => {
  if (spawnSync("python3", ["--version"]).status !== 0) context.skip("python3 is absent: the golden file is not recomputed");
  const { stdout } = await promisify(execFile)("python3", ["test/golden/risk-v1-oracle.py"], {
    cwd: repositoryRoot,
    maxBuffer: 10_000_000,
  });
  expect(JSON.parse(stdout)).toEqual(golden);
});
