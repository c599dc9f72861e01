/**
 * A risk session on a tape of its own: commands come in, events are appended, and only then is anything computed or told.
 *
 * A command that was refused leaves nothing behind; one that was accepted is known by its id, and the same one again is answered without doing it again.
 */

import type { HistoryInput, MissingLevels } from "../core/risk/portfolio/historical-scenarios.js";
import type { RiskReport } from "../core/risk/report/risk-report.js";
import type { RiskOutcome } from "../core/risk/risk-outcome.js";
import { type AllowList, type CommandError, checkCommand } from "../core/session/command-firewall.js";
import { type ComputeCache, type JobResult, runJob } from "../core/session/compute-job.js";
import { eventOf, finishedBy, jobOf, settle, snapshotDue, snapshotOf } from "../core/session/decide-risk-command.js";
import { type PortfolioSummary, portfolioSummary } from "../core/session/portfolio-summary.js";
import { RISK_SESSION_LOGS, type RiskSessionEvent, riskSessionCatalogue } from "../core/session/risk-session-events.js";
import type { ComputeRequest, ComputeRun, RiskSessionState } from "../core/session/risk-session-state.js";
import { sessionHistory } from "../core/session/session-levels.js";
import { type RiskSessionReport, reportOf } from "../core/session/session-report.js";
import { sessionRiskReport } from "../core/session/session-risk-report.js";
import type { TapeEvent, UtcMillis } from "../core/tape/event.js";
import type { Sha256Fn, Sha256Hex } from "../core/tape/hash.js";
import { isTapeName, NAME_EXPECTATION } from "../core/tape/names.js";
import type { EventStore, LogSession, ReadOptions } from "../ports/event-store.js";
import { type DataRefusal, refusal } from "./data-ports.js";
import { countReject, rejectEvents } from "./rejected-quotes.js";
import { type RiskReplay, replaySession } from "./replay-risk-session.js";
import { allStand, batchesOf, type Folded, foldSession } from "./risk-session-log.js";
import { missingSession, type NewRiskSession, settingViolations } from "./risk-session-settings.js";

/** The world that a session needs. */
export interface RiskSessionPorts {
  readonly store: EventStore;
  readonly hash: Sha256Fn;
  /** Results by what they depend on; null computes every time, with the same bytes. */
  readonly cache: ComputeCache | null;
}

/** What a command came to. */
export interface CommandOutcome {
  readonly status: "ACCEPTED" | "IDEMPOTENT_REPLAY" | "REJECTED";
  readonly command_id: string;
  readonly session_id: string;
  /** Accepted commands so far. */
  readonly state_version: number;
  readonly error: CommandError | null;
  /** Errors that a lenient command was allowed to pass. */
  readonly diagnostics: readonly CommandError[];
}

/** What a list of commands came to, in their order, and the state after all of them. */
export interface CommandOutcomes {
  readonly kind: "executed";
  readonly outcomes: readonly CommandOutcome[];
  readonly state_hash: Sha256Hex;
}

const SNAPSHOT_EVERY = 50;

/** Begins a session. @returns refused where the name is taken or a setting is wrong, or the store cannot be used. */
export async function newRiskSession(ports: RiskSessionPorts, settings: NewRiskSession): Promise<OpenedRiskSession | DataRefusal> {
  const { base_currency, fx_pivot, opened_at, snapshot_every = SNAPSHOT_EVERY } = settings;
  const violations = settingViolations({ ...settings, snapshot_every });
  if (violations.length > 0) return refusal("invalid", violations);
  const before = await standing(ports, settings.name);
  if (before === "begun") {
    const message = `there is a session ${settings.name} already`;
    return refusal("invalid", [{ code: "SESSION_EXISTS", message, field: "name", value: settings.name, expected: "a new name" }]);
  }
  if (before !== "absent") return before;
  const opened = await open(ports, settings.name, "write", []);
  if (opened.kind === "refused") return opened;
  const { session } = opened;
  const payload = { base_currency, fx_pivot, snapshot_every };
  const begun = await session.begin({ type: "risk_session.opened", occurred_at: opened_at, payload });
  if (begun === null) return opened;
  await session.close();
  return begun;
}

