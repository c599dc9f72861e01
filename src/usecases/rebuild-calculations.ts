/** Makes every row again from the log and the sources that it names, and compares it with what the log says of it. */
import type { CalcComputed, CalcEvent } from "../core/calc/calc-events.js";
import { CalcIndex } from "../core/calc/calc-index.js";
import type { CalcRegistry } from "../core/calc/calc-registry.js";
import { stampRows, uniqueKey } from "../core/calc/calculation.js";
import { rowSetHash } from "../core/calc/canonical-rows.js";
import { inputHash } from "../core/calc/finra-otc/calc-plan.js";
import type { FinraCalculation, WeekPart } from "../core/calc/finra-otc/finra-input.js";
import { DEFAULT_EXCHANGE, tradingWeek } from "../core/calc/finra-otc/per-trading-day.js";
import type { Tier } from "../core/calc/finra-otc/tiers.js";
import { tradeRowSet } from "../core/calc/finra-otc/trade-row-set.js";
import { MissingCalendar } from "../core/market/trading-days.js";
import type { Violation } from "../core/quality/violation.js";
import type { CalcLog, CalcPorts } from "./calc-log.js";
import { judgeWeek } from "./normalise-week.js";

export interface RebuildOptions {
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

export interface RebuildReport {
  readonly kind: "rebuilt";
  readonly captures: number;
  readonly results: number;
  readonly rows: number;
  /** Groups that the log knows nothing of; they were removed. */
  readonly removed: number;
  /** What could not be made again as the log says it was; empty where everything agrees. */
  readonly differences: readonly Violation[];
}

/**
 * Group by group, so that readers always see a whole group, and whoever stops it may simply begin again.
 *
 * @throws the signal's reason when it aborts. @throws {CalcLogUnavailable} where the log is open for reading.
 */
export async function rebuildCalculations(
  ports: CalcPorts,
  log: CalcLog,
  registry: CalcRegistry<FinraCalculation>,
  options: RebuildOptions = {},
): Promise<RebuildReport> {
  const events: CalcEvent[] = [];
  for await (const event of log.events()) events.push(event);
  const work = new Rebuild(ports, log, registry, events);
  let done = 0;
  for (const event of events) {
    options.signal?.throwIfAborted();
    await work.take(event);
    done += 1;
    options.onProgress?.(done, events.length);
  }
  const removed = await work.removeUnknown();
  return { kind: "rebuilt", ...work.counts, removed, differences: work.differences };
}

class Rebuild {
  readonly differences: Violation[] = [];
  readonly counts = { captures: 0, results: 0, rows: 0 };
  readonly #ports: CalcPorts;
  readonly #log: CalcLog;
  readonly #registry: CalcRegistry<FinraCalculation>;
  /** What the log said up to the event that is made again: calendars and grades are those of then. */
  readonly #past = new CalcIndex();
  /** The last event about each group: earlier ones were replaced. */
  readonly #last = new Map<string, CalcEvent>();

  constructor(ports: CalcPorts, log: CalcLog, registry: CalcRegistry<FinraCalculation>, events: readonly CalcEvent[]) {
    this.#ports = ports;
    this.#log = log;
    this.#registry = registry;
    for (const event of events) {
      const key = keyOf(event);
      if (key !== null) this.#last.set(key, event);
    }
  }

