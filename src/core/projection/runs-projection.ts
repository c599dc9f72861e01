import type { Projection } from "./projection.js";
import { runEventOf } from "./run-event-of.js";

/** What a log of a run or session is about, and how far it has come. */
export type RunsState = {
  readonly kind: "run" | "session" | null;
  readonly strategy: { readonly name: string; readonly version: string } | null;
  readonly config_sha256: string | null;
  readonly started_at: number | null;
  readonly status: "not_started" | "running" | "completed" | "failed";
  readonly sessions: number;
  readonly signals: number;
  readonly orders: number;
  readonly fills: number;
  /** As the last close or the end of the run states it. */
  readonly equity: string | null;
  /** Event time of the newest of these events. */
  readonly last_at: number | null;
  readonly error: string | null;
};

const COUNTED: { readonly [type: string]: "sessions" | "signals" | "orders" | "fills" } = {
  "session.closed": "sessions",
  "signal.emitted": "signals",
  "order.created": "orders",
  "order.partially_filled": "fills",
  "order.filled": "fills",
  "fill.late": "fills",
};

export const runsProjection: Projection<RunsState> = {
  name: "runs",
  version: 1,
  order: "position",
  types: ["run.started", "session.started", "run.completed", ...Object.keys(COUNTED)],
  initial: {
    ...{ kind: null, strategy: null, config_sha256: null, started_at: null, status: "not_started" },
    ...{ sessions: 0, signals: 0, orders: 0, fills: 0, equity: null, last_at: null, error: null },
  },
  evolve(before, stored) {
    const event = runEventOf(stored);
    const state = { ...before, last_at: Math.max(before.last_at ?? event.occurred_at, event.occurred_at) };
    switch (event.type) {
      case "run.started":
      case "session.started": {
        const { strategy, config_sha256 } = event.payload;
        const named = { name: strategy.name, version: strategy.version };
        const kind = event.type === "run.started" ? "run" : "session";
        return { ...state, kind, strategy: named, config_sha256, started_at: event.occurred_at, status: "running" };
      }
      case "run.completed":
        return { ...state, status: event.payload.status, equity: event.payload.equity, error: event.payload.error?.message ?? null };
      case "session.closed":
        return { ...state, sessions: state.sessions + 1, equity: event.payload.equity };
      default: {
        const counted = COUNTED[event.type];
        return counted === undefined ? before : { ...state, [counted]: state[counted] + 1 };
      }
    }
  },
};
