/**
 * Runs a strategy as a paper session: closed bars come one by one, every batch of events is committed before anything is made of it.
 *
 * A session that was stopped, or killed, goes on by running again from its first event: what it decides is compared with its tape up to
 * where that ends, and appended from there on. It therefore ends with the same tape as one that was never disturbed.
 */
import type { Arrival, ArrivedSlice } from "../core/engine/arrival-feed.js";
import { ARRIVAL_TYPES, lastSliceTs } from "../core/engine/recorded-arrivals.js";
import { runCatalogue } from "../core/engine/run-event-schemas.js";
import type { SessionStarted } from "../core/engine/session-events.js";
import type { BarShape } from "../core/market/growing-bars.js";
import type { Violation } from "../core/quality/violation.js";
import { overrideParams, type StatedParam } from "../core/strategy/override-params.js";
import { canonicalJson } from "../core/tape/canonical-json.js";
import type { Head, TapeEvent, UtcMillis } from "../core/tape/event.js";
import { isTapeName } from "../core/tape/names.js";
import type { Broker } from "../ports/broker.js";
import type { Clock } from "../ports/clock.js";
import type { EngineCounts, EngineOutcome, ReportedFailure } from "../ports/engine-host.js";
import type { EventStore, LogSession, OpenOutcome } from "../ports/event-store.js";
import type { Notifier } from "../ports/notifier.js";
import type { SessionInputs } from "../ports/session-inputs.js";
import type { BacktestPorts } from "./backtest-ports.js";
import type { DataRefusal } from "./data-ports.js";
import { SwitchFollower } from "./follow-switch.js";
import { type KillSwitchReport, killSwitchReport } from "./kill-switch-log.js";
import type { Pace } from "./pace.js";
import { type PreparedRun, prepareRun } from "./prepare-run.js";
import { askQuality, type QualityGate, seriesOfRun } from "./quality-gate.js";
import { arrivalsOn, sessionLog } from "./recorded-session.js";
import { replayedBars } from "./replayed-bars.js";
import { type Parting, ResumeTape } from "./resume-tape.js";
import { SessionEffects } from "./session-effects.js";

export interface PaperPorts extends Pick<BacktestPorts, "configs" | "strategies" | "bars" | "host" | "hash" | "hashBytes" | "engine"> {
  /** Where sessions keep their tapes. */
  readonly sessions: EventStore;
  /** The workspace's own logs, its kill switch among them. */
  readonly workspace: EventStore;
  readonly pace: Pace;
  readonly clock: Clock;
  /** Where orders go. Fills are the simulated venue's business: it is told of every order that leaves the session. */
  readonly broker: Broker;
  /** Keeps what a session needs to be run again elsewhere than here and now. */
  readonly inputs: SessionInputs;
  /** Channels that tell people, by name. */
  readonly notifiers: ReadonlyMap<string, Notifier>;
}

export interface PaperRequest {
  readonly configPath: string;
  /** Names the session and its log. Default: the strategy's own name. */
  readonly session?: string | undefined;
  /** Captures that are replayed in place of those that the config would take, by id or its beginning. */
  readonly captures?: readonly string[] | undefined;
  readonly params?: readonly StatedParam[] | undefined;
  readonly onProgress?: ((done: PaperProgress) => void) | undefined;
  readonly signal: AbortSignal;
  /** Service levels that the bars must keep; left out, none is asked. */
  readonly quality?: QualityGate;
}

export interface PaperProgress {
  readonly bars: number;
  readonly total_bars: number;
  /** Close time of the newest bar, or null before the first. */
  readonly ts: UtcMillis | null;
  /** True while what the tape holds is made again. */
  readonly resuming: boolean;
}

/** Where a session stands. */
export interface PaperStanding {
  readonly session: string;
  readonly log: string;
  /** Events that were there when it began; 0 for a new session. */
  readonly resumed_from: number;
  readonly head: Head;
  readonly bars: number;
  readonly counts: EngineCounts | null;
}

export type PaperOutcome =
  /** Its bars are over. */
  | { readonly kind: "completed"; readonly standing: PaperStanding }
  | { readonly kind: "failed"; readonly standing: PaperStanding; readonly failure: ReportedFailure }
  /** Stopped from outside; the same command goes on with it. */
  | { readonly kind: "stopped"; readonly standing: PaperStanding; readonly cause: string | null }
  /** The workspace's kill switch is tripped, and a session without a policy has no gate that asks it. */
  | { readonly kind: "halted"; readonly session: string }
  /** It decides otherwise than its tape says. */
  | { readonly kind: "parted"; readonly session: string; readonly parting: Parting }
  /** The bars do not keep a service level that is enforced, or it could not be asked. The session's tape is as it was. */
  | { readonly kind: "refused"; readonly refusal: DataRefusal }
  | { readonly kind: "invalid"; readonly violations: readonly Violation[] }
  | { readonly kind: "unavailable"; readonly violations: readonly Violation[] };

