import { describe, expect, test } from "vitest";
import { repositoryRoot, runNode, temporaryCheckout } from "../support/temporary-checkout.js";

async function bans(root: string): Promise<{ readonly code: number | null; readonly lines: readonly string[] }> {
  const { code, stdout } = await runNode(["tools/core-bans.mjs", root], { cwd: repositoryRoot });
  return { code, lines: stdout.split("\n").filter((line) => line !== "" && !line.endsWith("example strategies")) };
}

const refused: readonly (readonly [source: string, rule: string])[] = [
  ["export const now: number = Date.now();", "no-global"],
  ["export const at = (time: Date): number => Number(time);", "no-global"],
  ["export const draw: number = Math.random();", "no-math"],
  ["export const grown: number = Math.pow(2, 0.5);", "no-math"],
  ["export const grown: number = 2 ** 0.5;", "no-power"],
  ["export let grown: number = 2; grown **= 3;", "no-power"],
  ['export const e: number = Math["exp"](1);', "no-math"],
  ["export const functions: object = Math;", "no-math"],
  ["const { log } = Math; export const l: number = log(2);", "no-math"],
  ["export const started: number = performance.now();", "no-global"],
  ["export const id: string = crypto.randomUUID();", "no-global"],
  ["export const timer: unknown = setTimeout(() => undefined, 1);", "no-global"],
  ["export const host: string = process.platform;", "no-global"],
  ['export const format: unknown = new Intl.NumberFormat("en");', "no-global"],
  ["export const text: string = (1234.5).toLocaleString();", "no-locale"],
  ['export const order: number = "a".localeCompare("b");', "no-locale"],
  ["export const later = async (): Promise<void> => undefined;", "no-waiting"],
  ["export const bytes: Uint8Array = Buffer.from([1]);", "no-global"],
  ["export const hidden: number = globalThis.Date.now();", "no-global"],
  ['export { readFileSync } from "node:fs";', "no-import"],
  ['export const lazy: unknown = import("./other.js");', "no-import"],
  ["export const here: string = import.meta.url;", "no-place"],
  ['export const made: unknown = new Function("return 1");', "no-global"],
];

const allowed: readonly string[] = [
  "export const root: number = Math.sqrt(2) + Math.floor(1.5);",
  "export const words: ReadonlyMap<string, number> = new Map([[String(1), Number.MAX_SAFE_INTEGER]]);",
  "export interface Day { readonly Date: string; readonly process: number }\nexport const read = (day: Day): number => day.process;",
  "export const own = (process: { readonly pid: number }): number => process.pid;",
  "export type Refused<T> = T extends Promise<unknown> ? never : T;",
];

describe("the determinism bans", () => {
  test("refuse each banned use in the core and in a strategy, and name its place and rule", async () => {
    const files = Object.fromEntries(
      refused.flatMap(([source], index) => [
        [`src/core/planted-${index}.ts`, source],
        [`examples/planted-${index}/strategy.ts`, source],
      ]),
    );
    const { code, lines } = await bans(temporaryCheckout([], files));
    const missed = refused.filter(([, rule], index) => {
      const named = (path: string): boolean => lines.some((line) => line.startsWith(`${path}:1:`) && line.includes(` ${rule}: `));
      return !named(`src/core/planted-${index}.ts`) || !named(`examples/planted-${index}/strategy.ts`);
    });
    expect(missed).toEqual([]);
    expect(code).toBe(1);
  });

  test("let exact arithmetic, own names and the core's tests pass", async () => {
    const files = Object.fromEntries(allowed.map((source, index) => [`src/core/planted-${index}.ts`, source]));
    const { code, lines } = await bans(
      temporaryCheckout([], { ...files, "src/core/planted.test.ts": "export const now: number = Date.now();" }),
    );
    expect(lines).toEqual([]);
    expect(code).toBe(0);
  });

  test("let a strategy import onetape/strategy and nothing else from outside", async () => {
    const { lines } = await bans(
      temporaryCheckout([], {
        "examples/good/strategy.ts": 'export { defineStrategy } from "onetape/strategy";',
        "examples/bad/strategy.ts": 'export { run } from "onetape";',
      }),
    );
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain("examples/bad/strategy.ts:1:21 no-import");
  });

  test("find nothing in this repository", async () => {
    expect((await bans(repositoryRoot)).lines).toEqual([]);
  });
});

test("the linter shows an editor the banned uses that it can express", async () => {
  const source = [
    "export const now: number = Date.now();",
    "export const e: number = Math.exp(1);",
    "export const p: number = 2 ** 0.5;",
    'export const c: number = "a".localeCompare("b");',
    "export const w = async (x: Promise<number>): Promise<number> => await x;",
    "",
  ].join("\n");
  const root = temporaryCheckout([], { "src/core/planted.ts": source, "src/core/planted.test.ts": source });
  const { code, stdout } = await runNode(
    ["node_modules/@biomejs/biome/bin/biome", "lint", "--vcs-enabled=false", "--reporter=github", "src/core"],
    {
      cwd: root,
    },
  );
  const lines = [...stdout.matchAll(/planted\.ts,line=(\d+)/g)].map((match) => Number(match[1]));
  expect([...new Set(lines)].sort()).toEqual([1, 2, 3, 4, 5]);
  expect(stdout).not.toContain("planted.test.ts");
  expect(code).toBe(1);
});
