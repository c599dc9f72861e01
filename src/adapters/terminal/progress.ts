import type { Style } from "./style.js";

/** How far some work has come. */
export interface ProgressState {
  readonly done: number;
  /** Null where nobody knows. */
  readonly total: number | null;
  /** Simulated time in UTC milliseconds, or null. */
  readonly at: number | null;
}

export interface Progress {
  update(state: ProgressState): void;
  /** Removes the bar. Call it before anything else is written. */
  end(): void;
}

export interface ProgressOptions {
  readonly label: string;
  /** Plural noun of what is counted, for example `bars`. */
  readonly unit: string;
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
const BAR_WIDTH = 24;

export const silentProgress: Progress = { update: () => undefined, end: () => undefined };

/** Shows progress: a bar that redraws itself on a terminal, a plain line now and then elsewhere. */
export function showProgress(options: ProgressOptions): Progress {
  const { isTerminal, now, write, width } = options;
  const started = now();
  let drawn = isTerminal ? Number.NEGATIVE_INFINITY : started;
  let visible = false;
  return {
    update(state) {
      const time = now();
      if (time - drawn < (isTerminal ? TERMINAL_INTERVAL_MS : LINE_INTERVAL_MS)) return;
      drawn = time;
      const text = describe(options, state, time - started);
      if (isTerminal) {
        visible = true;
        write(`\r\u001b[2K${layOut(options, state, text, width())}`);
      } else {
        write(`${options.label}: ${text}\n`);
      }
    },
    end() {
      if (visible) write("\r\u001b[2K");
      visible = false;
    },
  };
}

function describe({ unit }: ProgressOptions, { done, total, at }: ProgressState, elapsed_ms: number): string {
  const perSecond = elapsed_ms > 0 ? (done / elapsed_ms) * 1000 : 0;
  const parts = [
    total === null ? `${grouped(done)} ${unit}` : `${grouped(done)}/${grouped(total)} ${unit}`,
    `${grouped(Math.round(perSecond))}/s`,
  ];
  if (total !== null && perSecond > 0) parts.push(`${duration(Math.ceil((total - done) / perSecond))} left`);
  if (at !== null) parts.push(new Date(at).toISOString().slice(0, 16).replace("T", " "));
  return parts.join("  ");
}

/** The bar in front of the text, or the text alone where the terminal is narrow. */
function layOut({ label, style }: ProgressOptions, { done, total }: ProgressState, text: string, width: number): string {
  const fraction = total === null || total === 0 ? null : Math.min(1, done / total);
  const percent = fraction === null ? "" : `${Math.floor(fraction * 100)}%`.padStart(4);
  const plain = `${label} ${percent}  ${text}`;
  if (fraction === null || plain.length + BAR_WIDTH + 3 > width) return plain.slice(0, Math.max(0, width - 1));
  const filled = Math.floor(fraction * BAR_WIDTH);
  const bar = `${style.good("#".repeat(filled))}${style.dim("-".repeat(BAR_WIDTH - filled))}`;
  return `${label} [${bar}]${percent}  ${text}`;
}

/** Digits in groups of three. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** Whole seconds as `8 s`, `2 m 05 s` or `1 h 02 m`. */
function duration(seconds: number): string {
  const two = (count: number): string => String(count).padStart(2, "0");
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${two(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${two(Math.floor((seconds % 3600) / 60))} m`;
}
