import { byCodeUnits, duplicateErrors, lengthErrors } from "../input-checks.js";
import { measured, type RiskError, type RiskOutcome, refusedWith, riskError } from "../risk-outcome.js";

/** Profits and losses of positions under the same scenarios: what many books are made of. */
export interface PnlMatrix {
  /** One name per row. */
  readonly positions: readonly string[];
  readonly scenarios: number;
  /** Row after row, one profit or loss per scenario; shared memory is read by threads where it lies. */
  readonly pnl: Float64Array;
}

/** A position in a book. */
export interface BookHolding {
  readonly position: string;
  /** Multiplies the position's profits and losses: a quantity, a rate of exchange, or both. */
  readonly factor: number;
}

/** A book: all positions as they stand, or some of them with factors. */
export interface PnlBook {
  readonly name: string;
  readonly holdings: "all" | readonly BookHolding[];
}

/** Books over one matrix, as columns that threads share. The holdings of book b are those from `starts[b]` to before `starts[b + 1]`. */
export interface BookColumns {
  readonly scenarios: number;
  readonly pnl: Float64Array;
  readonly starts: Int32Array;
  /** Row of each holding; within a book in the order of the positions' names. */
  readonly rows: Int32Array;
  readonly factors: Float64Array;
}

/** Books that were checked, in the order in which they were given. */
export interface PnlBooks {
  readonly names: readonly string[];
  readonly positions: readonly string[];
  readonly columns: BookColumns;
}

/**
 * Puts books together over a matrix. The cells are not read here: one that is not finite shows in every total that it enters.
 *
 * @returns refused with `DUPLICATE_NAME`, `UNKNOWN_NAME`, `NOT_FINITE` for a factor, `LENGTHS_DIFFER`, or `TOO_FEW_SCENARIOS` without a position,
 *   a book, a holding or two scenarios.
 */
export function openBooks({ positions, scenarios, pnl }: PnlMatrix, books: readonly PnlBook[]): RiskOutcome<PnlBooks> {
  const rows = new Map(positions.map((name, row) => [name, row]));
  const errors: RiskError[] = [
    ...duplicateErrors("positions", positions),
    ...duplicateErrors(
      "books",
      books.map(({ name }) => name),
    ),
    ...least("positions", positions.length, 1),
    ...least("books", books.length, 1),
    ...least("scenarios", scenarios, 2),
    ...lengthErrors("pnl", pnl.length, positions.length * scenarios),
    ...books.flatMap((book) => holdingErrors(book, rows)),
  ];
  if (errors.length > 0) return refusedWith(errors);
  const byName = Int32Array.from(positions.keys()).sort((a, b) => byCodeUnits(positions[a] as string, positions[b] as string));
  return measured({ names: books.map(({ name }) => name), positions, columns: { scenarios, pnl, ...holdingColumns(books, rows, byName) } });
}

function holdingColumns(
  books: readonly PnlBook[],
  rows: ReadonlyMap<string, number>,
  byName: Int32Array,
): Pick<BookColumns, "starts" | "rows" | "factors"> {
  const rank = new Int32Array(byName.length);
  for (const [at, row] of byName.entries()) rank[row] = at;
  const starts = new Int32Array(books.length + 1);
  for (const [b, { holdings }] of books.entries())
    starts[b + 1] = (starts[b] as number) + (holdings === "all" ? byName.length : holdings.length);
  const found = { starts, rows: new Int32Array(starts.at(-1) ?? 0), factors: new Float64Array(starts.at(-1) ?? 0) };
  for (const [b, { holdings }] of books.entries()) {
    const from = starts[b] as number;
    if (holdings === "all") {
      found.rows.set(byName, from);
      found.factors.fill(1, from, from + byName.length);
      continue;
    }
    const held = holdings.map(({ position, factor }) => ({ row: rows.get(position) ?? 0, factor }));
    held.sort((x, y) => (rank[x.row] as number) - (rank[y.row] as number));
    for (const [i, { row, factor }] of held.entries()) {
      found.rows[from + i] = row;
      found.factors[from + i] = factor;
    }
  }
  return found;
}

function holdingErrors({ name, holdings }: PnlBook, rows: ReadonlyMap<string, number>): readonly RiskError[] {
  if (holdings === "all") return [];
  const field = `books/${name}`;
  const errors: RiskError[] = [...least(field, holdings.length, 1)];
  const seen = new Set<string>();
  for (const { position, factor } of holdings) {
    if (seen.has(position)) errors.push(riskError("DUPLICATE_NAME", { field, name: position }));
    seen.add(position);
    if (!rows.has(position)) errors.push(riskError("UNKNOWN_NAME", { field, name: position }));
    if (!Number.isFinite(factor)) errors.push(riskError("NOT_FINITE", { field, name: position, value: factor }));
  }
  return errors;
}

function least(field: string, count: number, at_least: number): readonly RiskError[] {
  return Number.isSafeInteger(count) && count >= at_least ? [] : [riskError("TOO_FEW_SCENARIOS", { field, n: count, at_least })];
}
