/**
 * Verifies a log of the workspace, level by level: L1 the chain links, L2 payloads match their hashes, L3 every kept state is what folding
 * the log from its start gives, L4 what was decided follows from the inputs. Changes nothing.
 */
import { initialState, stateHash } from "../core/projection/projected-state.js";
import { codeVersion, type Projection } from "../core/projection/projection.js";
import type { EventCatalogue } from "../core/tape/catalogue.js";
import type { Head } from "../core/tape/event.js";
import type { Sha256Fn } from "../core/tape/hash.js";
import type { LogSession, VerifyFailure } from "../ports/event-store.js";
import type { OpsJournal } from "../ports/ops-journal.js";
import type { ProjectionStore, ProjectionStores } from "../ports/projection-store.js";
import type { SnapshotStore } from "../ports/snapshot-store.js";
import { snapshotStream } from "./believed-snapshots.js";
import { DECISION_PROVERS, type DecisionProof, type DecisionProver, type ProofTerms } from "./decision-provers.js";
import { loadState } from "./load-state.js";
import { catalogueOf, projectionsOf } from "./workspace-logs.js";

export type VerifyLevel = "L1" | "L2" | "L3" | "L4";

/** What a level came to. `not_shown`: nothing contradicts it, and the log alone cannot show it. */
export interface LogLevel {
  readonly level: VerifyLevel;
  readonly verdict: "passed" | "failed" | "not_shown";
  /** Events or states that were compared. */
  readonly checked: number;
  readonly message: string;
  readonly failure: (Omit<VerifyFailure, "level"> & { readonly level: VerifyLevel }) | null;
}

export interface LogVerdict {
  readonly log: string;
  readonly head: Head;
  /** Up to the level that was asked for, or the first that failed. */
  readonly levels: readonly LogLevel[];
  readonly verdict: LogLevel["verdict"];
}

export interface VerifyLogRequest {
  readonly level: VerifyLevel;
  readonly hash: Sha256Fn;
  readonly projections: ProjectionStores;
  /** Kinds of logs that can be decided again here beside those that need nothing but the log. */
  readonly provers?: readonly DecisionProver[];
  readonly onProgress?: (events: number) => void;
}

const LEVELS: readonly VerifyLevel[] = ["L1", "L2", "L3", "L4"];

export async function verifyLog(session: LogSession, request: VerifyLogRequest): Promise<LogVerdict> {
  const levels: LogLevel[] = [];
  // L2 reads the whole of what L1 reads.
  const wanted = LEVELS.slice(request.level === "L1" ? 0 : 1, LEVELS.indexOf(request.level) + 1);
  for (const level of wanted) {
    const result = await proveLevel(session, level, request);
    levels.push(result);
    if (result.verdict === "failed") break;
  }
  const worst = (["failed", "not_shown"] as const).find((verdict) => levels.some((level) => level.verdict === verdict));
  return { log: session.log, head: await session.refresh(), levels, verdict: worst ?? "passed" };
}

function proveLevel(session: LogSession, level: VerifyLevel, request: VerifyLogRequest): Promise<LogLevel> | LogLevel {
  switch (level) {
    case "L1":
    case "L2":
      return proveChain(session, level, request);
    case "L3":
      return proveStates(session, request);
    case "L4":
      return proveDecisions(session, request);
  }
}

async function proveChain(session: LogSession, level: "L1" | "L2", { onProgress }: VerifyLogRequest): Promise<LogLevel> {
  const { failure, events } = await session.verify(level, onProgress);
  if (failure === null)
    return {
      level,
      verdict: "passed",
      checked: events,
      message: level === "L1" ? "every link of the chain holds" : "chain and payloads hold",
      failure,
    };
  const column = failure.column === null ? "" : ` (${failure.column})`;
  return { level, verdict: "failed", checked: events, message: `position ${failure.position}${column}: ${failure.message}`, failure };
}

async function proveStates(session: LogSession, request: VerifyLogRequest): Promise<LogLevel> {
  const onTape = await proverOf(session, request)?.proveStates?.(session, termsOf(request));
  if (onTape !== undefined && onTape.failure !== null) return provedLevel("L3", onTape);
  const kept = await proveKeptStates(session, request);
  if (kept.verdict === "failed" || onTape === undefined) return kept;
  const message = kept.checked === 0 ? onTape.message : `${onTape.message}; ${kept.message}`;
  return { ...kept, checked: kept.checked + onTape.checked, message };
}

