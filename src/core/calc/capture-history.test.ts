import { describe, expect, test } from "vitest";
import { sha256 } from "../../adapters/node-hash/sha256.js";
import { type CaptureFacts, judgeCapture, latestPerKey, newestCapture } from "./capture-history.js";
import { formCaptureSet } from "./capture-set.js";
import { backoffMs, IllegalWorkMove, MAX_ATTEMPTS, moveWork, newWorkItem, workKey, workSubject } from "./work-item.js";

const taken = (id: string, at: number, more: Partial<CaptureFacts> = {}): CaptureFacts => ({
  capture_id: id,
  captured_at: at,
  sha256: id,
  source_last_update: "2025-12-15",
  retracted: false,
  ...more,
});

describe("the newest capture", () => {
  test("is the last that counts, at or before a moment; of equal moments the one recorded later", () => {
    const history = [taken("a", 1), taken("b", 5), taken("c", 5), taken("d", 9, { retracted: true })];
    expect(newestCapture(history)?.capture_id).toBe("c");
    expect(newestCapture(history, 4)?.capture_id).toBe("a");
    expect(newestCapture(history, 0)).toBeNull();
  });
});

describe("a candidate", () => {
  const candidate = (sha: string, update: string | null, forced = false) => ({ sha256: sha, source_last_update: update, forced });

  test("is the first, changed by the source's date, changed by its bytes, or identical", () => {
    expect(judgeCapture([], candidate("x", null))).toEqual({ outcome: "first_ingest", detected_by: "none", take: true, against: null });
    expect(judgeCapture([taken("a", 1)], candidate("x", "2025-12-22"))).toMatchObject({
      outcome: "changed",
      detected_by: "last_update",
      take: true,
    });
    expect(judgeCapture([taken("a", 1)], candidate("x", "2025-12-15"))).toMatchObject({
      outcome: "changed",
      detected_by: "content",
      take: true,
    });
    expect(judgeCapture([taken("a", 1)], candidate("a", "2025-12-15"))).toMatchObject({ outcome: "identical", take: false, against: "a" });
    expect(judgeCapture([taken("a", 1)], candidate("a", "2025-12-15", true))).toMatchObject({ outcome: "identical", take: true });
  });

  test("is compared with what counts: bytes of a retracted capture, or of one that was replaced, are a change", () => {
    expect(judgeCapture([taken("a", 1, { retracted: true })], candidate("a", null))).toMatchObject({ outcome: "first_ingest" });
    expect(judgeCapture([taken("a", 1), taken("b", 2)], candidate("a", null))).toMatchObject({ outcome: "changed", against: "b" });
  });
});

describe("the latest row of each key", () => {
  const row = (k: string, captured_at: number, v: number) => ({ k, captured_at, v });

  test("is chosen key by key, as of a moment, and of equal moments the later one", () => {
    const rows = [row("a", 1, 1), row("b", 1, 1), row("a", 5, 2), row("a", 5, 3)];
    expect(latestPerKey(rows, ["k"]).map(({ v }) => v)).toEqual([3, 1]);
    expect(latestPerKey(rows, ["k"], 4).map(({ v }) => v)).toEqual([1, 1]);
    expect(latestPerKey(rows, ["k"], 0)).toEqual([]);
  });
});

describe("a capture set", () => {
  const member = (capture_id: string, tier: string, captured_at: number) => ({ capture_id, tier, captured_at, week_ending: "2025-12-26" });
  const target = { scope: "capture_set", week_ending: "2025-12-26", tier: null } as const;

  test("has one identity for its members, in whatever order they come, and the moment of the newest", () => {
    const [otc, one] = [member("x", "OTC", 7), member("y", "NMS_TIER_1", 3)];
    const set = formCaptureSet("d", target, [otc, one], sha256);
    expect(formCaptureSet("d", target, [one, otc], sha256)).toEqual(set);
    expect([set.members.map(({ tier }) => tier), set.captured_at]).toEqual([["NMS_TIER_1", "OTC"], 7]);
    expect(formCaptureSet("d", target, [member("z", "OTC", 7), one], sha256).set_id).not.toBe(set.set_id);
  });

  test("is never empty and holds one capture per partition", () => {
    expect(() => formCaptureSet("d", target, [], sha256)).toThrow(RangeError);
    expect(() => formCaptureSet("d", target, [member("x", "OTC", 1), member("y", "OTC", 2)], sha256)).toThrow(RangeError);
  });
});

describe("a work item", () => {
  test("waits 60 and 120 seconds between three attempts and then fails", () => {
    expect([1, 2, 3].map(backoffMs)).toEqual([60_000, 120_000, 240_000]);
    let item = newWorkItem("k");
    for (let attempt = 1; attempt < MAX_ATTEMPTS; attempt++) {
      item = moveWork(moveWork(item, "start", 0), "fail", 1_000);
      expect(item).toMatchObject({ status: "RETRY_WAIT", attempts: attempt, retry_at: 1_000 + backoffMs(attempt) });
    }
    expect(moveWork(moveWork(item, "start", 0), "fail", 0)).toMatchObject({ status: "FAILED", attempts: 3, retry_at: null });
  });

  test("is named by domain, pipeline and partition, and the name tells them again", () => {
    const subject = { domain: "finra.otc_transparency", pipeline: "venue_share/v1", week_ending: "2025-12-26" };
    expect(workKey({ ...subject, tier: "OTC" })).toBe("finra.otc_transparency/venue_share/v1/2025-12-26/OTC");
    for (const tier of ["OTC", null]) expect(workSubject(workKey({ ...subject, tier }))).toEqual({ ...subject, tier });
    expect(() => workSubject("venue_share")).toThrow(RangeError);
  });

  test("that cannot pass by itself fails at once; what is over is not moved again", () => {
    const running = moveWork(newWorkItem("k"), "start", 0);
    expect(moveWork(running, "fail", 0, false).status).toBe("FAILED");
    const complete = moveWork(running, "complete", 0);
    expect(() => moveWork(complete, "start", 0)).toThrow(IllegalWorkMove);
    expect(moveWork(newWorkItem("k"), "cancel", 0).status).toBe("CANCELLED");
  });
});
