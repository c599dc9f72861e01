import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { EXIT, type FailureCode, failure } from "../../src/apps/cli/failure.js";
import { readPage, root } from "./markdown-page.js";

const page = readPage("docs/reference/exit-codes.md").text;
const rows = [...page.matchAll(/^\| `([A-Z_]+)` \| ([A-Z_]+) \| (\d+) \| (.*) \|$/gm)].map(([, code, category, exit, message]) => ({
  code,
  category,
  exit: Number(exit),
  message,
}));

test("the table of errors is the program's own", () => {
  // The codes exist as a type only, so they are read from the source.
  const source = readFileSync(join(root, "src/apps/cli/failure.ts"), "utf8");
  const codes = [...source.matchAll(/^ {2}([A-Z_]+): \{ category:/gm)].map(([, code]) => code as FailureCode);
  expect(codes.length).toBeGreaterThan(10);
  expect(rows).toEqual(
    codes.map((code) => {
      const { category, exit, message } = failure(code, []);
      return { code, category, exit, message };
    }),
  );
});

test("every exit code is explained", () => {
  const explained = [...page.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code));
  expect(explained).toEqual(Object.values(EXIT));
});
