import { expect, test } from "vitest";
import { weeklyTarget } from "./weekly-target.js";

const nothing = { last_update: null, tiers: [], weeks: [] } as const;

test("a file whose lines cannot be read says so where nothing else tells its week", () => {
  const reasons = [{ code: "PARSE_ERROR", detail: "bytes that are no UTF-8" }] as const;
  const rejects = [{ stage: "INGEST", line: 2, reasons, raw: "OTC|Caf\ufffd", record_key: null }] as const;
  const told = weeklyTarget({ tier: "OTC" }, { file_name: "week.csv", file: { ...nothing, rows: [], rejects } });
  expect(told).toMatchObject({
    kind: "invalid",
    violations: [
      {
        code: "MISSING_REQUIRED",
        field: "week_ending",
        message: "neither the file's name nor its rows tell its week: no line of it can be read (line 2: bytes that are no UTF-8)",
      },
    ],
  });
});

test("a stated week needs no line that can be read", () => {
  const told = weeklyTarget({ tier: "otc", week_ending: "2026-01-02" }, { file_name: "week.csv", file: { ...nothing, rows: [] } });
  expect(told).toEqual({ kind: "target", tier: "OTC", week_ending: "2026-01-02", publication: null });
});
