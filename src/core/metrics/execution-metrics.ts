/** What trading cost, how much was traded, and how orders ended other than filled. */
import { costOf, netPnl, ofFills } from "./account-metrics.js";
import { apply, type Expression, fold, given } from "./expression.js";
import { type MetricDefinition, type MetricInput, metric, ok, undefinedBecause } from "./metric.js";
import { chosen, type Observations } from "./observations.js";
import { periods, returnReasons } from "./return-metrics.js";
import type { EndedOrder } from "./run-measures.js";
import { ofEachTrade } from "./trade-metrics.js";

const PER_UNIT_BPS = given("10000", 10_000);

function notionals(input: MetricInput): Observations {
  return ofFills(input, "value of a fill", (f) => f.notional);
}

function traded(input: MetricInput, side: "buy" | "sell"): Expression {
  const all = notionals(input);
  const own = chosen(
    all,
    input.run.fills.flatMap((f, i) => (f.side === side ? [i] : [])),
  );
  return fold(side === "buy" ? "value bought" : "value sold", { how: "sum" }, own);
}

function volume(input: MetricInput): Expression {
  return { kind: "metric", id: "ex.volume", is: fold("value of all fills", { how: "sum" }, notionals(input)) };
}

function slippage(input: MetricInput): Expression {
  return fold(
    "sum of slippage",
    { how: "sum" },
    ofFills(input, "slippage of a fill", (f) => f.slippage),
  );
}

/** The smaller of what was bought and what was sold. */
function smallerSide(input: MetricInput): Expression {
  const total = (side: "buy" | "sell") => input.run.fills.reduce((sum, f) => (f.side === side ? sum + f.notional : sum), 0n);
  return traded(input, total("buy") < total("sell") ? "buy" : "sell");
}

/** An amount in basis points of what was traded. */
function perVolume(id: string, name: string, what: string, of: (input: MetricInput) => Expression): MetricDefinition {
  return metric(
    [id, name, "bps"],
    `\`${what}\` / \`ex.volume\` x 10,000.`,
    (input) =>
      input.run.fills.every((f) => f.notional === 0n)
        ? undefinedBecause("NO_TURNOVER")
        : ok(apply("divide", apply("multiply", { kind: "metric", id: what, is: of(input) }, PER_UNIT_BPS), volume(input))),
    { reasons: ["NO_TURNOVER"] },
  );
}

/** Counts orders by how they ended. */
function ended(id: string, name: string, definition: string, keep: (order: EndedOrder) => boolean): MetricDefinition {
  return metric([id, name, "count"], definition, ({ run }) => {
    const orders = run.ended_orders.filter(keep);
    const of: Observations = {
      of: "order",
      values: orders.map(() => 1),
      source: (i) => ({ label: `${orders[i]?.order_id ?? ""} ${orders[i]?.code ?? ""}`, events: orders[i]?.events ?? [] }),
    };
    return ok(fold(name.toLowerCase(), { how: "count" }, of));
  });
}

/** Shares of the bars' volumes that fills took, where the bars have one. */
function shares({ run }: MetricInput): Observations {
  const known = run.fills.filter((f) => f.participation !== null);
  return {
    of: "share of a bar's volume",
    values: known.map((f) => f.participation ?? 0),
    source: (i) => ({ label: `${known[i]?.side} ${known[i]?.symbol}`, events: [known[i]?.position ?? 0] }),
  };
}

function participation(id: string, name: string, which: string, of: (shares: Observations) => Expression): MetricDefinition {
  return metric(
    [id, name, "fraction"],
    `${which} over the fills of quantity / volume of the bar that was filled in; fills in bars without volume are left out.`,
    (input) => {
      const known = shares(input);
      return known.values.length === 0 ? undefinedBecause("NO_VOLUME", 0) : ok(of(known), known.values.length);
    },
    { reasons: ["NO_VOLUME"] },
  );
}

const p95 = (known: Observations): Expression => fold("95 % quantile of shares", { how: "quantile", p: 0.95 }, known);

