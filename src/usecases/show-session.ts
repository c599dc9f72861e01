/** Looks at a session by its tape, once or for as long as it goes on. Nobody who looks can change or hold up what is looked at. */
import { SessionFold, type SessionStanding } from "../core/projections/session-fold.js";
import type { Clock } from "../ports/clock.js";
import type { EventStore, LogSession } from "../ports/event-store.js";
import { openSession, sessionNames } from "./recorded-session.js";

export type FoundSession =
  | { readonly kind: "found"; readonly watch: SessionWatch }
  | { readonly kind: "not_found"; readonly known: readonly string[] }
  | { readonly kind: "unusable"; readonly why: string };

/** @param name of a session, with or without `session/` before it. */
export async function findSession(sessions: EventStore, name: string): Promise<FoundSession> {
  const opened = await openSession(sessions, name);
  if (opened.kind === "none") return { kind: "not_found", known: await sessionNames(sessions) };
  return opened.kind === "opened" ? { kind: "found", watch: new SessionWatch(opened.tape) } : { kind: "unusable", why: opened.why };
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

const LOOK_MS = 250;
