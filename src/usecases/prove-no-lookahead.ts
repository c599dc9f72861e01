/**
 * Shows that a run did not look ahead: runs it again on data that end earlier, and compares what both decided up to there.
 *
 * A decision that used a later bar cannot be made again without that bar. The cut runs are not kept.
 */
import { runCatalogue } from "../core/engine/run-event-schemas.js";
import { BlockSealer } from "../core/tape/block-sealer.js";
import type { TapeEvent } from "../core/tape/event.js";
import { GENESIS_HASH } from "../core/tape/hash.js";
import { type JsonDifference, jsonDifferences } from "../core/tape/json-difference.js";
import type { LogSession } from "../ports/event-store.js";
import type { StoredRun } from "../ports/run-store.js";
import type { BacktestPorts } from "./backtest-ports.js";
import { payloadOf } from "./compare-decisions.js";
import { openTape } from "./compare-runs.js";
import { type Cut, cutsOf, taskOfCut } from "./cut-run.js";
import { type BarText, barAt } from "./diff-bars.js";
import { ancestorsOf } from "./diff-causes.js";
import { PrefixComparison, type PrefixDifference } from "./prefix-comparison.js";
import type { ReadEvent } from "./read-run-events.js";
import { type RecordedRun, recordedRun } from "./recorded-run.js";

