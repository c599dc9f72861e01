/** A round trip back to what made it: fills, orders, risk decisions, signals and the bars that they were decided on. */
import { positionedEvent } from "../core/projections/positioned-event.js";
import type { TradeRow } from "../core/projections/trades-table.js";
import type { JsonObject } from "../core/tape/event.js";
import type { LogSession } from "../ports/event-store.js";
import type { BacktestPorts } from "./backtest-ports.js";
import { type BarText, barAt } from "./diff-bars.js";
import { type EventBehind, shortStream } from "./events-behind.js";
import type { ProjectedRun } from "./project-run.js";
import { configOf, recordedStart } from "./recorded-run.js";

/** An event of the trade with its payload. */
export interface TradeEvent extends EventBehind {
  readonly payload: JsonObject;
}

/** One order of the trade with all that happened to it. */
export interface TradeOrder {
  readonly order_id: string;
  /** Whether its first fill opened the trade, its last one ended it, or neither. */
  readonly part: "entry" | "exit" | "between";
  /** What the strategy wanted; null for an order that no signal asked for. */
  readonly signal: TradeEvent | null;
  /** The bar that the signal was decided on, and the event that attached it. */
  readonly bar: { readonly symbol: string; readonly attached: number; readonly values: BarText } | null;
  /** Created, decided, submitted, filled, in tape order. */
  readonly events: readonly TradeEvent[];
}

export interface ExplainedTrade {
  readonly kind: "trade";
  readonly trade: TradeRow;
  /** Profit of the fills: `gross_pnl` - `commission` = `net_pnl`. */
  readonly fills: readonly { readonly position: number; readonly realized: string; readonly commission: string }[];
  readonly orders: readonly TradeOrder[];
}

/** @returns the trade, or which ones there are. */
export async function explainTrade(
  ports: Pick<BacktestPorts, "bars">,
  session: LogSession,
  folded: ProjectedRun,
  number: number,
): Promise<ExplainedTrade | string> {
  const trades = rowsOf<TradeRow>(folded, "trades");
  const trade = trades.find((row) => row.trade === number);
  if (trade === undefined) {
    const last = trades.at(-1)?.trade;
    return `there is no trade ${number}; ${last === undefined ? "the run made none" : last === 1 ? "the run made one: trade:1" : `the run made trade:1 to trade:${last}`}`;
  }
  const positions = new Set(fillsOf(folded, number));
  const fills = rowsOf<{ tape_position: number; order_id: string; realized_pnl: string; commission: string }>(folded, "fills").filter((f) =>
    positions.has(f.tape_position),
  );
  const orderIds = [...new Set(fills.map((f) => f.order_id))];
  return {
    kind: "trade",
    trade,
    fills: fills.map((f) => ({ position: f.tape_position, realized: f.realized_pnl, commission: f.commission })),
    orders: await ordersOf(ports, session, orderIds, trade),
  };
}

/** Positions of a trade's fills, finished or open. */
function fillsOf({ measures, detail }: ProjectedRun, number: number): readonly number[] {
  const closed = measures.trades.find((t) => t.trade === number);
  return closed?.fills ?? detail?.open_trades.find((t) => t.label.startsWith(`trade:${number} `))?.events ?? [];
}

function rowsOf<Row>(folded: ProjectedRun, table: string): readonly Row[] {
  // The table's schema gives its rows their type.
  return (folded.tables.find((t) => t.schema.name === table)?.rows ?? []) as readonly Row[];
}

/** Everything on the tape about some orders and their signals, in one reading. */
async function ordersOf(
  ports: Pick<BacktestPorts, "bars">,
  session: LogSession,
  ids: readonly string[],
  trade: TradeRow,
): Promise<readonly TradeOrder[]> {
  const byOrder = new Map<string, TradeEvent[]>(ids.map((id) => [id, []]));
  const signals = new Map<string, TradeEvent>();
  const attached: { readonly event: TradeEvent; readonly symbol: string; readonly first_ts: number; readonly last_ts: number }[] = [];
  const last = trade.exit_tape_position ?? Number.POSITIVE_INFINITY;
  for await (const stored of session.readLog()) {
    const event = positionedEvent(stored);
    const seen: TradeEvent = {
      position: stored.position,
      type: stored.type,
      stream: shortStream(stored.stream, session.log),
      occurred_at: stored.occurred_at,
      payload: event.payload as unknown as JsonObject,
    };
    if (event.type === "bars.attached" && event.payload.symbol === trade.symbol && stored.position <= last)
      attached.push({ event: seen, symbol: event.payload.symbol, first_ts: event.payload.first_ts, last_ts: event.payload.last_ts });
    if (event.type === "signal.emitted" && event.payload.symbol === trade.symbol) signals.set(event.payload.signal_id, seen);
    const order = "order_id" in event.payload ? event.payload.order_id : null;
    if (order !== null) byOrder.get(order)?.push(seen);
  }
  const started = await recordedStart(session);
  const data = started === null ? undefined : configOf(started).data.find((d) => d.symbol === trade.symbol);
  const columns = data === undefined ? null : await ports.bars.load(data.column_set, data.basis);
  return ids.map((id): TradeOrder => {
    const events = byOrder.get(id) ?? [];
    const created = events.find((e) => e.type === "order.created");
    const signal = signals.get(String(created?.payload["signal_id"] ?? "")) ?? null;
    const ts = signal === null ? Number.NaN : Number(signal.payload["bar_ts"]);
    const holding = attached.find((a) => a.first_ts <= ts && ts <= a.last_ts);
    const rows = holding?.event.payload;
    const range = rows === undefined ? null : { first_row: Number(rows["first_row"]), row_count: Number(rows["row_count"]) };
    const values = columns === null || range === null ? null : barAt(columns, range, ts);
    return {
      order_id: id,
      part: id === trade.entry_order_id ? "entry" : id === trade.exit_order_id ? "exit" : "between",
      signal,
      bar: values === null || holding === undefined ? null : { symbol: holding.symbol, attached: holding.event.position, values },
      events,
    };
  });
}
