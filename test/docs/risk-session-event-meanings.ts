import type { Meaning } from "./event-meanings.js";

const commanded = {
  command_id: ["", "Id that its client gave the command: the same one again is answered, not done again."],
  fingerprint: ["", "SHA-256 over kind, event type, data and client sequence: what tells a repetition from a conflict."],
  client_sequence: ["", "Number of the client, rising; null where it keeps none."],
} as const;
const runId = ["", "Run: SHA-256 of kind, calculations with versions, currency, parameters and both snapshots."] as const;
const request = ["", "Command that asked for it."] as const;
const portfolio = ["", "Portfolio within the session."] as const;
const marketSnapshot = ["", "SHA-256 of the snapshot's canonical form."] as const;
const portfolioSnapshot = ["", "SHA-256 of the portfolio's name and positions."] as const;

/** Meanings of the events of risk sessions. */
export const riskSessionMeanings: { readonly [type: string]: Meaning } = {
  "risk_session.opened": {
    says: "A session was begun.",
    stream: "session",
    fields: {
      base_currency: ["", "Currency of every report."],
      fx_pivot: ["", "Currency that the rate set hangs on."],
      snapshot_every: ["commands", "Accepted commands between recorded hashes of the state; 0 for none."],
    },
  },
  "risk_session.snapshotted": {
    says: "The hash of the session's state before this event: a replica that folds the log compares.",
    stream: "session",
    fields: {
      command_id: ["", "Command that asked for it; absent where the session made it by itself."],
      fingerprint: ["", "Of that command."],
      client_sequence: ["", "Of that command."],
      version: ["commands", "Commands accepted before."],
      state_sha256: ["", "Hash of the state, the same for any order of arrival."],
    },
  },
  "risk_session.closed": {
    says: "The session takes nothing more. Every quote stream is closed with it.",
    stream: "session",
    fields: commanded,
  },
  "quote.ingested": {
    says: "A quote was accepted (`QUOTE_INGESTED`). Its identity is source and sequence; its event time orders it, not its arrival.",
    stream: "quotes/SOURCE",
    fields: {
      source: ["", "Who sent it."],
      sequence: ["", "Number that its source gave it."],
      fingerprint: ["", "As of a command."],
      quote: ["", "Spot, volatility, curve or rate of exchange, as it was sent."],
    },
  },
  "quotes.rejected": {
    says: "Quotes of one call were refused. Nothing else is kept of them.",
    stream: "quotes/SOURCE",
    fields: {
      source: ["", "Who sent them; `unknown` where that was no usable name."],
      code: ["", "Why."],
      count: ["quotes", "How many."],
    },
  },
  "portfolio.created": {
    says: "A portfolio was named (`PORTFOLIO_CREATED`).",
    stream: "portfolio/PORTFOLIO",
    fields: { ...commanded, portfolio_id: portfolio },
  },
  "portfolio.position_upserted": {
    says: "A position is held as stated from the event's time on (`PORTFOLIO_POSITION_UPSERTED`).",
    stream: "portfolio/PORTFOLIO",
    fields: { ...commanded, portfolio_id: portfolio, position: ["", "Terms and quantity, as they were sent."] },
  },
  "portfolio.position_removed": {
    says: "A position is no longer held from the event's time on (`PORTFOLIO_POSITION_REMOVED`).",
    stream: "portfolio/PORTFOLIO",
    fields: { ...commanded, portfolio_id: portfolio, position_id: ["", "Position."] },
  },
  "compute.requested": {
    says: "Something is to be computed as of a time (`COMPUTE_REQUESTED`).",
    stream: "requests",
    fields: {
      ...commanded,
      kind: ["", "What is to be computed."],
      as_of: ["", "Event time as of which quotes and positions count."],
      portfolio_id: portfolio,
      parameters: ["", "Everything else that was asked, as it was sent."],
    },
  },
  "market_snapshot.created": {
    says: "What a portfolio needs of the market as of a time (`SNAPSHOT_CREATED`). Made once per content.",
    stream: "markets",
    fields: { market_snapshot_id: marketSnapshot, snapshot: ["", "Spots, volatilities, curves and the rate set."] },
  },
  "portfolio_snapshot.taken": {
    says: "The positions of a portfolio as of a time.",
    stream: "portfolio/PORTFOLIO",
    fields: {
      portfolio_snapshot_id: portfolioSnapshot,
      portfolio_id: portfolio,
      positions: ["", "In the order of their ids."],
    },
  },
  "compute_run.requested": {
    says: "A request is answered by a run. A run that was computed before is not computed again.",
    stream: "compute/RUN",
    fields: {
      run_id: runId,
      request,
      kind: ["", "What is computed."],
      parameters_sha256: ["", "SHA-256 of the parameters."],
      market_snapshot_id: marketSnapshot,
      portfolio_snapshot_id: portfolioSnapshot,
    },
  },
  "compute_run.superseded": {
    says: "A late event changed what a request was asked about: another run answers it from here on.",
    stream: "compute/RUN",
    fields: { run_id: runId, request, by: ["", "Command or quote that came late."] },
  },
  "compute_job.finished": {
    says: "A job was executed.",
    stream: "compute/RUN",
    fields: {
      run_id: runId,
      status: ["", "How it ended."],
      result_sha256: ["", "SHA-256 of the result's canonical form; null where it failed."],
      errors: ["", "Why it failed, with codes."],
    },
  },
};
