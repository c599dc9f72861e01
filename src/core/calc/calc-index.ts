/** What the log of calculations says, folded: captures, sets, stages, results, quality, anomalies, versions, calendars, work. */
import { type CapturedYear, TradingDays } from "../market/trading-days.js";
import type { UtcMillis } from "../tape/event.js";
import type { Anomaly } from "./anomaly.js";
import type {
  CalcComputed,
  CalcEvent,
  CaptureSetFormed,
  PartitionCertified,
  QualityMeasured,
  SourceCaptured,
  StageCompleted,
  WorkSettled,
} from "./calc-events.js";
import type { CalcEntry } from "./calculation.js";
import { type CaptureFacts, newestCapture } from "./capture-history.js";
import { type Partition, partitionKey, type Stage, stageRank } from "./partition.js";
import { declaredStanding, moveVersion, type VersionMove, type VersionStanding } from "./version-lifecycle.js";

/** A capture of a source, and whether it still counts. */
export interface CaptureRecord extends CaptureFacts {
  readonly domain: string;
  readonly week_ending: string;
  readonly tier: string;
  readonly event: SourceCaptured;
  readonly retraction: { readonly by: string; readonly reason: string; readonly at: UtcMillis } | null;
}

/** How far one capture has come: the furthest stage, and what each stage left. */
export interface ManifestEntry {
  readonly stage: Stage;
  readonly stages: readonly StageCompleted[];
}

/** Which event made the rows of a result, and the batch that its captures came with. */
export interface ResultExecution {
  /** Id of the `calc.computed` event; null where the index was folded without ids. */
  readonly execution_id: string | null;
  readonly batch_id: string | null;
}

interface Move {
  readonly calc_name: string;
  readonly version: string;
  readonly move: VersionMove;
}

const MOVES = {
  "calc_version.activated": "activate",
  "calc_version.deprecated": "deprecate",
  "calc_version.sunset": "sunset",
  "calc_version.deleted": "delete",
} as const;

export class CalcIndex {
  readonly #captures = new Map<string, CaptureRecord>();
  readonly #sets = new Map<string, CaptureSetFormed>();
  readonly #stages = new Map<string, Map<Stage, StageCompleted>>();
  readonly #computed = new Map<string, CalcComputed>();
  readonly #executions = new Map<string, () => string>();
  readonly #quality = new Map<string, QualityMeasured>();
  readonly #anomalies = new Map<string, Anomaly>();
  readonly #registered = new Set<string>();
  readonly #moves: Move[] = [];
  readonly #calendars = new Map<string, CapturedYear>();
  readonly #calendarCaptures = new Map<string, CapturedYear>();
  readonly #certified = new Map<string, PartitionCertified>();
  readonly #work = new Map<string, WorkSettled>();
  readonly #rang = new Map<string, UtcMillis>();

