import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { type Block, readPages, root } from "./markdown-page.js";
import { firstMissing, hasProgram, PageRunner, useOf } from "./page-runner.js";

/** Pages whose blocks a reader follows from top to bottom. */
const pages = readPages().filter(({ path }) => path === "README.md" || path.startsWith("docs/guide/") || path.startsWith("examples/"));

const needed = [...new Set(pages.flatMap(({ blocks }) => blocks.flatMap((block) => markedNeed(block) ?? [])))];
const lacking = new Set(needed.filter((program) => !hasProgram(program)));

function markedNeed({ words }: Block): string | null {
  return words.find((word) => word.startsWith("needs="))?.slice(6) ?? null;
}

test.each(pages)("every block of $path that a reader would run says how it is tested", ({ blocks }) => {
  for (const block of blocks) useOf(block);
});

describe("what the pages say happens", () => {
  test("there is a built program to run", () => {
    expect(existsSync(join(root, "dist/cli.js")), "run: node scripts/up.mjs build").toBe(true);
  });

  test.each(pages)("$path", { timeout: 600_000 }, async ({ blocks }) => {
    const runner = new PageRunner(lacking);
    onTestFinished(() => runner.close());
    for (const block of blocks) await runner.run(block);
  });

  for (const program of needed) {
    test.skipIf(lacking.has(program))(`${program} is there for the blocks that need it`, () => {
      expect(hasProgram(program)).toBe(true);
    });
  }
});

describe("the checks of the examples can fail", () => {
  const block = (text: string, lang: string, ...words: readonly string[]): Block => ({ page: "page.md", line: 1, lang, words, text });
  const running = (): PageRunner => {
    const runner = new PageRunner(new Set());
    onTestFinished(() => runner.close());
    return runner;
  };

  test("an unmarked shell block and an unknown mark are refused", () => {
    expect(() => useOf(block("ls\n", "sh"))).toThrow("page.md:1: a block of sh says neither run");
    expect(() => useOf(block("ls\n", "sh", "run", "exti=3"))).toThrow("exti=3 is not known");
  });

  test("a command that ends with another code is reported with what it printed", async () => {
    await expect(running().run(block("echo printed; exit 3\n", "sh", "run"))).rejects.toThrow(/ended with 3 where 0 was said\nprinted/);
  });

  test("a folder that a block enters is where the next block runs", async () => {
    const runner = running();
    await runner.run(block("mkdir inner && cd inner\n", "sh", "run"));
    await runner.run(block("basename $(pwd)\n", "sh", "run"));
    await runner.run(block("inner\n", "text", "output"));
  });

  test("the registry cannot be reached", async () => {
    await expect(running().run(block("npm view onetape version\n", "sh", "run"))).rejects.toThrow(/ECONNREFUSED/);
  });

  test("TypeScript with a wrong type is refused", async () => {
    await expect(running().run(block("const n: number = 'one';\n", "ts", "run"))).rejects.toThrow(/does not type-check\n1:7/);
  });

  test("expected lines must follow in order, with … for what varies", () => {
    expect(firstMissing("a … c\nd\n", "x\na b c\nd\n")).toBeNull();
    expect(firstMissing("d\na … c\n", "x\na b c\nd\n")).toBe("a … c");
    expect(firstMissing("a.c\n", "abc\n")).toBe("a.c");
  });
});
