/** At most ten drawings a second. */
const INTERVAL_MS = 100;

/** Lines at the foot of a terminal that redraw themselves. */
export interface LiveBlock {
  /** Whether anything is shown: false off a terminal. */
  readonly shown: boolean;
  /** Draws anew, unless it has just been done. Lines are cut to the terminal's width and height. */
  draw(lines: (size: { readonly columns: number; readonly rows: number }) => readonly string[]): void;
  /** Removes the lines. Call it before anything else is written. */
  end(): void;
}

export interface LiveBlockOptions {
  readonly size: () => { readonly columns: number; readonly rows: number };
  readonly write: (text: string) => void;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

export const hiddenBlock: LiveBlock = { shown: false, draw: () => undefined, end: () => undefined };

export function liveBlock({ size, write, now }: LiveBlockOptions): LiveBlock {
  let drawn = Number.NEGATIVE_INFINITY;
  let height = 0;
  const erase = (): string => (height === 0 ? "" : `\u001b[${height}A\r\u001b[J`);
  return {
    shown: true,
    draw(lines) {
      const time = now();
      if (time - drawn < INTERVAL_MS) return;
      drawn = time;
      const { columns, rows } = size();
      const cut = lines({ columns, rows })
        .slice(0, Math.max(1, rows - 1))
        .map((line) => line.slice(0, Math.max(1, columns - 1)));
      write(`${erase()}${cut.map((line) => `${line}\n`).join("")}`);
      height = cut.length;
    },
    end() {
      write(erase());
      height = 0;
    },
  };
}
