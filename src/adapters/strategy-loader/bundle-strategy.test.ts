import { createHash } from "node:crypto";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { strategyText, writeFolder } from "../../../test/support/strategy-folder.js";
import { bundleStrategy, type StrategyBundle } from "./bundle-strategy.js";
import { instantiateStrategy } from "./instantiate-strategy.js";
import type { StrategyViolation } from "./strategy-violation.js";

const MAIN = `import { defineStrategy, emaFirst as ema } from "onetape/strategy";
import * as tape from "onetape/strategy";
import { twice } from "./lib/twice.js";
import limits from "./limits.json";
import type { Bar } from "onetape/strategy";

export const unused = 1;

export default defineStrategy({
  meta: { name: "many-files", version: "1.0.0", universe: ["DEMO"], timeframe: "1m", required_fields: ["close"], session: "all" },
  params: { n: tape.int({ default: limits.n }) },
  indicators: (p) => ({ mean: ema(twice(p.n)) }),
  onBar(_bar: Bar) {},
});
`;
const FILES = {
  "strategy.ts": MAIN,
  "lib/twice.ts": 'import { base } from "../base";\nexport function twice(x: number): number {\n  return base * x ** 1;\n}\n',
  "base.ts": "export const base = 2;\n",
  "limits.json": '{ "n": 7 }\n',
};

async function bundled(entry: string): Promise<StrategyBundle> {
  const result = await bundleStrategy(entry);
  if (result.kind === "refused") throw new Error(JSON.stringify(result.violations));
  return result.bundle;
}

