/** The workspace's log of calculations: opened once, folded once, then extended together with its fold. */
import { CALC_LOG, calcCatalogue } from "../core/calc/calc-event-schemas.js";
import { type CalcEvent, calcStream } from "../core/calc/calc-events.js";
import { CalcIndex } from "../core/calc/calc-index.js";
import type { JsonObject, NewEvent, TapeEvent } from "../core/tape/event.js";
import { eventId } from "../core/tape/event-id.js";
import type { Sha256Fn } from "../core/tape/hash.js";
import type { CalcStore } from "../ports/calc-store.js";
import type { EventStore, LogSession, StreamBatch } from "../ports/event-store.js";
import type { WeeklySource } from "../ports/weekly-source.js";
import { type DataRefusal, refusal } from "./data-ports.js";

/** The world that calculations need. */
export interface CalcPorts {
  readonly store: EventStore;
  readonly rows: CalcStore;
  readonly weekly: WeeklySource;
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

/** An open log of calculations with what it says. */
export class CalcLog {
  readonly index: CalcIndex;
  readonly #session: LogSession | null;
  readonly #hash: Sha256Fn;
  readonly #versions = new Map<string, number>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(session: LogSession | null, index: CalcIndex, hash: Sha256Fn) {
    this.#session = session;
    this.index = index;
    this.#hash = hash;
  }

  /**
   * Appends events in one batch and folds them. Calls are taken one after another; each decides on the index as the one before left it.
   *
   * @param decide pure; no events means that there is nothing to write.
   * @throws {CalcLogUnavailable} where the log took nothing; no event of the batch stands then.
   */
  append(decide: (index: CalcIndex) => readonly CalcEvent[]): Promise<readonly CalcEvent[]> {
    const next = this.#last.then(() => this.#append(decide(this.index)));
    this.#last = next.catch(() => {});
    return next;
  }

  async #append(events: readonly CalcEvent[]): Promise<readonly CalcEvent[]> {
    const session = this.#session;
    if (events.length === 0) return events;
    if (session === null) throw new CalcLogUnavailable("the log of calculations is open for reading only");
    const streams = new Map<string, NewEvent[]>();
    const before = new Map<string, number>();
    for (const event of events) {
      const stream = calcStream(event);
      const stored = this.#versions.get(stream) ?? before.get(stream) ?? (await session.streamVersion(stream));
      before.set(stream, stored);
      const list = streams.get(stream) ?? [];
      streams.set(stream, list);
      list.push(this.#newEvent(event, stream, stored + list.length + 1));
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
    for (const event of events) this.index.apply(event);
    return events;
  }

  #newEvent({ type, occurred_at, payload }: CalcEvent, stream: string, version: number): NewEvent {
    const id = eventId(occurred_at, CALC_LOG, `${this.#hash(stream).slice(0, 32)}/${version}`, 0, this.#hash);
    return { id, type, schema_version: 1, occurred_at, payload: { ...payload } };
  }

  async close(): Promise<void> {
    await this.#last;
    await this.#session?.close();
  }
}

async function stands(session: LogSession, batches: readonly StreamBatch[]): Promise<boolean> {
  for (const { events } of batches) for (const event of events) if ((await session.findEvent(event.id)) === null) return false;
  return true;
}

/** Opens the log; for reading, a workspace without one is empty. */
export async function openCalcLog(
  ports: Pick<CalcPorts, "store" | "hash">,
  mode: "read" | "write",
): Promise<{ readonly kind: "opened"; readonly log: CalcLog } | CalcRefusal> {
  const outcome = await ports.store.open({ log: CALC_LOG, catalogue: calcCatalogue, mode, layout: "rows", durability: "durable" });
  if (outcome.kind === "not_found") return { kind: "opened", log: new CalcLog(null, new CalcIndex(), ports.hash) };
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
    for await (const event of outcome.session.readLog()) index.apply(read(event));
  } catch (error) {
    await outcome.session.close();
    throw error;
  }
  return { kind: "opened", log: new CalcLog(mode === "write" ? outcome.session : await closed(outcome.session), index, ports.hash) };
}

/** The store checked type and payload against the catalogue when it took the event. */
function read(event: TapeEvent): CalcEvent {
  return { type: event.type, occurred_at: event.occurred_at, payload: JSON.parse(event.payload) as JsonObject } as unknown as CalcEvent;
}

async function closed(session: LogSession): Promise<null> {
  await session.close();
  return null;
}
