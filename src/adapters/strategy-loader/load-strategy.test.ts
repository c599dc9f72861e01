import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { build } from "esbuild";
import { describe, expect, test } from "vitest";
import { strategyText, writeFolder } from "../../../test/support/strategy-folder.js";
import { esbuildStrategySource } from "./esbuild-strategy-source.js";
import { instantiateStrategy, reviveStrategy } from "./instantiate-strategy.js";
import { loadStrategy } from "./load-strategy.js";
import { mapStrategyError } from "./locate-failure.js";
import type { StrategyViolation } from "./strategy-violation.js";

async function load(files: Readonly<Record<string, string>>) {
  return loadStrategy(join(writeFolder(files), "strategy.ts"));
}

async function loaded(files: Readonly<Record<string, string>>) {
  const loading = await load(files);
  if (loading.kind === "refused") throw new Error(JSON.stringify(loading.violations));
  return loading;
}

async function refused(files: Readonly<Record<string, string>>): Promise<readonly StrategyViolation[]> {
  const loading = await load(files);
  return loading.kind === "refused" ? loading.violations : [];
}

/** Calls `onBar` with a bar that closes at 2 and returns what the handler put into `ctx.state.out`. */
function out(definition: unknown): unknown {
  const state: { out: unknown } = { out: null };
  const { onBar } = definition as { onBar(bar: unknown, ctx: unknown): void };
  onBar({ symbol: "DEMO", close: 2 }, { state, params: {} });
  return state.out;
}

describe("loading", () => {
  test("collects refused imports and what the guard finds, in line order", async () => {
    const found = await refused({ "strategy.ts": strategyText("Date.now();", 'import axios from "axios";') });
    expect(found.map(({ category, code, line }) => [category, code, line])).toEqual([
      ["Sandbox", "STRATEGY_IMPORT_REFUSED", 2],
      ["Sandbox", "STRATEGY_NONDETERMINISM", 8],
    ]);
  });

  test("refuses TypeScript's form of require", async () => {
    const found = await refused({ "strategy.ts": strategyText("fs;", 'import fs = require("fs");') });
    expect(found.map(({ code, line }) => [code, line])).toEqual([["STRATEGY_ESCAPE", 2]]);
  });

  test("guards every file, each under its own name", async () => {
    const found = await refused({
      "strategy.ts": strategyText("now();", 'import { now } from "./clock.ts";'),
      "clock.ts": "\nexport const now = () => Date.now();\n",
    });
    expect(found).toMatchObject([{ code: "STRATEGY_NONDETERMINISM", line: 2, column: 26 }]);
    expect(found[0]?.file?.endsWith("clock.ts")).toBe(true);
  });

  test("a change of an imported constant is refused where it happens", async () => {
    const files = {
      "strategy.ts": strategyText("levels.push(bar.close);", 'import { levels } from "./levels.ts";'),
      "levels.ts": "export const levels: number[] = [];\n",
    };
    expect((await refused(files)).map(({ code, line }) => [code, line])).toEqual([["STRATEGY_MUTABLE_MODULE_STATE", 8]]);
  });

  test("reports an invalid definition as Validation, all faults at once", async () => {
    const text = strategyText("").replace('["DEMO"]', "[]").replace('"1.0.0"', '"1"');
    expect((await refused({ "strategy.ts": text })).map(({ category, code }) => [category, code])).toEqual([
      ["Validation", "STRATEGY_VERSION"],
      ["Validation", "STRATEGY_EMPTY_UNIVERSE"],
    ]);
  });

  test("reports what the top level throws, with its line", async () => {
    const found = await refused({
      "strategy.ts": strategyText("", "\nconst limit = emaFirst(0);").replace("{ defineStrategy }", "{ defineStrategy, emaFirst }"),
    });
    expect(found).toMatchObject([{ category: "StrategyLoad", code: "STRATEGY_THREW_AT_LOAD", line: 3, column: 15 }]);
    expect(found[0]?.message).toContain("the period must be a whole number");
  });

  test("gives through the port a strategy with bundle, map and sources", async () => {
    const folder = writeFolder({ "strategy.ts": strategyText("ctx.state.out = bar.close;") });
    const result = await esbuildStrategySource.load(join(folder, "strategy.ts"));
    if (result.kind === "refused") throw new Error("refused");
    const { definition, bundle, sources, source_sha256 } = result.strategy;
    expect(definition.meta.name).toBe("probe");
    expect(source_sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(sources.map(({ path }) => path)).toEqual(["strategy.ts"]);
    expect(out(esbuildStrategySource.revive(bundle))).toBe(2);
  });
});

describe("an instance", () => {
  test("has our Math: its functions are the ones with fixed bits, the power operator included", async () => {
    const { definition } = await loaded({
      "strategy.ts": strategyText("ctx.state.out = [Math.pow(1.1, 10.5), 1.1 ** 10.5, Math.exp(1), Object.isFrozen(Math)];"),
    });
    // mpmath 1.3.0: 1.1^10.5 and e for the double 1.1, rounded to the nearest double
    expect(out(definition)).toEqual([2.7203400420274986, 2.7203400420274986, Math.E, true]);
  });

  test("sees no global of the machine even where a text gets past the guard", () => {
    for (const name of [
      "Date",
      "process",
      "globalThis",
      "performance",
      "setTimeout",
      "require",
      "eval",
      "Function",
      "Intl",
      "Buffer",
      "fetch",
      "console",
    ]) {
      expect(instantiateStrategy(`return { kind: typeof ${name} };`), name).toEqual({ kind: "undefined" });
    }
    expect(instantiateStrategy("return { random: Math.random, self: this };")).toEqual({ random: undefined, self: undefined });
  });

  test("is strict and frozen: no handler can keep state on the definition", async () => {
    const { definition } = await loaded({ "strategy.ts": strategyText("") });
    expect(Object.isFrozen(definition)).toBe(true);
    expect(Object.isFrozen(definition.meta.universe)).toBe(true);
    expect(() => instantiateStrategy("undeclared = 1; return {};")).toThrow(ReferenceError);
  });

  test("shares nothing with another instance of the same bundle", async () => {
    const { bundle } = await loaded({ "strategy.ts": strategyText("") });
    expect(instantiateStrategy(bundle.code)).not.toBe(instantiateStrategy(bundle.code));
  });

  test("is made from a stored bundle, and from nothing else", async () => {
    const { bundle } = await loaded({ "strategy.ts": strategyText("ctx.state.out = 1;") });
    expect(out(reviveStrategy(bundle.code))).toBe(1);
    expect(() => reviveStrategy("return { meta: {} };")).toThrow(/the stored strategy is not valid/);
  });

  test("runs in a worker from a bundle of its own, which holds neither esbuild nor acorn", async () => {
    const entry = fileURLToPath(new URL("instantiate-strategy.ts", import.meta.url));
    const built = await build({
      entryPoints: [entry],
      bundle: true,
      write: false,
      format: "cjs",
      platform: "node",
      metafile: true,
      logLevel: "silent",
    });
    expect(Object.keys(built.metafile.inputs).filter((path) => path.includes("node_modules"))).toEqual([]);
    const { bundle } = await loaded({ "strategy.ts": strategyText("ctx.state.out = bar.close ** 3;") });
    const script = `${built.outputFiles[0]?.text}
      const { parentPort, workerData } = require("node:worker_threads");
      const ctx = { state: {} };
      module.exports.instantiateStrategy(workerData).onBar({ close: 2 }, ctx);
      parentPort.postMessage(ctx.state.out);`;
    const worker = new Worker(script, { eval: true, workerData: bundle.code });
    try {
      expect(await new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject))).toBe(8);
    } finally {
      await worker.terminate();
    }
  });
});

