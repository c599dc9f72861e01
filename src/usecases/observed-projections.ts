/** A projection store that tells how far its projections are behind their log. */
import type { LogSession } from "../ports/event-store.js";
import type { ProjectionStore } from "../ports/projection-store.js";
import type { Attributes, Telemetry } from "../ports/telemetry.js";
import { overlaid } from "./overlaid.js";

/** @param session the log, where this process has it open: without it nobody knows where it ends. */
export function observedProjections(
  store: ProjectionStore,
  { telemetry, now }: { readonly telemetry: Telemetry; readonly now: () => number },
  labels: Attributes,
  session: () => LogSession | null,
): ProjectionStore {
  const tellLag = async (name: string, position: number): Promise<void> => {
    const log = session();
    if (log === null) return;
    const about = { ...labels, "onetape.log": store.log, "onetape.projection.name": name };
    const waiting = Math.max(0, log.head().position - position);
    telemetry.record("onetape.projection.lag.events", waiting, about);
    let seconds = 0;
    if (waiting > 0)
      for await (const { recorded_at } of log.readLog({ from: position + 1, limit: 1 })) seconds = Math.max(0, now() - recorded_at) / 1_000;
    telemetry.record("onetape.projection.lag.duration", seconds, about);
  };
  return overlaid(store, {
    async read(key) {
      const record = await store.read(key);
      if (record?.role === "active") await tellLag(record.name, record.position);
      return record;
    },
    async save(save) {
      const { name } = save.key;
      const about = { ...labels, "onetape.projection.name": name };
      const started = telemetry.elapsed();
      const span = telemetry.span("save projection", {
        "db.operation.name": "save",
        "db.collection.name": "projections",
        "onetape.log": store.log,
        ...about,
      });
      const outcome = await store.save(save);
      telemetry.record("onetape.projection.save.duration", (telemetry.elapsed() - started) / 1_000, about);
      span.end({ "onetape.log.position": save.position }, outcome.kind === "saved" ? null : outcome.kind);
      if (outcome.kind !== "saved") return outcome;
      telemetry.record("onetape.projection.events", save.position - save.expected_position, about);
      await tellLag(name, save.position);
      if (save.halted !== null) {
        const where = { ...about, "onetape.log": store.log, "onetape.log.position": save.halted.position };
        telemetry.log("error", "onetape.projection.halted", `the projection cannot fold ${save.halted.type}`, where);
      }
      return outcome;
    },
  });
}
