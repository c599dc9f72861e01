/** An event store that tells of its appends, its logs and its projections. What it answers, and what it writes, is the store's own. */
import type { AppendOutcome, BlockOutcome, EventStore, LogSession, OpenOptions, OpenOutcome } from "../ports/event-store.js";
import type { OpenProjectionsOutcome, ProjectionStores } from "../ports/projection-store.js";
import type { Attributes, InstrumentName, Telemetry } from "../ports/telemetry.js";
import { observedProjections } from "./observed-projections.js";
import { overlaid } from "./overlaid.js";

export interface ObservedBy {
  readonly telemetry: Telemetry;
  /** What keeps the logs, in the words of the semantic conventions. */
  readonly system: "sqlite" | "postgresql" | "memory";
  /** Wall clock in UTC milliseconds. */
  readonly now: () => number;
}

/** The counter that an outcome moves, beside those of every append. */
const counters: Readonly<Record<(AppendOutcome | BlockOutcome)["kind"], InstrumentName | null>> = {
  stored: null,
  duplicate: "onetape.append.duplicates",
  partial_duplicate: "onetape.append.duplicates",
  id_conflict: "onetape.append.conflicts",
  version_conflict: "onetape.append.conflicts",
  out_of_order: "onetape.append.conflicts",
  unknown: "onetape.append.unknowns",
  fenced: "onetape.append.fenced",
  rejected: "onetape.append.rejected",
  unavailable: "onetape.append.unavailable",
};

export function observedStore<S extends EventStore & Partial<ProjectionStores>>(store: S, by: ObservedBy): S {
  const sessions = new Map<string, LogSession>();
  const open = async (options: OpenOptions): Promise<OpenOutcome> => {
    const opened = await openToldOf(store, options, by);
    if (opened.kind !== "opened") return opened;
    const durable = (options.durability ?? "durable") === "durable";
    const observed = observedSession(opened.session, { ...by, durable, writes: options.mode === "write" }, () => {
      if (sessions.get(options.log) === observed) sessions.delete(options.log);
    });
    sessions.set(options.log, observed);
    return { kind: "opened", session: observed };
  };
  const openProjections = async (log: string): Promise<OpenProjectionsOutcome> => {
    if (store.openProjections === undefined) throw new TypeError("this store keeps no projections");
    const opened = await store.openProjections(log);
    if (opened.kind !== "opened") return opened;
    return { kind: "opened", store: observedProjections(opened.store, by, kindOf(log, by), () => sessions.get(log) ?? null) };
  };
  const replaced: Partial<EventStore & ProjectionStores> = { open, ...(store.openProjections === undefined ? {} : { openProjections }) };
  return overlaid(store, replaced as Partial<S>);
}

/** Readers come and go with every look at a kill switch: only writers are told of, and what is broken. */
async function openToldOf(store: EventStore, options: OpenOptions, by: ObservedBy): Promise<OpenOutcome> {
  const { telemetry } = by;
  const about = { ...kindOf(options.log, by), "onetape.log": options.log, "onetape.log.mode": options.mode };
  const refused = (opened: OpenOutcome): string | null => (opened.kind === "opened" ? null : opened.kind);
  const opened =
    options.mode === "write"
      ? await ended(telemetry.span("open log", { ...dbOf(by, "open"), ...about }), store.open(options), refused)
      : await store.open(options);
  if (opened.kind === "not_found" && options.mode === "read") return opened;
  if (opened.kind !== "opened")
    telemetry.log("error", "onetape.log.refused", `the log was not opened: ${opened.kind}`, { ...about, ...causeOf(opened) });
  else if (options.mode === "write") {
    const { position } = opened.session.head();
    const standing = { ...about, "onetape.log.position": position, "onetape.log.epoch": opened.session.epoch };
    telemetry.log("info", "onetape.log.opened", `the log was opened at position ${position}`, standing);
  }
  return opened;
}

/** Labels of figures: the kind of log, never its name, so that a thousand runs are one series. */
function kindOf(log: string, { system }: ObservedBy): Attributes {
  return { "db.system.name": system, "onetape.log.kind": log.split("/")[0] ?? log };
}

function dbOf({ system }: ObservedBy, operation: string): Attributes {
  return { "db.system.name": system, "db.operation.name": operation };
}

function causeOf(outcome: object): Attributes {
  return "cause" in outcome && typeof outcome.cause === "string" ? { "exception.message": outcome.cause } : {};
}