describe("a failure in a handler is told at the user's line", () => {
  async function failure(files: Readonly<Record<string, string>>) {
    const { bundle, definition } = await loaded(files);
    try {
      out(definition);
    } catch (error) {
      return mapStrategyError(error, bundle.source_map);
    }
    throw new Error("the handler did not throw");
  }

  test("with the line's text and a mark", async () => {
    const text = strategyText(
      'const limit: number = 5;\n\n    if (bar.close < limit) throw new Error("too low");',
      "type A = {\n  a: 1;\n};",
    );
    expect(await failure({ "strategy.ts": text })).toEqual({
      message: "too low",
      file: "strategy.ts",
      line: 12,
      column: 34,
      frame: `12 |     if (bar.close < limit) throw new Error("too low");\n${" ".repeat(38)}^`,
    });
  });

  test("in a file that it imports, with CRLF ends", async () => {
    const files = {
      "strategy.ts": strategyText("fail(null);", 'import { fail } from "./lib/fail.ts";'),
      "lib/fail.ts": "// one\r\nexport function fail(x: any) {\r\n  return x.y;\r\n}\r\n",
    };
    expect(await failure(files)).toMatchObject({ file: "lib/fail.ts", line: 3, column: 12, frame: "3 |   return x.y;\n               ^" });
  });

  test("when our own code throws, at the line that called it", async () => {
    const files = { "strategy.ts": strategyText("\n    sma(1.5);").replace("{ defineStrategy }", "{ defineStrategy, sma }") };
    expect(await failure(files)).toMatchObject({
      message: "sma: the period must be a whole number from 1 to 1000000, got 1.5",
      line: 9,
      column: 5,
    });
  });

  test("when the stack overflows", async () => {
    expect(await failure({ "strategy.ts": strategyText("const f = (n: number): number => f(n) + 1; f(1);") })).toMatchObject({
      file: "strategy.ts",
      line: 8,
    });
  });

  test("what is thrown without a stack keeps its message", async () => {
    expect(await failure({ "strategy.ts": strategyText('throw "just text";') })).toEqual({
      message: "just text",
      file: null,
      line: null,
      column: null,
      frame: null,
    });
  });
});

describe("the examples", () => {
  const example = (name: string): string => fileURLToPath(new URL(`../../../examples/${name}/strategy.ts`, import.meta.url));

  test.each(["ema-cross", "inside-bar", "macd-trend", "opening-range", "pairs", "turtle"])("%s loads", async (name) => {
    const loading = await loadStrategy(example(name));
    if (loading.kind === "refused") throw new Error(JSON.stringify(loading.violations));
    expect(loading.definition.meta.name).toBe(name);
    expect(loading.definition.meta.universe).toContain("DEMO");
  });
});
