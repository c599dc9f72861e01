import { describe, expect, test } from "vitest";
import type { CalcEntry } from "./calculation.js";
import {
  accessTo,
  declaredStanding,
  moveVersion,
  moveViolations,
  readableVersions,
  type VersionMove,
  type VersionRequest,
  type VersionStanding,
} from "./version-lifecycle.js";

const entry: CalcEntry = {
  calc_name: "liquidity_score",
  domain: "finra.otc_transparency",
  description: "",
  table: "finra_otc_transparency_liquidity_score",
  business_keys: ["week_ending"],
  versions: ["v1", "v2"],
  current: "v2",
  deprecated: [],
  sunset: [],
  checks: [{ name: "x" }],
};
const ask = (move: VersionMove, version = "v1", more: Partial<VersionRequest> = {}): VersionRequest => ({
  calc_name: entry.calc_name,
  calc_version: version,
  move,
  by: "analyst-7",
  reason: "formula changed",
  ...more,
});
const codes = (standing: VersionStanding, request: VersionRequest): readonly string[] =>
  moveViolations(entry, standing, request).map((violation) => violation.code);
const declared = declaredStanding(entry);
const deprecated = moveVersion(declared, "v1", "deprecate");
const sunset = moveVersion(deprecated, "v1", "sunset");
const checklist = {
  migration: "2026-11-drop-v1",
  consumers_moved: true,
  no_query_names_it: true,
  audit_settled: true,
  second_reviewer: "analyst-8",
};

describe("given v1 deprecated", () => {
  test("writing and reading it work and warn", () => {
    const allowed = { kind: "allowed", warning: "liquidity_score v1 is deprecated; use v2" };
    expect(accessTo(entry, deprecated, "v1", "write")).toEqual(allowed);
    expect(accessTo(entry, deprecated, "v1", "read")).toEqual(allowed);
  });

  test("it can never be current again, nor deprecated twice", () => {
    expect(codes(deprecated, ask("activate"))).toEqual(["NOT_ACTIVE"]);
    expect(codes(deprecated, ask("deprecate"))).toEqual(["ILLEGAL_MOVE"]);
  });
});

describe("given v1 sunset", () => {
  test("writing is refused, reading works", () => {
    expect(accessTo(entry, sunset, "v1", "write")).toMatchObject({
      kind: "refused",
      violation: { code: "VERSION_SUNSET", expected: "use v2" },
    });
    expect(accessTo(entry, sunset, "v1", "read").kind).toBe("allowed");
  });

  test("deleting needs a migration, the whole checklist and a second person", () => {
    expect(codes(sunset, ask("delete"))).toEqual(["MIGRATION_MISSING"]);
    expect(
      codes(sunset, ask("delete", "v1", { checklist: { ...checklist, consumers_moved: false, second_reviewer: "analyst-7" } })),
    ).toEqual(["CHECKLIST_OPEN", "SECOND_REVIEWER"]);
    expect(codes(sunset, ask("delete", "v1", { checklist }))).toEqual([]);
  });

  test("a deleted version is neither read nor written", () => {
    const gone = moveVersion(sunset, "v1", "delete");
    expect(accessTo(entry, gone, "v1", "read")).toMatchObject({ violation: { code: "VERSION_DELETED" } });
    expect(accessTo(entry, gone, "v1", "write").kind).toBe("refused");
    expect(readableVersions(entry, gone, "all")).toMatchObject({ versions: ["v2"] });
  });
});

test("the current version cannot be deprecated, and an active one is not deleted", () => {
  expect(codes(declared, ask("deprecate", "v2"))).toEqual(["CURRENT_VERSION"]);
  expect(codes(declared, ask("delete", "v1", { checklist }))).toEqual(["ILLEGAL_MOVE"]);
  expect(codes(declared, ask("sunset", "v1"))).toEqual(["ILLEGAL_MOVE"]);
});

test("who and why are required, and a version must exist", () => {
  expect(codes(declared, ask("deprecate", "v1", { by: " ", reason: "" }))).toEqual(["WHO_MISSING", "REASON_MISSING"]);
  expect(codes(declared, ask("deprecate", "v9"))).toEqual(["UNKNOWN_VERSION"]);
});

test("readers get the current version, one by name, or all", () => {
  expect(readableVersions(entry, deprecated, "current")).toEqual({ kind: "chosen", versions: ["v2"], warnings: [] });
  expect(readableVersions(entry, deprecated, { version: "v1" })).toMatchObject({
    versions: ["v1"],
    warnings: ["liquidity_score v1 is deprecated; use v2"],
  });
  expect(readableVersions(entry, deprecated, "all")).toMatchObject({ versions: ["v1", "v2"] });
  expect(readableVersions(entry, deprecated, { version: "v3" })).toMatchObject({ kind: "refused", violation: { code: "UNKNOWN_VERSION" } });
});
