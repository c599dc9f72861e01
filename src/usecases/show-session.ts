/** Looks at a session by its tape, once or for as long as it goes on. Nobody who looks can change or hold up what is looked at. */
import { runCatalogue } from "../core/engine/run-event-schemas.js";
import { SessionFold, type SessionStanding } from "../core/projections/session-fold.js";
import type { Clock } from "../ports/clock.js";
import type { EventStore, LogSession } from "../ports/event-store.js";
import { sessionLog } from "./paper-session.js";

export type FoundSession =
  | { readonly kind: "found"; readonly watch: SessionWatch }
  | { readonly kind: "not_found"; readonly known: readonly string[] }
  | { readonly kind: "unusable"; readonly why: string };

/** Names of the sessions of a workspace, ascending. */
export async function sessionNames(sessions: EventStore): Promise<readonly string[]> {
  return (await sessions.logs()).filter((log) => log.startsWith(PREFIX)).map((log) => log.slice(PREFIX.length));
}

/** @param name of a session, with or without `session/` before it. */
export async function findSession(sessions: EventStore, name: string): Promise<FoundSession> {
  const plain = name.startsWith(PREFIX) ? name.slice(PREFIX.length) : name;
  const known = await sessionNames(sessions);
  if (!known.includes(plain)) return { kind: "not_found", known };
  const opened = await sessions.open({ log: sessionLog(plain), catalogue: runCatalogue, mode: "read" });
  if (opened.kind !== "opened") return { kind: "unusable", why: "cause" in opened ? opened.cause : opened.kind.replaceAll("_", " ") };
  return { kind: "found", watch: new SessionWatch(opened.session) };
}

/** A session that is looked at. */
export class SessionWatch {
  readonly #tape: LogSession;
  #fold: SessionFold | null = null;
  #read = 0;

  constructor(tape: LogSession) {
    this.#tape = tape;
  }

  /** The session as its tape stands now; null where it has not begun. @throws {TapeUnreadable} */
  async look(): Promise<SessionStanding | null> {
    for await (const event of this.#tape.readLog({ from: this.#read + 1 })) {
      if (this.#fold === null) this.#fold = SessionFold.from(event);
      else this.#fold.apply(event);
      this.#read = event.position;
    }
    return this.#fold?.standing() ?? null;
  }

  /** Looks again whenever the tape has moved, until the session ends or the signal is raised. */
  async *follow(clock: Clock, signal: AbortSignal): AsyncGenerator<SessionStanding> {
    let shown = -1;
    while (!signal.aborted) {
      const standing = await this.look();
      if (standing !== null && standing.position !== shown) {
        shown = standing.position;
        yield standing;
        if (standing.status !== "open") return;
      }
      await clock.wait(LOOK_MS, signal);
    }
  }

  async close(): Promise<void> {
    await this.#tape.close();
  }
}

const PREFIX = "session/";
const LOOK_MS = 250;
