/** What a run came to, from the tape alone and from outside the engine: the proof that both did the same work. */
import { sha256 } from "../src/adapters/node-hash/sha256.js";
import type { OrderFill, RunCompleted } from "../src/core/engine/run-events.js";
import { bigOf, formatBig } from "../src/core/money/decimal.js";
import type { LogSession } from "../src/ports/event-store.js";

/** Money as decimal text; positions other than zero by symbol, ascending. */
export interface Work {
  readonly orders: number;
  readonly fills: number;
  readonly cash: string;
  readonly equity: string;
  readonly positions: { readonly [symbol: string]: string };
}

/** Decimals that are kept of quantities. */
const QTY_SCALE = 8;

/** Adds the fills of a tape up and takes the rest from its last event. */
export async function workOnTape(session: LogSession): Promise<Work> {
  const held = new Map<string, bigint>();
  let fills = 0;
  let completed: RunCompleted | null = null;
  for await (const event of session.readLog({ types: ["order.filled", "order.partially_filled", "run.completed"] })) {
    if (event.type === "run.completed") {
      completed = JSON.parse(event.payload) as RunCompleted;
      continue;
    }
    const fill = JSON.parse(event.payload) as OrderFill;
    const qty = bigOf(fill.qty, QTY_SCALE);
    held.set(fill.symbol, (held.get(fill.symbol) ?? 0n) + (fill.side === "buy" ? qty : -qty));
    fills += 1;
  }
  if (completed === null) throw new Error("the tape does not end with run.completed");
  if (completed.fills !== fills) throw new Error(`${fills} fills are on the tape, run.completed counts ${completed.fills}`);
  const { orders, cash, equity } = completed;
  const symbols = [...held].filter(([, qty]) => qty !== 0n).sort(([a], [b]) => (a < b ? -1 : 1));
  return { orders, fills, cash, equity, positions: Object.fromEntries(symbols.map(([s, qty]) => [s, formatBig(qty, QTY_SCALE)])) };
}

/** @returns the digest of equal work. @throws {Error} that names the first figure that differs. */
export function agreedWork(id: string, found: Work, expected: Work): string {
  for (const key of ["orders", "fills", "cash", "equity"] as const)
    if (found[key] !== expected[key]) throw new Error(`${id}: ${key} ${found[key]}, expected ${expected[key]}`);
  const [ours, theirs] = [JSON.stringify(found.positions), JSON.stringify(expected.positions)];
  if (ours !== theirs) throw new Error(`${id}: positions ${ours.slice(0, 200)}, expected ${theirs.slice(0, 200)}`);
  return sha256(JSON.stringify(expected));
}
