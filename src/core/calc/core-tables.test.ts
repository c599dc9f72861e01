import { describe, expect, it } from "vitest";
import { sha256 } from "../../adapters/node-hash/sha256.js";
import type { QualityResult } from "../quality/quality-result.js";
import { anomaliesOf } from "./anomaly.js";
import { CORE_TABLES, coreChanges } from "./core-tables.js";

const AT = 1_700_000_000_000;
const context = {
  domain: "finra_otc_transparency",
  week_ending: "2025-12-26",
  tier: "OTC",
  capture_id: "c1",
  stage: "NORMALIZED",
  pipeline: "finra.otc_transparency.normalize_week",
} as const;
const result: QualityResult = {
  check: "no_rejects",
  category: "COMPLETENESS",
  status: "WARN",
  severity: "WARN",
  measured: 2,
  threshold: 0,
  subject: "2025-12-26|OTC",
  message: "2 of 10 lines were rejected",
};

describe("bookkeeping rows", () => {
  it("of an anomaly say what was at work, what was measured, which records it is about, and the batch of its capture", () => {
    const affected = new Map([
      ["no_rejects", { affected_records: 2, sample_records: ["line 4: INVALID_SYMBOL", "line 9: NEGATIVE_SHARES"] }],
    ]);
    const [payload] = anomaliesOf([result], context, sha256, affected);
    if (payload === undefined) throw new Error("no anomaly");
    const [change] = coreChanges({ type: "anomaly.raised", occurred_at: AT, payload }, "e1", (capture) => (capture === "c1" ? "b7" : null));
    expect(change).toMatchObject({
      table: "core_anomalies",
      row: {
        pipeline: "finra.otc_transparency.normalize_week",
        details_json: '{"check":"no_rejects","subject":"2025-12-26|OTC","measured":2,"threshold":0}',
        affected_records: 2,
        sample_records: '["line 4: INVALID_SYMBOL","line 9: NEGATIVE_SHARES"]',
        execution_id: "e1",
        batch_id: "b7",
        detected_at: AT,
      },
    });
  });

  it("of an anomaly that is about no records leave them empty, and what was found does not move its id", () => {
    const [plain] = anomaliesOf([result], context, sha256);
    const [more] = anomaliesOf([result], context, sha256, new Map([["no_rejects", { affected_records: 2 }]]));
    if (plain === undefined) throw new Error("no anomaly");
    expect(more?.anomaly_id).toBe(plain.anomaly_id);
    const [change] = coreChanges({ type: "anomaly.raised", occurred_at: AT, payload: plain }, "e1", () => null);
    expect(change?.row).toMatchObject({ affected_records: null, sample_records: null, batch_id: null });
  });

  it("of a check carry its batch and everything that the check said beyond the columns", () => {
    const payload = { ...context, source: "NORMALIZED", grade: "B", results: [{ ...result, window: 6 }] } as const;
    const { stage: _, pipeline: __, ...measured } = payload;
    const [change] = coreChanges({ type: "quality.measured", occurred_at: AT, payload: measured }, "e2", () => "b7");
    expect(change).toMatchObject({
      table: "core_quality",
      row: { batch_id: "b7", execution_id: "e2", details_json: '{"source":"NORMALIZED","window":6}', actual_value: "2" },
    });
  });

  it("of work are one for each domain, pipeline and partition", () => {
    const key = "finra_otc_transparency/venue_share/v1/2025-12-26/OTC";
    const payload = { key, attempts: 3, status: "FAILED", retry_at: null, code: "STEP_FAILURE", message: "no disk" } as const;
    expect(CORE_TABLES.find(({ name }) => name === "core_work_items")?.key).toEqual(["domain", "pipeline", "partition_key"]);
    const facts = {
      domain: "finra_otc_transparency",
      pipeline: "venue_share/v1",
      partition_key: '{"tier":"OTC","week_ending":"2025-12-26"}',
    };
    expect(coreChanges({ type: "work.settled", occurred_at: AT, payload }, "e3", () => null)).toMatchObject([
      { table: "core_work_items", row: { ...facts, week_ending: "2025-12-26", tier: "OTC", status: "FAILED", attempts: 3 } },
    ]);
  });

  it("have no cell without a column", () => {
    const [payload] = anomaliesOf(
      [result],
      context,
      sha256,
      new Map([["no_rejects", { affected_records: 1, sample_records: ["line 1"] }]]),
    );
    if (payload === undefined) throw new Error("no anomaly");
    for (const { table, row } of coreChanges({ type: "anomaly.raised", occurred_at: AT, payload }, "e1", () => "b")) {
      const known = new Set(CORE_TABLES.find(({ name }) => name === table)?.columns.map(([name]) => name));
      expect(Object.keys(row).filter((name) => !known.has(name))).toEqual([]);
    }
  });
});