  async take(event: CalcEvent): Promise<void> {
    this.#past.apply(event);
    const key = keyOf(event);
    if (key === null || this.#last.get(key) !== event) return;
    switch (event.type) {
      case "source.captured":
        return this.#source(event.payload);
      case "stage.completed":
        return this.#week(event.payload);
      case "calc.computed":
        return this.#result(event.payload, event.occurred_at);
    }
  }

  /** Removes rows that no event speaks of. */
  async removeUnknown(): Promise<number> {
    let removed = 0;
    for (const group of await this.#ports.rows.listGroups()) {
      const known = this.#log.index.computed(group.calc_name, group.calc_version, group.capture_id) !== null;
      if (known && this.#log.index.isLive(group.capture_id)) continue;
      await this.#ports.rows.removeGroup(group);
      removed += 1;
    }
    return removed;
  }

  async #source({ capture_id, source }: Extract<CalcEvent, { readonly type: "source.captured" }>["payload"]): Promise<void> {
    const { index } = this.#log;
    if (!index.isLive(capture_id)) return;
    const origin = await this.#ports.sources.find(source.sha256);
    if (origin === null) return this.#differs("SOURCE_MISSING", capture_id, `the source ${source.file} is not kept`, source.sha256);
    const read = await this.#ports.weekly.read(origin);
    if (read.kind === "refused")
      return this.#differs("SOURCE_CHANGED", capture_id, read.violations[0]?.message ?? "the source cannot be read", source.sha256);
    if (read.content.sha256 !== source.sha256)
      return this.#differs("SOURCE_CHANGED", capture_id, `the kept bytes of ${source.file} are others`, source.sha256, read.content.sha256);
    await this.#ports.rows.putRaw(capture_id, read.content.file);
    this.counts.captures += 1;
  }

  async #week(stage: Extract<CalcEvent, { readonly type: "stage.completed" }>["payload"]): Promise<void> {
    const { capture_id, week_ending, tier, row_set } = stage;
    const raw = this.#log.index.isLive(capture_id) ? await this.#ports.rows.readRaw(capture_id) : null;
    if (raw === null) return;
    const week = judgeWeek(raw, { week_ending, tier: tier as Tier });
    await this.#ports.rows.putWeek(capture_id, week);
    const found = tradeRowSet(week.rows, this.#ports.hash);
    if (found !== row_set) this.#differs("WEEK_DIFFERS", capture_id, "the normalised rows are others", row_set ?? "", found);
  }

  async #result(result: CalcComputed, calculatedAt: number): Promise<void> {
    const { calc_name, calc_version, capture_id, captured_at, week_ending } = result;
    if (!this.#log.index.isLive(capture_id)) return;
    const found = this.#registry.get(calc_name);
    const calc = found.kind === "found" ? found.value : null;
    const implementation = calc?.implementations[calc_version];
    if (calc === null || implementation === undefined)
      return this.#differs("CALC_UNKNOWN", capture_id, `nothing computes ${calc_name} ${calc_version}`, result.row_set);
    if (this.#log.index.standing(calc).states.get(calc_version) === "DELETED") return;
    const parts = await this.#parts(result);
    if (parts === null)
      return this.#differs(
        "INPUT_MISSING",
        capture_id,
        `${calc_name} ${calc_version}: a week that it was computed of is not there`,
        result.row_set,
      );
    const calendar = this.#calendarOf(calc, result, parts);
    if (calendar === undefined)
      return this.#differs(
        "INPUT_DIFFERS",
        capture_id,
        `${calc_name} ${calc_version}: what it was computed of is other`,
        result.input_sha256,
      );
    const tier = result.tier as Tier | null;
    const business = implementation.compute({ week_ending, tier, parts, calendar });
    const rows = stampRows(business, { calc_name, calc_version, capture_id, captured_at, calculated_at: calculatedAt });
    const row_set = rowSetHash(rows, this.#ports.hash);
    if (row_set !== result.row_set)
      this.#differs("ROWS_DIFFER", capture_id, `${calc_name} ${calc_version} gives other rows`, result.row_set, row_set);
    const stored = await this.#ports.rows.replaceRows({ table: calc.table, calc_name, calc_version, capture_id }, rows, uniqueKey(calc));
    if (stored.kind === "duplicate_key") this.#differs("DUPLICATE_KEY", capture_id, `two rows share the key ${stored.key}`, result.row_set);
    this.counts.results += 1;
    this.counts.rows += rows.length;
  }

  async #parts({ capture_id }: CalcComputed): Promise<readonly WeekPart[] | null> {
    const parts: WeekPart[] = [];
    for (const member of this.#past.captureSet(capture_id)?.members ?? [capture_id]) {
      const capture = this.#past.capture(member);
      const grade = this.#past.quality(member, "NORMALIZED")?.grade;
      const week = await this.#ports.rows.readWeek(member);
      if (capture === null || grade === undefined || week === null) return null;
      const { week_ending, tier, captured_at } = capture;
      parts.push({ capture_id: member, captured_at, week_ending, tier: tier as Tier, rows: week.rows, grade });
    }
    return parts;
  }

  /** The calendar with which the inputs have the identity that the log tells; undefined where none gives it. */
  #calendarOf(calc: FinraCalculation, result: CalcComputed, parts: readonly WeekPart[]): ReturnType<CalcIndex["tradingDays"]> | undefined {
    const identity = parts.map(({ capture_id, grade }) => ({
      capture_id,
      row_set: this.#past.stage(capture_id, "NORMALIZED")?.row_set ?? null,
      grade,
    }));
    const matches = (calendars: readonly string[]): boolean =>
      inputHash({ calc_name: calc.calc_name, calc_version: result.calc_version }, identity, calendars, this.#ports.hash) ===
      result.input_sha256;
    if (calc.calc_name !== "volume_per_trading_day") return matches([]) ? this.#past.tradingDays(DEFAULT_EXCHANGE) : undefined;
    // The newest of each exchange, and then each year that a run may have named instead.
    const newest = this.#past.exchanges.map((exchange) => this.#past.tradingDays(exchange));
    const named = this.#past.calendarCaptures.map((chosen) => this.#past.tradingDays(chosen.exchange_code, chosen));
    for (const calendar of [...newest, ...named]) {
      try {
        const sources = calendar === null ? [] : tradingWeek({ calendar, week_ending: result.week_ending }).sources;
        if (matches(sources.map(({ capture_id }) => capture_id))) return calendar;
      } catch (error) {
        if (!(error instanceof MissingCalendar)) throw error;
      }
    }
    return undefined;
  }

  #differs(code: string, captureId: string, message: string, expected: string, value?: string): void {
    this.differences.push({
      code,
      field: captureId,
      message: `${captureId}: ${message}`,
      expected,
      ...(value === undefined ? {} : { value }),
    });
  }
}

/** The group that an event makes; null for events that make none. */
function keyOf(event: CalcEvent): string | null {
  switch (event.type) {
    case "source.captured":
      return `source ${event.payload.capture_id}`;
    case "stage.completed":
      return event.payload.stage === "NORMALIZED" ? `week ${event.payload.capture_id}` : null;
    case "calc.computed":
      return `result ${event.payload.calc_name}@${event.payload.calc_version} ${event.payload.capture_id}`;
    default:
      return null;
  }
}