async function refused(entry: string): Promise<readonly StrategyViolation[]> {
  const result = await bundleStrategy(entry);
  return result.kind === "refused" ? result.violations : [];
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

describe("a bundle", () => {
  test("holds every file that is imported, and runs", async () => {
    const bundle = await bundled(join(writeFolder({ ...FILES, "stray.ts": "x" }), "strategy.ts"));
    expect(bundle.source_set.map(({ path }) => path)).toEqual(["base.ts", "lib/twice.ts", "limits.json", "strategy.ts"]);
    const definition = instantiateStrategy(bundle.code) as { indicators(p: { n: number }): { mean: { name: string } } };
    expect(definition.indicators({ n: 7 }).mean.name).toBe("ema_first(14,close)");
  });

  test("is the same bytes from another folder, another working directory, with CRLF ends, and beside a tsconfig and a package.json", async () => {
    const one = await bundled(join(writeFolder(FILES), "strategy.ts"));
    const windows = Object.fromEntries(Object.entries(FILES).map(([path, text]) => [path, text.replaceAll("\n", "\r\n")]));
    const config = {
      "tsconfig.json": '{ "compilerOptions": { "target": "ES5", "useDefineForClassFields": false, "verbatimModuleSyntax": true } }',
      "package.json": '{ "type": "commonjs", "sideEffects": false }',
    };
    const other = writeFolder({ ...windows, ...config });
    const named = relative(process.cwd(), join(other, "strategy.ts"));
    for (const entry of [named, join(other, "strategy.ts")]) {
      const two = await bundled(entry);
      expect(two.code).toBe(one.code);
      expect(two.source_map).toBe(one.source_map);
      expect(two.source_set).toEqual(one.source_set);
      expect(two.source_sha256).toBe(one.source_sha256);
    }
    const before = process.cwd();
    process.chdir(other);
    try {
      expect((await bundled("strategy.ts")).code).toBe(one.code);
    } finally {
      process.chdir(before);
    }
  });

  test("names no folder of this machine", async () => {
    const folder = writeFolder(FILES);
    const { code, source_map } = await bundled(join(folder, "strategy.ts"));
    for (const text of [code, source_map]) {
      expect(text).not.toContain(folder);
      expect(text).not.toContain(process.cwd());
    }
  });

  test("has an identity made of relative paths and line-feed texts, which any change of a source changes", async () => {
    const { source_sha256, source_set } = await bundled(join(writeFolder(FILES), "strategy.ts"));
    for (const { path, sha256: hash } of source_set) expect(hash).toBe(sha256(FILES[path as keyof typeof FILES]));
    const lines = (["base.ts", "lib/twice.ts", "limits.json", "strategy.ts"] as const).map((path) => `${sha256(FILES[path])}  ${path}\n`);
    expect(source_sha256).toBe(sha256(lines.join("")));
    const changed = await bundled(join(writeFolder({ ...FILES, "base.ts": "export const base = 3;\n" }), "strategy.ts"));
    expect(changed.source_sha256).not.toBe(source_sha256);
  });

  test("has no power operator left", async () => {
    const { code } = await bundled(
      join(writeFolder({ "strategy.ts": strategyText("let x = bar.close ** 2; x **= 3; ctx.state.out = x;") }), "strategy.ts"),
    );
    expect(code).not.toContain("**");
    expect(code).toContain("Math.pow");
  });

  test("may import in a circle, JavaScript too, and a folder's index", async () => {
    const files = {
      "strategy.ts": strategyText("ctx.state.out = even(4);", 'import { even } from "./parity";'),
      "parity/index.ts": 'import { odd } from "./odd.mjs";\nexport function even(n: number): boolean { return n === 0 || odd(n - 1); }\n',
      "parity/odd.mjs": 'import { even } from "./index.ts";\nexport function odd(n) { return n !== 0 && even(n - 1); }\n',
    };
    expect((await bundled(join(writeFolder(files), "strategy.ts"))).source_set.map(({ path }) => path)).toEqual([
      "parity/index.ts",
      "parity/odd.mjs",
      "strategy.ts",
    ]);
  });
});

describe("an import that is refused shows its file, line, column and text", () => {
  test.each([
    ['import { get } from "node:http";', "access to the machine"],
    ['import http from "http";', "packages are not part"],
    ['import axios from "axios";', "packages are not part"],
    ['import fs = require("fs");', ""],
    ['import "lodash/fp.js";', "packages are not part"],
    ['export * from "left-pad";', "packages are not part"],
    ['import { x } from "./../outside.ts";', "out of the strategy's folder"],
    ['import { x } from "..";', "out of the strategy's folder"],
    ['import { x } from "/etc/passwd";', "differs between machines"],
    ['import { x } from "file:///x.ts";', "differs between machines"],
    ['import { x } from "https://example.com/x.ts";', "differs between machines"],
    ['import { x } from "onetape/core";', "packages are not part"],
  ])("%s", async (line, reason) => {
    const folder = writeFolder({
      "inner/strategy.ts": strategyText("", `// nothing uses it\n${line}`),
      "outside.ts": "export const x = 1;",
    });
    const entry = join(folder, "inner", "strategy.ts");
    const violations = await refused(entry);
    if (reason === "") {
      // TypeScript's own form of require is a call: the guard refuses it, see guard-strategy.
      expect(violations).toEqual([]);
      return;
    }
    expect(violations).toHaveLength(1);
    expect(violations[0]).toMatchObject({
      category: "Sandbox",
      code: "STRATEGY_IMPORT_REFUSED",
      file: entry,
      line: 3,
      column: 1,
      value: line,
    });
    expect(violations[0]?.message).toContain(reason);
  });

  test("in a file that the entry imports, under that file's name", async () => {
    const folder = writeFolder({ "strategy.ts": strategyText("", 'import "./a.ts";'), "a.ts": '\n\nimport "node:fs";\nimport "pg";\n' });
    const found = await refused(join(folder, "strategy.ts"));
    expect(found.map(({ file, line }) => [file, line])).toEqual([
      [join(folder, "a.ts"), 3],
      [join(folder, "a.ts"), 4],
    ]);
  });

  test("a link that leads out of the folder is not followed", async () => {
    const folder = writeFolder({ "inner/strategy.ts": strategyText("", 'import "./link.ts";'), "outside.ts": "export const x = 1;" });
    symlinkSync(join(folder, "outside.ts"), join(folder, "inner", "link.ts"));
    expect((await refused(join(folder, "inner", "strategy.ts"))).map(({ code }) => code)).toEqual(["STRATEGY_IMPORT_MISSING"]);
  });

  test("types may come from anywhere, because nothing of them remains", async () => {
    const files = { "strategy.ts": strategyText("", 'import type { Foo } from "axios";\nexport type { Bar } from "some-package";') };
    expect(await refused(join(writeFolder(files), "strategy.ts"))).toEqual([]);
  });
});

describe("what cannot be bundled says so", () => {
  test("a missing file, a folder in its place", async () => {
    const folder = writeFolder({});
    mkdirSync(join(folder, "folder.ts"));
    for (const name of ["none.ts", "folder.ts"]) {
      expect(await refused(join(folder, name))).toMatchObject([
        { category: "StrategyLoad", code: "STRATEGY_FILE_MISSING", file: join(folder, name) },
      ]);
    }
  });

  test("an import of a file that is not there names what was looked for", async () => {
    const found = await refused(join(writeFolder({ "strategy.ts": strategyText("", 'import { a } from "./a";') }), "strategy.ts"));
    expect(found).toMatchObject([{ code: "STRATEGY_IMPORT_MISSING", line: 2, column: 1 }]);
    expect(found[0]?.expected).toContain("a.ts");
  });

  test("a syntax error has line and column, counted in characters", async () => {
    const folder = writeFolder({ "strategy.ts": 'const ok = 1;\nconst ü = "é" +;\n' });
    expect(await refused(join(folder, "strategy.ts"))).toMatchObject([
      {
        category: "StrategyLoad",
        code: "STRATEGY_SYNTAX",
        file: join(folder, "strategy.ts"),
        line: 2,
        column: 16,
        value: 'const ü = "é" +;',
      },
    ]);
  });

  test("a with statement, which no module may hold", async () => {
    const folder = writeFolder({ "strategy.ts": strategyText("with (bar) { close; }") });
    expect(await refused(join(folder, "strategy.ts"))).toMatchObject([{ code: "STRATEGY_SYNTAX", line: 8, column: 5 }]);
  });

  test("broken JSON names the file", async () => {
    const folder = writeFolder({ "strategy.ts": strategyText("ctx.state.out = x;", 'import x from "./x.json";'), "x.json": "{ oops" });
    expect(await refused(join(folder, "strategy.ts"))).toMatchObject([{ code: "STRATEGY_SYNTAX", file: join(folder, "x.json"), line: 1 }]);
  });

  test("a file without default export", async () => {
    expect(await refused(join(writeFolder({ "strategy.ts": "export const a = 1;" }), "strategy.ts"))).toMatchObject([
      { code: "STRATEGY_NO_DEFAULT_EXPORT" },
    ]);
  });

  test("a name that onetape/strategy does not export, with the nearest; names of types are fine without the word type", async () => {
    const text = strategyText("ctx.state.out = emaFrist(3); const b: Bar = bar; b;", 'import { Bar, emaFrist } from "onetape/strategy";');
    const found = await refused(join(writeFolder({ "strategy.ts": text }), "strategy.ts"));
    expect(found).toMatchObject([{ code: "STRATEGY_IMPORT_UNKNOWN", line: 2, column: 15, expected: "emaFirst" }]);
  });

  test("an entry of its own name beside others stays readable when written anew", async () => {
    const folder = writeFolder({ "strategy.ts": strategyText("") });
    const before = (await bundled(join(folder, "strategy.ts"))).source_sha256;
    writeFileSync(join(folder, "strategy.ts"), strategyText("ctx.state.out = 1;"));
    expect((await bundled(join(folder, "strategy.ts"))).source_sha256).not.toBe(before);
  });
});
