/**
 * Replays a stored run and says how far it can be trusted.
 *
 * L1 the chain links; L2 payloads match their hashes; L3 folding the events gives the state hashes that the tape carries;
 * L4 feeding only the inputs to the engine gives every event again, byte for byte. Strategy, config and bars come by hash from
 * what the run keeps, never from the author's files.
 */
import type { EngineInstrument } from "../core/engine/engine-spec.js";
import type { RunConfig } from "../core/engine/run-config.js";
import { runCatalogue } from "../core/engine/run-event-schemas.js";
import type { RunStarted } from "../core/engine/run-events.js";
import { limitRows } from "../core/engine/run-rows.js";
import { TradingState } from "../core/engine/trading-state.js";
import type { BarColumns, SessionRange } from "../core/market/bars.js";
import { calendarById } from "../core/market/calendars/registry.js";
import { sessionRanges } from "../core/market/column-set.js";
import { bigOf } from "../core/money/decimal.js";
import { unitsOf } from "../core/money/units.js";
import { positionedEvent } from "../core/projections/positioned-event.js";
import { BlockSealer } from "../core/tape/block-sealer.js";
import { compareAt, type Divergence } from "../core/tape/divergence.js";
import type { Head, TapeEvent } from "../core/tape/event.js";
import { GENESIS_HASH } from "../core/tape/hash.js";
import { eventAt } from "../core/tape/sealed-block.js";
import type { LogSession, VerifyReport } from "../ports/event-store.js";
import type { StoredRun } from "../ports/run-store.js";
import type { BacktestPorts } from "./backtest-ports.js";
import { openTape } from "./compare-runs.js";
import { taskInstrument } from "./prepare-run.js";
import { identityFault, runStartedOf } from "./run-identity.js";

export type ReplayLevel = "L1" | "L2" | "L3" | "L4";

