/**
 * Sessions that the server holds open, each at most once.
 *
 * A session is opened to be read, and to be written when the first command comes: opening to write fences whoever wrote before. Where another
 * program has written to a log since it was folded, it is folded again before anything is answered from it.
 */
import type { TapeEvent } from "../../../core/tape/event.js";
import type { DataRefusal } from "../../../usecases/data-ports.js";
import type { CommandOutcomes, OpenedRiskSession, RiskSession } from "../../../usecases/risk-session.js";
import type { NewRiskSession } from "../../../usecases/risk-session-settings.js";

/** The sessions of a workspace, as the library has them. */
export interface RiskSessions {
  list(): Promise<readonly string[]>;
  create(settings: NewRiskSession): Promise<OpenedRiskSession | DataRefusal>;
  open(name: string, mode?: "read" | "write"): Promise<OpenedRiskSession | DataRefusal>;
}

/** Where a session's log ends. */
export interface LogEnd {
  readonly position: number;
  readonly hash: string;
}

interface Hosted {
  readonly session: RiskSession;
  readonly mode: "read" | "write";
  /** The last event that the session's state has. */
  position: number;
  /** Work that goes on now; closed once there is none. */
  users: number;
  /** Settled once the last command that was handed over is done with. */
  done: Promise<unknown>;
  retired: boolean;
}

/** Sessions that stay open while nobody uses them. */
const KEPT = 32;

export class SessionHost {
  readonly #sessions: RiskSessions;
  /** Least recently used first. */
  readonly #hosted = new Map<string, Hosted>();
  readonly #opening = new Map<string, Promise<unknown>>();
  readonly #listeners = new Map<string, Set<() => void>>();

  constructor(sessions: RiskSessions) {
    this.#sessions = sessions;
  }

  list(): Promise<readonly string[]> {
    return this.#sessions.list();
  }

