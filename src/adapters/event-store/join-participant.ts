import type { Anchor } from "../../core/tape/event.js";
import { eventAt, type SealedBlock } from "../../core/tape/sealed-block.js";
import type { AppendParticipant } from "../../ports/append-participant.js";
import type { LogBackend } from "./log-backend.js";
import { saveProjection } from "./save-projection.js";

/** Stores what a participant makes of a block beside it, in the open transaction. */
export function joinParticipant(participant: AppendParticipant, backend: LogBackend, block: SealedBlock, anchor: Anchor): void {
  const tables = backend.projections();
  const events = Array.from({ length: block.count }, (_, i) => eventAt(block, i, anchor));
  const heads = participant.keys().map((key) => tables.head(key));
  for (const save of participant.join(events, heads)) saveProjection(tables, save);
}
