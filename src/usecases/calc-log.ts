/** The workspace's log of calculations: opened once, folded once, then extended together with its fold. */
import { alertOf } from "../core/calc/alert.js";
import { CALC_LOG, calcCatalogue } from "../core/calc/calc-event-schemas.js";
import { type CalcEvent, calcStream } from "../core/calc/calc-events.js";
import { CalcIndex } from "../core/calc/calc-index.js";
import { type CoreChange, coreChanges } from "../core/calc/core-tables.js";
import { readinessChanges } from "../core/calc/finra-otc/week-readiness.js";
import type { JsonObject, NewEvent, ReplayEvent } from "../core/tape/event.js";
import { eventId } from "../core/tape/event-id.js";
import type { Sha256Fn } from "../core/tape/hash.js";
import type { CalcStore } from "../ports/calc-store.js";
import type { EventStore, LogSession, StreamBatch } from "../ports/event-store.js";
import type { SourceArchive } from "../ports/source-archive.js";
import type { WeeklySource } from "../ports/weekly-source.js";
import type { AheadOfTurn } from "../ports/weeks-ahead.js";
import { type DataRefusal, refusal } from "./data-ports.js";

/** The world that calculations need. */
export interface CalcPorts {
  readonly store: EventStore;
  readonly rows: CalcStore;
  readonly weekly: WeeklySource;
  readonly sources: SourceArchive;
  /** Who reads weekly files before their turn, and takes what it made; left out: each is read in its turn. */
  readonly ahead?: AheadOfTurn;
  readonly hash: Sha256Fn;
  /** Wall clock in UTC milliseconds: when a capture is taken, and what stands in audit fields. */
  readonly now: () => number;
}

/** Why nothing was done, and what to do next. */
export type CalcRefusal = DataRefusal;

/** The log took nothing: the store cannot be used, or another writer took it over. */
export class CalcLogUnavailable extends Error {
  override readonly name = "CalcLogUnavailable";
}

/** Changes of bookkeeping tables that are written at once. */
const CORE_BATCH = 500;

/** Bookkeeping tables that follow a log, and the clock by which a week is preliminary. */
type FollowingTables = Pick<CalcPorts, "rows" | "now">;

/** An open log of calculations with what it says. */
export class CalcLog {
  readonly index: CalcIndex;
  readonly #session: LogSession | null;
  readonly #hash: Sha256Fn;
  readonly #versions = new Map<string, number>();
  readonly #tables: FollowingTables | null;
  #last: Promise<unknown> = Promise.resolve();
  /** What the bookkeeping tables were not told yet, up to a position of the log. Null after an append whose position nobody told. */
  #untold: { readonly changes: CoreChange[]; position: number } | null;

  /** @param tables bookkeeping that follows the log; null where nobody asks for it. */
  constructor(session: LogSession | null, index: CalcIndex, hash: Sha256Fn, tables: FollowingTables | null, position: number) {
    this.#session = session;
    this.index = index;
    this.#hash = hash;
    this.#tables = tables;
    this.#untold = { changes: [], position };
  }

