/** The use of a limit over the session days, as bars of a small drawing. */
import type { SessionUse } from "../../src/core/projections/risk-exposure.js";

/** Size of the drawing in pixels, with room above the limit. */
export const LINE_WIDTH = 180;
export const LINE_HEIGHT = 24;
/** Where the limit stands. */
export const LIMIT_AT = 5;
/** Bars at most. */
const BARS = 60;

export interface UseBar {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** At the limit or beyond it: drawn filled, with a cap above the line. */
  readonly over: boolean;
}

/** The highest use of each session day, or of several where there are more than bars. */
export function useBars(sessions: readonly SessionUse[]): readonly UseBar[] {
  const per = Math.max(1, Math.ceil(sessions.length / BARS));
  const slots = Math.ceil(sessions.length / per);
  const slot = LINE_WIDTH / Math.max(slots, 8);
  return Array.from({ length: slots }, (_, i) => sessions.slice(i * per, (i + 1) * per)).flatMap((days, i): UseBar[] => {
    const uses = days.flatMap(({ highest }) => (highest === null ? [] : [Number(highest.fraction)]));
    if (uses.length === 0) return [];
    const most = Math.max(...uses);
    const room = LINE_HEIGHT - LIMIT_AT;
    const height = Math.max(1, Math.min(LINE_HEIGHT, most * room));
    return [
      {
        x: tenth(i * slot),
        y: tenth(LINE_HEIGHT - height),
        width: tenth(Math.max(1, slot - 1)),
        height: tenth(height),
        over: most >= 1,
      },
    ];
  });
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}
