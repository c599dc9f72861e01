/**
 * Path data in the box of a plot: 10,000 units across, tenths of a pixel down, whole numbers throughout.
 *
 * Steps are relative, which halves their bytes, and whole, so that they add up to where an absolute place would be.
 */
import { middle } from "./scale.js";

/** Units across a plot, whatever its width on the screen. */
export const PLOT_WIDTH = 10_000;
/** Units in a pixel of height. */
export const UNITS_PER_PIXEL = 10;

/** Writes a path from absolute places: `x` in units across, `y` in pixels. */
export class Pen {
  #d = "";
  #x = 0;
  #y = 0;

  get d(): string {
    return this.#d;
  }

  move(x: number, y: number): this {
    return this.#step("m", x, y);
  }

  line(x: number, y: number): this {
    return this.#step("l", x, y);
  }

  close(): this {
    this.#d += "z";
    return this;
  }

  #step(command: "m" | "l", x: number, y: number): this {
    const [nextX, nextY] = [Math.round(x), Math.round(y * UNITS_PER_PIXEL)];
    const [dx, dy] = [nextX - this.#x, nextY - this.#y];
    this.#d += command === "l" && dx === 0 ? `v${dy}` : command === "l" && dy === 0 ? `h${dx}` : `${command}${dx}${dy < 0 ? "" : " "}${dy}`;
    this.#x = nextX;
    this.#y = nextY;
    return this;
  }
}

/** Where point `index` of `count` stands, in units across. */
export function across(index: number, count: number): number {
  return Math.round(middle(index, count) * PLOT_WIDTH);
}

/** Half the length of the stroke that stands for a single point. */
const STUB = 20;

/**
 * A line through points in pixels from the top. A null leaves a hole; a single point between holes becomes a short stroke.
 *
 * @param xs places in units across; at equal distances unless given
 */
export function linePath(ys: readonly (number | null)[], xs: readonly number[] = ys.map((_, i) => across(i, ys.length))): string {
  const pen = new Pen();
  let open = false;
  for (const [i, y] of ys.entries()) {
    const x = xs[i] ?? 0;
    if (y === null) open = false;
    else if (!open && (ys[i + 1] ?? null) === null) pen.move(x - STUB, y).line(x + STUB, y);
    else if (open) pen.line(x, y);
    else {
      pen.move(x, y);
      open = true;
    }
  }
  return pen.d;
}

/** The band between an upper and a lower line of equal length. */
export function bandPath(upper: readonly number[], lower: readonly number[]): string {
  const count = upper.length;
  const pen = new Pen();
  for (const [i, y] of upper.entries()) {
    if (i === 0) pen.move(across(i, count), y);
    else pen.line(across(i, count), y);
  }
  for (let i = count - 1; i >= 0; i--) pen.line(across(i, count), lower[i] ?? 0);
  return count === 0 ? "" : pen.close().d;
}

/** The area between a line and a level. */
export function areaPath(ys: readonly number[], level: number): string {
  const count = ys.length;
  if (count === 0) return "";
  const pen = new Pen().move(across(0, count), level);
  for (const [i, y] of ys.entries()) pen.line(across(i, count), y);
  return pen.line(across(count - 1, count), level).close().d;
}
