/**
 * The grid of a sweep: every combination of the values of its parameters.
 *
 * Parameters stand in the order of their names, so the order in which they were stated does not matter. Points are numbered from 1; the
 * last parameter changes fastest.
 */
import { nearestName } from "../quality/nearest-name.js";
import type { Violation } from "../quality/violation.js";
import { paramFromText } from "../strategy/param-text.js";
import type { ParamSchema, ParamSchemas } from "../strategy/params.js";
import type { Json } from "../tape/event.js";
import { axisValues, type StatedAxis } from "./axis-values.js";

/** One parameter of a grid with its values, distinct; numbers ascend. */
export interface SweepAxis {
  readonly name: string;
  readonly values: readonly Json[];
  /** Whether neighbouring values are near each other: true for numbers, false for words. */
  readonly ordered: boolean;
}

export interface SweepGrid {
  readonly axes: readonly SweepAxis[];
  /** Number of points. */
  readonly points: number;
}

export type SweptParams = { readonly [name: string]: Json };

export type ResolvedGrid =
  | { readonly kind: "resolved"; readonly grid: SweepGrid }
  | { readonly kind: "invalid"; readonly violations: readonly Violation[] };

/** Points of a grid unless somebody asks for more. */
export const MAX_POINTS = 10_000;

/** Resolves stated parameters against those of a strategy, and reports every fault at once. */
export function resolveGrid(stated: readonly StatedAxis[], schemas: ParamSchemas, maxPoints: number): ResolvedGrid {
  const violations: Violation[] = [];
  const axes: SweepAxis[] = [];
  for (const [i, axis] of stated.entries()) {
    const { name, field } = axis;
    const schema: ParamSchema<Json> | undefined = Object.hasOwn(schemas, name) ? schemas[name] : undefined;
    if (stated.findIndex((other) => other.name === name) < i) {
      violations.push({
        code: "GRID_REPEATED",
        message: `the parameter "${name}" is in the grid twice`,
        field,
        value: name,
        expected: "each parameter once",
      });
    } else if (schema === undefined) {
      violations.push(unknownParameter(axis, Object.keys(schemas)));
    } else {
      const listed = axisValues(schema, axis, maxPoints);
      if (listed.kind === "invalid") violations.push(...listed.violations);
      else axes.push({ name, values: listed.values, ordered: isNumeric(schema) });
    }
  }
  if (stated.length === 0) {
    const expected = "--grid NAME=VALUES, or a section sweep.grid in the config";
    violations.push({ code: "GRID_EMPTY", message: "the grid is empty: no parameter is swept", field: "--grid", expected });
  }
  const points = axes.reduce((product, { values }) => product * BigInt(values.length), 1n);
  if (violations.length === 0 && points > BigInt(maxPoints)) {
    const shape = axes.map(({ name, values }) => `${values.length} of ${name}`).join(" x ");
    const message = `the grid has ${points} points (${shape}), more than the limit of ${maxPoints}`;
    violations.push({
      code: "GRID_TOO_LARGE",
      message,
      field: "--grid",
      value: String(points),
      expected: `--max-points ${points}, or fewer values`,
    });
  }
  if (violations.length > 0) return { kind: "invalid", violations };
  axes.sort((left, right) => (left.name < right.name ? -1 : 1));
  return { kind: "resolved", grid: { axes, points: Number(points) } };
}

/** Parameters of a point. @param point from 1. @throws {RangeError} outside the grid. */
export function paramsAt({ axes, points }: SweepGrid, point: number): SweptParams {
  if (!Number.isInteger(point) || point < 1 || point > points) throw new RangeError(`a grid of ${points} points has no point ${point}`);
  const params: [string, Json][] = [];
  let rest = point - 1;
  for (const { name, values } of [...axes].reverse()) {
    params.push([name, values[rest % values.length] ?? null]);
    rest = Math.floor(rest / values.length);
  }
  return Object.fromEntries(params.reverse());
}

/** Place of a point on each axis, from 0. */
export function placesOf({ axes }: SweepGrid, point: number): readonly number[] {
  const places: number[] = [];
  let rest = point - 1;
  for (const { values } of [...axes].reverse()) {
    places.push(rest % values.length);
    rest = Math.floor(rest / values.length);
  }
  return places.reverse();
}

/** The point at a place on each axis, or null where an axis has no such place. */
export function pointAt({ axes }: SweepGrid, places: readonly number[]): number | null {
  let point = 0;
  for (const [i, { values }] of axes.entries()) {
    const place = places[i] ?? -1;
    if (place < 0 || place >= values.length) return null;
    point = point * values.length + place;
  }
  return point + 1;
}

export type FoundPoint =
  | { readonly kind: "found"; readonly point: number }
  | { readonly kind: "invalid"; readonly message: string; readonly expected: string };

/** The point that a text names: a number from 1, or `fast=7,slow=30` with a value for each parameter. */
export function findPoint(grid: SweepGrid, text: string): FoundPoint {
  if (/^\d{1,9}$/.test(text)) {
    const point = Number(text);
    if (point >= 1 && point <= grid.points) return { kind: "found", point };
    return { kind: "invalid", message: `the grid has no point ${text}`, expected: `1 to ${grid.points}` };
  }
  const example = grid.axes.map(({ name, values }) => `${name}=${String(values[0])}`).join(",");
  const stated = new Map(
    text.split(",").map((part): [string, string] => [part.slice(0, part.indexOf("=")), part.slice(part.indexOf("=") + 1)]),
  );
  const strange = [...stated.keys()].find((name) => !grid.axes.some((axis) => axis.name === name));
  if (strange !== undefined)
    return { kind: "invalid", message: `${JSON.stringify(text)} names no point`, expected: `a number, or ${example}` };
  const places: number[] = [];
  for (const { name, values } of grid.axes) {
    const given = stated.get(name);
    if (given === undefined) return { kind: "invalid", message: `a value for ${name} is missing`, expected: example };
    const place = values.findIndex((value) => value === given || value === paramFromText({ kind: kindOf(value) }, given));
    if (place === -1) return { kind: "invalid", message: `${name}=${given} is not in the grid`, expected: `one of ${listed(values)}` };
    places.push(place);
  }
  return { kind: "found", point: pointAt(grid, places) ?? 0 };
}

/** `fast=7 slow=30` */
export function pointLabel(params: SweptParams): string {
  return Object.entries(params)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(" ");
}

function kindOf(value: Json): ParamSchema<Json>["kind"] {
  return typeof value === "number" ? "number" : typeof value === "boolean" ? "boolean" : "decimal";
}

function isNumeric({ kind }: ParamSchema<Json>): boolean {
  return kind === "int" || kind === "number" || kind === "decimal";
}

function listed(values: readonly Json[]): string {
  return values.length > 12 ? `${values.slice(0, 3).join(", ")} ... ${String(values.at(-1))}` : values.join(", ");
}

function unknownParameter({ name, field, items }: StatedAxis, known: readonly string[]): Violation {
  const nearest = nearestName(name, known);
  const hint = nearest !== null ? `did you mean ${nearest}?` : known.length === 0 ? "it has none" : `it has ${known.join(", ")}`;
  return {
    code: "PARAM_UNKNOWN",
    message: `the strategy has no parameter "${name}"; ${hint}`,
    field,
    value: items.join(","),
    expected: nearest ?? known.join(", "),
  };
}