async function proveKeptStates(session: LogSession, request: VerifyLogRequest): Promise<LogLevel> {
  const known = projectionsOf(session.log);
  const opened = await request.projections.openProjections(session.log);
  if (opened.kind !== "opened") {
    const why = "cause" in opened ? opened.cause : opened.kind.replaceAll("_", " ");
    return level3("failed", 0, `what is folded from it cannot be read: ${why}`);
  }
  try {
    let checked = 0;
    for (const projection of known) {
      for (const kept of await keptStates(session, projection, opened.store, request.hash)) {
        const fault = await differs(session, projection, kept, request.hash);
        if (fault !== null) return level3("failed", checked, fault);
        checked += 1;
      }
    }
    const none = known.length === 0 ? "nothing is folded from it" : "no state is kept";
    return level3("passed", checked, checked === 0 ? none : `${checked} kept states are what the log gives again`);
  } finally {
    await opened.store.close();
  }
}

function level3(verdict: "passed" | "failed", checked: number, message: string): LogLevel {
  return { level: "L3", verdict, checked, message, failure: null };
}

interface KeptState {
  readonly what: string;
  readonly position: number;
  readonly state_hash: string;
  /** Hash of the state as it is stored. */
  readonly actual_hash: string;
}

/** States made by this code; those of other code are another's to compare. */
async function keptStates(
  session: LogSession,
  projection: Projection,
  store: ProjectionStore,
  hash: Sha256Fn,
): Promise<readonly KeptState[]> {
  const code = codeVersion(projection, catalogueOf(session.log));
  const kept: KeptState[] = [];
  for (const head of await store.heads()) {
    if (head.name !== projection.name || head.role !== "active" || head.code_version !== code || head.parked > 0) continue;
    const record = await store.read(head);
    if (record === null) continue;
    const actual_hash = stateHash(projection.name, record.state, hash);
    kept.push({ what: `the projection ${projection.name}`, position: record.position, state_hash: record.state_hash, actual_hash });
  }
  for (const snapshot of await store.snapshots(snapshotStream(projection))) {
    if (snapshot.code_version !== code) continue;
    const { position, state_hash } = snapshot;
    const actual_hash = stateHash(projection.name, snapshot.state, hash);
    kept.push({ what: `the snapshot of ${projection.name} at ${position}`, position, state_hash, actual_hash });
  }
  return kept;
}

async function differs(session: LogSession, projection: Projection, kept: KeptState, hash: Sha256Fn): Promise<string | null> {
  if (kept.actual_hash !== kept.state_hash) return `${kept.what} does not have its hash`;
  const { position } = await session.refresh();
  if (kept.position > position) return `${kept.what} stands at position ${kept.position}, the log ends at ${position}`;
  const folded =
    kept.position === 0
      ? stateHash(projection.name, JSON.stringify(initialState(projection).state), hash)
      : await foldedHash(session, projection, kept.position, hash);
  return folded === kept.state_hash
    ? null
    : `${kept.what} differs from what the log gives at position ${kept.position}: it has ${kept.state_hash}, the log gives ${folded}`;
}

/** Hash of a projection's state at a position, folded from the start of the log. */
export async function foldedHash(session: LogSession, projection: Projection, to: number, hash: Sha256Fn): Promise<string> {
  const catalogue: EventCatalogue = catalogueOf(session.log);
  const request = { projection, catalogue, session, store: withoutSnapshots, journal: silent, hash, snapshots: null, to };
  return (await loadState(request)).state_hash;
}

const withoutSnapshots: SnapshotStore = {
  putSnapshot: async () => {},
  snapshots: async () => [],
  newestSnapshots: async () => [],
  removeSnapshots: async () => {},
};

const silent: OpsJournal = { note: async () => {} };

async function proveDecisions(session: LogSession, request: VerifyLogRequest): Promise<LogLevel> {
  const prover = proverOf(session, request);
  if (prover !== undefined) return provedLevel("L4", await prover.prove(session, termsOf(request)));
  const result = (verdict: LogLevel["verdict"], checked: number, message: string): LogLevel => ({
    ...{ level: "L4", verdict, checked, message, failure: null },
  });
  const decisions = catalogueOf(session.log)
    .definitions.filter(({ kind }) => kind === "decision")
    .map(({ type }) => type);
  if (decisions.length > 0) {
    for await (const _ of session.readLog({ types: decisions, limit: 1 })) {
      return result("not_shown", 0, "the log alone does not show its decisions: they follow from what stands beside it");
    }
  }
  return result("passed", session.head().position, "it holds inputs alone: nothing was decided");
}

function proverOf({ log }: LogSession, { provers = [] }: VerifyLogRequest): DecisionProver | undefined {
  return [...DECISION_PROVERS, ...provers].find(({ owns }) => owns(log));
}

function termsOf({ hash, onProgress }: VerifyLogRequest): ProofTerms {
  return { hash, ...(onProgress === undefined ? {} : { onProgress }) };
}

function provedLevel(level: "L3" | "L4", { checked, message, failure, not_shown }: DecisionProof): LogLevel {
  if (failure !== null) return { level, verdict: "failed", checked, message, failure: { level, column: null, message, ...failure } };
  return { level, verdict: not_shown === true ? "not_shown" : "passed", checked, message, failure: null };
}
