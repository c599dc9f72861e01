import type { HeatCell, HeatMap } from "../../core/sweep/heat-map.js";
import { rampColour } from "./colour-ramp.js";
import { escapeMarkup, shortNumber } from "./number-text.js";

/** Most cells that carry their number; more would not be read. */
const MOST_NUMBERED = 700;
const WIDEST = 960;

/** Sizes in pixels. */
interface Layout {
  readonly left: number;
  readonly top: number;
  readonly cell_width: number;
  readonly cell_height: number;
  readonly numbered: boolean;
  readonly width: number;
  readonly height: number;
}

/**
 * Draws a heat map as one SVG that needs nothing else. Bright is better. The chosen point has a thick frame, its neighbours a frame, dashed
 * where they are worse by more than a tenth. A failed point is hatched, a missing one empty: no meaning hangs on colour alone.
 *
 * The same map gives the same text.
 */
export function heatMapSvg(map: HeatMap): string {
  const layout = layOut(map);
  const { width, height } = layout;
  const label = escapeMarkup(describe(map));
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${label}">`,
    `<title>${label}</title>`,
    STYLE,
    HATCH,
    ...axes(map, layout),
    ...map.cells.flatMap((row, r) => row.map((cell, c) => drawCell(map, layout, cell, r, c))),
    ...frames(map, layout),
    ...legend(map, layout),
    "</svg>",
  ];
  return `${parts.join("\n")}\n`;
}

/** What the picture shows, in one sentence. */
export function describe({ ranking, rows, columns, n, range, chosen, held }: HeatMap): string {
  const over = rows.name === "" ? columns.name : `${rows.name} and ${columns.name}`;
  const values = range === null ? "no point has a value" : `${n} values from ${shortNumber(range.low)} to ${shortNumber(range.high)}`;
  const best = chosen === null ? "" : `; chosen point ${chosen.point} with ${shortNumber(chosen.value)}`;
  const still = Object.entries(held).map(([name, value]) => `${name} = ${String(value)}`);
  return `${ranking.metric} over ${over}: ${values}${best}${still.length === 0 ? "" : `; held: ${still.join(", ")}`}`;
}

const STYLE = `<style>
.hm-text { font: 11px system-ui, sans-serif; fill: #1B1F24; }
.hm-number { font: 10px system-ui, sans-serif; font-variant-numeric: tabular-nums; text-anchor: middle; dominant-baseline: central; }
.hm-frame { fill: none; stroke: #000000; }
.hm-halo { fill: none; stroke: #FFFFFF; }
.hm-empty { fill: none; stroke: #5B6470; stroke-width: 0.5; }
.hm-hatch { stroke: #5B6470; }
@media (prefers-color-scheme: dark) {
.hm-text { fill: #E6E9EC; }
.hm-empty, .hm-hatch { stroke: #9AA4AF; }
}
</style>`;

const HATCH = `<defs><pattern id="hm-failed" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line class="hm-hatch" x1="0" y1="0" x2="0" y2="6" stroke-width="2"/></pattern></defs>`;

function layOut({ rows, columns, cells }: HeatMap): Layout {
  const count = columns.labels.length;
  const longest = Math.max(rows.name.length, ...rows.labels.map((text) => text.length));
  const left = 16 + longest * 7;
  const numbered = cells.length * count <= MOST_NUMBERED;
  const cell_width = Math.max(numbered ? 36 : 3, Math.min(64, Math.floor((WIDEST - left) / count)));
  const cell_height = numbered ? 22 : Math.max(3, Math.min(22, cell_width));
  const width = Math.max(left + cell_width * count + 16, 420);
  return { left, top: 40, cell_width, cell_height, numbered, width, height: 40 + cell_height * cells.length + 64 };
}

function place({ left, top, cell_width, cell_height }: Layout, row: number, column: number): { readonly x: number; readonly y: number } {
  return { x: left + column * cell_width, y: top + row * cell_height };
}

function drawCell(map: HeatMap, layout: Layout, cell: HeatCell, row: number, column: number): string {
  const { x, y } = place(layout, row, column);
  const { cell_width: w, cell_height: h, numbered } = layout;
  const what = `${map.rows.name === "" ? "" : `${map.rows.name} ${map.rows.labels[row] ?? ""}, `}${map.columns.name} ${map.columns.labels[column] ?? ""}`;
  const value = cell.value === null ? cell.state : String(cell.value);
  const title = `<title>${escapeMarkup(`${what}: ${value} (point ${cell.point})`)}</title>`;
  const box = `x="${x}" y="${y}" width="${w}" height="${h}"`;
  if (cell.value === null) {
    const fill = cell.state === "failed" ? ` style="fill:url(#hm-failed)"` : "";
    const none = `<text class="hm-text" x="${x + w / 2}" y="${y + h / 2 + 4}" text-anchor="middle">n/a</text>`;
    return `<g>${title}<rect class="hm-empty" ${box}${fill}/>${numbered && cell.state === "undefined" ? none : ""}</g>`;
  }
  const { fill, ink } = rampColour(goodness(map, cell.value));
  const number = numbered
    ? `<text class="hm-number" x="${x + w / 2}" y="${y + h / 2}" fill="${ink}">${escapeMarkup(shortNumber(cell.value))}</text>`
    : "";
  return `<g>${title}<rect ${box} fill="${fill}"/>${number}</g>`;
}

