import { join } from "node:path";
import type { StoreKind } from "../../adapters/config/workspace-settings.js";
import { sha256, sha256Bytes } from "../../adapters/node-hash/sha256.js";
import { PostgresEventStore } from "../../adapters/postgres/postgres-event-store.js";
import { withScratchSchema } from "../../adapters/postgres/scratch-schema.js";
import type { LogStores } from "../../usecases/workspace-logs.js";
import { postgresTargetOf } from "./event-stores.js";
import { openLogStores } from "./log-stores.js";

/**
 * Gives work empty stores of a kind: files below `folder`, or a schema of its own in the database that the environment names, which is
 * gone afterwards. Nothing that is written there is published or observed.
 *
 * @throws {StoreNotNamed} @throws {BackendFailure}
 */
export async function withScratchStores<T>(
  { kind, folder, environment }: { readonly kind: StoreKind; readonly folder: string; readonly environment: NodeJS.ProcessEnv },
  work: (stores: LogStores) => Promise<T>,
): Promise<T> {
  if (kind === "sqlite") {
    const { close, ...stores } = openLogStores({ home: join(folder, "restored"), store: "sqlite" }, {});
    return work(stores).finally(close);
  }
  return withScratchSchema(postgresTargetOf(environment), async (target) => {
    const store = new PostgresEventStore({ target, sha256, sha256Bytes, now: Date.now });
    try {
      await store.migrate();
      return await work({ store, sessions: store });
    } finally {
      await store.close();
    }
  });
}
