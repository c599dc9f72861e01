import { sha256 } from "../../src/adapters/node-hash/sha256.js";
import type { ChainPart, PartProof } from "../../src/core/tape/chain-part.js";
import { endOfPart, PartProver, ProvedParts, partsOf } from "../../src/core/tape/chain-part.js";
import type { ChainFailure, ChainVerifierOptions } from "../../src/core/tape/chain-verifier.js";
import { ChainVerifier } from "../../src/core/tape/chain-verifier.js";
import { createdAt, type StoredLog } from "./stored-log.js";

/** Proves a part of a log as a thread does. */
export function provePart(part: ChainPart, { events }: Pick<StoredLog, "events">): PartProof | null {
  const prover = new PartProver(part, sha256, createdAt);
  prover.take(events.filter(({ position }) => position > part.start.head.position && position <= endOfPart(part)));
  return prover.proof();
}

/** What is found in a log, and after how many proved events, where parts are proved first, the last of them before the others, and the rest is checked event by event. */
export function verifyInParts(
  log: StoredLog,
  options: ChainVerifierOptions,
  partEvents: number,
): { readonly failure: ChainFailure | null; readonly proved: number } {
  const parts = [...partsOf(options.log, options.level, options.anchors, partEvents)].filter(
    (part) => endOfPart(part) <= log.head.position,
  );
  const proofs = new Map(parts.toReversed().map((part) => [part, provePart(part, log)]));
  const proved = new ProvedParts(options.published);
  for (const part of parts) {
    const proof = proofs.get(part) ?? null;
    if (proof === null || !proved.add(part, proof)) break;
  }
  const { events } = proved;
  const before = log.events.filter(({ position }) => position <= events).map(({ id }) => id);
  const chain = new ChainVerifier({ ...options, start: proved.start(() => before) });
  for (const event of log.events.filter(({ position }) => position > events)) {
    const failure = chain.next(event);
    if (failure !== null) return { failure, proved: events };
  }
  return { failure: chain.finish(log.head), proved: events };
}