/** Opens a session that was begun before; jobs that a crash left waiting are computed. @param allow semantic codes that lenient commands may pass */
export async function openRiskSession(
  ports: RiskSessionPorts,
  name: string,
  mode: "read" | "write" = "write",
  allow: AllowList = [],
): Promise<OpenedRiskSession | DataRefusal> {
  const before = await standing(ports, name);
  if (before !== "begun") return before === "absent" ? missingSession(name) : before;
  const opened = await open(ports, name, mode, allow);
  if (opened.kind === "refused") return opened;
  const left = mode === "write" ? await opened.session.finishWaiting() : null;
  if (left === null) return opened;
  await opened.session.close();
  return left;
}

/** Looks without writing: opening to write would fence whoever writes now, and make a log that nobody asked for. */
async function standing(ports: RiskSessionPorts, name: string): Promise<"absent" | "begun" | DataRefusal> {
  const looked = await open(ports, name, "read", []);
  if (looked.kind === "refused") return looked.reason === "not_found" ? "absent" : looked;
  const { status } = looked.session;
  await looked.session.close();
  return status === "absent" ? "absent" : "begun";
}

/** Names of the sessions that a store holds. */
export async function riskSessionNames(store: EventStore): Promise<readonly string[]> {
  const prefix = `${RISK_SESSION_LOGS}/`;
  return (await store.logs())
    .filter((log) => log.startsWith(prefix))
    .map((log) => log.slice(prefix.length))
    .sort();
}

export interface OpenedRiskSession {
  readonly kind: "opened";
  readonly session: RiskSession;
}

