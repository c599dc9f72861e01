/** What a new capture of a partition changed, record by record. */
import type { TradeRow } from "./normalise.js";

export interface RecordChange {
  readonly symbol: string;
  readonly mpid: string;
  readonly kind: "added" | "removed" | "changed";
  readonly before: { readonly shares: number; readonly trades: number } | null;
  readonly after: { readonly shares: number; readonly trades: number } | null;
}

/** Every record that two captures do not share, ascending by symbol and venue. */
export function restatementOf(before: readonly TradeRow[], after: readonly TradeRow[]): readonly RecordChange[] {
  const key = (row: TradeRow): string => `${row.symbol}|${row.mpid}`;
  const figures = ({ shares, trades }: TradeRow): { readonly shares: number; readonly trades: number } => ({ shares, trades });
  const old = new Map(before.map((row) => [key(row), row]));
  const found = new Map<string, RecordChange>();
  for (const row of after) {
    const known = old.get(key(row));
    old.delete(key(row));
    const { symbol, mpid } = row;
    if (known === undefined) found.set(key(row), { symbol, mpid, kind: "added", before: null, after: figures(row) });
    else if (known.shares !== row.shares || known.trades !== row.trades)
      found.set(key(row), { symbol, mpid, kind: "changed", before: figures(known), after: figures(row) });
  }
  for (const [name, row] of old)
    found.set(name, { symbol: row.symbol, mpid: row.mpid, kind: "removed", before: figures(row), after: null });
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, change]) => change);
}
