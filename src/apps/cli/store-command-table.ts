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
      "L1 the chain links, L2 payloads match their hashes (the default), L3 every projection and snapshot that is kept is what folding the log from its start gives, L4 what was decided follows from the inputs. L4 of a run, a paper session or a risk session decides everything again; where what that takes is not in the workspace, exit code 2 says so. Exit code 5 with the first bad position.",
      "With --anchors the logs are also compared with what was published of them: a tail that was cut off, a history that was made again and, with --key, a forged or missing signature.",
    ],
    arguments: [anyLog],
    flags: ["level", "anchors", "key"],
    examples: [
      { line: "onetape store verify --level 3", says: "every log of the workspace and of its sessions, to the kept states" },
      { line: "onetape store verify catalogue --level L4 --json", says: "one log, as deep as it goes, for scripts" },
    ],
    load: () => import("./commands/store-verify.js"),
  },
  {
    path: ["store", "anchor"],
    summary: "publish where logs end, outside the store",
    details: [
      "Appends a line per log to a file: log, position, hash, time and, with --key, an Ed25519 signature. Kept where who can change the store cannot, it shows what no chain does: a tail that was cut off, a history that was made again. `onetape store verify --anchors FILE` compares. A key that is not there yet is made, with its public half beside it.",
      "Writers publish by themselves where anchors.file in onetape.yaml, or ONETAPE_ANCHORS, names the file: at each close of a log, and every anchors.every or ONETAPE_ANCHOR_EVERY events (default 10000), signed with the key that anchors.key or ONETAPE_ANCHOR_KEY names.",
    ],
    arguments: [anyLog],
    flags: ["anchors", "key"],
    examples: [
      { line: "onetape store anchor --anchors anchors.ndjson --key anchor-key.pem", says: "every log, signed; makes the key at first" },
      { line: "onetape store anchor catalogue --anchors anchors.ndjson --json", says: "one log, not signed, for scripts" },
    ],
    load: () => import("./commands/store-anchor.js"),
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
  {
    path: ["store", "backup"],
    summary: "copy the workspace's logs and files to a folder, verified",
    details: [
      "A file per log, as store export writes it, and backup.json when all are whole: a folder without it is no backup. A backup that was interrupted goes on. Imported bars, runs and what sessions need to be run again are files that never change: they are copied below files/, each with its SHA-256 in the list, so that what is restored can be replayed.",
    ],
    arguments: [{ name: "FOLDER", required: true, says: "where the backup goes", completes: "folders" }],
    flags: [],
    examples: [
      { line: "onetape store backup backups/monday", says: "the logs of the workspace and of its sessions" },
      { line: "onetape store backup backups/tuesday --json", says: "with the head of each, for scripts" },
    ],
    load: () => import("./commands/store-backup.js"),
  },
  {
    path: ["store", "restore"],
    summary: "take the logs and files of a backup over",
    details: [
      "Each log is verified, written where nobody sees it until it is whole, and read back. Files are copied first, each compared with its SHA-256. Logs and files that are there already are never changed: the same are passed over, so that a restore that was interrupted goes on, and others stop it. A backup that ends before what was published of a log here is refused, with what is missing; --accept-loss takes it all the same.",
    ],
    arguments: [{ name: "FOLDER", required: true, says: "a folder of onetape store backup", completes: "folders" }],
    flags: ["accept-loss"],
    examples: [
      { line: "onetape store restore backups/monday --home restored", says: "into a workspace that has none of the logs" },
      { line: "onetape store restore backups/monday --home restored --json", says: "again: everything is there already" },
    ],
    load: () => import("./commands/store-restore.js"),
  },
  {
    path: ["store", "doctor"],
    summary: "examine what the logs' safety relies on, and say what to do next",
    details: [
      "Of files: store version, journal mode, the triggers that refuse changes, the anchors beside each log. Of a database: fsync, full_page_writes, synchronous_commit, primary, rights of the role, triggers, clock, long transactions, unfinished imports. Of both: room on the disk, whether each log opens, clock readings in the future, projections that lag or halted. Exit code 1 where something is wrong; a warning is none.",
    ],
    arguments: [],
    flags: [],
    examples: [
      { line: "onetape store doctor", says: "every finding, and what to do about it" },
      { line: "onetape store doctor --json", says: "the same for scripts" },
    ],
    load: () => import("./commands/store-doctor.js"),
  },
  {
    path: ["drill", "restore"],
    summary: "practise a restore: measure it against the recovery targets",
    details: [
      "Restores into a place of its own, where the workspace's logs are: files in a folder, or with PostgreSQL a schema in the same database, whose user must be allowed to make one. Verifies the chain, builds every projection again and compares heads and state hashes with the workspace, those that it keeps too. Prints the times against the recovery targets: how long it may take (RTO) and how much may be lost (RPO). Without FOLDER a backup is made first. What was restored is removed; nothing of the workspace changes.",
    ],
    arguments: [
      { name: "FOLDER", required: false, says: "a folder of onetape store backup; without it one is made", completes: "folders" },
    ],
    flags: ["into"],
    examples: [
      { line: "onetape drill restore", says: "copy, restore, verify, rebuild, compare" },
      { line: "onetape drill restore backups/monday --json", says: "from a backup that is there, for scripts" },
      { line: "onetape drill restore --into sqlite", says: "into files, also where the logs are in PostgreSQL" },
    ],
    load: () => import("./commands/drill-restore.js"),
  },
];
