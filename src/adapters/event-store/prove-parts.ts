import type { ChainPart, PartProof } from "../../core/tape/chain-part.js";
import { endOfPart, ProvedParts, partsOf } from "../../core/tape/chain-part.js";
import type { Anchor } from "../../core/tape/event.js";
import type { ChainThreads } from "./chain-threads.js";
import type { LogBackend, LogStanding, PackedReading } from "./log-backend.js";

/** What a log says of itself, at one moment. */
export interface LogStatement {
  readonly standing: LogStanding;
  readonly anchors: readonly Anchor[];
  readonly published: readonly Anchor[] | "missing" | null;
}

/** @throws {BackendFailure} */
export function statementOf(backend: LogBackend): LogStatement {
  return { standing: backend.standing(), anchors: backend.anchors(), published: backend.published() };
}

interface Proving extends LogStatement {
  readonly log: string;
  readonly level: "L1" | "L2";
  readonly packed: PackedReading;
  readonly threads: ChainThreads;
  /** Asked between pages; what is closed is read no further. */
  readonly isClosed: () => boolean;
  readonly onProgress: ((events: number) => void) | undefined;
}

/**
 * Has the parts of a log proved side by side.
 *
 * @returns those proved, from the first on, up to one that could not be or to the end of the log. Parts behind one that could not be
 * proved count for nothing, so that the first bad event in the order of the log is found by who goes on from there.
 */
export async function proveParts(proving: Proving): Promise<ProvedParts> {
  const { log, level, anchors, published, packed, threads, standing, isClosed, onProgress } = proving;
  const parts = partsOf(log, level, anchors, threads.part_events);
  const proved = new ProvedParts(published);
  /** Proofs of parts before which one is still missing, by number. */
  const waiting = new Map<number, { readonly part: ChainPart; readonly proof: PartProof }>();
  const lanes = threads.open();
  let taken = 0;
  let added = 0;
  let ended = false;
  let over = false;
  const work = async (lane: (typeof lanes)[number]): Promise<void> => {
    while (!ended && !isClosed()) {
      const next = parts.next();
      if (next.done === true || endOfPart(next.value) > standing.head.position) return;
      const part = next.value;
      const number = taken++;
      const pages = packed.pages(level, part.start.head.position, endOfPart(part));
      const proof = await lane.prove(
        part,
        until(pages, () => over || isClosed()),
      );
      // Parts before it may still be proved by others; none behind it is begun.
      if (proof === null) ended = true;
      else waiting.set(number, { part, proof });
      for (let ready = waiting.get(added); ready !== undefined; ready = waiting.get(added)) {
        waiting.delete(added);
        if (!proved.add(ready.part, ready.proof)) {
          ended = true;
          return;
        }
        added += 1;
        onProgress?.(proved.events);
      }
    }
  };
  try {
    await Promise.all(lanes.map(work));
    return proved;
  } finally {
    over = true;
    await Promise.all(lanes.map((lane) => lane.close()));
  }
}

function* until<Page>(pages: Iterable<Page>, isOver: () => boolean): Generator<Page> {
  for (const page of pages) {
    if (isOver()) return;
    yield page;
  }
}
