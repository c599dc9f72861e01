import { sha256 } from "../../src/adapters/node-hash/sha256.js";
import type { RunConfig } from "../../src/core/engine/run-config.js";
import type { RiskPolicy } from "../../src/core/gate/policy.js";
import { ExposureFold, type ExposureFolded } from "../../src/core/projections/exposure-fold.js";
import { type FixtureRun, inputsOf, type PlainEvent } from "./engine-fixture.js";

/** Folds the use of a fixture's limits from what its engine wrote, each event with whether a fill caused it. */
export function exposureOf(run: FixtureRun & { readonly risk: RiskPolicy }, events: readonly PlainEvent[]): ExposureFolded {
  const [first] = events;
  if (first?.type !== "run.started") throw new Error("no run");
  const columns = new Map(run.instruments.map((i) => [i.columns.symbol, i.columns]));
  const config = first.payload.config as unknown as RunConfig;
  const fold = new ExposureFold({ config, policy: run.risk, columns, inputs: inputsOf(run), hash: sha256 });
  const types = new Map<string, string>();
  for (const event of events) {
    types.set(`${event.command}#${event.index_in_command}`, event.type);
    const cause = event.cause < 0 ? undefined : types.get(`${event.command}#${event.cause}`);
    fold.apply(event, cause === "order.filled" || cause === "order.partially_filled");
  }
  return fold.finish();
}
