import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { strategyText, writeFolder } from "../../../test/support/strategy-folder.js";
import { guardStrategy } from "./guard-strategy.js";
import { readSourceSet } from "./source-set.js";
import type { StrategyViolation } from "./strategy-violation.js";

async function guard(text: string): Promise<readonly StrategyViolation[]> {
  const set = await readSourceSet(join(writeFolder({ "strategy.ts": text }), "strategy.ts"));
  expect(set.violations).toEqual([]);
  return guardStrategy(set.modules);
}

/** The code and line of each finding in a strategy whose handler's only line, number 8, is `line`. */
async function inHandler(line: string, before: string = ""): Promise<readonly string[]> {
  return (await guard(strategyText(line, before))).map((found) => `${found.code}@${found.line}`);
}

/** As {@link inHandler} for a line at module level, number 2. */
async function atModuleLevel(line: string): Promise<readonly string[]> {
  return inHandler("", line);
}

describe("what reads the machine is refused, with its line", () => {
  test.each([
    ["Date.now();", "STRATEGY_NONDETERMINISM"],
    ["new Date();", "STRATEGY_NONDETERMINISM"],
    ["Date();", "STRATEGY_NONDETERMINISM"],
    ["const f = Date; f.now();", "STRATEGY_NONDETERMINISM"],
    ["if (typeof Date === 'function') {}", "STRATEGY_NONDETERMINISM"],
    ["Math.random();", "STRATEGY_NONDETERMINISM"],
    ['Math["random"]();', "STRATEGY_NONDETERMINISM"],
    ["const { random } = Math; random();", "STRATEGY_NONDETERMINISM"],
    ["performance.now();", "STRATEGY_NONDETERMINISM"],
    ["crypto.randomUUID();", "STRATEGY_NONDETERMINISM"],
    ["setTimeout(() => {}, 1);", "STRATEGY_NONDETERMINISM"],
    ["setInterval(() => {}, 1);", "STRATEGY_NONDETERMINISM"],
    ["setImmediate(() => {});", "STRATEGY_NONDETERMINISM"],
    ["queueMicrotask(() => {});", "STRATEGY_NONDETERMINISM"],
    ["Intl.NumberFormat();", "STRATEGY_NONDETERMINISM"],
    ["(1).toLocaleString();", "STRATEGY_NONDETERMINISM"],
    ["'a'.localeCompare('b');", "STRATEGY_NONDETERMINISM"],
    ["'a'.toLocaleUpperCase();", "STRATEGY_NONDETERMINISM"],
    ["'a'['toLocaleLowerCase']();", "STRATEGY_NONDETERMINISM"],
    ["console.log(bar.close);", "STRATEGY_NONDETERMINISM"],
    ["new WeakRef(bar);", "STRATEGY_NONDETERMINISM"],
    ["new FinalizationRegistry(() => {});", "STRATEGY_NONDETERMINISM"],
    ["ctx.state.out = new Error('x').stack;", "STRATEGY_NONDETERMINISM"],
    ["process.env.HOME;", "STRATEGY_ESCAPE"],
    ["require('node:fs');", "STRATEGY_ESCAPE"],
    ["import('node:fs');", "STRATEGY_ESCAPE"],
    ["import.meta.url;", "STRATEGY_ESCAPE"],
    ["eval('1');", "STRATEGY_ESCAPE"],
    ["new Function('return 1');", "STRATEGY_ESCAPE"],
    ["globalThis.x;", "STRATEGY_ESCAPE"],
    ["self.x;", "STRATEGY_ESCAPE"],
    ["window.x;", "STRATEGY_ESCAPE"],
    ["global.x;", "STRATEGY_ESCAPE"],
    ["(() => 1).constructor('return 1')();", "STRATEGY_ESCAPE"],
    ["const { constructor: c } = bar;", "STRATEGY_ESCAPE"],
    ["const o = { __proto__: bar };", "STRATEGY_ESCAPE"],
    ["bar.__proto__;", "STRATEGY_ESCAPE"],
    ["new Proxy({}, {});", "STRATEGY_ESCAPE"],
    ["Reflect.ownKeys(bar);", "STRATEGY_ESCAPE"],
    ["WebAssembly.Module;", "STRATEGY_ESCAPE"],
    ["fetch('http://x');", "STRATEGY_ESCAPE"],
    ["Buffer.from('x');", "STRATEGY_ESCAPE"],
    ["Promise.resolve(1);", "STRATEGY_ASYNC"],
    ["Atomics.load;", "STRATEGY_ASYNC"],
    ["new SharedArrayBuffer(8);", "STRATEGY_ASYNC"],
    ["const f = async () => { await 1; };", "STRATEGY_ASYNC"],
    ["function* g() { yield 1; }", "STRATEGY_ASYNC"],
    ["structuredClone(bar);", "STRATEGY_UNKNOWN_GLOBAL"],
    ["somethingMistyped;", "STRATEGY_UNKNOWN_GLOBAL"],
    ["Math.sumPrecise([1]);", "STRATEGY_UNKNOWN_GLOBAL"],
    ["this.count = 1;", "STRATEGY_MUTABLE_MODULE_STATE"],
  ])("%s", async (line, code) => {
    expect(await inHandler(line)).toEqual([`${code}@8`]);
  });

  test("at module level too", async () => {
    expect(await atModuleLevel("const started = Date.now();")).toEqual(["STRATEGY_NONDETERMINISM@2"]);
    expect(await atModuleLevel("const started = new Date();")).toEqual(["STRATEGY_NONDETERMINISM@2"]);
    expect(await atModuleLevel("await 1;")).toEqual(["STRATEGY_ASYNC@2"]);
    expect(await atModuleLevel("for await (const x of []) {}")).toEqual(["STRATEGY_ASYNC@2"]);
  });
});

