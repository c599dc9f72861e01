import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { onetape } from "../e2e/cli-process.js";
import { generatedBlock, withGeneratedBlock } from "./generated-blocks.js";
import { root } from "./markdown-page.js";

const path = join(root, "README.md");

/** Compares a generated block with what it should be; `ONETAPE_WRITE_DOCS=1` writes it first. */
function expectBlock(name: string, content: string): void {
  const page = readFileSync(path, "utf8");
  if (process.env["ONETAPE_WRITE_DOCS"] === "1") writeFileSync(path, withGeneratedBlock(page, name, content));
  expect(generatedBlock(readFileSync(path, "utf8"), name)).toBe(content);
}

/** The tour as every machine prints it: without times, and with `…` for hashes, which name the build. */
function steady(screen: string): string {
  return screen
    .split("\n")
    .map((line) => line.replaceAll(/\b[0-9a-f]{12,}\b/g, "…").replace(/ +\d+(?:\.\d+)? s$/, ""))
    .join("\n");
}

describe("README.md", () => {
  test("the strategy that it shows is the example, byte for byte", () => {
    expectBlock("strategy", `\`\`\`ts file=strategy.ts\n${readFileSync(join(root, "examples/ema-cross/strategy.ts"), "utf8")}\`\`\`\n`);
  });

  test("the tour that it shows is what the demo prints", { timeout: 120_000 }, () => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), "onetape-tour-")));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const { code, stdout } = onetape(["demo"], { cwd: folder });
    expect(code).toBe(0);
    expectBlock("tour", `\`\`\`text\n${steady(stdout).trimEnd()}\n\`\`\`\n`);
  });

  test("times and hashes of a tour are left out, counts are not", () => {
    expect(steady("2/6 capture  b8809f215d7d  7,800 bars   1.42 s\nrun 2a0b7e5e3570a4047b0dfb5ba3a5438c did")).toBe(
      "2/6 capture  …  7,800 bars\nrun … did",
    );
  });

  test("a page without its markers is refused", () => {
    expect(() => generatedBlock("no markers", "tour")).toThrow('the markers of "tour"');
  });
});
