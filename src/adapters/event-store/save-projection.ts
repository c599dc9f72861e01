import type { ProjectionSave, SaveOutcome } from "../../ports/projection-store.js";
import { refuseSave, savedRecord } from "./decide-projection.js";
import type { ProjectionTables } from "./projection-tables.js";

/** Stores state and checkpoint inside the caller's transaction, unless the checkpoint or the lease has moved. */
export function saveProjection(tables: ProjectionTables, save: ProjectionSave): SaveOutcome {
  const head = tables.head(save.key);
  const refused = refuseSave(head, save);
  if (refused !== null || head === null) return refused ?? { kind: "gone" };
  tables.put(savedRecord(head, save, tables.parkedUpTo(save.key, save.parked_after)));
  if (save.parked.length > 0 || head.parked > 0) tables.replaceParked(save.key, save.parked_after, save.parked);
  return { kind: "saved" };
}