/** Finished trades with a fill that the bar does not settle. */
function tradesInDoubt(input: MetricInput): Observations {
  const { fills, trades } = input.run;
  const doubtful = new Set(fills.filter((f) => f.ambiguous).map((f) => f.position));
  return chosen(
    ofEachTrade(input, "trade in doubt", (t) => t.net),
    trades.flatMap((t, i) => (t.fills.some((position) => doubtful.has(position)) ? [i] : [])),
  );
}

/** Net P&L with the other outcome wherever it lies on one side. */
function doubtful(input: MetricInput, keep: (other: bigint) => boolean): Expression {
  const all = ofFills(input, "change at the other price", (f) => f.other ?? 0n);
  const turned = chosen(
    all,
    input.run.fills.flatMap((f, i) => (f.other !== null && keep(f.other) ? [i] : [])),
  );
  const change = fold("sum of changes", { how: "sum" }, turned);
  return apply("add", { kind: "metric", id: "ret.net_pnl", is: netPnl(input) }, change);
}

function otherWay(side: string): string {
  return `\`ret.net_pnl\` had each fill that states another price filled at that price wherever this gives the ${side} profit; costs, slippage and later decisions as they were.`;
}

const doubtNote =
  "A doubtful fill that states no other price, for example an exit in the bar of its entry, is counted in `ex.ambiguous` and not valued here.";

/** Share of a bar's volume that counts as the limit of capacity. */
const CAPACITY_SHARE = 0.1;

