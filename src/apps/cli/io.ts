import { hiddenBlock, type LiveBlock, liveBlock } from "../../adapters/terminal/live-block.js";
import { type Progress, showProgress, silentProgress } from "../../adapters/terminal/progress.js";
import { type ColorChoice, makeStyle, type Style, wantsColor } from "../../adapters/terminal/style.js";

/** How a command speaks: data to stdout, everything else to stderr. */
export interface Io {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** Decorations of text for stdout. */
  readonly out: Style;
  /** Decorations of text for stderr. */
  readonly err: Style;
  /** Resolves when stdout has taken the text, so that a slow reader slows the writer. */
  write(text: string): Promise<void>;
  /** A line for people, on stderr; silent with `--quiet`. */
  note(text: string): void;
  /** A line for people that even `--quiet` shows. */
  warn(text: string): void;
  progress(label: string, unit: string): Progress;
  /** Lines that redraw themselves on stderr; hidden off a terminal and with `--quiet`. */
  live(): LiveBlock;
  /** Columns of stdout's terminal; 80 elsewhere. */
  readonly width: number;
  /** Whether a person can answer a question. */
  readonly canAsk: boolean;
}

export interface IoOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly noInput: boolean;
  readonly color: ColorChoice;
}

/** Speaks through this process's streams. */
export function processIo({ json, quiet, verbose, noInput, color }: IoOptions): Io {
  const { stdout, stderr, stdin, env } = process;
  const err = makeStyle(wantsColor(color, stderr.isTTY === true, env));
  const animated = stderr.isTTY === true && env["TERM"] !== "dumb";
  return {
    json,
    quiet,
    verbose,
    out: makeStyle(wantsColor(color, stdout.isTTY === true, env)),
    err,
    write: (text) => drainTo(stdout, text),
    note(text) {
      if (!quiet) stderr.write(`${text}\n`);
    },
    warn(text) {
      stderr.write(`${text}\n`);
    },
    progress(label, unit) {
      if (quiet) return silentProgress;
      return showProgress({
        label,
        unit,
        isTerminal: animated,
        // A terminal that does not know its size says 0.
        width: () => stderr.columns || 80,
        write: (text) => stderr.write(text),
        style: err,
        now: () => performance.now(),
      });
    },
    live() {
      if (quiet || !animated) return hiddenBlock;
      return liveBlock({
        size: () => ({ columns: stderr.columns || 80, rows: stderr.rows || 24 }),
        write: (text) => stderr.write(text),
        now: () => performance.now(),
      });
    },
    width: stdout.columns || 80,
    canAsk: !noInput && stdin.isTTY === true && stderr.isTTY === true,
  };
}

/** A reader that goes away (`| head`) is no error: the write is then as good as done. */
export function drainTo(stream: NodeJS.WriteStream, text: string): Promise<void> {
  return new Promise((resolve) => {
    stream.write(text, () => resolve());
  });
}
