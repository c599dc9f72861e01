import { grouped } from "../../core/numeric/grouped.js";
import { durationText } from "./duration.js";
import type { Style } from "./style.js";

/** A kind of work. */
export interface Phase {
  readonly label: string;
  /** Plural noun of what is counted, for example `bars`. */
  readonly unit: string;
}

/** How far some work has come. */
export interface ProgressState {
  readonly done: number;
  /** Null where nobody knows. */
  readonly total: number | null;
  /** Simulated time in UTC milliseconds, or null. */
  readonly at: number | null;
  /** What is done now, where one bar shows several kinds of work in turn; each has its own rate. */
  readonly phase?: Phase;
}

export interface Progress {
  update(state: ProgressState): void;
  /** Removes the bar. Call it before anything else is written. */
  end(): void;
}

export interface ProgressOptions extends Phase {
  readonly isTerminal: boolean;
  /** Columns of the terminal. */
  readonly width: () => number;
  readonly write: (text: string) => void;
  readonly style: Style;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** At most ten drawings a second on a terminal; one line every ten seconds elsewhere. */
const TERMINAL_INTERVAL_MS = 100;
const LINE_INTERVAL_MS = 10_000;
const WIDEST_BAR = 24;
const NARROWEST_BAR = 5;

export const silentProgress: Progress = { update: () => undefined, end: () => undefined };

/** Shows progress: a bar that redraws itself on a terminal, a plain line now and then elsewhere. */
export function showProgress(options: ProgressOptions): Progress {
  const { isTerminal, now, write, width } = options;
  let first: { readonly phase: string; readonly time: number; readonly done: number } | null = null;
  let drawn = isTerminal ? Number.NEGATIVE_INFINITY : now();
  let visible = false;
  return {
    update(state) {
      const time = now();
      const phase = state.phase ?? options;
      const key = `${phase.label} ${phase.unit}`;
      const changed = first !== null && first.phase !== key;
      // The rate counts from the first report: what came before was preparation.
      if (first === null || changed) first = { phase: key, time, done: state.done };
      if (!(changed && isTerminal) && time - drawn < (isTerminal ? TERMINAL_INTERVAL_MS : LINE_INTERVAL_MS)) return;
      drawn = time;
      const text = describe(phase, state, rateSince(first, state.done, time));
      if (isTerminal) {
        visible = true;
        write(`\r\u001b[2K${layOut(phase.label, options.style, state, text, width())}`);
      } else {
        write(`${phase.label}: ${text}\n`);
      }
    },
    end() {
      if (visible) write("\r\u001b[2K");
      visible = false;
    },
  };
}

/** One line about how far work has come: a bar where there is room, counts, rate and time left. */
export function progressLine(
  options: Pick<ProgressOptions, "label" | "unit" | "style">,
  state: ProgressState,
  perSecond: number | null,
  width: number,
): string {
  return layOut(options.label, options.style, state, describe(options, state, perSecond), width);
}

/** Units a second, or null while nothing can be said. */
function rateSince(first: { readonly time: number; readonly done: number }, done: number, time: number): number | null {
  return time > first.time && done > first.done ? ((done - first.done) / (time - first.time)) * 1000 : null;
}

function describe({ unit }: Phase, { done, total, at }: ProgressState, perSecond: number | null): string {
  const parts = [total === null ? `${grouped(done)} ${unit}` : `${grouped(done)}/${grouped(total)} ${unit}`];
  if (perSecond !== null) parts.push(`${perSecond < 10 ? perSecond.toFixed(1) : grouped(Math.round(perSecond))}/s`);
  if (perSecond !== null && total !== null) parts.push(`${durationText(Math.ceil((total - done) / perSecond) * 1000)} left`);
  if (at !== null) parts.push(new Date(at).toISOString().slice(0, 16).replace("T", " "));
  return parts.join("  ");
}

/** The bar in front of the text, as wide as there is room, or the text alone where the terminal is narrow. */
function layOut(label: string, style: Style, { done, total }: ProgressState, text: string, width: number): string {
  const fraction = total === null || total === 0 ? null : Math.min(1, done / total);
  const percent = fraction === null ? "" : `${Math.floor(fraction * 100)}%`.padStart(4);
  const plain = `${label} ${percent}  ${text}`;
  const room = Math.min(WIDEST_BAR, width - plain.length - 3);
  if (fraction === null || room < NARROWEST_BAR) return plain.slice(0, Math.max(0, width - 1));
  const filled = Math.floor(fraction * room);
  const bar = `${style.good("#".repeat(filled))}${style.dim("-".repeat(room - filled))}`;
  return `${label} [${bar}]${percent}  ${text}`;
}