/** An open session. Calls are taken one after another, in the order in which they are made. */
export class RiskSession {
  readonly name: string;
  readonly #ports: RiskSessionPorts;
  readonly #log: LogSession;
  readonly #allow: AllowList;
  #state: RiskSessionState;
  #versions: Map<string, number>;
  readonly #results = new Map<Sha256Hex, string>();
  readonly #listeners = new Set<(position: number) => void>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(ports: RiskSessionPorts, name: string, log: LogSession, allow: AllowList, folded: Folded) {
    this.#ports = ports;
    this.name = name;
    this.#log = log;
    this.#allow = allow;
    this.#state = folded.state;
    this.#versions = folded.versions;
  }

  get status(): "absent" | "open" | "closed" {
    return this.#state.status;
  }

  /** Commands and events accepted so far. */
  get version(): number {
    return this.#state.version;
  }

  /** Currency of every report. */
  get base_currency(): string {
    return this.#state.base_currency;
  }

  /** Newest event time so far. */
  get latest(): UtcMillis {
    return this.#state.latest;
  }

  /** Accepted quotes. */
  get quotes(): number {
    return this.#state.quotes;
  }

  /** Portfolios with how many positions each holds at the newest event time, by name. */
  get portfolios(): readonly { readonly portfolio_id: string; readonly positions: number }[] {
    const { latest } = this.#state;
    return this.#state.portfolios().map((portfolio_id) => ({
      portfolio_id,
      positions: this.#state.positionsAt(portfolio_id, latest).length,
    }));
  }

  /** Refused quotes by source and code. */
  get rejects(): RiskSessionState["rejects"] {
    return this.#state.rejects;
  }

  /** Everything that was asked, in the order of the asking. */
  get requests(): readonly ComputeRequest[] {
    return [...this.#state.requests.values()];
  }

  /** State of a run by the machine of runs. */
  runState(run_id: Sha256Hex): string {
    return this.#state.states.of("run", run_id);
  }

  /** Hash of what the session knows. */
  stateHash(): Sha256Hex {
    return this.#state.hash(this.#ports.hash);
  }

  /**
   * Takes commands as they came from a door, checks each, and appends what they make in one transaction. Quotes are best effort: one that is
   * refused is counted and keeps no other back. Jobs are computed after the append.
   *
   * @returns refused where the store took nothing; then no command of the list was accepted.
   */
  execute(commands: readonly unknown[]): Promise<CommandOutcomes | DataRefusal> {
    return this.#queued(() => this.#execute(commands));
  }

  /** The report of a request by its command id, or of the last one that was asked; null where there is none. */
  report(command_id: string | null = null): Promise<RiskSessionReport | null> {
    return this.#queued(async () => {
      const asked = command_id === null ? this.requests.at(-1) : this.#state.requests.get(command_id);
      const run = asked?.run_id === undefined || asked.run_id === null ? undefined : this.#state.runs.get(asked.run_id);
      return asked === undefined || run === undefined
        ? null
        : reportOf(this.name, this.#state, asked, run, this.#resultOf(run), this.#ports.hash);
    });
  }

  /**
   * The whole report of a portfolio's risk, of which a page is made, from the snapshots of a request's run.
   *
   * @returns null where there is no such request, or it has no history of levels.
   */
  riskReport(command_id: string): Promise<RiskOutcome<RiskReport> | null> {
    return this.#queued(async () => {
      const run = this.#state.runs.get(this.#state.requests.get(command_id)?.run_id ?? "");
      return run === undefined ? null : sessionRiskReport(jobOf(run, this.#state), this.#ports.hash);
    });
  }

  /** A portfolio with the quotes and positions as of a time; nothing is recorded. @param ts default: the newest event time */
  summary(portfolio_id: string, ts: UtcMillis | null = null): Promise<PortfolioSummary> {
    const at = { session_id: this.name, portfolio_id, ts: ts ?? this.#state.latest };
    return this.#queued(async () => portfolioSummary(this.#state, at, this.#ports.hash));
  }

  /**
   * Levels at the end of each day from the session's own quotes: what `history` of a risk may be asked with.
   *
   * @param days most days; the newest count. @param missing what becomes of a level that a day lacks
   */
  history(
    portfolio_id: string,
    { ts = null, days, missing = "reject" }: { readonly ts?: UtcMillis | null; readonly days: number; readonly missing?: MissingLevels },
  ): Promise<HistoryInput> {
    return this.#queued(async () => {
      const state = this.#state;
      const at = ts ?? state.latest;
      return sessionHistory(state.quoteBook, {
        positions: state.positionsAt(portfolio_id, at),
        ts: at,
        days,
        missing,
        currency: state.base_currency,
      });
    });
  }

  /** Events as they stand in the log, from a position on: what a stream that was cut off goes on from. */
  events(options: ReadOptions = {}): AsyncIterable<TapeEvent> {
    return this.#log.readLog(options);
  }

  /** Tells of every append, with the position of its last event. @returns ends the telling */
  onAppended(listener: (position: number) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Decides everything again from what came in, and compares with what was recorded and with this session. @param onProgress told how many events were decided again */
  replay(onProgress: (events: number) => void = () => {}): Promise<RiskReplay> {
    return this.#queued(async () => replaySession(this.#log, { hash: this.#ports.hash, live: this.stateHash(), onProgress }));
  }

  close(): Promise<void> {
    return this.#queued(() => this.#log.close());
  }

  /** The first event of a new session. */
  begin(event: RiskSessionEvent): Promise<DataRefusal | null> {
    return this.#queued(async () => {
      this.#state.apply(event);
      return this.#append([event]);
    });
  }

  /** Computes jobs that wait. */
  finishWaiting(): Promise<DataRefusal | null> {
    return this.#queued(() => this.#compute());
  }

  #queued<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#last.then(work);
    this.#last = next.catch(() => {});
    return next;
  }

  async #execute(commands: readonly unknown[]): Promise<CommandOutcomes | DataRefusal> {
    const { hash } = this.#ports;
    const state = this.#state;
    const events: RiskSessionEvent[] = [];
    const outcomes: CommandOutcome[] = [];
    const rejects = new Map<string, number>();
    const take = (event: RiskSessionEvent): void => {
      state.apply(event);
      events.push(event);
    };
    for (const raw of commands) {
      const verdict = checkCommand(raw, state, this.#allow, hash);
      const rejected = verdict.kind === "rejected";
      if (verdict.kind === "admitted") take(eventOf(verdict.command, verdict.fingerprint, state, hash));
      if (rejected) countReject(raw, verdict.error.code, rejects);
      outcomes.push({
        status: rejected ? "REJECTED" : verdict.kind === "replay" ? "IDEMPOTENT_REPLAY" : "ACCEPTED",
        command_id: rejected ? verdict.command_id : verdict.command.command_id,
        session_id: this.name,
        state_version: state.version,
        error: rejected ? verdict.error : null,
        diagnostics: verdict.kind === "replay" ? [] : verdict.diagnostics,
      });
    }
    for (const event of rejectEvents(rejects, state)) take(event);
    for (const event of settle(state, hash)) take(event);
    state.touched.clear();
    if (snapshotDue(state)) take(snapshotOf(state, state.latest, {}, hash));
    const failure = (await this.#append(events)) ?? (await this.#compute());
    return failure ?? { kind: "executed", outcomes, state_hash: this.stateHash() };
  }

  /** Computes what waits, and records how each ended. */
  async #compute(): Promise<DataRefusal | null> {
    const events: RiskSessionEvent[] = [];
    for (const run of this.#state.waiting()) {
      const result = this.#run(run);
      if (result.kind === "succeeded") this.#results.set(run.run_id, result.text);
      events.push(finishedBy(run, result, this.#state));
    }
    for (const event of events) this.#state.apply(event);
    return this.#append(events);
  }

  #run(run: ComputeRun): JobResult {
    return runJob(jobOf(run, this.#state), run.run_id, this.#ports.cache, this.#ports.hash);
  }

  /** The result of a run: kept, or computed again. */
  #resultOf(run: ComputeRun): string | null {
    if (run.result_sha256 === null) return null;
    const kept = this.#results.get(run.run_id);
    if (kept !== undefined) return kept;
    const result = this.#run(run);
    if (result.kind === "failed") return null;
    this.#results.set(run.run_id, result.text);
    return result.text;
  }

  /** Appends what the state has taken already. Where the store takes nothing, the state is folded anew from the log. */
  async #append(events: readonly RiskSessionEvent[]): Promise<DataRefusal | null> {
    if (events.length === 0) return null;
    const { batches, versions } = batchesOf(events, this.#versions, this.#log.log, this.#ports.hash);
    const outcome = await this.#log.append(batches);
    if (outcome.kind === "stored" || (outcome.kind === "unknown" && (await allStand(this.#log, batches)))) {
      this.#versions = versions;
      const { position } = this.#log.head();
      for (const listener of this.#listeners) listener(position);
      return null;
    }
    const folded = await foldSession(this.#log);
    this.#state = folded.state;
    this.#versions = folded.versions;
    if (outcome.kind === "rejected") return refusal("invalid", outcome.violations);
    const cause = "cause" in outcome ? outcome.cause : outcome.kind;
    return refusal("unavailable", [{ code: "STORE_UNAVAILABLE", message: `the session's log took nothing: ${cause}` }], "onetape doctor");
  }
}

async function open(
  ports: RiskSessionPorts,
  name: string,
  mode: "read" | "write",
  allow: AllowList,
): Promise<OpenedRiskSession | DataRefusal> {
  const log = `${RISK_SESSION_LOGS}/${name}`;
  if (!isTapeName(log) || name.includes("/")) {
    const message = `${JSON.stringify(name)} cannot name a session`;
    return refusal("invalid", [{ code: "SESSION_NAME", message, field: "name", value: name, expected: NAME_EXPECTATION }]);
  }
  const outcome = await ports.store.open({ log, catalogue: riskSessionCatalogue, mode, layout: "rows", durability: "durable" });
  if (outcome.kind === "not_found") return missingSession(name);
  if (outcome.kind !== "opened") {
    const cause = "cause" in outcome ? outcome.cause : outcome.kind;
    const corrupt = outcome.kind === "corrupt";
    const violation = { code: corrupt ? "STORE_CORRUPT" : "STORE_UNAVAILABLE", message: `the session's log cannot be used: ${cause}` };
    return refusal(corrupt ? "corrupt" : "unavailable", [violation], "onetape doctor");
  }
  try {
    const session = new RiskSession(ports, name, outcome.session, allow, await foldSession(outcome.session));
    return { kind: "opened", session };
  } catch (error) {
    await outcome.session.close();
    throw error;
  }
}