export interface ReplayRequest {
  readonly run: StoredRun;
  /** Highest level to prove. Default L4. */
  readonly level?: ReplayLevel;
  readonly onProgress?: (level: ReplayLevel, done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** The verdict on one level. */
export interface LevelVerdict {
  readonly level: ReplayLevel;
  readonly passed: boolean;
  /** What was compared: events, state hashes. */
  readonly checked: number;
  readonly message: string;
  /** First position at which it failed. */
  readonly position?: number;
}

export interface ReplayReport {
  readonly run_id: string;
  readonly verified: boolean;
  readonly levels: readonly LevelVerdict[];
  /** Present when the first failing level found a first differing event. */
  readonly divergence: Extract<Divergence, { kind: "parted" }> | null;
  readonly head: Head;
  /** Builds of the engine that recorded and that replayed the run. */
  readonly engine: {
    readonly recorded: { readonly version: string; readonly build: string };
    readonly replaying: { readonly version: string; readonly build: string };
    readonly same: boolean;
  };
}

export type ReplayOutcome =
  | { readonly kind: "report"; readonly report: ReplayReport }
  | { readonly kind: "unreadable"; readonly message: string }
  | { readonly kind: "aborted" };

const LEVELS: readonly ReplayLevel[] = ["L1", "L2", "L3", "L4"];

export async function replayRun(ports: BacktestPorts, request: ReplayRequest): Promise<ReplayOutcome> {
  const { run } = request;
  const store = ports.tapes(run.dir);
  try {
    const opened = await openTape(store, run.manifest.tape.log);
    if (opened.session === null) return { kind: "unreadable", message: `the tape of ${run.name} cannot be opened: ${opened.why}` };
    const { session } = opened;
    const wanted = LEVELS.slice(0, LEVELS.indexOf(request.level ?? "L4") + 1);
    const levels: LevelVerdict[] = [];
    let divergence: ReplayReport["divergence"] = null;
    for (const level of wanted) {
      if (request.signal?.aborted === true) return { kind: "aborted" };
      const result = await proveLevel(ports, request, session, level);
      if (result === null) return { kind: "aborted" };
      levels.push(result.verdict);
      divergence = result.divergence ?? null;
      if (!result.verdict.passed) break;
    }
    const recorded = run.manifest.engine;
    const same = recorded.build === ports.engine.build;
    const verified = levels.length === wanted.length && levels.every((l) => l.passed);
    return {
      kind: "report",
      report: {
        run_id: run.manifest.run_id,
        verified,
        levels,
        divergence,
        head: session.head(),
        engine: { recorded, replaying: ports.engine, same },
      },
    };
  } finally {
    await store.close();
  }
}

interface LevelResult {
  readonly verdict: LevelVerdict;
  readonly divergence?: Extract<Divergence, { kind: "parted" }>;
}

async function proveLevel(
  ports: BacktestPorts,
  request: ReplayRequest,
  session: LogSession,
  level: ReplayLevel,
): Promise<LevelResult | null> {
  switch (level) {
    case "L1":
    case "L2": {
      const total = session.head().position;
      const report = await session.verify(level, (events) => request.onProgress?.(level, events, total));
      return { verdict: chainVerdict(report, request.run) };
    }
    case "L3":
      return { verdict: await foldStates(ports, request, session) };
    case "L4":
      return decideAgain(ports, request, session);
  }
}

function chainVerdict(report: VerifyReport, run: StoredRun): LevelVerdict {
  const { level, events, failure, head } = report;
  if (failure !== null) {
    const column = failure.column === null ? "" : ` (${failure.column})`;
    return {
      level,
      passed: false,
      checked: events,
      position: failure.position,
      message: `position ${failure.position}${column}: ${failure.message}`,
    };
  }
  const stated = run.manifest.tape;
  if (head.position !== stated.head_position || head.hash !== stated.head_hash) {
    const message = `the tape ends at position ${head.position}, the manifest says ${stated.head_position}: it was cut, extended or exchanged`;
    return { level, passed: false, checked: events, position: Math.min(head.position, stated.head_position) + 1, message };
  }
  return {
    level,
    passed: true,
    checked: events,
    message: level === "L1" ? "every link of the chain holds" : "every payload matches its hash",
  };
}

/** L3: folds the events and compares the state at every session close and at the end. */
async function foldStates(ports: BacktestPorts, request: ReplayRequest, session: LogSession): Promise<LevelVerdict> {
  let state: TradingState | null = null;
  let checked = 0;
  let done = 0;
  const total = session.head().position;
  for await (const stored of session.readLog()) {
    const event = positionedEvent(stored);
    if (event.type === "run.started") {
      const config = configOf(event.payload);
      const scales = await priceScales(ports, config);
      if (scales === null)
        return {
          level: "L3",
          passed: false,
          checked,
          position: stored.position,
          message: "the bars of the run are missing from the workspace",
        };
      state = new TradingState(
        config.instruments.map((x, i) => unitsOf(x, scales[i] ?? 0, config.account.scale)),
        bigOf(config.account.cash, config.account.scale),
        config.account.scale,
      );
    }
    if (state === null)
      return { level: "L3", passed: false, checked, position: stored.position, message: "the tape does not begin with run.started" };
    try {
      state.apply(event);
    } catch (error) {
      return {
        level: "L3",
        passed: false,
        checked,
        position: stored.position,
        message: `${stored.type} cannot be folded: ${error instanceof Error ? error.message : String(error)}`,
      };
    }
    if (event.type === "session.closed" || event.type === "run.completed") {
      checked += 1;
      const actual = ports.hash(state.text());
      if (actual !== event.payload.state_sha256) {
        return {
          level: "L3",
          passed: false,
          checked,
          position: stored.position,
          message: `the folded state hashes to ${actual}, the tape says ${event.payload.state_sha256}`,
        };
      }
    }
    done += 1;
    if (done % 20_000 === 0) request.onProgress?.("L3", done, total);
  }
  return { level: "L3", passed: true, checked, message: `the folded state is the recorded one at ${checked} points` };
}

/** L4: runs the engine on the recorded inputs and compares every event it makes with the stored one. */
async function decideAgain(ports: BacktestPorts, request: ReplayRequest, session: LogSession): Promise<LevelResult | null> {
  const { run } = request;
  const fail = (message: string, position?: number): LevelResult => ({
    verdict: { level: "L4", passed: false, checked: 0, message, ...(position === undefined ? {} : { position }) },
  });
  const first = await firstEvent(session);
  if (first === null || first.type !== "run.started") return fail("the tape does not begin with run.started", 1);
  const event = positionedEvent(first);
  if (event.type !== "run.started") return fail("the tape does not begin with run.started", 1);
  const recordedStart = event.payload;
  const config = configOf(recordedStart);
  const contradiction = identityFault(run.manifest, recordedStart, ports.hash);
  if (contradiction !== null) return fail(contradiction, 1);
  const bundle = await ports.runs.input(run, run.manifest.strategy.bundle_sha256);
  if (bundle === null) return fail("the run's own copy of the strategy is missing or altered");
  const instruments = await instrumentsOf(ports, config, bundle);
  if (typeof instruments === "string") return fail(instruments);
  // Made again from config and bars rather than fed back, so that the first event is proved like every other.
  const started = runStartedOf(config, recordedStart.strategy.source_sha256, instruments, ports.hash);

  const total = session.head().position;
  const log = run.manifest.tape.log;
  const sealer = new BlockSealer(log, runCatalogue, ports.hash, {
    head: { position: 0, hash: GENESIS_HASH, content_hash: GENESIS_HASH },
    pins: [],
    recent: [],
  });
  const recorded = session.readLog()[Symbol.asyncIterator]();
  let checked = 0;
  let parted: Extract<Divergence, { kind: "parted" }> | null = null;
  const compare = async (replayed: TapeEvent | null, position: number): Promise<boolean> => {
    const next = await recorded.next();
    const stored = next.done === true ? null : next.value;
    const verdict = compareAt(position, stored, replayed);
    if (verdict === null) {
      checked += 1;
      // Equal content with another id, cause or stream is a difference too.
      if (stored !== null && replayed !== null && stored.event_hash !== replayed.event_hash)
        parted = { kind: "parted", position, left: stored, right: replayed, fields: [] };
      return parted === null;
    }
    if (verdict.kind === "parted") parted = verdict;
    return false;
  };
  const outcome = await ports.host.run(
    { started, config, bundle, instruments, append: "block", tape: true },
    {
      time_budget_ms: REPLAY_BUDGET_MS,
      ...(request.signal === undefined ? {} : { signal: request.signal }),
      onBlock: async (block) => {
        const sealed = sealer.seal(block);
        for (let i = 0; i < sealed.count; i++) {
          if (!(await compare(eventAt(sealed, i, { recorded_at: 0, epoch: 0 }), sealed.first_position + i)))
            return { kind: "stopped", cause: "the replay parted from the tape" };
        }
        request.onProgress?.("L4", checked, total);
        return { kind: "committed" };
      },
    },
  );
  if (outcome.kind === "aborted") return null;
  if (outcome.kind === "completed" && parted === null) await compare(null, checked + 1);
  await recorded.return?.();
  const found = parted as Extract<Divergence, { kind: "parted" }> | null;
  if (found !== null) {
    const message = `position ${found.position}: recorded ${found.left?.type ?? "nothing"}, replayed ${found.right?.type ?? "nothing"}${found.fields.length > 0 ? `, differing in ${found.fields.join(", ")}` : ""}`;
    return { verdict: { level: "L4", passed: false, checked, position: found.position, message }, divergence: found };
  }
  if (outcome.kind !== "completed") return fail(`the replay did not end: ${outcome.kind}`);
  return { verdict: { level: "L4", passed: true, checked, message: "the same inputs gave the same events, byte for byte" } };
}

/** A replay proves content, not speed: handlers get a minute. */
const REPLAY_BUDGET_MS = 60_000;

async function instrumentsOf(ports: BacktestPorts, config: RunConfig, bundle: string): Promise<readonly EngineInstrument[] | string> {
  const { session } = ports.strategies.revive(bundle).meta;
  const loaded: { columns: EngineInstrument["columns"]; sessions: EngineInstrument["sessions"] }[] = [];
  for (const [i, data] of config.data.entries()) {
    const columns = await ports.bars.load(data.column_set, data.basis);
    if (columns === null)
      return `the bars of ${data.symbol} (column set ${data.column_set.slice(0, 12)}) are missing from the workspace or altered`;
    const calendar = calendarById(config.instruments[i]?.calendar ?? "");
    loaded.push({ columns, sessions: deliveredSessions(columns, sessionRanges(columns, calendar, session), data) });
  }
  return loaded.map(({ columns, sessions }) => taskInstrument(ports, columns, sessions));
}

/** The sessions of the rows that the run delivered. */
function deliveredSessions(
  columns: BarColumns,
  sessions: readonly SessionRange[],
  { first_row, row_count }: RunConfig["data"][number],
): readonly SessionRange[] {
  if (row_count === 0) return [];
  const from = columns.ts[first_row] ?? null;
  const to = columns.ts[first_row + row_count - 1] ?? null;
  return limitRows([{ columns, sessions }], { from, to, max_bars: null })[0] ?? [];
}

async function priceScales(ports: BacktestPorts, config: RunConfig): Promise<readonly number[] | null> {
  const scales: number[] = [];
  for (const data of config.data) {
    const columns = await ports.bars.load(data.column_set, data.basis);
    if (columns === null) return null;
    scales.push(columns.price_scale);
  }
  return scales;
}

async function firstEvent(session: LogSession): Promise<TapeEvent | null> {
  for await (const event of session.readLog({ limit: 1 })) return event;
  return null;
}

/** The config as the tape keeps it: written from a `RunConfig` by this product and covered by the chain. */
function configOf(started: RunStarted): RunConfig {
  return started.config as unknown as RunConfig;
}
