/** An event store that takes down on the ops log what its callers are told once and may forget: ids that came again with other content, and clocks that went back. */
import type { Clock } from "../ports/clock.js";
import type { AppendOutcome, EventStore, LogSession, OpenOptions, OpenOutcome, StreamBatch } from "../ports/event-store.js";
import type { OpsJournal } from "../ports/ops-journal.js";

/** @param clock the one that the store stamps its events with. */
export function watchedStore(store: EventStore, clock: Clock, journal: OpsJournal): EventStore {
  return {
    async open(options: OpenOptions): Promise<OpenOutcome> {
      const outcome = await store.open(options);
      if (outcome.kind !== "opened" || options.mode !== "write") return outcome;
      const { session } = outcome;
      return { kind: "opened", session: watched(session, new Watch(session, clock, journal, await lastRecorded(session))) };
    },
    logs: () => store.logs(),
    close: () => store.close(),
  };
}

async function lastRecorded(session: LogSession): Promise<number> {
  for await (const { recorded_at } of session.readLog({ direction: "backwards", limit: 1 })) return recorded_at;
  return Number.NEGATIVE_INFINITY;
}

class Watch {
  readonly #session: LogSession;
  readonly #clock: Clock;
  readonly #journal: OpsJournal;
  /** The newest time that was seen. */
  #latest: number;

  constructor(session: LogSession, clock: Clock, journal: OpsJournal, latest: number) {
    this.#session = session;
    this.#clock = clock;
    this.#journal = journal;
    this.#latest = latest;
  }

  /** What is stored now is recorded no earlier than what was stored before; by how much the clock was behind is said here alone. */
  async look(): Promise<void> {
    const now = this.#clock.now();
    const behind_ms = this.#latest - now;
    this.#latest = now;
    if (!(behind_ms > 0)) return;
    const { log } = this.#session;
    await this.#journal.note({ type: "clock.stepped_back", payload: { log, position: this.#session.head().position, behind_ms } });
  }

  async tell(outcome: AppendOutcome): Promise<void> {
    if (outcome.kind !== "id_conflict") return;
    const { event_id, field, position } = outcome;
    await this.#journal.note({ type: "append.id_conflict", payload: { log: this.#session.log, event_id, field, position } });
  }
}

function watched(session: LogSession, watch: Watch): LogSession {
  return {
    log: session.log,
    layout: session.layout,
    get epoch() {
      return session.epoch;
    },
    head: () => session.head(),
    refresh: () => session.refresh(),
    async append(batches: readonly StreamBatch[]) {
      await watch.look();
      const outcome = await session.append(batches);
      await watch.tell(outcome);
      return outcome;
    },
    async appendBlock(block) {
      await watch.look();
      return session.appendBlock(block);
    },
    streamVersion: (stream) => session.streamVersion(stream),
    readLog: (options) => session.readLog(options),
    readPages: (options) => session.readPages(options),
    replayPages: (options) => session.replayPages(options),
    readStream: (stream, options) => session.readStream(stream, options),
    findEvent: (id) => session.findEvent(id),
    anchors: () => session.anchors(),
    verify: (level, onProgress) => session.verify(level, onProgress),
    close: () => session.close(),
  };
}
