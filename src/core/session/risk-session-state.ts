/**
 * What a risk session knows, folded from its tape and from nothing else.
 *
 * Quotes and positions are kept by their own event time, ties by id, so that the order in which they arrive changes neither what is known at a
 * time nor the state's hash.
 */
import type { MarketSnapshot } from "../risk/portfolio/market-snapshot.js";
import type { RiskPosition } from "../risk/portfolio/position.js";
import { canonicalJson } from "../tape/canonical-json.js";
import type { JsonObject, UtcMillis } from "../tape/event.js";
import type { Sha256Fn, Sha256Hex } from "../tape/hash.js";
import { AsOfBook } from "./as-of-book.js";
import type { FirewallView } from "./command-firewall.js";
import { type MarketQuote, quoteKey } from "./quote.js";
import type { ComputeKind, RiskSessionEvent, RiskSessionPayloads } from "./risk-session-events.js";
import { StateKeeper } from "./state-machines.js";

/** Something that was asked to be computed, and the run that answers it now. */
export interface ComputeRequest {
  readonly command_id: string;
  readonly kind: ComputeKind;
  readonly as_of: UtcMillis;
  readonly portfolio_id: string;
  readonly parameters: RiskSessionPayloads["compute.requested"]["parameters"];
  /** Null until its snapshots are made. */
  run_id: Sha256Hex | null;
  /** Runs that answered it before late events. */
  readonly superseded: Sha256Hex[];
}

/** A run and what became of it. */
export interface ComputeRun {
  readonly run_id: Sha256Hex;
  readonly kind: ComputeKind;
  readonly request: string;
  readonly market_snapshot_id: Sha256Hex;
  readonly portfolio_snapshot_id: Sha256Hex;
  result_sha256: Sha256Hex | null;
  errors: readonly { readonly [field: string]: unknown }[];
}

/** Positions of one portfolio at one time. */
export interface PortfolioSnapshot {
  readonly portfolio_id: string;
  readonly positions: readonly RiskPosition[];
}

export class RiskSessionState implements FirewallView {
  readonly states: StateKeeper = new StateKeeper();
  readonly quoteBook: AsOfBook<MarketQuote> = new AsOfBook();
  /** By portfolio and position; null where it was removed. */
  readonly positionBook: AsOfBook<RiskPosition | null> = new AsOfBook();
  readonly requests: Map<string, ComputeRequest> = new Map();
  readonly runs: Map<Sha256Hex, ComputeRun> = new Map();
  readonly marketSnapshots: Map<Sha256Hex, MarketSnapshot> = new Map();
  readonly portfolioSnapshots: Map<Sha256Hex, PortfolioSnapshot> = new Map();
  /** Requests that are new, or that a late event may have touched since they were last settled, each with the command that did it. */
  readonly touched: Map<string, string> = new Map();
  base_currency = "";
  fx_pivot = "";
  snapshot_every = 0;
  version = 0;
  quotes = 0;
  client_sequence = -1;
  /** Newest event time so far. */
  latest: UtcMillis = Number.NEGATIVE_INFINITY;
  /** Version at the last recorded snapshot of the state. */
  snapshotted = 0;
  #latestAsOf: UtcMillis = Number.NEGATIVE_INFINITY;
  readonly #fingerprints = new Map<string, Sha256Hex>();
  readonly #portfolios = new Set<string>();
  readonly #rejects = new Map<string, number>();
  /** Hash since the last event that changed what it is over; what a record of the state changes is no part of it. */
  #hashed: Sha256Hex | null = null;

  get status(): "absent" | "open" | "closed" {
    const state = this.states.of("session", SESSION);
    return state === "open" || state === "closed" ? state : "absent";
  }

  fingerprintOf(id: string): Sha256Hex | null {
    return this.#fingerprints.get(id) ?? null;
  }

  hasMarketSnapshot(id: string): boolean {
    return this.marketSnapshots.has(id);
  }

