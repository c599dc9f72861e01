import type { CaptureTaken } from "../market/capture.js";
import type { JsonObject } from "../tape/event.js";
import type { Projection } from "./projection.js";

/** A workspace's catalogue: captures in the order taken, and the latest statement on each instrument. */
export type CapturesState = {
  readonly captures: readonly CaptureTaken[];
  readonly instruments: { readonly [symbol: string]: JsonObject };
};

export const capturesProjection: Projection<CapturesState> = {
  name: "captures",
  version: 1,
  order: "position",
  types: ["capture.taken", "instrument.stated"],
  initial: { captures: [], instruments: {} },
  evolve(state, { type, payload }) {
    // The log has checked each payload against the schema of its type.
    if (type === "capture.taken") return { ...state, captures: [...state.captures, payload as CaptureTaken] };
    return { ...state, instruments: { ...state.instruments, [String(payload["symbol"])]: payload } };
  },
};
