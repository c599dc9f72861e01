/**
 * A stored session as what can run again: what came to it stands on its tape, strategy and texts come by hash from what the workspace keeps, never from
 * the author's files.
 */
import type { Arrival } from "../core/engine/arrival-feed.js";
import { ARRIVAL_TYPES, recordedArrivals, recordedColumns } from "../core/engine/recorded-arrivals.js";
import type { RunConfig, RunInputs } from "../core/engine/run-config.js";
import { runCatalogue } from "../core/engine/run-event-schemas.js";
import type { SessionStarted } from "../core/engine/session-events.js";
import type { BarColumns } from "../core/market/bars.js";
import type { BarShape } from "../core/market/growing-bars.js";
import { positionedEvent } from "../core/projections/positioned-event.js";
import type { ReplayEvent } from "../core/tape/event.js";
import type { EngineTask } from "../ports/engine-host.js";
import type { EventStore, LogSession, OpenOutcome } from "../ports/event-store.js";
import type { SessionInputs } from "../ports/session-inputs.js";
import { configOf, namedInputs } from "./recorded-run.js";

/** Logs of sessions begin so. */
const SESSION = "session/";

/** The log of a session. */
export function sessionLog(session: string): string {
  return `${SESSION}${session}`;
}

/** The name of the session that a word means, with or without `session/` before it. */
export function sessionName(word: string): string {
  return word.startsWith(SESSION) ? word.slice(SESSION.length) : word;
}

/** Names of the sessions of a workspace, ascending. */
export async function sessionNames(sessions: EventStore): Promise<readonly string[]> {
  return (await sessions.logs()).filter((log) => log.startsWith(SESSION)).map((log) => log.slice(SESSION.length));
}

/** A session that a word means, with its tape open to be read. */
export type OpenedSession =
  | { readonly kind: "opened"; readonly name: string; readonly tape: LogSession }
  | { readonly kind: "none" }
  | { readonly kind: "unusable"; readonly name: string; readonly why: string };

export async function openSession(sessions: EventStore, word: string): Promise<OpenedSession> {
  const name = sessionName(word);
  if (!(await sessionNames(sessions)).includes(name)) return { kind: "none" };
  const opened: OpenOutcome = await sessions.open({ log: sessionLog(name), catalogue: runCatalogue, mode: "read" });
  if (opened.kind === "opened") return { kind: "opened", name, tape: opened.session };
  return { kind: "unusable", name, why: "cause" in opened ? opened.cause : opened.kind.replaceAll("_", " ") };
}

/** The first event of a session's tape, or null where it is none of a session. */
export async function sessionOpening(tape: Pick<LogSession, "readLog">): Promise<SessionStarted | null> {
  for await (const first of tape.readLog({ limit: 1 })) {
    if (first.type !== "session.started") return null;
    const event = positionedEvent(first);
    return event.type === "session.started" ? event.payload : null;
  }
  return null;
}

/** What came to a session so far, in order, and whether it has come to its end. */
export interface CameToSession {
  readonly opening: SessionStarted | null;
  readonly arrivals: readonly Arrival[];
  readonly ended: boolean;
}

/** @returns no arrivals where the session has not begun. */
export async function cameTo(tape: LogSession): Promise<CameToSession> {
  const recorded: ReplayEvent[] = [];
  for await (const page of tape.replayPages({ types: ["session.started", "run.completed", ...ARRIVAL_TYPES] })) recorded.push(...page);
  const opening = await sessionOpening(tape);
  return {
    opening,
    arrivals: opening === null ? [] : arrivalsOn(tape, recorded, opening),
    ended: recorded.at(-1)?.type === "run.completed",
  };
}

/** What came to a session by the events that tell of it. */
export function arrivalsOn(tape: Pick<LogSession, "head">, recorded: readonly ReplayEvent[], opening: SessionStarted): readonly Arrival[] {
  // Slices are told apart by what stands between them, which the filtered events do not show where a tape ends.
  const last = recorded.at(-1);
  const followed = last !== undefined && last.position < tape.head().position;
  return recordedArrivals(followed ? [...recorded, { ...last, type: "" }] : recorded, opening.data);
}

/** The bars of a session as columns, in the order of its instruments. */
export async function columnsOn(tape: Pick<LogSession, "replayPages">, { data }: SessionStarted): Promise<readonly BarColumns[]> {
  const bars: ReplayEvent[] = [];
  for await (const page of tape.replayPages({ types: ["bar.closed"] })) bars.push(...page);
  return recordedColumns(bars, data);
}

/** The texts that a session's config names by hash, or which of them is missing. */
export function inputsOfSession(inputs: Pick<SessionInputs, "text">, opening: SessionStarted): Promise<RunInputs | string> {
  return namedInputs(configOf(opening), (sha256) => inputs.text(sha256));
}

export type RecordedSession =
  | {
      readonly kind: "usable";
      readonly opening: SessionStarted;
      readonly config: RunConfig;
      readonly task: EngineTask;
      readonly arrivals: readonly Arrival[];
      /** False where its bars may go on: then the engine is stopped where they end, and makes no end of its own. */
      readonly ended: boolean;
    }
  | { readonly kind: "unusable"; readonly message: string; readonly position?: number };

/** Gathers what a session needs to be run again. */
export async function recordedSession(inputs: SessionInputs, tape: LogSession): Promise<RecordedSession> {
  const { opening, arrivals, ended } = await cameTo(tape);
  if (opening === null) return { kind: "unusable", message: "the tape does not begin with session.started", position: 1 };
  const config = configOf(opening);
  const bundle = await inputs.strategy(opening.strategy.source_sha256);
  if (bundle === null) return { kind: "unusable", message: `the workspace's own copy of the strategy ${KEPT_AGAIN}` };
  const texts = await inputsOfSession(inputs, opening);
  if (typeof texts === "string") return { kind: "unusable", message: texts };
  const task: EngineTask = {
    ...{ started: null, config, bundle, instruments: [], inputs: texts },
    arriving: { opening, shapes: opening.data.map(shapeOf) },
    // A session that goes on is stopped at an event: each of its batches must have come by then.
    ...{ append: ended ? "block" : "strict", tape: true },
  };
  return { kind: "usable", opening, config, task, arrivals, ended };
}

const KEPT_AGAIN =
  "is missing or altered: `onetape paper` keeps it when the session goes on, `onetape store restore` brings that of a backup";

function shapeOf(data: SessionStarted["data"][number]): BarShape {
  // Written from a shape of bars by this product and covered by the chain.
  return data as BarShape;
}

/**
 * What came to a session, for an engine that runs it again. Where the session has no end yet, `stop` is called in place of one, when the engine has
 * made everything that the arrivals lead to.
 */
export async function* arrivalsAgain(
  { arrivals, ended }: Pick<Extract<RecordedSession, { kind: "usable" }>, "arrivals" | "ended">,
  stop: () => void,
): AsyncGenerator<Arrival> {
  yield* arrivals;
  if (!ended) stop();
}
