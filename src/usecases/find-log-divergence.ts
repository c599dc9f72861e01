import type { Divergence } from "../core/tape/divergence.js";
import { compareAt, isEqualUpTo, lastCommonPosition } from "../core/tape/divergence.js";
import type { LogSession } from "../ports/event-store.js";

/** The first position at which two open logs hold different content: some twenty hash comparisons, then the events of one block. */
export async function findLogDivergence(left: LogSession, right: LogSession): Promise<Divergence> {
  const one = { head: left.head(), anchors: await left.anchors() };
  const other = { head: right.head(), anchors: await right.anchors() };
  const common = lastCommonPosition(one, other);
  if (isEqualUpTo(one, other, common)) return { kind: "equal", position: common };
  const a = left.readLog({ from: common + 1 })[Symbol.asyncIterator]();
  const b = right.readLog({ from: common + 1 })[Symbol.asyncIterator]();
  try {
    for (let position = common + 1; ; position++) {
      const [x, y] = [await a.next(), await b.next()];
      const verdict = compareAt(position, x.done === true ? null : x.value, y.done === true ? null : y.value);
      if (verdict !== null) return verdict;
    }
  } finally {
    await a.return?.();
    await b.return?.();
  }
}