export async function runPaperSession(ports: PaperPorts, request: PaperRequest): Promise<PaperOutcome> {
  const { params: stated = [] } = request;
  ports.host.prepare();
  const preparation = await prepareRun(ports, request.configPath, {
    append: "strict",
    params: (schemas, config) => overrideParams(schemas, config.params, stated),
    captures: request.captures,
    judged: false,
  });
  if (preparation.kind === "invalid") return preparation;
  const { run } = preparation;
  const session = request.session ?? run.config.strategy.name;
  const violations = refusals(run, session);
  if (violations.length > 0) return { kind: "invalid", violations };
  const gated = await askQuality(
    request.quality,
    "paper",
    session,
    seriesOfRun(run, ports.pace.simulated ? null : (request.quality?.now() ?? null)),
  );
  if (gated.kind === "refused") return { kind: "refused", refusal: gated };
  const log = sessionLog(session);
  const durability = ports.pace.simulated ? "committed" : "durable";
  const opened = await ports.sessions.open({ log, catalogue: runCatalogue, mode: "write", layout: "rows", durability });
  if (opened.kind !== "opened") return { kind: "unavailable", violations: [unusable(session, opened)] };
  try {
    return await runOn(ports, request, run, session, opened.session);
  } finally {
    await opened.session.close();
  }
}

async function runOn(ports: PaperPorts, request: PaperRequest, run: PreparedRun, session: string, tape: LogSession): Promise<PaperOutcome> {
  const opening = openingOf(run, session);
  const recorded: TapeEvent[] = [];
  for await (const event of tape.readLog({ types: ["session.started", "run.completed", ...ARRIVAL_TYPES] })) recorded.push(event);
  const first = recorded[0];
  const contradiction = first === undefined ? null : otherSession(session, first, opening);
  if (contradiction !== null) return { kind: "invalid", violations: [contradiction] };
  const over = recorded.at(-1)?.type === "run.completed";
  // Without a pace nothing leaves the process. With one, what a process that died at the end had not done is still to be done.
  if (over && ports.pace.simulated) return { kind: "invalid", violations: [ended(session)] };
  await keepInputs(ports.inputs, run);
  const resumed_from = tape.head().position;
  const resume = new ResumeTape(tape, ports.hash);
  const past = arrivalsOn(tape, recorded, opening);
  const follower = new SwitchFollower(
    () => readSwitch(ports),
    () => ports.clock.now(),
  );
  if (run.config.risk === undefined && (await readSwitch(ports)).state.status === "tripped") return { kind: "halted", session };
  const effects = ports.pace.simulated ? null : await SessionEffects.open({ ...ports, store: ports.sessions }, run, tape, session);
  let bars = 0;
  let parting: Parting | null = null;
  let outcome: EngineOutcome;
  try {
    outcome = await ports.host.run(
      {
        ...run.task,
        started: null,
        instruments: [],
        arriving: { opening, shapes: run.task.instruments.map(({ columns }) => shapeOf(columns)) },
        log: tape.log,
        append: "strict",
        tape: true,
      },
      {
        time_budget_ms: run.time_budget_ms,
        signal: request.signal,
        arrivals: withRequests(
          past,
          replayedBars(run.task.instruments, lastSliceTs(past) ?? opening.since, ports.pace, request.signal),
          follower,
        ),
        onProgress: (done) => {
          bars = done.bars;
          request.onProgress?.({ ...done, total_bars: run.total_bars, resuming: resume.replays(tape.head().position) });
        },
        onBlock: async (block) => {
          // What nobody can carry out is not decided either.
          const failure = effects?.failure ?? null;
          if (failure !== null) return { kind: "stopped", cause: failure.message };
          const taken = await resume.take(block);
          follower.follow(block);
          if (taken.kind === "stored" || taken.kind === "known") {
            effects?.follow(block);
            return { kind: "committed" };
          }
          if (taken.kind === "parted") parting = taken.parting;
          return { kind: "stopped", cause: causeOf(taken) };
        },
      },
    );
  } finally {
    await effects?.close();
  }
  if (parting !== null) return { kind: "parted", session, parting };
  const standing: PaperStanding = { session, log: tape.log, resumed_from, head: tape.head(), bars, counts: null };
  const failure = effects?.failure ?? null;
  if (failure !== null) return { kind: "stopped", standing, cause: failure.message };
  if (over && outcome.kind === "completed") return { kind: "invalid", violations: [ended(session)] };
  return outcomeOf(outcome, standing);
}

/** Strategy and texts of a session, kept before its first event names them. */
async function keepInputs(inputs: SessionInputs, { strategy, task }: PreparedRun): Promise<void> {
  await inputs.keepStrategy(strategy.source_sha256, task.bundle);
  for (const text of Object.values(task.inputs)) await inputs.keepText(text);
}

function outcomeOf(outcome: EngineOutcome, standing: PaperStanding): PaperOutcome {
  switch (outcome.kind) {
    case "completed": {
      const whole = { ...standing, bars: outcome.bars, counts: outcome.counts };
      return outcome.failure === null
        ? { kind: "completed", standing: whole }
        : { kind: "failed", standing: whole, failure: outcome.failure };
    }
    case "aborted":
      return { kind: "stopped", standing, cause: null };
    case "over_budget":
      return { kind: "stopped", standing, cause: "a handler of the strategy took longer than the time budget of the config" };
    case "tape_stopped":
      return { kind: "stopped", standing, cause: outcome.cause };
  }
}

