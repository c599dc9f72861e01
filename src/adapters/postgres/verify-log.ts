import type { ChainFailure } from "../../core/tape/chain-verifier.js";
import { ChainVerifier } from "../../core/tape/chain-verifier.js";
import type { Anchor, Head } from "../../core/tape/event.js";
import type { VerifyReport } from "../../ports/event-store.js";
import { isoTime } from "../event-store/iso-time.js";
import type { LogStanding } from "../event-store/log-backend.js";
import { BackendFailure } from "../event-store/log-backend.js";
import { standingFailure, unreadable } from "../event-store/standing-failure.js";
import type { Ask } from "./postgres-log.js";
import { readAnchors, readStanding } from "./postgres-log.js";
import type { SessionParts } from "./session-parts.js";

/** Events between two reports of progress. */
const PROGRESS_STEP = 10_000;

/** Checks a log as it stands at one moment, whatever its writer does meanwhile. */
export async function verifyLog(
  parts: SessionParts,
  head: Head,
  level: "L1" | "L2",
  onProgress: ((events: number) => void) | undefined,
): Promise<VerifyReport> {
  try {
    const connection = await parts.connect("read");
    try {
      return await connection.transaction("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", () =>
        verifySnapshot(parts, connection.query.bind(connection), level, onProgress),
      );
    } finally {
      await connection.close();
    }
  } catch (error) {
    if (!(error instanceof BackendFailure)) throw error;
    return { log: parts.log, level, events: 0, head, failure: unreadable(level, 1, error) };
  }
}

async function verifySnapshot(
  parts: SessionParts,
  ask: Ask,
  level: "L1" | "L2",
  onProgress: ((events: number) => void) | undefined,
): Promise<VerifyReport> {
  const { log } = parts;
  const standing = await readStanding(ask, log);
  if (standing === null) throw new BackendFailure("corrupt", `the log ${log} has no head`, null, undefined);
  const anchors = await readAnchors(ask, log);
  let wanted: number | null = null;
  const first = await pass(parts, ask, level, { standing, anchors }, onProgress, (position) => {
    wanted = position;
    return null;
  });
  if (first.failure === null || wanted === null) return first;
  // The payload of one event helps to say what was changed. Asking takes time that a sound log need not spend, so it is read again.
  const payload = await payloadAt(parts, ask, wanted);
  return payload === null
    ? first
    : pass(parts, ask, level, { standing, anchors }, undefined, (position) => (position === wanted ? payload : null));
}

async function pass(
  parts: SessionParts,
  ask: Ask,
  level: "L1" | "L2",
  { standing, anchors }: { readonly standing: LogStanding; readonly anchors: readonly Anchor[] },
  onProgress: ((events: number) => void) | undefined,
  payloadOf: (position: number) => string | null,
): Promise<VerifyReport> {
  const verifier = new ChainVerifier({
    log: parts.log,
    level,
    sha256: parts.sha256,
    anchors,
    published: null,
    types: parts.registry.catalogue.definitions.map((definition) => definition.type),
    payloadOf,
    createdAt: isoTime,
  });
  const failure =
    (await findFailure(parts, ask, verifier, level, onProgress)) ??
    verifier.finish(standing.head) ??
    standingFailure(level, verifier, standing, anchors);
  onProgress?.(verifier.events);
  return { log: parts.log, level, events: verifier.events, head: verifier.head, failure };
}

async function findFailure(
  { layout }: SessionParts,
  ask: Ask,
  verifier: ChainVerifier,
  level: "L1" | "L2",
  onProgress: ((events: number) => void) | undefined,
): Promise<ChainFailure | null> {
  let seen = 0;
  try {
    for await (const stored of layout.stored(ask, level)) {
      const failure = "message" in stored ? (verifier.suspicion() ?? stored) : verifier.next(stored);
      if (failure !== null) return failure;
      seen += 1;
      if (seen % PROGRESS_STEP === 0) onProgress?.(seen);
    }
    return null;
  } catch (error) {
    if (!(error instanceof BackendFailure)) throw error;
    return unreadable(level, verifier.events + 1, error);
  }
}

/** Null where damage keeps the event from being read. */
async function payloadAt({ layout }: SessionParts, ask: Ask, position: number): Promise<string | null> {
  const request = { stream: null, from: position, direction: "forwards", types: null, limit: 1 } as const;
  try {
    for await (const [event] of layout.scan(ask, request)) return event?.position === position ? event.payload : null;
    return null;
  } catch (error) {
    if (error instanceof BackendFailure) return null;
    throw error;
  }
}
