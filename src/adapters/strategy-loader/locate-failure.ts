import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";
import type { FailurePlace } from "../../ports/strategy-source.js";
import { BUNDLE_URL, SOURCE_NAMESPACE } from "./strategy-globals.js";

/** Lines that `Function` and the wrapper put before the first line of a bundle; ECMAScript fixes the text that `Function` adds. */
const LINES_BEFORE_BUNDLE = 2;

const FRAME = new RegExp(`${BUNDLE_URL.replaceAll(".", "\\.")}:(\\d+):(\\d+)`, "g");

/** A failure of a strategy as its author should see it. */
export interface MappedStrategyError {
  readonly message: string;
  /** Path relative to the strategy's folder; null when no frame of the stack lies in the strategy. */
  readonly file: string | null;
  readonly line: number | null;
  readonly column: number | null;
  /** The line with a mark under the column, or null. */
  readonly frame: string | null;
}

/**
 * Finds the user's line in a stack.
 *
 * @param stack the text of `error.stack`, which may come from another thread
 * @param sourceMap the map that `bundleStrategy` returned
 * @returns null when no frame is the strategy's
 */
export function locateFailure(stack: string, sourceMap: string): FailurePlace | null {
  const map = new TraceMap(sourceMap);
  for (const [, line, column] of stack.matchAll(FRAME)) {
    const found = originalPositionFor(map, { line: Number(line) - LINES_BEFORE_BUNDLE, column: Math.max(0, Number(column) - 1) });
    if (found.source === null) continue;
    const text = map.sourcesContent?.[map.sources.indexOf(found.source)]?.split("\n")[found.line - 1] ?? null;
    return { file: found.source.replace(`${SOURCE_NAMESPACE}:`, ""), line: found.line, column: found.column + 1, text };
  }
  return null;
}

/** Tells what a strategy threw with the line of the user's file. Anything may be thrown, so anything is taken. */
export function mapStrategyError(error: unknown, sourceMap: string): MappedStrategyError {
  const { message, stack } = describe(error);
  const place = locateFailure(stack, sourceMap);
  if (place === null) return { message, file: null, line: null, column: null, frame: null };
  const frame = place.text === null ? null : codeFrame(place.text, place.line, place.column);
  return { message, file: place.file, line: place.line, column: place.column, frame };
}

/** The line with its number, and a mark under the column. */
export function codeFrame(text: string, line: number, column: number): string {
  const margin = `${line} | `;
  return `${margin}${text}\n${" ".repeat(margin.length)}${text.slice(0, column - 1).replaceAll(/[^\t]/g, " ")}^`;
}

function describe(error: unknown): { readonly message: string; readonly stack: string } {
  if (typeof error === "object" && error !== null) {
    const message = "message" in error ? String(error.message) : JSON.stringify(error);
    return { message, stack: "stack" in error ? String(error.stack) : "" };
  }
  return { message: String(error), stack: "" };
}
