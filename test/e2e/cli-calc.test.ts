import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compactFile } from "../support/finra-week.js";
import { onetape } from "./cli-process.js";

const cwd = mkdtempSync(join(tmpdir(), "onetape-calc-"));

beforeAll(() => {
  writeFileSync(join(cwd, "week_2025-12-26.psv"), compactFile("2025-12-26", [["AAAA", "MMMM", 1_000, 10]]));
  expect(onetape(["calc", "ingest", "week_2025-12-26.psv", "--tier", "OTC"], { cwd })).toMatchObject({ code: 0 });
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

test("a question in SQL that stands where a name belongs is given back as a command that works", () => {
  const question = "SELECT count(*) AS weeks FROM core_captures";
  const refused = onetape(["calc", "query", question], { cwd });
  expect([refused.code, refused.stderr.trimEnd().split("\n").at(-1)]).toEqual([3, `next: onetape calc query --sql "${question}"`]);
  expect(onetape(["calc", "query", "--sql", question, "--format", "csv"], { cwd }).stdout).toBe("weeks\n1\n");
});
