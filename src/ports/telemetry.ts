/** How operators watch Onetape at work: figures, spans and log records. Nothing that is folded, hashed or decided may read any of it. */

export type Attributes = { readonly [name: string]: string | number | boolean };

/** What a figure is, for those who export it and those who read of it. */
export interface Instrument {
  readonly kind: "counter" | "up_down_counter" | "gauge" | "histogram";
  /** UCUM code, as the semantic conventions of OpenTelemetry ask. */
  readonly unit: string;
  readonly says: string;
  /** Upper bounds of a histogram's buckets. */
  readonly bounds?: readonly number[];
}

/** Every figure there is. */
export type InstrumentName =
  | "onetape.append.duration"
  | "onetape.append.batch.size"
  | "onetape.append.durable.duration"
  | "onetape.append.queue.depth"
  | "onetape.append.queue.ahead"
  | "onetape.append.events"
  | "onetape.append.duplicates"
  | "onetape.append.conflicts"
  | "onetape.append.unknowns"
  | "onetape.append.fenced"
  | "onetape.append.rejected"
  | "onetape.append.unavailable"
  | "onetape.projection.events"
  | "onetape.projection.save.duration"
  | "onetape.projection.lag.events"
  | "onetape.projection.lag.duration"
  | "onetape.replay.rate"
  | "onetape.replay.duration"
  | "onetape.replay.events"
  | "onetape.verify.duration"
  | "onetape.verify.failures";

const SECONDS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 600];
const COUNTS = [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 50_000];
const RATES = [1e3, 5e3, 1e4, 5e4, 1e5, 2e5, 4e5, 8e5, 1.6e6, 3.2e6];

export const instruments: Readonly<Record<InstrumentName, Instrument>> = {
  "onetape.append.duration": {
    kind: "histogram",
    unit: "s",
    says: "from the call of an append to its answer, whatever the answer",
    bounds: SECONDS,
  },
  "onetape.append.batch.size": { kind: "histogram", unit: "{event}", says: "events that one append brought", bounds: COUNTS },
  "onetape.append.durable.duration": {
    kind: "histogram",
    unit: "s",
    says: "from the call of an append to its events being safe from power loss; where commits are flushed when the log closes, that of the oldest",
    bounds: SECONDS,
  },
  "onetape.append.queue.depth": { kind: "up_down_counter", unit: "{append}", says: "appends under way and not answered, at this moment" },
  "onetape.append.queue.ahead": {
    kind: "histogram",
    unit: "{append}",
    says: "appends not yet answered when another came",
    bounds: COUNTS,
  },
  "onetape.append.events": { kind: "counter", unit: "{event}", says: "events stored" },
  "onetape.append.duplicates": { kind: "counter", unit: "{append}", says: "appends of which all or some was there already" },
  "onetape.append.conflicts": {
    kind: "counter",
    unit: "{append}",
    says: "appends refused because an id, a version or an order contradicts the log",
  },
  "onetape.append.unknowns": { kind: "counter", unit: "{append}", says: "appends of which it was not known whether they were stored" },
  "onetape.append.fenced": { kind: "counter", unit: "{append}", says: "appends of a writer that another writer had replaced" },
  "onetape.append.rejected": { kind: "counter", unit: "{append}", says: "appends whose events the log may not hold" },
  "onetape.append.unavailable": { kind: "counter", unit: "{append}", says: "appends that the store could not take" },
  "onetape.projection.events": { kind: "counter", unit: "{event}", says: "events that projections looked at" },
  "onetape.projection.save.duration": {
    kind: "histogram",
    unit: "s",
    says: "storing a projection's state with its checkpoint",
    bounds: SECONDS,
  },
  "onetape.projection.lag.events": { kind: "gauge", unit: "{event}", says: "events of the log that a projection has not looked at" },
  "onetape.projection.lag.duration": { kind: "gauge", unit: "s", says: "how long the first of them has been on the log; 0 at its head" },
  "onetape.replay.rate": { kind: "histogram", unit: "{event}/s", says: "events a second of one level of a replay", bounds: RATES },
  "onetape.replay.duration": { kind: "histogram", unit: "s", says: "one level of a replay", bounds: SECONDS },
  "onetape.replay.events": { kind: "counter", unit: "{event}", says: "events that replays went through" },
  "onetape.verify.duration": { kind: "histogram", unit: "s", says: "verifying a log", bounds: SECONDS },
  "onetape.verify.failures": { kind: "counter", unit: "{log}", says: "verifications that found a log to be other than what was written" },
};

/** A piece of work under way. */
export interface Span {
  /** @param failure a code of low cardinality such as `version_conflict`, or null where it went well. */
  end(attributes: Attributes, failure: string | null): void;
}

/** Takes everything at once and never fails its caller. */
export interface Telemetry {
  /** Milliseconds since some moment; never goes back. */
  elapsed(): number;
  /** Adds to a counter, or tells a gauge or a histogram a value. */
  record(name: InstrumentName, value: number, attributes: Attributes): void;
  span(name: string, attributes: Attributes): Span;
  /** @param event name of what happened, such as `onetape.log.opened`; `body` says it in words. */
  log(severity: "info" | "warn" | "error", event: string, body: string, attributes: Attributes): void;
}