  /** Begins a session. */
  create(settings: NewRiskSession): Promise<DataRefusal | null> {
    return this.#alone(settings.name, async () => {
      const opened = await this.#sessions.create(settings);
      if (opened.kind === "refused") return opened;
      const { position } = await endOf(opened.session);
      await this.#keep(opened.session, "write", position);
      return null;
    });
  }

  /**
   * Gives work a session that knows all of its log, to read from it.
   *
   * @param work is handed the log's end as of its start
   */
  async read<T>(name: string, work: (session: RiskSession, end: LogEnd) => Promise<T>): Promise<T | DataRefusal> {
    const held = await this.#alone(name, () => this.#held(name));
    if ("kind" in held) return held;
    try {
      return await work(held.hosted.session, held.end);
    } finally {
      await this.#release(held.hosted);
    }
  }

  /** Gives work a session whose log it reads, whatever of it the session's state has. */
  async tail<T>(name: string, work: (session: Pick<RiskSession, "events">) => Promise<T>): Promise<T | DataRefusal> {
    const kept = this.#hosted.get(name);
    if (kept === undefined) return this.read(name, work);
    const hosted = this.#taken(name, kept);
    try {
      return await work(hosted.session);
    } finally {
      await this.#release(hosted);
    }
  }

  /** Takes commands. Where the store takes nothing, perhaps because another program writes now, the session is opened anew for the next. */
  async execute(name: string, commands: readonly unknown[]): Promise<CommandOutcomes | DataRefusal> {
    const hosted = await this.#alone(name, () => this.#writer(name));
    if ("kind" in hosted) return hosted;
    try {
      const executing = hosted.session.execute(commands);
      hosted.done = executing.catch(() => {});
      const outcome = await executing;
      if (outcome.kind === "refused" && outcome.reason !== "invalid") this.#retire(name, hosted);
      return outcome;
    } finally {
      await this.#release(hosted);
    }
  }

  /** Tells of appends to a session through this host. @returns ends the telling */
  onAppended(name: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(name);
    };
  }

  async close(): Promise<void> {
    for (const [name, hosted] of [...this.#hosted]) {
      this.#retire(name, hosted);
      await hosted.session.close();
    }
  }

  async #held(name: string): Promise<{ readonly hosted: Hosted; readonly end: LogEnd } | DataRefusal> {
    const kept = this.#hosted.get(name);
    if (kept !== undefined) {
      const end = await endOf(kept.session);
      // Its own append may have been under way when the end was looked at.
      if (end.position > kept.position) await kept.done;
      if (end.position <= kept.position) return { hosted: this.#taken(name, kept), end };
      await this.#replaced(name, kept);
    }
    const opened = await this.#sessions.open(name, "read");
    if (opened.kind === "refused") return opened;
    const end = await endOf(opened.session);
    return { hosted: this.#taken(name, await this.#keep(opened.session, "read", end.position)), end };
  }

  /** Whether another program wrote meanwhile shows at the append: it is taken whole, or not at all. */
  async #writer(name: string): Promise<Hosted | DataRefusal> {
    const kept = this.#hosted.get(name);
    if (kept?.mode === "write") return this.#taken(name, kept);
    if (kept !== undefined) await this.#replaced(name, kept);
    const opened = await this.#sessions.open(name, "write");
    if (opened.kind === "refused") return opened;
    const { position } = await endOf(opened.session);
    return this.#taken(name, await this.#keep(opened.session, "write", position));
  }

  async #replaced(name: string, hosted: Hosted): Promise<void> {
    this.#retire(name, hosted);
    if (hosted.users === 0) await hosted.session.close();
  }

  async #keep(session: RiskSession, mode: "read" | "write", position: number): Promise<Hosted> {
    const hosted: Hosted = { session, mode, position, users: 0, done: Promise.resolve(), retired: false };
    session.onAppended((last) => {
      hosted.position = last;
      for (const listener of this.#listeners.get(session.name) ?? []) listener();
    });
    this.#hosted.set(session.name, hosted);
    for (const [name, other] of this.#hosted) {
      if (this.#hosted.size <= KEPT) break;
      if (other.users === 0 && other !== hosted) await this.#replaced(name, other);
    }
    return hosted;
  }

  #taken(name: string, hosted: Hosted): Hosted {
    hosted.users += 1;
    this.#hosted.delete(name);
    this.#hosted.set(name, hosted);
    return hosted;
  }

  #retire(name: string, hosted: Hosted): void {
    if (this.#hosted.get(name) !== hosted) return;
    hosted.retired = true;
    this.#hosted.delete(name);
  }

  async #release(hosted: Hosted): Promise<void> {
    hosted.users -= 1;
    if (hosted.retired && hosted.users === 0) await hosted.session.close();
  }

  /** One after another for each name, so that two requests cannot open, and fence, one session twice. */
  #alone<T>(name: string, work: () => Promise<T>): Promise<T> {
    const next = (this.#opening.get(name) ?? Promise.resolve()).then(work);
    const settled = next
      .catch(() => {})
      .then(() => {
        if (this.#opening.get(name) === settled) this.#opening.delete(name);
      });
    this.#opening.set(name, settled);
    return next;
  }
}

async function endOf(session: RiskSession): Promise<LogEnd> {
  for await (const { position, event_hash } of session.events({ direction: "backwards", limit: 1 })) return { position, hash: event_hash };
  return { position: 0, hash: "" };
}

/** Events after a position, as far as they fit. @param most bytes of their payloads, but at least one event */
export async function eventsAfter(
  session: Pick<RiskSession, "events">,
  after: number,
  { limit, most, to = Number.MAX_SAFE_INTEGER }: { readonly limit: number; readonly most: number; readonly to?: number },
): Promise<readonly TapeEvent[]> {
  const events: TapeEvent[] = [];
  let bytes = 0;
  for await (const event of session.events({ from: after + 1, limit })) {
    if (event.position > to) break;
    events.push(event);
    bytes += event.payload.length;
    if (bytes >= most) break;
  }
  return events;
}
