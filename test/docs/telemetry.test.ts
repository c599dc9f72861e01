import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { instruments } from "../../src/ports/telemetry.js";
import { generatedBlock, withGeneratedBlock } from "./generated-blocks.js";

const path = fileURLToPath(new URL("../../docs/guide/telemetry.md", import.meta.url));

test("the guide names every figure with its unit and meaning", () => {
  const rows = Object.entries(instruments).map(
    ([name, { kind, unit, says }]) => `| \`${name}\` | ${kind.replaceAll("_", " ")} | \`${unit}\` | ${says} |`,
  );
  const table = ["| figure | kind | unit | what it is |", "| --- | --- | --- | --- |", ...rows, ""].join("\n");
  if (process.env["ONETAPE_WRITE_DOCS"] === "1") writeFileSync(path, withGeneratedBlock(readFileSync(path, "utf8"), "figures", table));
  expect(generatedBlock(readFileSync(path, "utf8"), "figures")).toBe(table);
});
