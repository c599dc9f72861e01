/**
 * Says where two runs part and what lies behind it.
 *
 * Runs that were given the same are compared by their content chains. Runs that were given something else part at their first event,
 * which tells nobody anything: their inputs are listed, and then the first decision that differs.
 */
import type { BarsAttached } from "../core/engine/run-events.js";
import type { ContentField } from "../core/tape/divergence.js";
import { differingFields } from "../core/tape/divergence.js";
import type { TapeEvent } from "../core/tape/event.js";
import { type JsonDifference, jsonDifferences } from "../core/tape/json-difference.js";
import type { BarLibrary } from "../ports/bar-library.js";
import type { LogSession } from "../ports/event-store.js";
import type { StoredRun } from "../ports/run-store.js";
import type { BacktestPorts } from "./backtest-ports.js";
import { compareDecisions, type Echo, payloadOf } from "./compare-decisions.js";
import { type BarText, barAt } from "./diff-bars.js";
import { type Ancestor, ancestorsOf, nearestCommon } from "./diff-causes.js";
import { type DataDifference, dataDifferences, type InputDifference, inputDifferences } from "./diff-inputs.js";
import { type StatesAround, statesAround } from "./diff-states.js";
import { findLogDivergence, type LogDamage } from "./find-log-divergence.js";
import type { ReadEvent } from "./read-run-events.js";
import { configOf, recordedStart } from "./recorded-run.js";

/** One of the two tapes to compare. */
export interface TapeToDiff {
  readonly name: string;
  readonly session: LogSession;
  /** Null for a tape without a run around it. */
  readonly run: StoredRun | null;
  /** Where the bars are that this tape names by hash. */
  readonly bars: BarLibrary;
}

/** `prefix`: one run is the beginning of the other. `inputs_only`: the runs were given something else and decided the same. */
export type DiffVerdict = "identical" | "prefix" | "parted" | "inputs_only";

export interface DiffedTape {
  readonly name: string;
  readonly log: string;
  readonly events: number;
  readonly content_hash: string;
}

/** An input that both sides of a difference go back to. */
export interface CommonCause {
  readonly left: ReadEvent;
  readonly right: ReadEvent;
  /** Causes between the difference and this event. */
  readonly left_steps: number;
  readonly right_steps: number;
}

/** The bar behind a difference, as each side had it; null where the bars are not in the workspace. */
export interface BarBehind {
  readonly symbol: string;
  readonly left: BarText | null;
  readonly right: BarText | null;
}

/** The first event in which two runs differ. A side is null where that run has ended. */
export interface FirstDifference {
  readonly left: ReadEvent | null;
  readonly right: ReadEvent | null;
  readonly fields: readonly ContentField[];
  /** Where the payloads differ. */
  readonly paths: readonly JsonDifference[];
  readonly cause: CommonCause | null;
  readonly bar: BarBehind | null;
  readonly states: StatesAround;
}

export interface RunDiff {
  readonly verdict: DiffVerdict;
  /** The side that is the beginning of the other; null unless the verdict is `prefix`. */
  readonly prefix: "left" | "right" | null;
  readonly left: DiffedTape;
  readonly right: DiffedTape;
  /** What both tapes begin with. */
  readonly common: { readonly position: number; readonly content_hash: string };
  readonly inputs: readonly InputDifference[];
  readonly data: readonly DataDifference[];
  /** Decisions that both made before the first that differs; null where the inputs are the same. */
  readonly common_decisions: number | null;
  readonly echoes: readonly Echo[];
  readonly first: FirstDifference | null;
  readonly search: { readonly comparisons: number; readonly events_read: number };
  readonly damage: readonly LogDamage[];
}

/** Compares two open tapes. @param ports only hashing. */
export async function diffRuns(ports: Pick<BacktestPorts, "hash">, left: TapeToDiff, right: TapeToDiff): Promise<RunDiff> {
  const { divergence, common, comparisons, events_read, damage } = await findLogDivergence(left.session, right.session, ports.hash);
  const base = { left: tapeOf(left), right: tapeOf(right), common, damage, prefix: null, data: [], inputs: [], echoes: [] };
  const search = { comparisons, events_read };
  if (divergence.kind === "equal") return { ...base, verdict: "identical", common_decisions: null, first: null, search };
  if (divergence.position === 1) {
    const differing = await byDecisions(left, right);
    if (differing !== null)
      return { ...base, ...differing, search: { comparisons, events_read: events_read + differing.search.events_read } };
  }
  const { left: a, right: b } = divergence;
  const first = await explained(left, a, right, b, true);
  const ended = a === null ? "left" : b === null ? "right" : null;
  return { ...base, verdict: ended === null ? "parted" : "prefix", prefix: ended, common_decisions: null, first, search };
}

