/** Where a list goes on: opaque to clients, bound to what was asked and to how long the list was when its first page was read. */
import * as Type from "typebox";
import { Value } from "typebox/value";
import { type Problem, type ProblemKind, problem, problemKinds } from "./problem.js";

export const CURSOR_PROBLEMS: Readonly<Record<"CURSOR_INVALID", ProblemKind>> = problemKinds({
  CURSOR_INVALID: [400, "VALIDATION", "the cursor is not one that this list gave for this question"],
});

/** Query parameters of every list. @param most default page size */
export function listQuery(most: number): { readonly limit: Type.TOptional<Type.TInteger>; readonly cursor: Type.TOptional<Type.TString> } {
  return {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000, default: most, description: "rows of a page" })),
    cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 500, description: "`next` of the page before" })),
  };
}

/** What a cursor holds: the question, the end of the list, and the last row that was given. */
const Cursor = Type.Object({
  q: Type.String(),
  end: Type.Integer({ minimum: 0 }),
  after: Type.Union([Type.Integer({ minimum: 0 }), Type.String()]),
});

export interface PageStart<After> {
  /** The last row that was given. */
  readonly after: After;
  /** Rows that the list had at its first page; null at the first page. */
  readonly end: number | null;
}

/** @param question everything of the request that decides which rows the list has @param first what is before the first row */
export function pageStart<After extends number | string>(
  cursor: string | undefined,
  question: string,
  first: After,
): PageStart<After> | { readonly refused: Problem } {
  if (cursor === undefined) return { after: first, end: null };
  const read = parsed(cursor);
  if (!Value.Check(Cursor, read) || read.q !== question || typeof read.after !== typeof first) {
    const value = cursor.length > 80 ? `${cursor.slice(0, 80)}…` : cursor;
    return { refused: problem(CURSOR_PROBLEMS.CURSOR_INVALID, [{ field: "/query/cursor", value, expected: "`next` of the page before" }]) };
  }
  // Of the type of `first`, as was just seen.
  return { after: read.after as After, end: read.end };
}

export function nextCursor(question: string, end: number, after: number | string): string {
  return Buffer.from(JSON.stringify({ q: question, end, after })).toString("base64url");
}

function parsed(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
  } catch {
    return null;
  }
}
