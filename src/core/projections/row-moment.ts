import type { UtcMillis } from "../tape/event.js";

/** The event after which a row of `positions`, `pnl` or `risk` was taken. */
export interface RowMoment {
  readonly position: number;
  readonly row: "fill" | "session" | "end";
  readonly ts: UtcMillis;
  readonly session: string | null;
}
