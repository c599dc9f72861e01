/** Finished round trips, flat to flat, by profit after costs. A trade that breaks even is neither won nor lost. */
import { apply, type Expression, evaluateNumber, fold, given, measured } from "./expression.js";
import {
  type Derivation,
  type MetricDefinition,
  type MetricInput,
  type MetricOptions,
  type MetricUnit,
  metric,
  ok,
  undefinedBecause,
} from "./metric.js";
import { chosen, type Observations } from "./observations.js";
import type { TradeMeasure } from "./run-measures.js";

/** Trades beyond this many add nothing to the system quality number. */
const SQN_CAP = 100;

/** Something exact about each trade. */
export function ofEachTrade({ run }: MetricInput, of: string, amount: (trade: TradeMeasure) => bigint): Observations {
  return { of, money: true, values: run.trades.map(amount), source: (i) => sourceOf(run.trades[i]) };
}

/** A double of each trade. */
export function numberOfEachTrade({ run }: MetricInput, of: string, value: (trade: TradeMeasure) => number): Observations {
  return { of, values: run.trades.map(value), source: (i) => sourceOf(run.trades[i]) };
}

function sourceOf(trade: TradeMeasure | undefined): { readonly label: string; readonly events: readonly number[] } {
  return trade === undefined ? { label: "", events: [] } : { label: `trade:${trade.trade} ${trade.symbol}`, events: trade.fills };
}

function profits(input: MetricInput): Observations {
  return ofEachTrade(input, "trade's profit", (t) => t.net);
}

/** Trades on one side of zero. */
function side(input: MetricInput, of: string, keep: (net: bigint) => boolean): Observations {
  const all = profits(input);
  return chosen(
    { ...all, of },
    all.values.flatMap((net, i) => (keep(BigInt(net)) ? [i] : [])),
  );
}

function winners(input: MetricInput): Observations {
  return side(input, "winning trade's profit", (net) => net > 0n);
}

/** Losing trades, their losses positive. */
function losers(input: MetricInput): Observations {
  const losing = side(input, "losing trade's loss", (net) => net < 0n);
  return { ...losing, values: losing.values.map((net) => 0n - BigInt(net)) };
}

function ofTrades(
  head: readonly [id: string, name: string, unit: MetricUnit],
  definition: string,
  derive: (input: MetricInput, n: number) => Derivation,
  { reasons = [], ...rest }: MetricOptions = {},
): MetricDefinition {
  const guarded = (input: MetricInput) => {
    const n = input.run.trades.length;
    return n === 0 ? undefinedBecause("NO_TRADES", 0) : derive(input, n);
  };
  return metric(head, definition, guarded, { ...rest, reasons: ["NO_TRADES", ...reasons] });
}

function count(name: string, of: Observations): Expression {
  return fold(name, { how: "count" }, of);
}

function sum(name: string, of: Observations): Expression {
  return fold(name, { how: "sum" }, of);
}

/** Guards what divides by the losses. */
function overLosses(
  derive: (won: Observations, lost: Observations, n: number) => Derivation,
): (input: MetricInput, n: number) => Derivation {
  return (input, n) => {
    const lost = losers(input);
    return lost.values.length === 0 ? undefinedBecause("NO_LOSING_TRADES", n) : derive(winners(input), lost, n);
  };
}

function meanProfit(input: MetricInput, n: number): Derivation {
  return ok(fold("mean profit", { how: "mean_money" }, profits(input)), n);
}

/** Open trades, where an explanation lists them. */
function openTrades({ run, detail }: MetricInput): Expression {
  const open = detail?.open_trades ?? null;
  const of: Observations | null =
    open === null ? null : { of: "open trade", values: open.map(() => 1), source: (i) => open[i] ?? { label: "", events: [] } };
  return measured("open trades", { how: "count" }, run.counts.open_trades, of);
}

/** Indices of the longest row of trades on one side of zero, the first of equal ones. */
function longestRow(trades: readonly TradeMeasure[], keep: (net: bigint) => boolean): number[] {
  let best: number[] = [];
  let row: number[] = [];
  for (const [i, { net }] of trades.entries()) {
    row = keep(net) ? [...row, i] : [];
    if (row.length > best.length) best = row;
  }
  return best;
}

function streak(of: string, keep: (net: bigint) => boolean): (input: MetricInput) => Derivation {
  return (input) => ok(count(`trades of the longest row of ${of}`, chosen(profits(input), longestRow(input.run.trades, keep))));
}