async function ended<T>(span: ReturnType<Telemetry["span"]>, work: Promise<T>, failure: (done: T) => string | null): Promise<T> {
  try {
    const done = await work;
    span.end({}, failure(done));
    return done;
  } catch (error) {
    span.end({}, error instanceof Error ? error.name : "exception");
    throw error;
  }
}

function observedSession(
  session: LogSession,
  { durable, writes, ...by }: ObservedBy & { readonly durable: boolean; readonly writes: boolean },
  gone: () => void,
): LogSession {
  const { telemetry } = by;
  const about = kindOf(session.log, by);
  let pending = 0;
  let closed = false;
  /** When the oldest commit was asked for that a power loss could still undo. */
  let undurable: number | null = null;

  async function observe<T extends AppendOutcome | BlockOutcome>(form: string, events: number, append: () => Promise<T>): Promise<T> {
    const started = telemetry.elapsed();
    const span = telemetry.span("append events", {
      ...dbOf(by, "append"),
      "db.collection.name": "events",
      "db.operation.batch.size": events,
      "onetape.log": session.log,
      "onetape.append.form": form,
    });
    telemetry.record("onetape.append.queue.ahead", pending, about);
    pending += 1;
    telemetry.record("onetape.append.queue.depth", 1, about);
    let outcome: T;
    try {
      outcome = await append();
    } catch (error) {
      span.end({}, error instanceof Error ? error.name : "exception");
      throw error;
    } finally {
      pending -= 1;
      telemetry.record("onetape.append.queue.depth", -1, about);
    }
    const seconds = (telemetry.elapsed() - started) / 1_000;
    telemetry.record("onetape.append.duration", seconds, { ...about, "onetape.append.outcome": outcome.kind });
    telemetry.record("onetape.append.batch.size", events, about);
    const counter = counters[outcome.kind];
    if (counter !== null) telemetry.record(counter, 1, { ...about, "onetape.append.outcome": outcome.kind });
    if (outcome.kind === "stored") {
      telemetry.record("onetape.append.events", events, about);
      const safe = "durability" in outcome ? outcome.durability === "durable" : durable;
      if (safe) telemetry.record("onetape.append.durable.duration", seconds, about);
      else undurable ??= started;
    }
    const repeated = outcome.kind === "stored" || outcome.kind === "duplicate";
    span.end({ "onetape.append.outcome": outcome.kind, "onetape.log.position": session.head().position }, repeated ? null : outcome.kind);
    if (!repeated) tellRefusal(outcome);
    return outcome;
  }

  function tellRefusal(outcome: AppendOutcome | BlockOutcome): void {
    const severity = outcome.kind === "unknown" || outcome.kind === "unavailable" ? "error" : "warn";
    const where = { ...about, "onetape.log": session.log, "onetape.append.outcome": outcome.kind, ...causeOf(outcome) };
    telemetry.log(severity, "onetape.append.refused", `an append was answered with ${outcome.kind}`, where);
  }

  return overlaid(session, {
    append: (batches) =>
      observe(
        "batches",
        batches.reduce((sum, { events }) => sum + events.length, 0),
        () => session.append(batches),
      ),
    appendBlock: (block) => observe("block", block.count, () => session.appendBlock(block)),
    async verify(level, onProgress) {
      const started = telemetry.elapsed();
      const span = telemetry.span("verify log", { ...dbOf(by, "verify"), "onetape.log": session.log, "onetape.verify.level": level });
      const report = await ended(span, session.verify(level, onProgress), ({ failure }) => (failure === null ? null : "mismatch"));
      const labels = { ...about, "onetape.verify.level": level };
      telemetry.record("onetape.verify.duration", (telemetry.elapsed() - started) / 1_000, labels);
      if (report.failure !== null) {
        const { position, message } = report.failure;
        telemetry.record("onetape.verify.failures", 1, labels);
        const where = { ...labels, "onetape.log": session.log, "onetape.log.position": position };
        telemetry.log("error", "onetape.verify.failed", message, where);
      }
      return report;
    },
    async close() {
      const { position } = session.head();
      await session.close();
      if (closed) return;
      closed = true;
      gone();
      if (undurable !== null) telemetry.record("onetape.append.durable.duration", (telemetry.elapsed() - undurable) / 1_000, about);
      if (!writes) return;
      const where = { ...about, "onetape.log": session.log, "onetape.log.position": position };
      telemetry.log("info", "onetape.log.closed", `the log was closed at position ${position}`, where);
    },
  });
}
