import type { ArgumentSpec, CommandSpec } from "./command.js";

const session: ArgumentSpec = { name: "NAME", required: true, says: "name of the session", completes: null };

/** The commands of `onetape session`. */
export const sessionCommands: readonly CommandSpec[] = [
  {
    path: ["session", "new"],
    summary: "begin a risk session",
    details: [
      "A session takes quotes and positions as they come and answers what portfolios are worth and may lose. Everything stands on a tape of its own. --at is the event time of its beginning (default: now); what comes later says its own times.",
    ],
    arguments: [session],
    flags: ["base-currency", "fx-pivot", "at", "snapshot-every"],
    examples: [
      { line: "onetape session new desk --base-currency USD --at 2026-01-02", says: "reports in dollars" },
      { line: "onetape session new night --base-currency EUR --fx-pivot USD --at 2026-01-02 --json", says: "for scripts" },
    ],
    load: () => import("./commands/session-new.js"),
  },
  {
    path: ["session", "ingest"],
    summary: "take in quotes, positions and commands",
    details: [
      "Quotes are rows of ts or day, kind (spot, volatility, fx, rate), name and value, for spots with currency and dividend_yield: the file of prices of the risk commands will do. Feed and sequence, or else the line, are a quote's identity: sent again, it counts once. Commands are JSON documents, one a line, of any kind that a session knows.",
      "Quotes are best effort: one that is wrong is counted and keeps no other back, and exit code 2 says so. Positions are taken whole or not at all, and hold from --at on. Each batch is durable before the next; after Ctrl-C or a crash the same command goes on.",
    ],
    arguments: [session],
    flags: ["positions", "portfolio", "at", "quotes", "feed", "commands"],
    examples: [
      {
        line: "onetape session ingest desk --positions risk/positions.csv --quotes risk/prices.csv --at 2026-03-31",
        says: "a portfolio, and two years of days",
      },
      {
        line: "onetape session ingest desk --quotes risk/prices.csv --json",
        says: "the same quotes again: all are known, nothing happens",
      },
    ],
    load: () => import("./commands/session-ingest.js"),
  },
  {
    path: ["session", "compute"],
    summary: "ask a session for risk, a grid, or a record of its state",
    details: [
      "risk gives value, Greeks, exposures, concentration, VaR and ES with their scenarios and by position, declared scenarios and limits; the scenarios of VaR are the moves between the session's own quotes, day by day. A quote or position that arrives late computes again what it touches.",
      "As of --at; left out, as of the newest event. The same question has the same id: asked again, it is answered from the tape. A figure that cannot be had stands with its reason, and exit code 2 says so.",
    ],
    arguments: [session],
    flags: [
      "kind",
      "portfolio",
      "at",
      "confidence",
      "history",
      "missing-levels",
      "scenarios",
      "limits",
      "spot-pct",
      "vol-abs",
      "allow-missing",
      "request",
    ],
    examples: [
      {
        line: "onetape session compute desk --scenarios risk/scenarios.yaml --limits risk/limits.csv --request close",
        says: "risk as of the newest quote",
      },
      {
        line: "onetape session compute desk --kind grid --spot-pct -0.1,0,0.1 --vol-abs -0.05,0,0.05 --json",
        says: "nine repricings, for scripts",
      },
      { line: "onetape session compute desk --kind state", says: "records the hash of all that is known" },
    ],
    load: () => import("./commands/session-compute.js"),
  },
  {
    path: ["session", "report"],
    summary: "show, or write, what a request came to",
    details: [
      "Each figure names its calculation with its version; the report names the market snapshot, the positions, the set of rates of exchange and the scenarios behind it. --output FILE writes the report's canonical bytes, the same wherever and whenever it is made; a page (--format html) is made of the same snapshots.",
    ],
    arguments: [session],
    flags: ["request", "format", "output", "open"],
    examples: [
      { line: "onetape session report desk", says: "the last request, on the terminal" },
      { line: "onetape session report desk --request close --format html --output desk.html", says: "a page" },
      { line: "onetape session report desk --request close --output desk.json --json", says: "canonical JSON into a file, for scripts" },
    ],
    load: () => import("./commands/session-report.js"),
  },
  {
    path: ["session", "replay"],
    summary: "prove a session: chain, payloads, states, decisions",
    details: [
      "L1 the chain links, L2 payloads match their hashes, L3 kept states are what the log gives again, L4 (the default goes that far) only what came in is fed, and every snapshot, run, result and state hash comes out again to the byte. Exit code 5 with the first that does not.",
    ],
    arguments: [session],
    flags: ["level"],
    examples: [
      { line: "onetape session replay desk", says: "computes every number again" },
      { line: "onetape session replay desk --level 2 --json", says: "chain and payloads alone, for scripts" },
    ],
    load: () => import("./commands/session-replay.js"),
  },
  {
    path: ["session", "list"],
    summary: "list the risk sessions of the workspace",
    arguments: [],
    flags: [],
    examples: [
      { line: "onetape session list", says: "by name" },
      { line: "onetape session list --json", says: "for scripts" },
    ],
    load: () => import("./commands/session-list.js"),
  },
  {
    path: ["session", "show"],
    summary: "show what a session knows: quotes, refusals, portfolios, requests",
    arguments: [session],
    flags: [],
    examples: [
      { line: "onetape session show desk", says: "as of its newest event" },
      { line: "onetape session show desk --json", says: "for scripts" },
    ],
    load: () => import("./commands/session-show.js"),
  },
];
