/** What the code declares about the domain, as rows of bookkeeping tables: what rests on what, and what is expected when. */
import type { CalcEntry } from "../calculation.js";
import type { CoreChange } from "../core-tables.js";
import { FINRA_OTC, TIERS } from "./tiers.js";

/** `REQUIRED`: without it nothing is computed. `OPTIONAL`: what it would give stays empty. `REFERENCE`: facts that belong to no week. */
export type DependencyKind = "REQUIRED" | "OPTIONAL" | "REFERENCE";

type Dependency = readonly [depends_on: string, kind: DependencyKind, says: string];

const OWN_WEEK: Dependency = ["normalized", "REQUIRED", "the newest normalised capture of the week and tier"];
const ALL_TIERS: readonly Dependency[] = [
  ["normalized", "REQUIRED", "the newest normalised capture of at least one tier of the week"],
  ["normalized:other_tiers", "OPTIONAL", "the other tiers of the week; a missing one is told"],
];
const WEEKS: Dependency = ["normalized:earlier_weeks", "REQUIRED", "the newest normalised captures of the weeks before"];

/** What a calculation needs beyond what its scope says. */
const MORE: { readonly [calc: string]: readonly Dependency[] } = {
  wow_change: [OWN_WEEK, ["normalized:earlier_weeks", "OPTIONAL", "the week before; without it the change is null"]],
  research_snapshot: [OWN_WEEK, ["normalized:earlier_weeks", "OPTIONAL", "five weeks before; without them the rolling figures are null"]],
  volume_per_trading_day: [OWN_WEEK, ["reference.exchange_calendar", "REFERENCE", "trading days of the years that the week touches"]],
};

/** @param scope of a calculation; null for one that does not say. */
export function dependenciesOf(calc: string, scope: string | null): readonly Dependency[] {
  const more = MORE[calc];
  if (more !== undefined) return more;
  if (scope === "capture_set") return ALL_TIERS;
  return scope === "window" ? [OWN_WEEK, WEEKS] : [OWN_WEEK];
}

/** A week is published on the Monday after its Friday: that is what the rule of weeks goes by. */
export const EXPECTED_DELAY_HOURS = 72;
/** How long a capture counts as preliminary. */
export const PRELIMINARY_HOURS = 72;

/** Rows of `core_calc_dependencies` and `core_expected_schedules`. */
export function declaredRows(entries: readonly CalcEntry[]): readonly CoreChange[] {
  return [
    ...entries.flatMap((entry) =>
      dependenciesOf(entry.calc_name, "scope" in entry ? String(entry.scope) : null).map(
        ([depends_on, kind, says]): CoreChange => ({
          table: "core_calc_dependencies",
          row: { calc_name: entry.calc_name, depends_on, kind, domain: entry.domain, says },
        }),
      ),
    ),
    ...TIERS.map(
      (tier): CoreChange => ({
        table: "core_expected_schedules",
        row: {
          domain: FINRA_OTC,
          schedule: `weekly/${tier}`,
          pipeline: `${FINRA_OTC}.ingest_week`,
          tier,
          cadence: "WEEKLY",
          expected_delay_hours: EXPECTED_DELAY_HOURS,
          preliminary_hours: PRELIMINARY_HOURS,
        },
      }),
    ),
    {
      table: "core_expected_schedules",
      row: {
        domain: "reference.exchange_calendar",
        schedule: "annual",
        pipeline: "reference.exchange_calendar.ingest_year",
        tier: null,
        cadence: "ANNUAL",
        expected_delay_hours: 0,
        preliminary_hours: 0,
      },
    },
  ];
}
