import type { RunConfig, RunInputs } from "../engine/run-config.js";
import { runCatalogue } from "../engine/run-event-schemas.js";
import { RUN_EVENT_TYPES } from "../engine/run-events.js";
import type { BarColumns } from "../market/bars.js";
import { type MetricResult, metricGroups, metricInput, metricResult } from "../metrics/run-metrics.js";
import type { PositionedEvent } from "../projections/positioned-event.js";
import { RunProjection } from "../projections/run-projection.js";
import { BlockSealer } from "../tape/block-sealer.js";
import { BlockTapeWriter } from "../tape/block-tape-writer.js";
import type { CommandInHand } from "../tape/command-in-hand.js";
import { GENESIS_HASH, type Sha256Fn, type Sha256Hex } from "../tape/hash.js";
import type { ProposedEvent } from "../tape/proposed-event.js";

/** What a point's events came to. */
export interface PointFold {
  /** Every metric by id. Tables are left to the run: a point is ranked by numbers. */
  readonly metrics: { readonly [id: string]: MetricResult };
  readonly trades: number;
  readonly content_hash: Sha256Hex | null;
}

/**
 * The tape of a sweep's point: folds each accepted event into the run's tables at once and keeps none. The fold is the one that makes a run's
 * artifacts, so the figures are those of the run.
 */
export class PointTape {
  readonly #projection: RunProjection;
  readonly #writer: BlockTapeWriter | null;
  readonly #sealer: BlockSealer | null;
  #position = 0;

  /** @param log named where the content hash is wanted: events are then encoded and hashed as a run's are, and dropped. */
  constructor(
    config: RunConfig,
    columns: ReadonlyMap<string, BarColumns>,
    inputs: RunInputs,
    log: { readonly name: string; readonly hash: Sha256Fn } | null,
  ) {
    this.#projection = new RunProjection(config, columns, { inputs });
    const genesis = { position: 0, hash: GENESIS_HASH, content_hash: GENESIS_HASH };
    const sealer = log === null ? null : new BlockSealer(log.name, runCatalogue, log.hash, { head: genesis, pins: [], recent: [] });
    this.#sealer = sealer;
    this.#writer =
      sealer === null
        ? null
        : new BlockTapeWriter({ catalogue: runCatalogue, mode: "block", emit: (block) => void sealer.seal(block), awaitCommit: () => {} });
  }

  get position(): number {
    return this.#position;
  }

  begin(source: CommandInHand): void {
    this.#writer?.begin(source);
  }

  /** @throws {ProjectionMismatch} where the fold contradicts the engine. */
  accept(events: readonly ProposedEvent[]): void {
    this.#writer?.accept(events);
    for (const { type, occurred_at, payload } of events) {
      this.#position += 1;
      // The engine proposed the payload for this type.
      this.#projection.apply({ type: RUN_EVENT_TYPES[type], position: this.#position, occurred_at, payload } as unknown as PositionedEvent);
    }
  }

  flush(): void {
    this.#writer?.flush();
  }

  /** Ends the fold. */
  finish(): PointFold {
    const { measures } = this.#projection.finish();
    const input = metricInput(measures);
    const metrics = Object.fromEntries(
      metricGroups.flatMap((group) => group.metrics.map((metric) => [metric.id, metricResult(metric, input)])),
    );
    return { metrics, trades: measures.trades.length, content_hash: this.#sealer?.head.content_hash ?? null };
  }
}
