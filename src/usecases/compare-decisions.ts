/** Compares what two runs decided where what they were given differs: inputs are passed over, decisions are paired in order. */
import { runEventDefinitions } from "../core/engine/run-event-schemas.js";
import { differingFields } from "../core/tape/divergence.js";
import type { JsonObject, TapeEvent } from "../core/tape/event.js";
import { jsonDifferences } from "../core/tape/json-difference.js";
import type { LogSession } from "../ports/event-store.js";

/** A field of a decision that repeats what the run was given: where it differs, nothing was decided otherwise. */
export interface Echo {
  readonly type: string;
  readonly path: string;
  /** Where each run first has it. */
  readonly left_position: number;
  readonly right_position: number;
}

export interface DecisionComparison {
  /** Decisions that both runs share, from the first on. */
  readonly common: number;
  readonly echoes: readonly Echo[];
  /** The first pair that differs; a side is null where that run has made no further decision, both where all are equal. */
  readonly left: TapeEvent | null;
  readonly right: TapeEvent | null;
  readonly events_read: number;
}

const INPUTS: ReadonlySet<string> = new Set(runEventDefinitions.filter((d) => d.kind === "input").map((d) => d.type));

const ECHOES: { readonly [type: string]: readonly string[] } = {
  "session.closed": ["/strategy_sha256", "/risk_sha256"],
  "run.completed": ["/strategy_sha256", "/risk_sha256"],
  "signal.emitted": ["/strategy"],
  "order.created": ["/idempotency_key"],
  "risk.decided": ["/policy_sha256"],
};

/** Finds the first pair of decisions that differ by more than an echo of the inputs. */
export async function compareDecisions(left: Pick<LogSession, "readLog">, right: Pick<LogSession, "readLog">): Promise<DecisionComparison> {
  const [one, other] = [new Decisions(left), new Decisions(right)];
  const echoes = new Map<string, Echo>();
  try {
    for (let common = 0; ; common++) {
      const [a, b] = [await one.next(), await other.next()];
      if (a !== null && b !== null && isEcho(a, b, echoes)) continue;
      return { common, echoes: [...echoes.values()], left: a, right: b, events_read: one.read + other.read };
    }
  } finally {
    await one.close();
    await other.close();
  }
}

/** True for equal decisions, and for those that differ in echoes alone, which are noted. */
function isEcho(left: TapeEvent, right: TapeEvent, echoes: Map<string, Echo>): boolean {
  const fields = differingFields(left, right);
  if (fields.length === 0) return true;
  const known = ECHOES[left.type];
  if (known === undefined || fields.length > 1 || fields[0] !== "payload") return false;
  const paths = jsonDifferences(payloadOf(left), payloadOf(right)).map(({ path }) => path);
  if (paths.some((path) => !known.includes(path))) return false;
  for (const path of paths) {
    const key = `${left.type} ${path}`;
    if (!echoes.has(key)) echoes.set(key, { type: left.type, path, left_position: left.position, right_position: right.position });
  }
  return true;
}

/** A stored payload, read back. It was checked as canonical JSON of an object when it was written. */
export function payloadOf(event: TapeEvent): JsonObject {
  return JSON.parse(event.payload) as JsonObject;
}

class Decisions {
  read = 0;
  readonly #source: AsyncIterator<TapeEvent>;

  constructor(log: Pick<LogSession, "readLog">) {
    this.#source = log.readLog()[Symbol.asyncIterator]();
  }

  async next(): Promise<TapeEvent | null> {
    for (;;) {
      const next = await this.#source.next();
      if (next.done === true) return null;
      this.read += 1;
      if (!INPUTS.has(next.value.type)) return next.value;
    }
  }

  async close(): Promise<void> {
    await this.#source.return?.();
  }
}
