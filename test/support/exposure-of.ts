import { sha256 } from "../../src/adapters/node-hash/sha256.js";
import type { RunConfig } from "../../src/core/engine/run-config.js";
import type { RiskPolicy } from "../../src/core/gate/policy.js";
import { isOfBars } from "../../src/core/projections/after-close.js";
import { ExposureFold, type ExposureFolded } from "../../src/core/projections/exposure-fold.js";
import { type FixtureRun, inputsOf, type PlainEvent } from "./engine-fixture.js";

/** Folds the use of a fixture's limits from what its engine wrote, each event with whether another of its time caused it. */
export function exposureOf(run: FixtureRun & { readonly risk: RiskPolicy }, events: readonly PlainEvent[]): ExposureFolded {
  const [first] = events;
  if (first?.type !== "run.started") throw new Error("no run");
  const columns = new Map(run.instruments.map((i) => [i.columns.symbol, i.columns]));
  const config = first.payload.config as unknown as RunConfig;
  const fold = new ExposureFold({ config, policy: run.risk, columns, inputs: inputsOf(run), hash: sha256 });
  const known = new Map<string, PlainEvent>();
  for (const event of events) {
    known.set(`${event.command}#${event.index_in_command}`, event);
    const cause = event.cause < 0 ? undefined : known.get(`${event.command}#${event.cause}`);
    fold.apply(event, cause !== undefined && !isOfBars(cause));
  }
  return fold.finish();
}
