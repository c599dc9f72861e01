import type { Snapshot } from "../../core/projection/snapshot.js";

/** The snapshots of a stream after one is added: one per position, newest position first, at most `keep`. */
export function keptSnapshots(known: readonly Snapshot[], added: Snapshot, keep: number): readonly Snapshot[] {
  const others = known.filter(({ position }) => position !== added.position);
  return [...others, added].sort((a, b) => b.position - a.position).slice(0, Math.max(1, keep));
}