describe("what a strategy declares itself is its own", () => {
  test.each([
    "const Date = { now: () => 1 }; Date.now();",
    "function process(x: number) { return x; } process(1);",
    "[1].map((performance) => performance + 1);",
    "try { throw 1; } catch (crypto) { crypto; }",
    "for (const self of [1]) { self; }",
    "const { window = 2 } = { window: 1 }; window;",
    "{ class Intl { static x = 1; } Intl.x; }",
    "const Math = { random: () => 4 }; Math.random();",
    "const o = { Date: 1, process: 2, constructor: 3 }; o.Date; o.process;",
    "console: for (;;) break console;",
    "const f = function eval2() { return arguments.length; }; f();",
    "type Date = number; const x: Date = 1; x;",
  ])("%s", async (line) => {
    expect(await inHandler(line)).toEqual([]);
  });

  test("but only inside its scope", async () => {
    expect(await inHandler("{ const Date = 1; Date; } Date;")).toEqual(["STRATEGY_NONDETERMINISM@8"]);
    expect(await inHandler("[1].map((process) => process); process;")).toEqual(["STRATEGY_ESCAPE@8"]);
  });
});

describe("plain strategies pass", () => {
  test.each([
    "ctx.state.out = Math.max(bar.close, Math.exp(2), Math.PI) ** 2;",
    "const seen = new Map([[1, 2]]); seen.set(2, 3); ctx.state.out = [...seen.keys()];",
    "let sum = 0; [1, 2].forEach((x) => { sum += x; }); ctx.state.out = sum;",
    "const xs = [3, 1, 2]; xs.push(4); xs.sort((a, b) => a - b); ctx.state.out = xs;",
    "class Stack { #xs: number[] = []; push(x: number) { this.#xs.push(x); return this.#xs.length; } } ctx.state.out = new Stack().push(1);",
    "try { throw new RangeError('x'); } catch (error) { ctx.state.out = String(error); }",
    "ctx.state.out = /a+/g.test('aa') ? JSON.stringify({ a: Number.isFinite(1) }) : parseInt('5', 10);",
    "ctx.state.out = LEVELS.filter((x) => x > 1).sort().length;",
    "const copy = [...LEVELS]; copy.push(9); ctx.state.out = copy;",
  ])("%s", async (line) => {
    expect(
      await inHandler(line, 'const LEVELS = [1, 2, 3]; const NAMES = { a: "x" } as const; function twice(x: number) { return 2 * x; }'),
    ).toEqual([]);
  });
});