  /** Folds one event; the order is that of the log. @param id of the event, asked for where a result's rows are read; left out: nobody reads any. */
  apply(event: CalcEvent, id: (() => string) | null = null): void {
    const { type, payload, occurred_at } = event;
    switch (type) {
      case "source.captured":
        this.#captures.set(payload.capture_id, recordOf(payload));
        break;
      case "source.retracted": {
        const known = this.#captures.get(payload.capture_id);
        const retraction = { by: payload.by, reason: payload.reason, at: occurred_at };
        if (known !== undefined) this.#captures.set(payload.capture_id, { ...known, retracted: true, retraction });
        break;
      }
      case "capture_set.formed":
        this.#sets.set(payload.set_id, payload);
        break;
      case "stage.completed": {
        const stages = this.#stages.get(payload.capture_id) ?? new Map<Stage, StageCompleted>();
        this.#stages.set(payload.capture_id, stages.set(payload.stage, payload));
        break;
      }
      case "calc.computed":
        this.#computed.set(resultKey(payload), payload);
        if (id !== null) this.#executions.set(resultKey(payload), id);
        break;
      case "quality.measured":
        this.#quality.set(`${payload.capture_id}\n${payload.source}`, payload);
        break;
      case "anomaly.raised":
        if (!this.#anomalies.has(payload.anomaly_id))
          this.#anomalies.set(payload.anomaly_id, { ...payload, detected_at: occurred_at, resolution: null });
        break;
      case "anomaly.resolved": {
        const known = this.#anomalies.get(payload.anomaly_id);
        const resolution = { by: payload.by, note: payload.note, resolved_at: occurred_at };
        if (known !== undefined && known.resolution === null) this.#anomalies.set(payload.anomaly_id, { ...known, resolution });
        break;
      }
      case "calc_version.registered":
        this.#registered.add(`${payload.calc_name}@${payload.calc_version}`);
        break;
      case "partition.certified":
        this.#certified.set(`${payload.domain}\n${payload.week_ending}`, payload);
        break;
      case "calendar.captured": {
        const { capture_id, exchange_code, year } = payload;
        const holidays = payload.holidays.map(({ date, title, type: kind }) => ({ date, name: title, type: kind }));
        const captured = { capture_id, exchange_code, year, holidays };
        this.#calendars.set(`${exchange_code}\n${year}`, captured);
        this.#calendarCaptures.set(capture_id, captured);
        break;
      }
      case "work.settled":
        this.#work.set(payload.key, payload);
        break;
      case "schedule.ran":
        break;
      case "alert.raised":
        this.#rang.set(payload.source, occurred_at);
        break;
      default:
        this.#moves.push({ calc_name: payload.calc_name, version: payload.calc_version, move: MOVES[type] });
    }
  }

  /** In the order of the log. */
  get captures(): readonly CaptureRecord[] {
    return [...this.#captures.values()];
  }

  /**
   * The batch that a capture's file came with, or all files of a capture set; null for none, for several, and for a capture that the log has
   * not told of yet.
   */
  batchOf(captureId: string): string | null {
    const [first = null, ...others] = (this.#sets.get(captureId)?.members ?? [captureId]).map(
      (member) => this.capture(member)?.event.batch_id ?? null,
    );
    return others.every((other) => other === first) ? first : null;
  }

  /** What the rows of a result carry beside their identity, for whoever looks into where they came from. */
  executionOf(calc: string, version: string, captureId: string): ResultExecution {
    const id = this.#executions.get(resultKey({ calc_name: calc, calc_version: version, capture_id: captureId }));
    return { execution_id: id?.() ?? null, batch_id: this.batchOf(captureId) };
  }

  capture(captureId: string): CaptureRecord | null {
    return this.#captures.get(captureId) ?? null;
  }

  /** Takings of one partition, in the order of the log, retracted ones included. */
  historyOf(domain: string, partition: Partition): readonly CaptureRecord[] {
    return this.captures.filter(
      (capture) => capture.domain === domain && capture.week_ending === partition.week_ending && capture.tier === partition.tier,
    );
  }

  /** The newest live capture of a partition, as of a moment where one is given. */
  newest(domain: string, partition: Partition, asOf: UtcMillis | null = null): CaptureRecord | null {
    return newestCapture(this.historyOf(domain, partition), asOf);
  }

  captureSet(setId: string): CaptureSetFormed | null {
    return this.#sets.get(setId) ?? null;
  }

  manifest(captureId: string): ManifestEntry {
    const stages = [...(this.#stages.get(captureId)?.values() ?? [])].sort((a, b) => stageRank(a.stage) - stageRank(b.stage));
    return { stage: stages.at(-1)?.stage ?? "PENDING", stages };
  }

  /** What a stage left of a capture, or null. */
  stage(captureId: string, stage: Stage): StageCompleted | null {
    return this.#stages.get(captureId)?.get(stage) ?? null;
  }

  /** The last result of a version for a capture or set; null where there is none. */
  computed(calc: string, version: string, captureId: string): CalcComputed | null {
    return this.#computed.get(resultKey({ calc_name: calc, calc_version: version, capture_id: captureId })) ?? null;
  }

  /** Every result that stands, in the order in which its key first came up. */
  get results(): readonly CalcComputed[] {
    return [...this.#computed.values()];
  }

  /** Whether the rows under an id may still be read: its capture, or each capture of the set, is not retracted. */
  isLive(captureId: string): boolean {
    const members = this.#sets.get(captureId)?.members ?? [captureId];
    return members.every((member) => this.#captures.get(member)?.retracted === false);
  }

  quality(captureId: string, source: string): QualityMeasured | null {
    return this.#quality.get(`${captureId}\n${source}`) ?? null;
  }

  get measured(): readonly QualityMeasured[] {
    return [...this.#quality.values()];
  }

  get anomalies(): readonly Anomaly[] {
    return [...this.#anomalies.values()];
  }

  anomaly(id: string): Anomaly | null {
    return this.#anomalies.get(id) ?? null;
  }

  /** Anomalies of a partition; those of the whole week are among a tier's. */
  anomaliesOf(domain: string, partition: Partition): readonly Anomaly[] {
    const keys = new Set([partitionKey(partition), partitionKey({ ...partition, tier: null })]);
    return this.anomalies.filter(
      (anomaly) =>
        anomaly.domain === domain &&
        (partition.tier === null ? anomaly.week_ending === partition.week_ending : keys.has(partitionKey(anomaly))),
    );
  }

  isRegistered(calc: string, version: string): boolean {
    return this.#registered.has(`${calc}@${version}`);
  }

  /** A calculation's versions: as declared, and then as the events moved them. */
  standing(entry: CalcEntry): VersionStanding {
    return this.#moves
      .filter(({ calc_name }) => calc_name === entry.calc_name)
      .reduce((standing, { version, move }) => moveVersion(standing, version, move), declaredStanding(entry));
  }

  /**
   * The exchange's trading days in the years that were loaded, or null where none was. The newest capture of a year holds.
   *
   * @param chosen a capture of one of its years that holds instead of the newest.
   */
  tradingDays(exchangeCode: string, chosen: CapturedYear | null = null): TradingDays | null {
    const newest = [...this.#calendars.values()].filter(({ exchange_code }) => exchange_code === exchangeCode);
    const years = chosen === null ? newest : newest.map((captured) => (captured.year === chosen.year ? chosen : captured));
    return years.length === 0 ? null : new TradingDays(exchangeCode, years);
  }

  /** Exchanges of which some year was loaded, ascending. */
  get exchanges(): readonly string[] {
    return [...new Set([...this.#calendars.values()].map(({ exchange_code }) => exchange_code))].sort();
  }

  /** One capture of a year, whether or not a newer one replaced it. */
  calendarCapture(captureId: string): CapturedYear | null {
    return this.#calendarCaptures.get(captureId) ?? null;
  }

  /** Every capture of every year, in the order of the log. */
  get calendarCaptures(): readonly CapturedYear[] {
    return [...this.#calendarCaptures.values()];
  }

  calendar(exchangeCode: string, year: number): CapturedYear | null {
    return this.#calendars.get(`${exchangeCode}\n${year}`) ?? null;
  }

  certification(domain: string, weekEnding: string): PartitionCertified | null {
    return this.#certified.get(`${domain}\n${weekEnding}`) ?? null;
  }

  /** When an alert of a source was raised last; null where none was. */
  rangAt(source: string): UtcMillis | null {
    return this.#rang.get(source) ?? null;
  }

  work(key: string): WorkSettled | null {
    return this.#work.get(key) ?? null;
  }
}

function recordOf(event: SourceCaptured): CaptureRecord {
  return {
    capture_id: event.capture_id,
    captured_at: event.clocks.captured_at,
    sha256: event.source.sha256,
    source_last_update: event.clocks.source_last_update,
    retracted: false,
    domain: event.domain,
    week_ending: event.week_ending,
    tier: event.tier,
    event,
    retraction: null,
  };
}

function resultKey({ calc_name, calc_version, capture_id }: Pick<CalcComputed, "calc_name" | "calc_version" | "capture_id">): string {
  return `${calc_name}\n${calc_version}\n${capture_id}`;
}