/** What stands on the tape comes first, as fast as it can be taken; between bars that come, what the workspace's switch asks. */
async function* withRequests(
  past: readonly Arrival[],
  coming: AsyncGenerator<ArrivedSlice>,
  follower: SwitchFollower,
): AsyncGenerator<Arrival> {
  try {
    yield* past;
    for await (const slice of coming) {
      const request = await follower.next();
      if (request !== null) yield { request };
      yield slice;
    }
  } finally {
    await coming.return(undefined);
  }
}

/** @throws {SwitchUnreadable} rather than trade on: a switch that cannot be read may be tripped. */
async function readSwitch(ports: Pick<PaperPorts, "workspace">): Promise<KillSwitchReport> {
  const report = await killSwitchReport({ store: ports.workspace });
  if (report.kind === "read") return report;
  throw new SwitchUnreadable(report.violations.map(({ message }) => message).join("; "));
}

/** The workspace's kill switch cannot be read. */
export class SwitchUnreadable extends Error {
  override readonly name = "SwitchUnreadable";
}

function openingOf(run: PreparedRun, session: string): SessionStarted {
  const { strategy, config, config_sha256, instruments, data } = run.task.started;
  return {
    session,
    mode: "paper",
    strategy,
    config,
    config_sha256,
    instruments,
    data: run.task.instruments.map(({ columns: c }) => ({
      symbol: c.symbol,
      timeframe: c.timeframe,
      price_mode: c.price_mode,
      basis: c.basis,
      price_scale: c.price_scale,
      volume_scale: c.volume_scale,
      has_volume: c.has_volume,
    })),
    since: Math.min(...data.filter((d) => d.rows > 0).map((d) => d.first_ts)) - 1,
  };
}

function shapeOf({ symbol, timeframe, price_mode, basis, price_scale, volume_scale, has_volume }: BarShape): BarShape {
  return { symbol, timeframe, price_mode, basis, price_scale, volume_scale, has_volume };
}

function refusals(run: PreparedRun, session: string): readonly Violation[] {
  const violations: Violation[] = [];
  if (run.config.research)
    violations.push({
      code: "PAPER_TIMEFRAME",
      message: `paper sessions trade one-minute bars, and this config has ${run.config.timeframe}`,
      field: "/timeframe",
      value: run.config.timeframe,
      expected: "1m",
    });
  for (const { symbol, bid_column_set } of run.config.data)
    if (bid_column_set !== undefined)
      violations.push({
        code: "PAPER_QUOTES",
        message: `orders of ${symbol} are to fill at quotes, and a paper session has bars alone`,
        field: "/data",
        value: symbol,
        expected: "data without quotes",
      });
  if (!isTapeName(sessionLog(session)))
    violations.push({
      code: "SESSION_NAME",
      message: `"${session}" cannot name a session`,
      field: "--session",
      value: session,
      expected: "letters, digits, and . _ - between them",
    });
  return violations;
}

/** Says what a session that exists was started with otherwise, or null. */
function otherSession(session: string, first: TapeEvent, opening: SessionStarted): Violation | null {
  const canonical = canonicalJson(opening);
  if (first.type === "session.started" && canonical.ok && canonical.text === first.payload) return null;
  const recorded = first.type === "session.started" ? (JSON.parse(first.payload) as SessionStarted) : null;
  const differs = (Object.keys(opening) as (keyof SessionStarted)[]).filter(
    (key) => JSON.stringify(recorded?.[key]) !== JSON.stringify(opening[key]),
  );
  return {
    code: "SESSION_DIFFERS",
    message: `the session ${session} was started with another ${differs.join(", ") || "beginning"}: it goes on only with what it was started with`,
    field: "--session",
    value: session,
    expected: "the same strategy, config and bars, or another --session name",
  };
}

function ended(session: string): Violation {
  return {
    code: "SESSION_ENDED",
    message: `the session ${session} has come to its end`,
    field: "--session",
    value: session,
    expected: "another --session name",
  };
}

function unusable(session: string, outcome: Exclude<OpenOutcome, { kind: "opened" }>): Violation {
  const why = "cause" in outcome ? outcome.cause : outcome.kind.replaceAll("_", " ");
  return {
    code: "STORE_UNAVAILABLE",
    message: `the tape of the session ${session} cannot be used: ${why}`,
    field: "--session",
    value: session,
  };
}

function causeOf(taken: Exclude<Awaited<ReturnType<ResumeTape["take"]>>, { kind: "stored" | "known" }>): string {
  switch (taken.kind) {
    case "parted":
      return `the session parted from its tape at position ${taken.parting.position}`;
    case "fenced":
      return `another process took the session over (epoch ${taken.epoch})`;
    case "out_of_order":
      return `position ${taken.actual_position} came where ${taken.expected_position} was due`;
    case "rejected":
      return taken.violations.map((v) => v.message).join("; ");
    case "unknown":
    case "unavailable":
      return taken.cause;
  }
}