export const executionMetrics: readonly MetricDefinition[] = [
  metric(
    ["ex.cost", "Costs", "currency"],
    "Sum of commission and tax over all fills. Slippage is part of the prices.",
    (input) => ok(costOf(input)),
    { notes: ["LEAN counts fees alone.", "`ex.slippage` is what slippage took."] },
  ),
  metric(["ex.fees", "Commission", "currency"], "Sum of the commissions of all fills.", (input) =>
    ok(
      fold(
        "sum of commissions",
        { how: "sum" },
        ofFills(input, "commission of a fill", (f) => f.commission),
      ),
    ),
  ),
  metric(["ex.tax", "Tax", "currency"], "Sum of the taxes of all fills.", (input) =>
    ok(
      fold(
        "sum of taxes",
        { how: "sum" },
        ofFills(input, "tax of a fill", (f) => f.tax),
      ),
    ),
  ),
  metric(
    ["ex.slippage", "Slippage", "currency"],
    "Sum over the fills of value x s / (10,000 + s) for a buy and value x s / (10,000 - s) for a sale, s the fill's `slippage_bps`; half-even each.",
    (input) => ok(slippage(input)),
    { notes: ["It is inside the prices and so inside the gross profit, and must not be taken off again."] },
  ),
  metric(["ex.volume", "Traded value", "currency"], "Value of all fills, buys and sells.", (input) =>
    ok(fold("value of all fills", { how: "sum" }, notionals(input))),
  ),
  perVolume("ex.cost_bps", "Costs in basis points", "ex.cost", costOf),
  perVolume("ex.slippage_bps", "Slippage in basis points", "ex.slippage", slippage),
  metric(
    ["ex.cost_share", "Costs as a share of gross profit", "fraction"],
    "`ex.cost` / `ret.gross_pnl`.",
    (input) => {
      const cost = costOf(input);
      const gross = apply("add", netPnl(input), cost);
      const { run } = input;
      const value = run.fills.reduce((sum, f) => sum + f.commission + f.tax, run.final_equity - run.initial_cash);
      if (value <= 0n) return undefinedBecause("NO_GROSS_PROFIT");
      return ok(apply("divide", { kind: "metric", id: "ex.cost", is: cost }, { kind: "metric", id: "ret.gross_pnl", is: gross }));
    },
    { reasons: ["NO_GROSS_PROFIT"] },
  ),
  metric(
    ["ex.ambiguous", "Trades that depend on the path inside a bar", "count"],
    "Finished trades with a fill whose outcome depended on the order in which a bar passed its prices, which a bar does not tell.",
    (input) => ok(fold("trades in doubt", { how: "count" }, tradesInDoubt(input))),
    { notes: ["No other tool counts them."] },
  ),
  metric(
    ["ex.ambiguous_low", "Net P&L, every doubt against it", "currency"],
    otherWay("smaller"),
    (input) => ok(doubtful(input, (other) => other < 0n)),
    { notes: [doubtNote] },
  ),
  metric(
    ["ex.ambiguous_high", "Net P&L, every doubt for it", "currency"],
    otherWay("larger"),
    (input) => ok(doubtful(input, (other) => other > 0n)),
    { notes: [doubtNote] },
  ),
  metric(
    ["ex.turnover", "Turnover", "per_year"],
    "min(value bought, value sold) / mean equity over the session marks, times P / n.",
    (input) => {
      const { run, series } = input;
      const n = run.marks.length;
      if (n === 0) return undefinedBecause("TOO_FEW_RETURNS", 0);
      if (!series.positive) return undefinedBecause("EQUITY_NOT_POSITIVE", n);
      const over = apply("divide", smallerSide(input), fold("mean equity", { how: "mean" }, series.equities));
      return ok(apply("multiply", over, apply("divide", periods(input), given("n, session marks", n))), n);
    },
    { notes: ["LEAN averages the turnover of days."], reasons: returnReasons },
  ),
  participation("ex.participation_median", "Share of a bar's volume, median", "Median", (known) =>
    fold("median share", { how: "median" }, known),
  ),
  participation("ex.participation_p95", "Share of a bar's volume, 95 % quantile", "95 % quantile of type 7", p95),
  participation("ex.participation_max", "Share of a bar's volume, largest", "Largest value", (known) =>
    fold("largest share", { how: "largest" }, known),
  ),
  metric(
    ["ex.capacity", "Capacity", "currency"],
    "`initial_cash` x 0.1 / `ex.participation_p95`: the capital at which the 95 % quantile of the shares of bar volume would be a tenth, quantities growing with it. Half-even at the account's scale.",
    (input) => {
      const known = shares(input);
      if (known.values.length === 0) return undefinedBecause("NO_VOLUME", 0);
      const scaled = apply("multiply", given("initial cash", input.run.initial_cash, [1]), given("0.1", CAPACITY_SHARE));
      const is = apply("round_money", apply("divide", scaled, { kind: "metric", id: "ex.participation_p95", is: p95(known) }));
      return ok(is, known.values.length);
    },
    { notes: ["LEAN estimates one from the recent market volume."], reasons: ["NO_VOLUME"] },
  ),
  metric(
    ["ex.latency", "Latency", "ms"],
    "Median time on the clock from a decision to the venue's acknowledgement. A backtest has none: its delay is stated in bars, by the configuration.",
    () => undefinedBecause("SIMULATED_VENUE"),
    { reasons: ["SIMULATED_VENUE"] },
  ),
  ended(
    "ex.rejects",
    "Refused orders",
    "`ex.denied` + `ex.rejected`. Codes stand in the `orders` table.",
    (o) => o.end === "denied" || o.end === "rejected",
  ),
  ended("ex.denied", "Orders denied", "Orders that our own gate refused.", (o) => o.end === "denied"),
  ended("ex.rejected", "Orders rejected", "Orders that the venue refused.", (o) => o.end === "rejected"),
  ended("ex.cancelled", "Orders cancelled", "Orders that ended cancelled.", (o) => o.end === "cancelled"),
  ended("ex.expired", "Orders expired", "Orders that ended expired.", (o) => o.end === "expired"),
  ended(
    "ex.part_filled",
    "Orders partly filled",
    "Orders that ended cancelled or expired with a part filled.",
    (o) => o.part_filled && (o.end === "cancelled" || o.end === "expired"),
  ),
];
