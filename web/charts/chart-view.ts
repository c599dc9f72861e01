/**
 * A chart as data: what a component draws, without any decision left to it.
 *
 * Across, places are fractions of the plot's width, so that a chart fits every screen without a script; down, they are pixels from
 * the plot's top. Colours are roles, never values: the theme gives them.
 */

/** What a mark stands for; the theme has a colour and the layer a shape for each. */
export type Tone = "ink" | "muted" | "gain" | "loss" | "second" | "third" | "warn";

export type Layer =
  /** SVG path data in a box of 1000 by `height`. */
  | { readonly kind: "line"; readonly d: string; readonly tone: Tone; readonly dash: "solid" | "dashed" | "dotted" }
  | { readonly kind: "area"; readonly d: string; readonly tone: Tone }
  /** Outlined without and filled with a body, for candles. */
  | { readonly kind: "shape"; readonly d: string; readonly tone: Tone; readonly filled: boolean }
  | { readonly kind: "rects"; readonly items: readonly Rect[] }
  | { readonly kind: "marks"; readonly items: readonly Mark[] }
  /** Lines across at a height, down at a place. */
  | { readonly kind: "level"; readonly y: number; readonly tone: Tone; readonly says: string | null }
  | { readonly kind: "stop"; readonly x: number; readonly tone: Tone; readonly says: string; readonly row: number };

export interface Rect {
  readonly x: number;
  readonly width: number;
  readonly y: number;
  readonly height: number;
  readonly tone: Tone;
  /** Full value for a pointer at rest and for a reader. */
  readonly says: string;
  /** Text at the end of the bar, or null. */
  readonly label: string | null;
  /** Whether the bar ends below: its text stands there. */
  readonly hangs: boolean;
}

/** A small symbol that keeps its size. */
export interface Mark {
  readonly x: number;
  readonly y: number;
  readonly shape: "up" | "down" | "cross" | "dot" | "ring";
  readonly tone: Tone;
  readonly says: string | null;
}

export interface Tick {
  readonly at: number;
  readonly text: string;
  /** Left out where there is little room. */
  readonly minor: boolean;
}

/** A table, cells as people read them. */
export interface DataTable {
  readonly columns: readonly { readonly title: string; readonly numeric: boolean }[];
  readonly rows: readonly (readonly string[])[];
  /** What the table leaves out or sums up, or null. */
  readonly note: string | null;
}

/** Values under the pointer: one place per point, evenly spread over the width. */
export interface CursorView {
  /** Times of the points. */
  readonly ts: readonly number[];
  readonly series: readonly {
    readonly name: string;
    readonly format: "money" | "percent" | "ratio" | "price";
    readonly values: readonly (number | null)[];
  }[];
  /** Decimals of prices. */
  readonly decimals: number;
}

export interface ChartView {
  readonly id: string;
  readonly title: string;
  /** What it shows, of how many, from when to when. */
  readonly caption: string;
  /** Of the plot, without the axis below. */
  readonly height: number;
  /** Pixels from the top. */
  readonly yTicks: readonly Tick[];
  /** Fractions of the width. */
  readonly xTicks: readonly Tick[];
  readonly layers: readonly Layer[];
  readonly legend: readonly { readonly sign: LegendSign; readonly tone: Tone; readonly text: string }[];
  readonly table: DataTable;
  readonly cursor: CursorView | null;
  /** Why there is nothing to draw, or null. */
  readonly empty: string | null;
}

export type LegendSign = "line" | "dashed" | "dotted" | "area" | "hollow" | "filled" | Mark["shape"];
