import type { Anchor, Head } from "../../core/tape/event.js";
import type { SealedBlock } from "../../core/tape/sealed-block.js";
import { eventAt } from "../../core/tape/sealed-block.js";
import type { AppendParticipant } from "../../ports/append-participant.js";
import type { ProjectionHead } from "../../ports/projection-store.js";
import type { PostgresConnection } from "./postgres-connection.js";
import { PostgresFailure } from "./postgres-failure.js";
import { saveRows } from "./postgres-projection-store.js";
import { ProjectionRows } from "./projection-rows.js";

/**
 * Commits a block together with what a participant makes of it: one transaction, whose last statement before the saves is the commit's.
 *
 * @param before where the log stands without the block.
 * @param commit moves the head and inserts the events; false where the head was elsewhere, and then nothing is saved either.
 * @throws {PostgresFailure}
 */
export async function commitJoined(
  connection: PostgresConnection,
  participant: AppendParticipant,
  block: SealedBlock,
  anchor: Anchor,
  before: Head,
  commit: () => Promise<boolean>,
): Promise<boolean> {
  let joined = false;
  try {
    const stored = await connection.transaction("BEGIN", async () => {
      const rows = new ProjectionRows(block.log, connection.query.bind(connection));
      await rows.lock();
      const heads: (ProjectionHead | null)[] = [];
      for (const key of participant.keys()) heads.push(await rows.head(key));
      const events = Array.from({ length: block.count }, (_, i) => eventAt(block, i, anchor));
      const saves = participant.join(events, heads);
      joined = true;
      if (!(await commit())) return false;
      for (const save of saves) await saveRows(rows, save);
      return true;
    });
    participant.ended(stored ? "committed" : "rolled_back", stored ? block.head : before);
    return stored;
  } catch (error) {
    const unknown = error instanceof PostgresFailure && error.certainty === "unknown";
    if (joined) participant.ended(unknown ? "unknown" : "rolled_back", before);
    throw error;
  }
}
