import { describe, expect, test } from "vitest";
import { CalcRegistry, CalcRegistryRefused, calcViolations, deprecationWarning, versionRank } from "./calc-registry.js";
import type { CalcEntry } from "./calculation.js";

const sound: CalcEntry = {
  calc_name: "venue_share",
  domain: "finra.otc_transparency",
  description: "shares",
  table: "finra_otc_transparency_venue_share",
  business_keys: ["week_ending", "tier", "mpid"],
  versions: ["v1", "v2", "v10"],
  current: "v2",
  deprecated: ["v1"],
  sunset: [],
  checks: [{ name: "shares_sum_to_one" }],
};

describe("the seven invariants", () => {
  test.each<[string, Partial<CalcEntry>]>([
    ["CURRENT_NOT_LISTED", { current: "v3" }],
    ["CURRENT_DEPRECATED", { deprecated: ["v2"] }],
    ["DEPRECATED_NOT_LISTED", { deprecated: ["v7"] }],
    ["NO_VERSIONS", { versions: [], current: "", deprecated: [] }],
    ["NO_BUSINESS_KEYS", { business_keys: [] }],
    ["VERSIONS_OUT_OF_ORDER", { versions: ["v1", "v10", "v2"] }],
    ["TABLE_PREFIX", { table: "venue_share" }],
  ])("%s", (code, change) => {
    expect(calcViolations([{ ...sound, ...change }]).map((violation) => violation.code)).toEqual([code]);
  });

  test("a sound declaration breaks none", () => {
    expect(calcViolations([sound])).toEqual([]);
  });
});

test.each<[string, Partial<CalcEntry>]>([
  ["NO_QUALITY_CHECK", { checks: [] }],
  ["VERSION_IN_TABLE", { table: "finra_otc_transparency_venue_share_v2" }],
  ["CALC_NAME", { calc_name: "Venue Share" }],
  ["VERSION_NAME", { versions: ["v1", "v2", "latest"] }],
  ["CURRENT_SUNSET", { sunset: ["v2"] }],
])("registration fails with %s", (code, change) => {
  expect(() => new CalcRegistry([{ ...sound, ...change }])).toThrow(CalcRegistryRefused);
  expect(calcViolations([{ ...sound, ...change }]).map((violation) => violation.code)).toContain(code);
});

test("a name is registered once, and everything wrong is told at once", () => {
  const broken = { ...sound, current: "v3", business_keys: [], checks: [] };
  expect(calcViolations([sound, broken]).map((violation) => violation.code)).toEqual([
    "CALC_TWICE",
    "CURRENT_NOT_LISTED",
    "NO_BUSINESS_KEYS",
    "NO_QUALITY_CHECK",
  ]);
});

test("v10 ranks above v2, a version without a number by its place, an unlisted one at 0", () => {
  expect(versionRank(["v2", "v10"], "v10")).toBe(10);
  expect(versionRank(["v2", "v10"], "v2")).toBe(2);
  expect(versionRank(["1.0.0", "1.1.0"], "1.1.0")).toBe(2);
  expect(versionRank(["v1"], "v9")).toBe(0);
});

test("the current version is what the registry says, not the largest text or number", () => {
  const registry = new CalcRegistry([sound]);
  expect(registry.currentVersion("venue_share")).toEqual({ kind: "found", value: "v2" });
  expect(registry.rank("venue_share", "v10")).toEqual({ kind: "found", value: 10 });
});

test("metadata of the current and of a deprecated version, which names the one to use", () => {
  const registry = new CalcRegistry([sound]);
  expect(registry.metadata("venue_share")).toEqual({
    kind: "found",
    value: {
      calc_name: "venue_share",
      calc_version: "v2",
      is_current: true,
      deprecated: false,
      deprecation_warning: null,
      table: "finra_otc_transparency_venue_share",
      business_keys: ["week_ending", "tier", "mpid"],
    },
  });
  const old = registry.metadata("venue_share", "v1");
  expect(old.kind === "found" && old.value.deprecation_warning).toBe("venue_share v1 is deprecated; use v2");
  expect(deprecationWarning(sound, "v10")).toBeNull();
});

test("an unknown calculation and an unknown version are named, with what there is", () => {
  const registry = new CalcRegistry([sound]);
  expect(registry.metadata("venue_shares")).toMatchObject({
    kind: "unknown",
    violation: { code: "UNKNOWN_CALC", expected: "did you mean venue_share?" },
  });
  expect(registry.metadata("venue_share", "v3")).toMatchObject({
    kind: "unknown",
    violation: { code: "UNKNOWN_VERSION", expected: "one of v1, v2, v10; current is v2" },
  });
});
