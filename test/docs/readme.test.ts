import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { generatedBlock, withGeneratedBlock } from "./generated-blocks.js";
import { root } from "./markdown-page.js";

const path = join(root, "README.md");

test("the strategy that the README shows is the example, byte for byte", () => {
  const block = `\`\`\`ts file=strategy.ts\n${readFileSync(join(root, "examples/ema-cross/strategy.ts"), "utf8")}\`\`\`\n`;
  if (process.env["ONETAPE_WRITE_DOCS"] === "1") writeFileSync(path, withGeneratedBlock(readFileSync(path, "utf8"), "strategy", block));
  expect(generatedBlock(readFileSync(path, "utf8"), "strategy")).toBe(block);
});

test("a page without its markers is refused", () => {
  expect(() => generatedBlock("no markers", "strategy")).toThrow('the markers of "strategy"');
});
