import { describe, expect, test } from "vitest";
import { CORE_TABLES } from "../core-tables.js";
import { declaredRows, dependenciesOf } from "./declared-tables.js";
import { FINRA_CALCULATIONS } from "./finra-registry.js";

describe("what the code declares, as rows", () => {
  const rows = declaredRows(FINRA_CALCULATIONS);

  test("every calculation rests on something that it cannot do without", () => {
    for (const { calc_name, scope } of FINRA_CALCULATIONS)
      expect(
        dependenciesOf(calc_name, scope).some(([, kind]) => kind === "REQUIRED"),
        calc_name,
      ).toBe(true);
    expect(dependenciesOf("volume_per_trading_day", "capture")).toContainEqual([
      "reference.exchange_calendar",
      "REFERENCE",
      expect.any(String),
    ]);
  });

  test("every week of every tier is expected, and the calendar once a year", () => {
    const expected = rows.filter(({ table }) => table === "core_expected_schedules").map(({ row }) => [row["schedule"], row["cadence"]]);
    expect(expected).toEqual([
      ["weekly/NMS_TIER_1", "WEEKLY"],
      ["weekly/NMS_TIER_2", "WEEKLY"],
      ["weekly/OTC", "WEEKLY"],
      ["annual", "ANNUAL"],
    ]);
  });

  test("each row has the columns of its table, and its key once", () => {
    const seen = new Set<string>();
    for (const { table, row } of rows) {
      const definition = CORE_TABLES.find(({ name }) => name === table);
      expect(Object.keys(row).sort()).toEqual(definition?.columns.map(([name]) => name).sort());
      const key = JSON.stringify([table, ...(definition?.key ?? []).map((column) => row[column])]);
      expect(seen.has(key)).toBe(false);
      seen.add(key);
    }
  });
});
