import type { ArgumentSpec, CommandSpec } from "./command.js";

const log: ArgumentSpec = {
  name: "LOG",
  required: true,
  says: "a log of onetape store head, the name of a session, or a run",
  completes: "runs",
};
const anyLog: ArgumentSpec = { ...log, required: false, says: `${log.says}; without it every log of the workspace` };

/** The commands of `onetape store`. */
export const storeCommands: readonly CommandSpec[] = [
  {
    path: ["store", "migrate"],
    summary: "make or update the tables of the PostgreSQL database",
    details: [
      "POSTGRES_DSN names the database, and its user must own the schema. Each step runs in a transaction of its own, under a lock that holds off other migrations. Steps are numbered and checksummed: a step that was changed afterwards is refused, and so is a database that a newer Onetape migrated.",
    ],
    arguments: [{ name: "ACTION", required: true, says: "plan shows what would run, apply runs it", completes: null }],
    flags: [],
    examples: [
      { line: "onetape store migrate plan", says: "every step that is left, with its SQL" },
      { line: "onetape store migrate apply --json", says: "runs them, for scripts" },
    ],
    load: () => import("./commands/store-migrate.js"),
  },
  {
    path: ["store", "head"],
    summary: "where each log of the workspace ends",
    details: ["Position, chain hash, layout, epoch of the writer and the clock reading of the last block. Changes nothing."],
    arguments: [anyLog],
    flags: [],
    examples: [
      { line: "onetape store head", says: "every log of the workspace and of its sessions" },
      { line: "onetape store head catalogue --json", says: "one log, with its whole hashes, for scripts" },
    ],
    load: () => import("./commands/store-head.js"),
  },
  {
    path: ["store", "tail"],
    summary: "the newest events of a log, and those that follow",
    details: [
      "With --follow it stays and shows what is committed from then on, until Ctrl-C; with --json it then prints a document a line. A log that ends before where it was read to is an older copy, and stops it with exit code 5.",
    ],
    arguments: [log],
    flags: ["follow", "limit", "type", "ndjson"],
    examples: [
      { line: "onetape store tail catalogue", says: "the newest ten events" },
      { line: "onetape store tail catalogue --limit 3 --ndjson", says: "the newest three, one JSON document a line" },
    ],
    load: () => import("./commands/store-tail.js"),
  },
  {
    path: ["store", "stats"],
    summary: "count a log: events by type, streams, blocks, writers, sizes, times",
    arguments: [log],
    flags: [],
    examples: [
      { line: "onetape store stats catalogue", says: "what it holds" },
      { line: "onetape store stats catalogue --json", says: "the same for scripts" },
    ],
    load: () => import("./commands/store-stats.js"),
  },
  {
    path: ["store", "verify"],
    summary: "verify logs: chain, payloads, kept states, decisions",
    details: [
      "L1 the chain links, L2 payloads match their hashes (the default), L3 every projection and snapshot that is kept is what folding the log from its start gives, L4 what was decided follows from the inputs. L4 of a run decides everything again; the log of a session does not show its decisions by itself, which exit code 2 says. Exit code 5 with the first bad position.",
    ],
    arguments: [anyLog],
    flags: ["level"],
    examples: [
      { line: "onetape store verify --level 3", says: "every log of the workspace and of its sessions, to the kept states" },
      { line: "onetape store verify catalogue --level L4 --json", says: "one log, as deep as it goes, for scripts" },
    ],
    load: () => import("./commands/store-verify.js"),
  },
  {
    path: ["store", "export"],
    summary: "write a log to a file, hash for hash",
    details: [
      "NDJSON: a header, the events of each committed block with their hashes, its anchor, and an end that covers every line. Every block is verified on the way. Until it is whole the file has .part after its name; an export that was interrupted goes on where it stopped, and ends where it was to end.",
      "Without --output the file is named after the log and lies in this folder.",
    ],
    arguments: [log],
    flags: ["output"],
    examples: [
      {
        line: "onetape store export catalogue --output exports/catalogue.ndjson",
        says: "the log as one file, for another store or for keeping",
      },
      { line: "onetape store export catalogue --output exports/again.ndjson --json", says: "its head, size and SHA-256, for scripts" },
    ],
    load: () => import("./commands/store-export.js"),
  },
  {
    path: ["store", "import"],
    summary: "take a log over from a file, hash for hash",
    details: [
      "All of the file is verified first. The log is written where nobody sees it until it is whole, then read back and verified; an import that was interrupted goes on where it stopped. A log that is there already is never changed: the same log is said to be the same, another is refused.",
      "A file that ends before what was published of the log here is refused: it is older than what was lost. With --accept-loss it is taken all the same.",
    ],
    arguments: [{ name: "FILE", required: true, says: "a file of onetape store export", completes: "files" }],
    flags: ["layout", "accept-loss"],
    examples: [
      { line: "onetape store import exports/catalogue.ndjson", says: "into the workspace's store; the same log again changes nothing" },
      {
        line: "onetape store import exports/catalogue.ndjson --home copy --layout segments --json",
        says: "into another workspace, kept otherwise",
      },
    ],
    load: () => import("./commands/store-import.js"),
  },
];
