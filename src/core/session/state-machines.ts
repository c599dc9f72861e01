/**
 * The five things of a risk session that have state, each with its finite table of transitions. What a table lacks cannot happen: whoever asks
 * for it has a bug. Every step stands on the tape, so that no state is one that only a process knows.
 */

/** `absent` is before the first event of a thing. */
const session = {
  absent: { open: "open" },
  open: { ingest: "open", request: "open", snapshot: "open", close: "closed" },
  closed: {},
} as const;

/** One source of quotes. */
const quote_stream = {
  absent: { quote: "live", reject: "live" },
  live: { quote: "live", reject: "live", close: "closed" },
  closed: {},
} as const;

/** Positions at one time, named by their content. It is `past` once the portfolio has moved on. */
const portfolio_snapshot = {
  absent: { take: "current" },
  current: { take: "current", replace: "past" },
  past: { take: "current" },
} as const;

/** One deterministic computation, named by everything that it depends on. It is `superseded` when a late event changed what it was asked about. */
const run = {
  absent: { request: "requested" },
  requested: { request: "requested", start: "running", supersede: "superseded" },
  running: { request: "running", complete: "completed", fail: "failed", supersede: "superseded" },
  completed: { request: "completed", supersede: "superseded" },
  failed: { request: "failed", supersede: "superseded" },
  superseded: { request: "requested" },
} as const;

/** One execution of a run. */
const compute_job = {
  absent: { queue: "queued" },
  queued: { start: "running", discard: "discarded" },
  running: { succeed: "succeeded", fail: "failed", discard: "discarded" },
  succeeded: { discard: "discarded" },
  failed: { discard: "discarded" },
  discarded: { queue: "queued" },
} as const;

/** Every table, by entity. */
export const STATE_MACHINES: {
  readonly session: typeof session;
  readonly quote_stream: typeof quote_stream;
  readonly portfolio_snapshot: typeof portfolio_snapshot;
  readonly run: typeof run;
  readonly compute_job: typeof compute_job;
} = { session, quote_stream, portfolio_snapshot, run, compute_job };

export type Entity = keyof typeof STATE_MACHINES;
export type StateOf<E extends Entity> = keyof (typeof STATE_MACHINES)[E];

/** Every action that some state of an entity knows. */
export type ActionOf<E extends Entity> = {
  [S in StateOf<E>]: keyof (typeof STATE_MACHINES)[E][S];
}[StateOf<E>];

/** A step that the table lacks: a bug of whoever proposed it. */
export class IllegalStep extends Error {
  override readonly name = "IllegalStep";

  constructor(entity: Entity, id: string, state: string, action: string) {
    super(`${entity} ${id} is ${state} and cannot ${action}`);
  }
}

/** The state that follows, or null where the table has none. */
export function stepOf(entity: Entity, state: string, action: string): string | null {
  const table: Readonly<Record<string, Readonly<Record<string, string>>>> = STATE_MACHINES[entity];
  const row = Object.hasOwn(table, state) ? table[state] : undefined;
  return row !== undefined && Object.hasOwn(row, action) ? (row[action] ?? null) : null;
}

/** Keeps the states of many things, each under its id. */
export class StateKeeper {
  readonly #states = new Map<string, string>();

  /** @throws {IllegalStep} where the table has no such step; nothing changed then. */
  step<E extends Entity>(entity: E, id: string, action: ActionOf<E> & string): string {
    const state = this.of(entity, id);
    const next = stepOf(entity, state, action);
    if (next === null) throw new IllegalStep(entity, id, state, action);
    this.#states.set(`${entity} ${id}`, next);
    return next;
  }

  of(entity: Entity, id: string): string {
    return this.#states.get(`${entity} ${id}`) ?? "absent";
  }

  /** Ids of an entity with their states, in the order of the ids. */
  all(entity: Entity): readonly (readonly [id: string, state: string])[] {
    const prefix = `${entity} `;
    return [...this.#states]
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, state]) => [key.slice(prefix.length), state] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1));
  }
}

/** The actions of an entity, in the order of their first mention. */
export function actionsOf(entity: Entity): readonly string[] {
  return [...new Set(Object.values(STATE_MACHINES[entity]).flatMap((row) => Object.keys(row)))];
}
