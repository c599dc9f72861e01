/** Whether weeks are fit for use, from what the log says of them: one computation for commands, reports and the table of readiness. */
import type { UtcMillis } from "../../tape/event.js";
import type { Anomaly } from "../anomaly.js";
import type { CalcComputed } from "../calc-events.js";
import type { CalcIndex, CaptureRecord } from "../calc-index.js";
import type { CalcRow } from "../canonical-rows.js";
import { newestCapture } from "../capture-history.js";
import type { CoreChange } from "../core-tables.js";
import { CRITERIA, type Readiness, type ReadinessUse, readinessOf } from "../readiness.js";
import { PRELIMINARY_HOURS } from "./declared-tables.js";
import { FINRA_OTC, TIERS } from "./tiers.js";

export interface ReadinessOptions {
  readonly week_ending: string;
  /** Tiers that must be there; left out: all. */
  readonly tiers?: readonly string[];
  /** Hours in which a capture counts as preliminary; left out: 72. */
  readonly preliminary_hours?: number;
}

export interface WeekReadiness extends Readiness {
  readonly captures: readonly string[];
}

/** Whether a week is fit for use, and what stands in the way. */
export function weekReadiness(index: CalcIndex, options: ReadinessOptions, now: UtcMillis): WeekReadiness {
  return readinessFrom(index, new FactsOfWeeks(index), options, now);
}

/** The readiness of every week that was taken, newest first, and what it was certified for. */
export function everyReadiness(
  index: CalcIndex,
  options: Omit<ReadinessOptions, "week_ending">,
  now: UtcMillis,
): readonly (Readiness & { readonly week_ending: string; readonly certified_for: readonly ReadinessUse[] })[] {
  const facts = new FactsOfWeeks(index);
  return weeksOf(index.captures.filter(({ retracted }) => !retracted)).map((week_ending) => {
    const { captures: _, ...readiness } = readinessFrom(index, facts, { ...options, week_ending }, now);
    return { week_ending, ...readiness, certified_for: index.certification(FINRA_OTC, week_ending)?.ready_for ?? [] };
  });
}

/** The table of readiness, whose other columns a certification tells. */
const TABLE = "core_data_readiness";

/**
 * Rows of the table of readiness that are new or other than those that stand there. A week whose captures were all retracted stays, and is
 * not ready.
 */
export function readinessChanges(index: CalcIndex, known: readonly CalcRow[], now: UtcMillis): readonly CoreChange[] {
  const facts = new FactsOfWeeks(index);
  const standing = new Map(known.map((row) => [`${row["domain"]}\n${row["week_ending"]}`, row]));
  return weeksOf(index.captures).flatMap((week_ending): readonly CoreChange[] => {
    const before = standing.get(`${FINRA_OTC}\n${week_ending}`);
    const row = readinessRow(week_ending, readinessFrom(index, facts, { week_ending }, now), facts.newestOf(week_ending));
    if (Object.entries(row).every(([column, value]) => before?.[column] === value)) return [];
    return [{ table: TABLE, row: { ...row, assessed_at: now } }];
  });
}

function readinessRow(week_ending: string, readiness: Readiness, newest: UtcMillis | null): CalcRow {
  const { is_ready, ready_for, criteria, blocking_issues } = readiness;
  return {
    domain: FINRA_OTC,
    week_ending,
    is_ready: Number(is_ready),
    ready_for_trading: Number(ready_for.trading),
    ready_for_compliance: Number(ready_for.compliance),
    ready_for_research: Number(ready_for.research),
    ...Object.fromEntries(CRITERIA.map((criterion) => [criterion, Number(criteria[criterion])])),
    blocking_issues: JSON.stringify(blocking_issues),
    preliminary_until: newest === null ? null : newest + PRELIMINARY_HOURS * 3_600_000,
  };
}

function weeksOf(captures: readonly CaptureRecord[]): readonly string[] {
  return [...new Set(captures.filter(({ domain }) => domain === FINRA_OTC).map(({ week_ending }) => week_ending))].sort().reverse();
}