export interface LookaheadRequest {
  readonly run: StoredRun;
  /** Cuts to make; fewer where the run has fewer places. */
  readonly points: number;
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** One cut and what came of it. */
export interface LookaheadPoint extends Cut {
  readonly passed: boolean;
  /** Events found equal. */
  readonly events: number;
  /** Events of the cut run that follow from the end of its data and are not compared. */
  readonly excluded: number;
}

/** The first event that the whole run and a cut one do not share. */
export interface LookaheadFailure {
  readonly cut: Cut;
  readonly position: number;
  /** What was decided with the later bars at hand, and without them; null where there was no such event up to the cut. */
  readonly whole: ReadEvent | null;
  readonly without: ReadEvent | null;
  readonly paths: readonly JsonDifference[];
  /** The bar on which it was decided; null where the event goes back to none. */
  readonly bar: ({ readonly symbol: string } & BarText) | null;
}

export interface LookaheadReport {
  readonly run_id: string;
  readonly verdict: "passed" | "failed";
  readonly points_asked: number;
  /** Ascending; ends with the first that failed. */
  readonly points: readonly LookaheadPoint[];
  readonly events_compared: number;
  readonly failure: LookaheadFailure | null;
  /** What a cut of these bars cannot show. */
  readonly notes: readonly string[];
}

export type LookaheadOutcome =
  | { readonly kind: "report"; readonly report: LookaheadReport }
  /** The run cannot be cut or run again. */
  | { readonly kind: "impossible"; readonly message: string }
  | { readonly kind: "aborted" };

/** A proof compares content, not speed: handlers get a minute. */
const BUDGET_MS = 60_000;

type Usable = Extract<RecordedRun, { kind: "usable" }>;

/** Cuts a stored run at some points and compares. */
export async function proveNoLookahead(ports: BacktestPorts, request: LookaheadRequest): Promise<LookaheadOutcome> {
  const { run, points } = request;
  const store = ports.tapes(run.dir);
  try {
    const opened = await openTape(store, run.manifest.tape.log);
    if (opened.session === null) return { kind: "impossible", message: `the tape of ${run.name} cannot be opened: ${opened.why}` };
    const recorded = await recordedRun(ports, run, opened.session);
    if (recorded.kind === "unusable") return { kind: "impossible", message: recorded.message };
    const cuts = cutsOf(recorded.instruments, points, recorded.started.config_sha256, ports.hash);
    if (cuts.length === 0) return { kind: "impossible", message: "the run has a single close time and cannot be cut before its end" };
    return await proveCuts(ports, request, opened.session, recorded, cuts);
  } finally {
    await store.close();
  }
}

async function proveCuts(
  ports: BacktestPorts,
  request: LookaheadRequest,
  session: LogSession,
  recorded: Usable,
  cuts: readonly Cut[],
): Promise<LookaheadOutcome> {
  const points: LookaheadPoint[] = [];
  const total = cuts.reduce((sum, { bars }) => sum + bars, 0);
  let done = 0;
  let failure: LookaheadFailure | null = null;
  for (const cut of cuts) {
    const result = await proveCut(ports, request, session, recorded, cut, (bars) => request.onProgress?.(done + bars, total));
    if (result === null) return { kind: "aborted" };
    if (typeof result === "string") return { kind: "impossible", message: `the run cut at ${new Date(cut.ts).toISOString()} ${result}` };
    const { difference, comparison } = result;
    points.push({ ...cut, passed: difference === null, events: comparison.compared, excluded: comparison.excluded });
    done += cut.bars;
    if (difference === null) continue;
    failure = await explained(session, recorded, cut, difference);
    break;
  }
  const report: LookaheadReport = {
    run_id: request.run.manifest.run_id,
    verdict: failure === null ? "passed" : "failed",
    points_asked: request.points,
    points,
    events_compared: points.reduce((sum, { events }) => sum + events, 0),
    failure,
    notes: notesOn(recorded),
  };
  return { kind: "report", report };
}

interface CutResult {
  readonly difference: PrefixDifference | null;
  readonly comparison: PrefixComparison;
}

/** Null: stopped on request. Text: the run did not come to an end. */
async function proveCut(
  ports: BacktestPorts,
  request: LookaheadRequest,
  session: LogSession,
  recorded: Usable,
  cut: Cut,
  onProgress: (bars: number) => void,
): Promise<CutResult | string | null> {
  // Ids derive from the log's name: under the same one, the same event has the same id.
  const sealer = new BlockSealer(session.log, runCatalogue, ports.hash, {
    head: { position: 0, hash: GENESIS_HASH, content_hash: GENESIS_HASH },
    pins: [],
    recent: [],
  });
  const comparison = new PrefixComparison(session.readLog(), cut.ts, ports.hash);
  let difference: PrefixDifference | null = null;
  try {
    const outcome = await ports.host.run(taskOfCut(ports, recorded, cut), {
      time_budget_ms: BUDGET_MS,
      ...(request.signal === undefined ? {} : { signal: request.signal }),
      onProgress: ({ bars }) => onProgress(bars),
      onBlock: async (block) => {
        difference = await comparison.take(block, sealer.seal(block));
        return difference === null ? { kind: "committed" } : { kind: "stopped", cause: "the cut run parted from the whole one" };
      },
    });
    if (outcome.kind === "aborted") return null;
    // Narrowing does not see what the callback assigned.
    const found = difference as PrefixDifference | null;
    if (found !== null) return { difference: found, comparison };
    if (outcome.kind !== "completed") return `did not end: ${outcome.kind}`;
    if (outcome.failure !== null && outcome.events === 0) return `could not start: ${outcome.failure.message}`;
    return { difference: await comparison.finish(), comparison };
  } finally {
    await comparison.close();
  }
}

async function explained(session: LogSession, recorded: Usable, cut: Cut, difference: PrefixDifference): Promise<LookaheadFailure> {
  const { position, whole, cut: without } = difference;
  return {
    cut,
    position,
    whole: readable(whole),
    without: readable(without),
    paths: whole === null || without === null ? [] : jsonDifferences(payloadOf(whole), payloadOf(without)),
    bar: await barOf(session, recorded, whole, without),
  };
}

/** The newest bar at the event's time of the symbol that the event, or what it answers, is about. */
async function barOf(
  session: LogSession,
  recorded: Usable,
  whole: TapeEvent | null,
  without: TapeEvent | null,
): Promise<LookaheadFailure["bar"]> {
  const event = whole ?? without;
  if (event === null) return null;
  const related = [event, ...(whole === null ? [] : (await ancestorsOf(session, whole)).map((ancestor) => ancestor.event))];
  const symbol = related.map((e) => payloadOf(e)["symbol"]).find((name) => typeof name === "string");
  const columns = recorded.instruments.find((instrument) => instrument.columns.symbol === symbol)?.columns;
  if (columns === undefined) return null;
  const bar = barAt(columns, { first_row: 0, row_count: columns.rows }, event.occurred_at);
  return bar === null ? null : { symbol: columns.symbol, ...bar };
}

function notesOn({ config }: Usable): readonly string[] {
  const adjusted = config.data.filter(({ price_mode }) => price_mode === "adjusted").map(({ symbol }) => symbol);
  if (adjusted.length === 0) return [];
  return [
    `the bars of ${adjusted.join(", ")} are adjusted: every price carries factors of later splits and dividends, which no cut takes out; run on raw prices to rule that out`,
  ];
}

function readable(event: TapeEvent | null): ReadEvent | null {
  return event === null ? null : { ...event, payload: payloadOf(event) };
}