  /** Refused quotes by source and code. */
  get rejects(): readonly { readonly source: string; readonly code: string; readonly count: number }[] {
    return [...this.#rejects]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, count]) => {
        const [source = "", code = ""] = key.split(" ");
        return { source, code, count };
      });
  }

  /** Every portfolio that was named, in the order of their code units. */
  portfolios(): readonly string[] {
    const held = this.positionBook.keys().map((key) => key.slice(0, key.indexOf(" ")));
    return [...new Set([...this.#portfolios, ...held])].sort();
  }

  /** The positions of a portfolio at a time, in the order of their ids. */
  positionsAt(portfolio: string, ts: UtcMillis): readonly RiskPosition[] {
    const prefix = `${portfolio} `;
    return this.positionBook
      .keys()
      .filter((key) => key.startsWith(prefix))
      .flatMap((key) => this.positionBook.at(key, ts)?.value ?? []);
  }

  /** Folds one accepted event. @throws {IllegalStep} where a state machine has no such step: the tape was not written by this code. */
  apply(event: RiskSessionEvent): void {
    if (event.type !== "risk_session.snapshotted") this.#hashed = null;
    this.latest = Math.max(this.latest, event.occurred_at);
    switch (event.type) {
      case "risk_session.opened":
        this.states.step("session", SESSION, "open");
        this.base_currency = event.payload.base_currency;
        this.fx_pivot = event.payload.fx_pivot;
        this.snapshot_every = event.payload.snapshot_every;
        return;
      case "risk_session.snapshotted":
        this.states.step("session", SESSION, "snapshot");
        this.snapshotted = event.payload.version;
        if (event.payload.command_id !== undefined && event.payload.fingerprint !== undefined)
          this.#fingerprints.set(event.payload.command_id, event.payload.fingerprint);
        return;
      case "risk_session.closed":
        for (const [source, state] of this.states.all("quote_stream"))
          if (state === "live") this.states.step("quote_stream", source, "close");
        this.states.step("session", SESSION, "close");
        this.#accepted(event.payload);
        return;
      case "quote.ingested":
        this.#quote(event);
        return;
      case "quotes.rejected": {
        const { source, code, count } = event.payload;
        this.states.step("quote_stream", source, "reject");
        this.#rejects.set(`${source} ${code}`, (this.#rejects.get(`${source} ${code}`) ?? 0) + count);
        return;
      }
      case "portfolio.created":
        this.states.step("session", SESSION, "ingest");
        this.#portfolios.add(event.payload.portfolio_id);
        this.#accepted(event.payload);
        return;
      case "portfolio.position_upserted": {
        const { portfolio_id, command_id } = event.payload;
        const position = event.payload.position as unknown as RiskPosition;
        this.#position(portfolio_id, position.id, position, event.occurred_at, command_id);
        this.#accepted(event.payload);
        return;
      }
      case "portfolio.position_removed": {
        const { portfolio_id, position_id, command_id } = event.payload;
        this.#position(portfolio_id, position_id, null, event.occurred_at, command_id);
        this.#accepted(event.payload);
        return;
      }
      case "compute.requested": {
        this.states.step("session", SESSION, "request");
        const { command_id, kind, as_of, portfolio_id, parameters } = event.payload;
        this.requests.set(command_id, { command_id, kind, as_of, portfolio_id, parameters, run_id: null, superseded: [] });
        this.#latestAsOf = Math.max(this.#latestAsOf, as_of);
        this.touched.set(command_id, command_id);
        this.#accepted(event.payload);
        return;
      }
      case "market_snapshot.created":
        this.marketSnapshots.set(event.payload.market_snapshot_id, event.payload.snapshot as unknown as MarketSnapshot);
        return;
      case "portfolio_snapshot.taken": {
        const { portfolio_snapshot_id, portfolio_id, positions } = event.payload;
        this.states.step("portfolio_snapshot", portfolio_snapshot_id, "take");
        this.portfolioSnapshots.set(portfolio_snapshot_id, { portfolio_id, positions: positions as unknown as readonly RiskPosition[] });
        return;
      }
      case "compute_run.requested":
        this.#run(event.payload);
        return;
      case "compute_run.superseded": {
        const { run_id, request } = event.payload;
        const asked = this.requests.get(request);
        if (asked !== undefined) {
          asked.superseded.push(run_id);
          asked.run_id = null;
        }
        if ([...this.requests.values()].some((other) => other.run_id === run_id)) return;
        this.states.step("run", run_id, "supersede");
        this.states.step("compute_job", run_id, "discard");
        return;
      }
      case "compute_job.finished":
        this.#finished(event.payload);
        return;
    }
  }

  #quote({ payload, occurred_at: ts }: Extract<RiskSessionEvent, { type: "quote.ingested" }>): void {
    const { source, sequence, fingerprint } = payload;
    this.states.step("quote_stream", source, "quote");
    const quote = payload.quote as unknown as MarketQuote;
    const id = `quote/${source}/${sequence}`;
    const key = quoteKey(quote);
    this.quoteBook.put(key, { ts, id, value: quote });
    this.#fingerprints.set(id, fingerprint);
    this.quotes += 1;
    this.version += 1;
    this.#touch(ts, id, (at) => this.quoteBook.at(key, at)?.id === id);
  }

  #position(portfolio: string, id: string, position: RiskPosition | null, ts: UtcMillis, command: string): void {
    this.states.step("session", SESSION, "ingest");
    const key = `${portfolio} ${id}`;
    this.positionBook.put(key, { ts, id: command, value: position });
    for (const [snapshot, state] of this.states.all("portfolio_snapshot"))
      if (state === "current" && this.portfolioSnapshots.get(snapshot)?.portfolio_id === portfolio)
        this.states.step("portfolio_snapshot", snapshot, "replace");
    this.#touch(ts, command, (at) => this.positionBook.at(key, at)?.id === command);
  }

  /** Late: something was asked as of this time or after. */
  #touch(ts: UtcMillis, by: string, changes: (as_of: UtcMillis) => boolean): void {
    if (ts > this.#latestAsOf) return;
    for (const request of this.requests.values())
      if (request.as_of >= ts && changes(request.as_of)) this.touched.set(request.command_id, by);
  }

  #run(payload: RiskSessionPayloads["compute_run.requested"]): void {
    const { run_id, kind, request, market_snapshot_id, portfolio_snapshot_id } = payload;
    const before = this.states.of("run", run_id);
    this.states.step("run", run_id, "request");
    if (before === "absent" || before === "superseded") {
      this.states.step("compute_job", run_id, "queue");
      const fresh = { run_id, kind, request, market_snapshot_id, portfolio_snapshot_id, result_sha256: null, errors: [] };
      this.runs.set(run_id, fresh);
    }
    const asked = this.requests.get(request);
    if (asked !== undefined) asked.run_id = run_id;
    this.touched.delete(request);
  }

  #finished({ run_id, status, result_sha256, errors }: RiskSessionPayloads["compute_job.finished"]): void {
    this.states.step("compute_job", run_id, "start");
    this.states.step("run", run_id, "start");
    this.states.step("compute_job", run_id, status === "succeeded" ? "succeed" : "fail");
    this.states.step("run", run_id, status === "succeeded" ? "complete" : "fail");
    const run = this.runs.get(run_id);
    if (run === undefined) return;
    run.result_sha256 = result_sha256;
    run.errors = errors;
  }

  #accepted({
    command_id,
    fingerprint,
    client_sequence,
  }: {
    command_id: string;
    fingerprint: Sha256Hex;
    client_sequence: number | null;
  }): void {
    this.#fingerprints.set(command_id, fingerprint);
    this.version += 1;
    if (client_sequence !== null) this.client_sequence = Math.max(this.client_sequence, client_sequence);
  }

  /** Runs whose job waits, in the order in which they were asked for. */
  waiting(): readonly ComputeRun[] {
    return [...this.runs.values()].filter(({ run_id }) => this.states.of("compute_job", run_id) === "queued");
  }

  /**
   * SHA-256 over what is known: newest quotes and positions, portfolios, counts, and each request with the run that answers it. What came before a
   * late event is history and takes no part, so that any order of arrival of the same events ends in one hash.
   */
  hash(sha256: Sha256Fn): Sha256Hex {
    this.#hashed ??= this.#hash(sha256);
    return this.#hashed;
  }

  #hash(sha256: Sha256Fn): Sha256Hex {
    const text = canonicalJson(this.known(), 1, Number.MAX_SAFE_INTEGER);
    if (!text.ok) throw new RangeError(`a session's state has no canonical form: ${text.violations[0]?.message ?? ""}`);
    return sha256(text.text);
  }

  /** What {@link hash} covers. */
  known(): JsonObject {
    const requests = [...this.requests.values()]
      .sort((a, b) => (a.command_id < b.command_id ? -1 : 1))
      .map(({ command_id, kind, as_of, run_id }) => {
        const run = run_id === null ? undefined : this.runs.get(run_id);
        const state = run_id === null ? "asked" : this.states.of("run", run_id);
        return { command_id, kind, as_of, run_id, state, result_sha256: run?.result_sha256 ?? null };
      });
    return {
      base_currency: this.base_currency,
      fx_pivot: this.fx_pivot,
      status: this.status,
      version: this.version,
      quotes: this.quoteBook.newest().map(([key, { ts, id, value }]) => ({ key, ts, id, quote: { ...value } as JsonObject })),
      positions: this.positionBook
        .newest()
        .map(([key, { ts, id, value }]) => ({ key, ts, id, position: value === null ? null : ({ ...value } as JsonObject) })),
      portfolios: [...this.#portfolios].sort(),
      rejects: this.rejects.map((reject) => ({ ...reject })),
      requests,
    };
  }
}

/** The one session of a log. */
export const SESSION = "session";