function sqn(input: MetricInput, n: number): Derivation {
  if (n < 2) return undefinedBecause("TOO_FEW_TRADES", n);
  const results = numberOfEachTrade(input, "trade's profit", (t) => Number(t.net));
  const deviation = fold("sd of trade profits", { how: "sample_deviation" }, results);
  if (evaluateNumber(deviation) === 0) return undefinedBecause("ZERO_VOLATILITY", n);
  const ratio = apply("divide", fold("mean trade profit", { how: "mean" }, results), deviation);
  const capped = Math.min(n, SQN_CAP);
  const is = apply("multiply", apply("square_root", given("trades, at most 100", capped)), ratio);
  return { state: "ok", is, n, parameters: { counted: capped } };
}

function concentration(best: number): MetricDefinition {
  const title = best === 1 ? "the best trade" : `the best ${best} trades`;
  return ofTrades(
    [`tr.concentration_${best}`, `Share of profit from ${title}`, "fraction"],
    `Profit of ${title} / sum of the profits of all winning trades; all of them where fewer won.`,
    (input, n) => {
      const won = winners(input);
      if (won.values.length === 0) return undefinedBecause("NO_WINNING_TRADES", n);
      const order = won.values.map((_, i) => i).sort((a, b) => compare(won.values[b] as bigint, won.values[a] as bigint) || a - b);
      const top = chosen(won, order.slice(0, best));
      return ok(apply("divide", sum(`profit of ${title}`, top), sum("profit of all winning trades", won)), n);
    },
    { reasons: ["NO_WINNING_TRADES"] },
  );
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function bars(input: MetricInput): Observations {
  return numberOfEachTrade(input, "bars held", (t) => t.bars_held);
}

function quartile(p: number): (input: MetricInput, n: number) => Derivation {
  return (input, n) => ok(fold(`${p * 100} % quantile of bars held`, { how: "quantile", p }, bars(input)), n);
}

export const tradeMetrics: readonly MetricDefinition[] = [
  metric(
    ["tr.count", "Trades", "count"],
    "Finished round trips, flat to flat in one symbol.",
    (input) => ok(count("finished trades", profits(input))),
    { notes: ["Other tools group fills first in, first out, or count every order that closes."] },
  ),
  metric(["tr.open", "Open trades", "count"], "Round trips still open at the end; in no other trade statistic.", (input) =>
    ok(openTrades(input)),
  ),
  metric(["tr.wins", "Winning trades", "count"], "Trades with a profit after costs.", (input) =>
    ok(count("winning trades", winners(input))),
  ),
  metric(["tr.losses", "Losing trades", "count"], "Trades with a loss after costs.", (input) => ok(count("losing trades", losers(input)))),
  metric(["tr.breakeven", "Break-even trades", "count"], "Trades with neither.", (input) =>
    ok(
      count(
        "break-even trades",
        side(input, "trade's profit", (net) => net === 0n),
      ),
    ),
  ),
  ofTrades(
    ["tr.win", "Win rate", "fraction"],
    "`tr.wins` / `tr.count`.",
    (input, n) => ok(apply("divide", count("winning trades", winners(input)), count("finished trades", profits(input))), n),
    { notes: ["A win rate of days is `ret.day_hit`; other tools do not say which of the two they print."] },
  ),
  ofTrades(
    ["tr.payoff", "Payoff ratio", "ratio"],
    "Mean profit of the winning trades / mean loss of the losing ones.",
    overLosses((won, lost, n) => {
      if (won.values.length === 0) return undefinedBecause("NO_WINNING_TRADES", n);
      // Cross-multiplied, so that both means stay exact.
      const up = apply("multiply", sum("sum of profits", won), count("losing trades", lost));
      return ok(apply("divide", up, apply("multiply", sum("sum of losses", lost), count("winning trades", won))), n);
    }),
    { reasons: ["NO_LOSING_TRADES", "NO_WINNING_TRADES"] },
  ),
  ofTrades(
    ["tr.pf", "Profit factor", "ratio"],
    "Sum of profits / sum of losses, trades in money.",
    overLosses((won, lost, n) => ok(apply("divide", sum("sum of profits", won), sum("sum of losses", lost)), n)),
    {
      notes: ["QuantStats and Nautilus take days instead of trades, backtesting.py percentages instead of money."],
      reasons: ["NO_LOSING_TRADES"],
    },
  ),
  ofTrades(["tr.expectancy", "Expectancy", "currency"], "Mean profit per trade after costs, half-even at the account's scale.", meanProfit),
  ofTrades(["avg_trade", "Average trade", "currency"], "The same as `tr.expectancy`, under the name that older reports use.", meanProfit),
  ofTrades(
    ["tr.expectancy_pct", "Expectancy as a fraction", "fraction"],
    "Mean over the trades of profit after costs / value of what opened.",
    (input) => {
      const all = numberOfEachTrade(input, "trade's return", (t) => Number(t.net) / Number(t.entry_notional));
      const valued = chosen(
        all,
        input.run.trades.flatMap((t, i) => (t.entry_notional > 0n ? [i] : [])),
      );
      const n = valued.values.length;
      return n === 0 ? undefinedBecause("NO_TURNOVER", 0) : ok(fold("mean return", { how: "mean" }, valued), n);
    },
    { reasons: ["NO_TURNOVER"] },
  ),
  ofTrades(
    ["tr.expectancy_r", "Expectancy in R", "ratio"],
    "Mean over the trades of profit after costs / R. R is what the trade was meant to lose at most: the sum over its entries of quantity x distance from the fill to the stop that the entry brought along, where it stood then. Trades with an entry without such a stop, or filled beyond it, are left out.",
    (input) => {
      const all = numberOfEachTrade(input, "trade's profit in R", (t) => Number(t.net) / Number(t.risk ?? 1n));
      const stopped = chosen(
        all,
        input.run.trades.flatMap((t, i) => (t.risk === null ? [] : [i])),
      );
      const n = stopped.values.length;
      return n === 0 ? undefinedBecause("NO_STOP", 0) : ok(fold("mean profit in R", { how: "mean" }, stopped), n);
    },
    { reasons: ["NO_STOP"] },
  ),
  ofTrades(["tr.hold", "Holding time", "bars"], "Mean number of bars held.", (input, n) =>
    ok(fold("mean of bars held", { how: "mean" }, bars(input)), n),
  ),
  ofTrades(["tr.hold_q1", "Holding time, first quartile", "bars"], "25 % quantile of the bars held, type 7.", quartile(0.25)),
  ofTrades(
    ["tr.hold_median", "Holding time, median", "bars"],
    "Median number of bars held; the mean of the middle two where their count is even.",
    (input, n) => ok(fold("median of bars held", { how: "median" }, bars(input)), n),
  ),
  ofTrades(["tr.hold_q3", "Holding time, third quartile", "bars"], "75 % quantile of the bars held, type 7.", quartile(0.75)),
  ofTrades(
    ["tr.hold_ms", "Holding time on the clock", "ms"],
    "Mean time from the first fill to the one that made the position flat.",
    (input, n) =>
      ok(
        fold(
          "mean holding time",
          { how: "mean" },
          numberOfEachTrade(input, "holding time", (t) => t.held_ms),
        ),
        n,
      ),
  ),
  metric(
    ["tr.streak_won", "Longest row of winning trades", "count"],
    "Most trades with a profit in a row, by their exits.",
    streak("winning trades", (net) => net > 0n),
  ),
  metric(
    ["tr.streak_lost", "Longest row of losing trades", "count"],
    "Most trades with a loss in a row, by their exits.",
    streak("losing trades", (net) => net < 0n),
  ),
  ofTrades(
    ["tr.mae", "Worst excursion, mean", "currency"],
    "Mean over the trades of the largest open loss before costs, at the highs and lows of the bars that were held whole and at its fills.",
    (input, n) =>
      ok(
        fold(
          "mean worst excursion",
          { how: "mean_money" },
          ofEachTrade(input, "worst excursion", (t) => 0n - t.worst),
        ),
        n,
      ),
  ),
  ofTrades(
    ["tr.mfe", "Best excursion, mean", "currency"],
    "Mean over the trades of the largest open profit before costs, at the highs and lows of the bars that were held whole and at its fills.",
    (input, n) =>
      ok(
        fold(
          "mean best excursion",
          { how: "mean_money" },
          ofEachTrade(input, "best excursion", (t) => t.best),
        ),
        n,
      ),
  ),
  ofTrades(
    ["tr.giveback", "Given back, mean", "currency"],
    "Mean over the trades of the best excursion less the profit before costs.",
    (input, n) =>
      ok(
        fold(
          "mean given back",
          { how: "mean_money" },
          ofEachTrade(input, "given back", (t) => t.best - t.gross),
        ),
        n,
      ),
  ),
  ofTrades(
    ["tr.sqn", "System quality number", "ratio"],
    "sqrt(n) mean / sd of the trades' profits after costs, n counted as at most 100: `parameters.counted`.",
    sqn,
    { notes: ["Other tools do not cap n, so that a longer run scores higher."], reasons: ["TOO_FEW_TRADES", "ZERO_VOLATILITY"] },
  ),
  concentration(1),
  concentration(5),
  concentration(10),
];