  /** Every event of the log in its order. @throws {CalcLogUnavailable} where the log is open for reading. */
  async *events(): AsyncGenerator<CalcEvent> {
    if (this.#session === null) throw new CalcLogUnavailable("the log of calculations is open for reading only");
    for await (const page of this.#session.replayPages()) for (const event of page) yield read(event);
  }

  /** Tells the bookkeeping tables what they were not told yet, and for what each week is fit at this moment. */
  async tellTables(): Promise<void> {
    await this.#tellChanges();
    if (this.#tables === null) return;
    const { rows, now } = this.#tables;
    const changes = readinessChanges(this.index, await rows.readCore("core_data_readiness"), now());
    if (changes.length > 0) await rows.applyCore(changes, await rows.corePosition());
  }

  async #tellChanges(): Promise<void> {
    const untold = this.#untold;
    if (this.#tables === null || untold === null || untold.changes.length === 0) return;
    this.#untold = { changes: [], position: untold.position };
    await this.#tables.rows.applyCore(untold.changes, untold.position);
  }

  /**
   * Appends events in one batch and folds them. Calls are taken one after another; each decides on the index as the one before left it.
   *
   * @param decide pure; no events means that there is nothing to write.
   * @throws {CalcLogUnavailable} where the log took nothing; no event of the batch stands then.
   */
  append(decide: (index: CalcIndex) => readonly CalcEvent[]): Promise<readonly CalcEvent[]> {
    const next = this.#last.then(() => this.#append(this.#withAlerts(decide(this.index))));
    this.#last = next.catch(() => {});
    return next;
  }

  /** Every anomaly of weight rings with the batch that raises it. */
  #withAlerts(events: readonly CalcEvent[]): readonly CalcEvent[] {
    const rang = new Map<string, number>();
    const alerts = events.flatMap(({ type, payload, occurred_at }): CalcEvent[] => {
      if (type !== "anomaly.raised" || this.index.anomaly(payload.anomaly_id) !== null) return [];
      const alert = alertOf(payload, occurred_at, (source) => rang.get(source) ?? this.index.rangAt(source));
      if (alert === null) return [];
      rang.set(alert.source, occurred_at);
      return [{ type: "alert.raised", occurred_at, payload: alert }];
    });
    return alerts.length === 0 ? events : [...events, ...alerts];
  }

  async #append(events: readonly CalcEvent[]): Promise<readonly CalcEvent[]> {
    const session = this.#session;
    if (events.length === 0) return events;
    if (session === null) throw new CalcLogUnavailable("the log of calculations is open for reading only");
    const streams = new Map<string, NewEvent[]>();
    const before = new Map<string, number>();
    const told: (readonly [event: CalcEvent, id: string])[] = [];
    for (const event of events) {
      const stream = calcStream(event);
      const stored = this.#versions.get(stream) ?? before.get(stream) ?? (await session.streamVersion(stream));
      before.set(stream, stored);
      const list = streams.get(stream) ?? [];
      streams.set(stream, list);
      const made = this.#newEvent(event, stream, stored + list.length + 1);
      list.push(made);
      told.push([event, made.id]);
    }
    const batches = [...streams].map(([stream, list]): StreamBatch => {
      const version = before.get(stream) ?? 0;
      return { stream, expected: version === 0 ? "no_stream" : version, events: list };
    });
    const outcome = await session.append(batches);
    // A bug of ours: every payload is made by the core.
    if (outcome.kind === "rejected")
      throw new Error(`the log refused an event: ${outcome.violations.map(({ message }) => message).join("; ")}`);
    if (outcome.kind !== "stored" && !(outcome.kind === "unknown" && (await stands(session, batches)))) {
      throw new CalcLogUnavailable(`the log of calculations took nothing: ${"cause" in outcome ? outcome.cause : outcome.kind}`);
    }
    for (const [stream, list] of streams) this.#versions.set(stream, (before.get(stream) ?? 0) + list.length);
    const changes: CoreChange[] = [];
    // One after the other, as a replay finds them: what an event changes may rest on those before it alone.
    for (const [event, id] of told) {
      this.index.apply(event, () => id);
      if (this.#tables !== null) changes.push(...coreChanges(event, id, (capture) => this.index.batchOf(capture)));
    }
    await this.#follow(changes, outcome.kind === "stored" ? outcome.head.position : null);
    return events;
  }

  /** Tables that fall behind catch up when the log is opened next. */
  async #follow(changes: readonly CoreChange[], position: number | null): Promise<void> {
    if (position === null) await this.#tellChanges();
    const untold = position === null ? null : this.#untold;
    this.#untold = untold;
    if (this.#tables === null || untold === null || position === null) return;
    untold.position = position;
    untold.changes.push(...changes);
    if (untold.changes.length >= CORE_BATCH) await this.#tellChanges();
  }

  #newEvent(event: CalcEvent, stream: string, version: number): NewEvent {
    const { type, occurred_at, payload } = event;
    return { id: calcEventId(event, stream, version, this.#hash), type, schema_version: 1, occurred_at, payload: { ...payload } };
  }

  async close(): Promise<void> {
    await this.#last;
    try {
      await this.tellTables();
    } finally {
      await this.#session?.close();
    }
  }
}

/** An event of the log is named by its place in its stream, so that a replay, which reads no ids, names it again. */
function calcEventId({ occurred_at }: CalcEvent, stream: string, version: number, hash: Sha256Fn): string {
  return eventId(occurred_at, CALC_LOG, `${hash(stream).slice(0, 32)}/${version}`, 0, hash);
}

async function stands(session: LogSession, batches: readonly StreamBatch[]): Promise<boolean> {
  for (const { events } of batches) for (const event of events) if ((await session.findEvent(event.id)) === null) return false;
  return true;
}

/** Opens the log, and brings the bookkeeping tables up to it; for reading, a workspace without one is empty. */
export async function openCalcLog(
  ports: Pick<CalcPorts, "store" | "hash"> & (FollowingTables | { readonly rows?: never }),
  mode: "read" | "write",
): Promise<{ readonly kind: "opened"; readonly log: CalcLog } | CalcRefusal> {
  const outcome = await ports.store.open({ log: CALC_LOG, catalogue: calcCatalogue, mode, layout: "rows", durability: "durable" });
  if (outcome.kind === "not_found") return { kind: "opened", log: new CalcLog(null, new CalcIndex(), ports.hash, null, 0) };
  if (outcome.kind !== "opened") {
    const cause = "cause" in outcome ? outcome.cause : outcome.kind;
    const reason = outcome.kind === "corrupt" ? "corrupt" : "unavailable";
    const code = reason === "corrupt" ? "STORE_CORRUPT" : "STORE_UNAVAILABLE";
    return refusal(
      reason,
      [{ code, message: `the log of calculations cannot be used: ${cause}`, expected: "a store that opens" }],
      "onetape doctor",
    );
  }
  const index = new CalcIndex();
  try {
    const told = (await ports.rows?.corePosition()) ?? Number.POSITIVE_INFINITY;
    const retracted: string[] = [];
    const versions = new Map<string, number>();
    let changes: CoreChange[] = [];
    let position = 0;
    for await (const page of outcome.session.replayPages()) {
      for (const stored of page) {
        const event = read(stored);
        position = stored.position;
        const stream = calcStream(event);
        const version = (versions.get(stream) ?? 0) + 1;
        versions.set(stream, version);
        const id = (): string => calcEventId(event, stream, version, ports.hash);
        index.apply(event, id);
        if (position <= told) continue;
        changes.push(...coreChanges(event, id(), (capture) => index.batchOf(capture)));
        if (event.type === "source.retracted") retracted.push(event.payload.capture_id);
        if (changes.length < CORE_BATCH) continue;
        await ports.rows?.applyCore(changes, position);
        changes = [];
      }
    }
    if (changes.length > 0) await ports.rows?.applyCore(changes, position);
    // A process that ended between a retraction and the removal of its rows left them behind.
    for (const captureId of retracted) await ports.rows?.removeCapture(captureId);
    const session = mode === "write" ? outcome.session : await closed(outcome.session);
    return { kind: "opened", log: new CalcLog(session, index, ports.hash, ports.rows === undefined ? null : ports, position) };
  } catch (error) {
    await outcome.session.close();
    throw error;
  }
}

/** The store checked type and payload against the catalogue when it took the event. */
function read(event: ReplayEvent): CalcEvent {
  return { type: event.type, occurred_at: event.occurred_at, payload: JSON.parse(event.payload) as JsonObject } as unknown as CalcEvent;
}

async function closed(session: LogSession): Promise<null> {
  await session.close();
  return null;
}