/** What the log says, by week: asked once for all of them. */
class FactsOfWeeks {
  readonly #newest = new Map<string, CaptureRecord | null>();
  readonly #results: ReadonlyMap<string, readonly CalcComputed[]>;
  readonly #anomalies: ReadonlyMap<string, readonly Anomaly[]>;

  constructor(index: CalcIndex) {
    const captures = index.captures.filter(({ domain }) => domain === FINRA_OTC);
    for (const [key, history] of byText(captures, partitionOf)) this.#newest.set(key, newestCapture(history, null));
    this.#results = byText(index.results, ({ week_ending }) => week_ending);
    const anomalies = index.anomalies.filter(({ domain }) => domain === FINRA_OTC);
    this.#anomalies = byText(anomalies, ({ week_ending }) => week_ending);
  }

  newest(partition: { readonly week_ending: string; readonly tier: string }): CaptureRecord | null {
    return this.#newest.get(partitionOf(partition)) ?? null;
  }

  /** When the newest capture of any tier was taken; null where none is left. */
  newestOf(week_ending: string): UtcMillis | null {
    const taken = TIERS.flatMap((tier) => this.newest({ week_ending, tier })?.captured_at ?? []);
    return taken.length === 0 ? null : Math.max(...taken);
  }

  results(week: string): readonly CalcComputed[] {
    return this.#results.get(week) ?? [];
  }

  anomalies(week: string): readonly Anomaly[] {
    return this.#anomalies.get(week) ?? [];
  }
}

function byText<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}

const partitionOf = ({ week_ending, tier }: { readonly week_ending: string; readonly tier: string }): string => `${week_ending}\n${tier}`;

function readinessFrom(index: CalcIndex, facts: FactsOfWeeks, options: ReadinessOptions, now: UtcMillis): WeekReadiness {
  const { week_ending, tiers = TIERS } = options;
  const captures = tiers.flatMap((tier) => facts.newest({ week_ending, tier }) ?? []);
  const missing = captures.flatMap(({ capture_id, tier }) =>
    (["INGESTED", "NORMALIZED", "AGGREGATED"] as const)
      .filter((stage) => index.stage(capture_id, stage) === null)
      .map((stage) => `${tier} ${stage}`),
  );
  const readiness = readinessOf({
    expected: tiers,
    present: captures.map(({ tier }) => tier),
    missing_stages: missing,
    anomalies: facts.anomalies(week_ending).filter(({ tier }) => tier === null || tiers.includes(tier)),
    stale_dependencies: staleResults(index, facts, week_ending, tiers),
    captured_at: captures.reduce((newest, { captured_at }) => Math.max(newest, captured_at), Number.NEGATIVE_INFINITY),
    now,
    preliminary_hours: options.preliminary_hours ?? PRELIMINARY_HOURS,
  });
  return { ...readiness, captures: captures.map(({ capture_id }) => capture_id) };
}

/** Results of the week whose newest input set holds a capture that a newer one has replaced. */
function staleResults(index: CalcIndex, facts: FactsOfWeeks, week: string, tiers: readonly string[]): readonly string[] {
  const newestOf = new Map<string, { readonly members: readonly string[]; readonly name: string }>();
  for (const { calc_name, capture_id, tier } of facts.results(week)) {
    if ((tier !== null && !tiers.includes(tier)) || !index.isLive(capture_id)) continue;
    const members = index.captureSet(capture_id)?.members ?? [capture_id];
    newestOf.set(`${calc_name}|${tier ?? ""}`, { members, name: calc_name });
  }
  const stale = (id: string): boolean => {
    const capture = index.capture(id);
    return capture !== null && facts.newest(capture)?.capture_id !== id;
  };
  return [...newestOf.values()]
    .filter(({ members }) => members.some(stale))
    .map(({ name }) => name)
    .sort();
}