/** What differs between runs that were given something else; null where their inputs cannot be told apart. */
async function byDecisions(
  left: TapeToDiff,
  right: TapeToDiff,
): Promise<Pick<RunDiff, "verdict" | "inputs" | "data" | "common_decisions" | "echoes" | "first" | "search"> | null> {
  const [a, b] = [await recordedStart(left.session), await recordedStart(right.session)];
  if (a === null || b === null) return null;
  const inputs = inputDifferences(a, b, left.run, right.run);
  if (inputs.every(({ area }) => area === "engine")) return null;
  const data = await dataDifferences(a, left.bars, b, right.bars);
  const found = await compareDecisions(left.session, right.session);
  const equal = found.left === null && found.right === null;
  return {
    verdict: equal ? "inputs_only" : "parted",
    inputs,
    data,
    common_decisions: found.common,
    echoes: found.echoes,
    first: equal ? null : await explained(left, found.left, right, found.right, false),
    search: { comparisons: 0, events_read: found.events_read },
  };
}

async function explained(
  left: TapeToDiff,
  a: TapeEvent | null,
  right: TapeToDiff,
  b: TapeEvent | null,
  shared: boolean,
): Promise<FirstDifference> {
  const [ours, theirs] = [a === null ? [] : await ancestorsOf(left.session, a), b === null ? [] : await ancestorsOf(right.session, b)];
  const cause = nearestCommon(ours, theirs);
  return {
    left: readable(a),
    right: readable(b),
    fields: a === null || b === null ? [] : differingFields(a, b),
    paths: a === null || b === null ? [] : jsonDifferences(payloadOf(a), payloadOf(b)),
    cause:
      cause === null
        ? null
        : {
            left: readEvent(cause.left.event),
            right: readEvent(cause.right.event),
            left_steps: cause.left.steps,
            right_steps: cause.right.steps,
          },
    bar: barBehind(await barOf(left, a, ours), await barOf(right, b, theirs)),
    states: await statesAround(
      { session: left.session, bars: left.bars, event: a },
      { session: right.session, bars: right.bars, event: b },
      shared,
    ),
  };
}

interface SideBar {
  readonly symbol: string;
  readonly bar: BarText | null;
}

/** The bar that an event goes back to: the newest one, at the event's time, of the nearest attachment among its causes. */
async function barOf(side: TapeToDiff, event: TapeEvent | null, ancestors: readonly Ancestor[]): Promise<SideBar | null> {
  const attached = [...(event === null ? [] : [event]), ...ancestors.map((a) => a.event)].find(({ type }) => type === "bars.attached");
  const started = await recordedStart(side.session);
  if (attached === undefined || event === null || started === null) return null;
  // The tape checked the payload against the schema of its type.
  const rows = payloadOf(attached) as unknown as BarsAttached;
  const data = configOf(started).data.find(({ symbol }) => symbol === rows.symbol);
  const columns = data === undefined ? null : await side.bars.load(rows.column_set, data.basis);
  return { symbol: rows.symbol, bar: columns === null ? null : barAt(columns, rows, event.occurred_at) };
}

function barBehind(left: SideBar | null, right: SideBar | null): BarBehind | null {
  const symbol = left?.symbol ?? right?.symbol;
  if (symbol === undefined) return null;
  return { symbol, left: left?.bar ?? null, right: right?.symbol === symbol ? (right.bar ?? null) : null };
}

function tapeOf({ name, session }: TapeToDiff): DiffedTape {
  const { position, content_hash } = session.head();
  return { name, log: session.log, events: position, content_hash };
}

function readable(event: TapeEvent | null): ReadEvent | null {
  return event === null ? null : readEvent(event);
}

function readEvent(event: TapeEvent): ReadEvent {
  return { ...event, payload: payloadOf(event) };
}
