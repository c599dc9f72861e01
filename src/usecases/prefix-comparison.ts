import type { BarsAttached } from "../core/engine/run-events.js";
import type { EventBlock } from "../core/tape/block.js";
import type { TapeEvent, UtcMillis } from "../core/tape/event.js";
import { eventId } from "../core/tape/event-id.js";
import type { Sha256Fn } from "../core/tape/hash.js";
import { eventAt, type SealedBlock } from "../core/tape/sealed-block.js";
import { payloadOf } from "./compare-decisions.js";

/** Two runs that do not begin alike. A side is null where that run has no such event up to the cut. */
export interface PrefixDifference {
  readonly position: number;
  /** What the whole run recorded. */
  readonly whole: TapeEvent | null;
  /** What the cut run decided. */
  readonly cut: TapeEvent | null;
}

/** Command of everything that follows from the end of the data: the last handler, closing orders and sessions, the end of the run. */
const END = "end";

/** Fields in which the same event of two runs must agree. Log and hashes before it differ with what the runs were given. */
const SAME = ["id", "stream", "version", "type", "schema_version", "occurred_at", "causation_id", "payload_hash"] as const;

/**
 * Compares a run on cut data with the tape of the whole one, event by event, while it runs.
 *
 * Every event that the cut run makes before its data end must stand at the same place of the tape, and the tape may hold no further event
 * of the slice at the cut. Two events tell what a run was given and differ by rule: `run.started` (rows and last times), and the
 * `bars.attached` of a session in which the cut falls (rows, last time, hash). What follows from the end of the data is not compared.
 */
export class PrefixComparison {
  /** Events that were compared and are equal. */
  compared = 0;
  /** Events of the cut run's end. */
  excluded = 0;
  readonly #recorded: AsyncIterator<TapeEvent>;
  readonly #sha256: Sha256Fn;
  #command = "";
  #index = -1;

  readonly #until: UtcMillis;

  /**
   * @param recorded the events of the whole run from the first on.
   * @param until close time of the last slice that the cut run has.
   */
  constructor(recorded: AsyncIterable<TapeEvent>, until: UtcMillis, sha256: Sha256Fn) {
    this.#recorded = recorded[Symbol.asyncIterator]();
    this.#until = until;
    this.#sha256 = sha256;
  }

  /** Takes the cut run's next events. @returns the first difference, or null. */
  async take(block: EventBlock, sealed: SealedBlock): Promise<PrefixDifference | null> {
    for (let i = 0; i < block.count; i++) {
      const command = block.commands[block.command_of[i] ?? -1] ?? "";
      if (command === END) {
        this.excluded += block.count - i;
        return null;
      }
      const cut = eventAt(sealed, i, { recorded_at: 0, epoch: 0 });
      const whole = await this.#next();
      if (whole === null || !agree(whole, cut)) {
        // What the whole run decided after the cut is no counterpart of this event.
        return { position: cut.position, whole: whole === null || whole.occurred_at > this.#until ? null : whole, cut };
      }
      this.compared += 1;
      this.#command = command;
      this.#index = block.index_in_command[i] ?? 0;
    }
    return null;
  }

  /** Whether the tape holds more of the slice at the cut than the cut run made. */
  async finish(): Promise<PrefixDifference | null> {
    const whole = await this.#next();
    if (whole === null) return null;
    const slice = `slice/${this.#until}`;
    const index = this.#command === slice ? this.#index + 1 : 0;
    const more = whole.id === eventId(whole.occurred_at, whole.log, slice, index, this.#sha256);
    return more ? { position: whole.position, whole, cut: null } : null;
  }

  async close(): Promise<void> {
    await this.#recorded.return?.();
  }

  async #next(): Promise<TapeEvent | null> {
    const next = await this.#recorded.next();
    return next.done === true ? null : next.value;
  }
}

function agree(whole: TapeEvent, cut: TapeEvent): boolean {
  const fields = SAME.filter((field) => whole[field] !== cut[field]);
  if (fields.length === 0) return true;
  if (fields.length > 1 || fields[0] !== "payload_hash") return false;
  return cut.type === "run.started" || (cut.type === "bars.attached" && isShorter(attachedIn(cut), attachedIn(whole)));
}

/** Whether an attachment is the beginning of another. */
function isShorter(cut: BarsAttached, whole: BarsAttached): boolean {
  const same = (["symbol", "session", "column_set", "first_row", "first_ts"] as const).every((field) => cut[field] === whole[field]);
  return same && cut.row_count < whole.row_count;
}

/** The tape checked the payload against the schema of its type. */
function attachedIn(event: TapeEvent): BarsAttached {
  return payloadOf(event) as unknown as BarsAttached;
}
