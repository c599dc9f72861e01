/** Callers that append one event at a time to a log and wait for each answer, in passes, so that others can be measured between them. */
import { sha256 } from "../src/adapters/node-hash/sha256.js";
import type { NewEvent } from "../src/core/tape/event.js";
import { eventId } from "../src/core/tape/event-id.js";
import type { EventStore, LogSession } from "../src/ports/event-store.js";
import { orderCatalogue, orderPayload, TUESDAY } from "./order-event.js";
import type { TrialLine } from "./trial.js";
import { quantile } from "./workload.js";

/** Events that an order usually comes to. */
const ORDER_EVENTS = 6;

/** `long`: each caller has one stream for good. `orders`: each has a new one every {@link ORDER_EVENTS} events, as orders do. */
export type Streams = "long" | "orders";

/** What a pass measured: milliseconds of every append, and how long the pass took. */
export interface AppendPass {
  readonly times: readonly number[];
  readonly ms: number;
}

export class AppendCallers {
  readonly #name: string;
  readonly #session: LogSession;
  readonly #streams: Streams;
  readonly #callers: { stream: string; version: number }[];
  /** Streams of orders that were begun. */
  #begun = 0;
  /** Where the log stood after the warm-up. */
  #from = 0;

  private constructor(name: string, session: LogSession, callers: number, streams: Streams) {
    this.#name = name;
    this.#session = session;
    this.#streams = streams;
    this.#callers = Array.from({ length: callers }, (_, n) => ({ stream: `orders/${n}`, version: 0 }));
  }

  /** Opens a new log and warms up. @throws {Error} where it does not open. */
  static async open(name: string, store: EventStore, callers: number, streams: Streams): Promise<AppendCallers> {
    const log = `bench/${callers}-callers-${streams}-${Date.now().toString(36)}-${process.pid}`;
    const opened = await store.open({ log, catalogue: orderCatalogue, mode: "write", layout: "rows", durability: "durable" });
    if (opened.kind !== "opened") throw new Error(`APPEND: ${name} does not open: ${"cause" in opened ? opened.cause : opened.kind}`);
    const ready = new AppendCallers(name, opened.session, callers, streams);
    await ready.pass(1_000);
    ready.#from = opened.session.head().position;
    return ready;
  }

  async pass(milliseconds: number): Promise<AppendPass> {
    const times: number[] = [];
    const start = performance.now();
    const end = start + milliseconds;
    await Promise.all(this.#callers.map((caller) => this.#append(caller, end, times)));
    return { times, ms: performance.now() - start };
  }

  async #append(caller: { stream: string; version: number }, end: number, times: number[]): Promise<void> {
    const session = this.#session;
    while (performance.now() < end) {
      if (this.#streams === "orders" && caller.version % ORDER_EVENTS === 0) {
        caller.stream = `orders/${String(this.#begun++).padStart(8, "0")}`;
        caller.version = 0;
      }
      const { stream, version } = caller;
      const events = [orderEvent(session.log, stream, version, TUESDAY + Math.floor(performance.now()))];
      const start = performance.now();
      const outcome = await session.append([{ stream, expected: version, events }]);
      times.push(performance.now() - start);
      if (outcome.kind !== "stored") throw new Error(`APPEND: ${JSON.stringify(outcome)}`);
      caller.version += 1;
    }
  }

  /** Ends with what all passes came to. @throws {Error} where the log does not hold what was acknowledged, or does not verify. */
  async end(passes: readonly AppendPass[], flushesPerS: number): Promise<TrialLine> {
    const session = this.#session;
    const rates = ratesOf(passes);
    const stored = session.head().position - this.#from;
    if (stored !== rates.appends) throw new Error(`APPEND: ${this.#name} holds ${stored} of ${rates.appends} acknowledged events`);
    const commits = (await session.anchors()).filter(({ position }) => position > this.#from).length;
    const report = await session.verify("L2");
    if (report.failure !== null) throw new Error(`APPEND: ${this.#name} does not verify: ${report.failure.message}`);
    await session.close();
    const every = this.#streams === "long" ? "" : `, a stream for every ${ORDER_EVENTS} events`;
    return {
      trial: "APPEND",
      of: `${this.#name}, ${callersText(this.#callers.length)}${every}`,
      figures: {
        events_per_s: Math.round(rates.per_s),
        p50_ms: rounded(rates.p50_ms),
        p99_ms: rounded(rates.p99_ms),
        events_per_commit: rounded(stored / commits),
        events_per_flush_of_the_disk: rounded(rates.per_s / flushesPerS),
      },
      output_hash: null,
    };
  }
}

export function callersText(callers: number): string {
  return callers === 1 ? "1 caller" : `${callers} callers`;
}

export function ratesOf(passes: readonly AppendPass[]): {
  readonly appends: number;
  readonly per_s: number;
  readonly p50_ms: number;
  readonly p99_ms: number;
} {
  const times = passes.flatMap((pass) => pass.times).sort((a, b) => a - b);
  const ms = passes.reduce((sum, pass) => sum + pass.ms, 0);
  return { appends: times.length, per_s: (1_000 * times.length) / ms, p50_ms: quantile(times, 0.5), p99_ms: quantile(times, 0.99) };
}

export function rounded(n: number): number {
  return Math.round(n * 1_000) / 1_000;
}

/** Event time passes, as it does for orders: ids begin with it, and events of one moment lie together. */
function orderEvent(log: string, stream: string, n: number, at: number): NewEvent {
  return {
    id: eventId(at, log, stream, n, sha256),
    type: "order.submitted",
    schema_version: 1,
    occurred_at: at,
    payload: orderPayload(stream, n),
  };
}
