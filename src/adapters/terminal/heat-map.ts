import { type HeatCell, type HeatMap, transposed } from "../../core/sweep/heat-map.js";
import type { Style } from "./style.js";

/** Shades from worst to best: they carry the meaning where there is no colour. */
const SHADES = [" ", "\u2591", "\u2592", "\u2593", "\u2588"] as const;
const NARROWEST = 2;

export interface HeatMapText {
  /** Columns of the terminal. */
  readonly width: number;
  readonly style: Style;
  /** A value as a cell shows it. */
  readonly number: (value: number) => string;
}

/**
 * Draws a heat map with characters: each cell a shade and its number, or, where the terminal is too narrow for numbers, a shade and a digit
 * from 0 (worst) to 9 (best). The chosen point stands in brackets, a failed one is an x. Ends with a line break.
 */
export function renderHeatMap(map: HeatMap, options: HeatMapText): string {
  // The side with fewer values goes across, where that is what makes it fit.
  const turned = fitting(map, options) === null && fitting(transposed(map), options) !== null ? transposed(map) : map;
  const layout = fitting(turned, options) ?? narrow(turned, options);
  const { rows, columns, cells } = turned;
  const from = layout.first_column;
  const gutter = Math.max(rows.name.length, ...rows.labels.map((label) => label.length));
  const shown = columns.labels.slice(from, from + layout.columns);
  const head = shown.map((label) => ` ${label.slice(0, layout.cell).padStart(layout.cell)} `).join("");
  const lines = [
    `${"".padEnd(gutter)}  ${options.style.dim(columns.name)}`,
    `${options.style.dim(rows.name.padStart(gutter))} ${options.style.dim(head)}`,
    ...cells.map((row, r) => {
      const label = options.style.dim((rows.labels[r] ?? "").padStart(gutter));
      return `${label} ${row
        .slice(from, from + layout.columns)
        .map((cell) => drawn(turned, cell, layout, options))
        .join("")}`.trimEnd();
    }),
  ];
  return `${[...lines, ...remarks(turned, layout, options)].join("\n")}\n`;
}

interface Layout {
  /** Characters of a cell, without the two that frame it. */
  readonly cell: number;
  /** Whether cells hold their number, or a digit for it. */
  readonly numbered: boolean;
  readonly first_column: number;
  readonly columns: number;
}

/** The layout with numbers, or null where the terminal is too narrow. */
function fitting({ rows, columns, cells }: HeatMap, { width, number }: HeatMapText): Layout | null {
  const values = cells.flat().map(({ value }) => (value === null ? 1 : number(value).length));
  const cell = 2 + Math.max(...values, ...columns.labels.map((label) => label.length - 2));
  const gutter = Math.max(rows.name.length, ...rows.labels.map((label) => label.length)) + 1;
  const count = columns.labels.length;
  return gutter + count * (cell + 2) <= width ? { cell, numbered: true, first_column: 0, columns: count } : null;
}

/** Cells of a digit; where even those do not fit, the columns around the chosen point. */
function narrow({ rows, columns, chosen }: HeatMap, { width }: HeatMapText): Layout {
  const gutter = Math.max(rows.name.length, ...rows.labels.map((label) => label.length)) + 1;
  const room = Math.max(1, Math.floor((width - gutter) / (NARROWEST + 2)));
  const count = Math.min(room, columns.labels.length);
  const centre = (chosen?.column ?? 0) - Math.floor(count / 2);
  const first_column = Math.max(0, Math.min(centre, columns.labels.length - count));
  return { cell: NARROWEST, numbered: false, first_column, columns: count };
}

function drawn(map: HeatMap, cell: HeatCell, { cell: size, numbered }: Layout, { style, number }: HeatMapText): string {
  const isChosen = map.chosen?.point === cell.point;
  const frame = (text: string): string => (isChosen ? style.bold(`[${text}]`) : ` ${text} `);
  if (cell.value === null) return frame((cell.state === "failed" ? "x" : cell.state === "missing" ? "." : "-").padStart(size));
  const share = goodness(map, cell.value);
  const shade = SHADES[Math.min(SHADES.length - 1, Math.floor(share * SHADES.length))] ?? " ";
  const text = numbered ? number(cell.value) : String(Math.min(9, Math.floor(share * 10)));
  const body = `${shade}${text.padStart(size - 1)}`;
  if (isChosen) return frame(body);
  return frame(share >= 0.8 ? style.good(body) : share < 0.2 ? style.dim(body) : body);
}

/** Share of the way from the worst shown to the best. */
function goodness({ range, ranking }: HeatMap, value: number): number {
  if (range === null || range.high === range.low) return 1;
  const share = (value - range.low) / (range.high - range.low);
  return ranking.goal === "max" ? share : 1 - share;
}

function remarks({ ranking, range, chosen, held, columns, n }: HeatMap, layout: Layout, { style, number }: HeatMapText): readonly string[] {
  if (range === null) return [style.dim(`no point has a value of ${ranking.metric}`)];
  const [worst, best] = ranking.goal === "max" ? [range.low, range.high] : [range.high, range.low];
  const scale = `${ranking.metric} of ${n} points, ${SHADES[0]}${SHADES.slice(1).join("")} from ${number(worst)} to ${number(best)}`;
  const digits = layout.numbered ? "" : "; digits are tenths of that way, 9 the best";
  const parts = [`${scale}${digits}`];
  if (chosen !== null) parts.push("[ ] the best point");
  const still = Object.entries(held).map(([name, value]) => `${name}=${String(value)}`);
  if (still.length > 0) parts.push(`held: ${still.join(" ")}`);
  if (layout.columns < columns.labels.length) parts.push(`${layout.columns} of ${columns.labels.length} columns; heat-map.html has all`);
  return parts.map((part) => style.dim(part));
}