/** Share of the way from the worst shown to the best. */
function goodness({ range, ranking }: HeatMap, value: number): number {
  if (range === null || range.high === range.low) return 1;
  const share = (value - range.low) / (range.high - range.low);
  return ranking.goal === "max" ? share : 1 - share;
}

function frames(map: HeatMap, layout: Layout): readonly string[] {
  const { chosen } = map;
  if (chosen === null) return [];
  const around = map.cells.flatMap((row, r) =>
    row.flatMap((cell, c) => {
      if (!chosen.neighbours.includes(cell.point)) return [];
      return frame(layout, r, c, 1, chosen.near.includes(cell.point) ? "" : ' stroke-dasharray="3 2"');
    }),
  );
  return [...around, ...frame(layout, chosen.row, chosen.column, 3, "")];
}

/** Black on white, so that it is seen on every colour of the ramp. */
function frame(layout: Layout, row: number, column: number, stroke: number, dash: string): readonly string[] {
  const { x, y } = place(layout, row, column);
  const { cell_width: w, cell_height: h } = layout;
  const box = `x="${x + 1.5}" y="${y + 1.5}" width="${w - 3}" height="${h - 3}"`;
  return [`<rect class="hm-halo" ${box} stroke-width="${stroke + 2}"/>`, `<rect class="hm-frame" ${box} stroke-width="${stroke}"${dash}/>`];
}

function axes({ rows, columns }: HeatMap, layout: Layout): readonly string[] {
  const { left, top, cell_width, cell_height } = layout;
  const longest = Math.max(...columns.labels.map((text) => text.length));
  const everyColumn = Math.max(1, Math.ceil((longest * 7 + 4) / cell_width));
  const everyRow = Math.max(1, Math.ceil(14 / cell_height));
  const shown = (labels: readonly string[], every: number): readonly (readonly [number, string])[] =>
    labels.map((text, i) => [i, text] as const).filter(([i]) => i % every === 0);
  return [
    `<text class="hm-text" x="${left}" y="14">${escapeMarkup(columns.name)}</text>`,
    ...(rows.name === ""
      ? []
      : [`<text class="hm-text" x="${left - 8}" y="${top - 6}" text-anchor="end">${escapeMarkup(rows.name)}</text>`]),
    ...shown(columns.labels, everyColumn).map(
      ([i, text]) =>
        `<text class="hm-text" x="${left + (i + 0.5) * cell_width}" y="${top - 6}" text-anchor="middle">${escapeMarkup(text)}</text>`,
    ),
    ...shown(rows.labels, everyRow).map(
      ([i, text]) =>
        `<text class="hm-text" x="${left - 8}" y="${top + (i + 0.5) * cell_height + 4}" text-anchor="end">${escapeMarkup(text)}</text>`,
    ),
  ];
}

/** The ramp with its ends, and what the frames and the hatching mean. */
function legend(map: HeatMap, { left, top, cell_height }: Layout): readonly string[] {
  const y = top + cell_height * map.cells.length + 16;
  const said = `<text class="hm-text" x="${left}" y="${y + 34}">thick frame: chosen; frame: neighbour, dashed where worse by over 10 %; hatched: failed</text>`;
  const { range, ranking } = map;
  if (range === null) return [said];
  const [worst, best] = ranking.goal === "max" ? [range.low, range.high] : [range.high, range.low];
  const steps = Array.from(
    { length: 24 },
    (_, i) => `<rect x="${left + 60 + i * 5}" y="${y}" width="5" height="12" fill="${rampColour(i / 23).fill}"/>`,
  );
  return [
    `<text class="hm-text" x="${left + 54}" y="${y + 10}" text-anchor="end">${escapeMarkup(shortNumber(worst))}</text>`,
    ...steps,
    `<text class="hm-text" x="${left + 186}" y="${y + 10}">${escapeMarkup(`${shortNumber(best)} ${ranking.metric}, bright is better`)}</text>`,
    said,
  ];
}