describe("state outside ctx.state is refused, with its line", () => {
  test.each([
    "let count = 0;",
    "var count = 0;",
    "export let count = 0;",
    "let a = 1, b = 2;",
    "const seen = new Map<string, number>();",
    "const seen = new Set();",
    "const xs = new Array(5);",
    "const xs = new Float64Array(5);",
    "const box = { inner: new Map() };",
    "class Counter { n = 0; } const counter = new Counter();",
    "class Counter { static all = new Set(); }",
    "const digits = /\\d/g;",
    "enum Side { Buy, Sell }",
  ])("%s", async (line) => {
    expect(await atModuleLevel(line)).toEqual(["STRATEGY_MUTABLE_MODULE_STATE@2"]);
  });

  test.each([
    ["const box = { n: 0 };", "box.n = 1;"],
    ["const box = { n: 0 };", "box.n += 1;"],
    ["const box = { n: 0 };", "box.n++;"],
    ["const box = { n: 0 };", "box['n']--;"],
    ["const box = { n: { m: 0 } };", "box.n.m = 1;"],
    ["const box: { n?: number } = { n: 0 };", "delete box.n;"],
    ["const xs: number[] = [];", "xs.push(bar.close);"],
    ["const xs: number[] = [];", "xs[0] = bar.close;"],
    ["const xs: number[] = [];", "xs.length = 0;"],
    ["const xs = [2, 1];", "xs.sort();"],
    ["const xs = [2, 1];", "xs?.reverse();"],
    ["const box = { xs: [1] };", "box.xs.splice(0, 1);"],
    ["const box = { n: 0 };", "Object.assign(box, { n: 1 });"],
    ["const box = { n: 0 };", "const alias = box; alias.n = 1;"],
    ["const box = { inner: { n: 0 } };", "const { inner } = box; inner.n = 1;"],
    ["const box = { n: 0 };", "[box.n] = [1];"],
    ["const box = { n: 0 };", "({ n: box.n } = { n: 1 });"],
    ["const box = { n: 0 };", "for (box.n of [1, 2]) {}"],
    ["function f() { return 1; }", "(f as unknown as { n: number }).n = 1;"],
    ["class Counter { static n = 0; }", "Counter.n++;"],
    ["const next = (() => { let n = 0; return () => ++n; })();", ""],
    ["function make() { let n = 0; return () => { n += 1; return n; }; } const next = make();", ""],
    ["", "Array.prototype.last = 1;"],
    ["", "Object.defineProperty(Array.prototype, 'last', {});"],
  ])("%s %s", async (before, line) => {
    expect(await inHandler(line, before)).toEqual([`STRATEGY_MUTABLE_MODULE_STATE@${line === "" ? 2 : 8}`]);
  });

  test("a static member changed through this is refused", async () => {
    expect(await atModuleLevel("class Counter { static n = 0; static up() { this.n++; } }")).toEqual(["STRATEGY_MUTABLE_MODULE_STATE@2"]);
  });

  test("what runs once while the module loads may build its constants", async () => {
    const lines = "const table: number[] = []; for (let i = 0; i < 3; i++) table.push(i * i); const total = table.reduce((a, b) => a + b);";
    expect(await inHandler("ctx.state.out = table[1] + total;", lines)).toEqual([]);
  });

  test("an object's own method may be called push", async () => {
    expect(await inHandler("stack.push(1);", "const stack = { push: (x: number) => x };")).toEqual([]);
  });

  test("the advice for an enum names the replacement", async () => {
    const [found] = await guard(strategyText("", "enum Side { Buy, Sell }"));
    expect(found?.expected).toContain("as const");
  });
});

test("every finding comes at once, in order, with the line's text and an advice, and none twice", async () => {
  const found = await guard(
    strategyText('const t = Date.now() + Date.now();\n    const r = Math.random();\n    fetch("x");', "let n = 0;"),
  );
  expect(found.map(({ line, column, code }) => [line, column, code])).toEqual([
    [2, 1, "STRATEGY_MUTABLE_MODULE_STATE"],
    [8, 15, "STRATEGY_NONDETERMINISM"],
    [8, 28, "STRATEGY_NONDETERMINISM"],
    [9, 15, "STRATEGY_NONDETERMINISM"],
    [10, 5, "STRATEGY_ESCAPE"],
  ]);
  expect(found[3]).toMatchObject({
    category: "Sandbox",
    message: "Math.random gives another value in every run",
    value: "    const r = Math.random();",
    expected: "derive it from the bars, or keep a seeded generator in ctx.state",
  });
  expect(found[3]?.file?.endsWith("strategy.ts")).toBe(true);
});

test("types, comments and CRLF line ends do not move the line", async () => {
  const text = strategyText("const t: number = Date.now();", "interface Big {\n  a: number;\n\n  b: string;\n}\n/* a\n comment */");
  for (const source of [text, text.replaceAll("\n", "\r\n")]) {
    const found = await guard(source);
    expect(found.map(({ line, column, value }) => [line, column, value])).toEqual([[14, 23, "    const t: number = Date.now();"]]);
  }
});
