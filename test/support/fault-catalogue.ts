/** The faults that a tape must survive: each is injected into the real stores by a test of test/chaos that names its number. */
import type { FaultedStore } from "./fault-record.js";

export interface FaultScenario {
  readonly number: number;
  readonly fault: string;
  /** How it is injected. */
  readonly injected: string;
  /** What had to hold besides the invariants. */
  readonly held: string;
  /** Why it cannot be injected into a store. */
  readonly not_on?: { readonly [store in FaultedStore]?: string };
}

const NO_SERVER = { SQLite: "a file has no server" } as const;
const NO_NETWORK = { SQLite: "a file has no network" } as const;

const rows: readonly (readonly [fault: string, injected: string, held: string, not_on?: FaultScenario["not_on"]])[] = [
  [
    "killed before the write",
    "SIGKILL of the writing process (of the server's process) at its first write of the commit",
    "the batch is whole or absent",
  ],
  ["killed between write and flush", "SIGKILL at the flush of the commit, before and after it", "the batch is whole or absent"],
  [
    "killed after the flush, before the answer",
    "SIGKILL before anything else is done",
    "the event is there, and a retry by id is a duplicate",
  ],
  [
    "torn tail",
    "the write-ahead log cut or overwritten inside its last batch, garbage behind it, the anchor file cut in its last line",
    "what nobody was told of goes, what was acknowledged is missed aloud",
  ],
  [
    "stale page cache at recovery",
    "SQLite: every disk that a power cut may leave, built from the traced writes; PostgreSQL: stopped again while it recovers",
    "what a new writer read is as durable as what it adds",
  ],
  [
    "disk full in the middle of a write",
    "short write, then ENOSPC until healed",
    "nothing more is acknowledged; positions stay dense after",
  ],
  ["flush fails once", "EIO from fdatasync, nothing done", "unknown, the handle is useless, the id tells after reopening"],
  ["flush fails although it worked", "EIO from fdatasync after it did its work", "a retry is a duplicate with the first position"],
  [
    "bit flips, altered fields",
    "each column of a row changed by an administrator; random bits of a file",
    "told with the position; a damaged end takes no writer",
  ],
  [
    "rows deleted, moved, cut off",
    "an administrator's DELETE and UPDATE, also of head and anchors together",
    "told with the position; a cut tail by the anchor file, or by a head kept outside",
  ],
  ["the same message again", "each message one to five times, over restarts", "one event, the same receipt"],
  [
    "a known id with other content",
    "one field changed at a time",
    "refused by the field's name, the original untouched, taken down on the ops log",
  ],
  ["out of order", "shuffled within windows, one far too late", "order of arrival is kept; folding by time gives the same state"],
  ["old and new in one batch", "random batches over known ids", "refused whole, with the old ones named"],
  [
    "clock jumps",
    "back a day, forward an hour, a repeated second, a restart behind",
    "the same hashes as under a calm clock; the steps back on the ops log",
  ],
  ["two writers race", "three callers at one version; two processes on one log", "exactly one wins, the loser knows why"],
  ["two engines on one log", "SIGSTOP, another writer, SIGCONT with appends and an effect queued", "fenced: no row, no effect"],
  ["two readers of one group", "two workers in random order, the holder dying", "each event once, the checkpoint decides"],
  ["server stopped at once", "immediate stop and start under four writers", "every unknown outcome is settled by id", NO_SERVER],
  [
    "fail-over",
    "a real standby, promoted in step and lagging behind",
    "in step nothing is lost; behind, the session stops aloud; a standby takes no writer",
    NO_SERVER,
  ],
  ["older backup restored", "files, or the database, put back", "told to whoever remembers a head; by the anchor file where that stayed"],
  ["answer lost after COMMIT", "a proxy that drops the answer", "unknown, settled by id", NO_NETWORK],
  ["network stalls", "a proxy that moves nothing, with 50 callers waiting", "given up in bounded time, for all at once", NO_NETWORK],
  ["long transaction of somebody else", "a transaction with an id, or a read, held open", "writers, readers and projections go on"],
  ["poison event", "an event that a fold throws on", "that projection stops or sets it aside; health says which and why; others go on"],
  [
    "death inside a projection's transaction",
    "killed before the commit and before its answer",
    "state and checkpoint together, each event once",
  ],
  [
    "death around an effect",
    "the process dies before or after the call",
    "looked up, never sent twice blindly; nothing leaves before its event is durable",
  ],
  ["upgrade over old events", "a log of an older schema version", "the same hashes, the declared state"],
  ["snapshot altered, moved, beyond the log", "an administrator's UPDATE of each field", "ignored, said so, made again"],
  ["read fails or comes from elsewhere", "EIO, or another block, from pread", "told by whoever reads; never believed"],
];

/** All of them, by number. */
export const faultCatalogue: readonly FaultScenario[] = rows.map(([fault, injected, held, not_on], i) => ({
  number: i + 1,
  fault,
  injected,
  held,
  ...(not_on === undefined ? {} : { not_on }),
}));
