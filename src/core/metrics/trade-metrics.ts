/** Finished round trips, flat to flat, by profit after commission. A trade that breaks even is neither won nor lost. */
import { divideHalfEven, formatBig } from "../money/decimal.js";
import { type MetricDefinition, type MetricInput, type MetricOutcome, type MetricUnit, ok, undefinedBecause } from "./metric.js";
import { mean, median } from "./moments.js";
import type { TradeMeasure } from "./run-measures.js";
import type { UndefinedReason } from "./undefined-reasons.js";

interface Split {
  readonly wins: number;
  readonly losses: number;
  readonly won: bigint;
  /** Positive. */
  readonly lost: bigint;
}

function split(trades: readonly TradeMeasure[]): Split {
  let wins = 0;
  let losses = 0;
  let won = 0n;
  let lost = 0n;
  for (const { net } of trades) {
    if (net > 0n) {
      wins += 1;
      won += net;
    } else if (net < 0n) {
      losses += 1;
      lost -= net;
    }
  }
  return { wins, losses, won, lost };
}

function ofTrades(
  id: string,
  name: string,
  unit: MetricUnit,
  definition: string,
  compute: (trades: readonly TradeMeasure[], input: MetricInput) => MetricOutcome,
  reasons: readonly UndefinedReason[] = [],
): MetricDefinition {
  return {
    id,
    name,
    unit,
    calc: { calc_name: `perf.${id}`, calc_version: "v1" },
    definition,
    reasons: ["NO_TRADES", ...reasons],
    compute: (input) => (input.run.trades.length === 0 ? undefinedBecause("NO_TRADES", 0) : compute(input.run.trades, input)),
  };
}

/** Mean profit per trade, half-even at the account's scale. */
function meanProfit(trades: readonly TradeMeasure[], { run }: MetricInput): MetricOutcome {
  const total = trades.reduce((sum, t) => sum + t.net, 0n);
  return ok(formatBig(divideHalfEven(total, BigInt(trades.length)), run.money_scale), trades.length);
}

function tally(id: string, name: string, definition: string, of: (input: MetricInput) => number): MetricDefinition {
  return { id, name, unit: "count", calc: { calc_name: `perf.${id}`, calc_version: "v1" }, definition, compute: (input) => ok(of(input)) };
}

export const tradeMetrics: readonly MetricDefinition[] = [
  tally("tr.count", "Trades", "Finished round trips, flat to flat in one symbol.", ({ run }) => run.trades.length),
  tally("tr.open", "Open trades", "Round trips still open at the end; in no other trade statistic.", ({ run }) => run.counts.open_trades),
  tally("tr.wins", "Winning trades", "Trades with a profit after commission.", ({ run }) => split(run.trades).wins),
  tally("tr.losses", "Losing trades", "Trades with a loss after commission.", ({ run }) => split(run.trades).losses),
  tally("tr.breakeven", "Break-even trades", "Trades with neither.", ({ run }) => {
    const { wins, losses } = split(run.trades);
    return run.trades.length - wins - losses;
  }),
  ofTrades("tr.win", "Win rate", "fraction", "`tr.wins` / `tr.count`.", (t) => ok(split(t).wins / t.length, t.length)),
  ofTrades(
    "tr.payoff",
    "Payoff ratio",
    "ratio",
    "Mean profit of the winning trades / mean loss of the losing ones.",
    (t) => {
      const { wins, losses, won, lost } = split(t);
      if (losses === 0) return undefinedBecause("NO_LOSING_TRADES", t.length);
      if (wins === 0) return undefinedBecause("NO_WINNING_TRADES", t.length);
      return ok(Number(won * BigInt(losses)) / Number(lost * BigInt(wins)), t.length);
    },
    ["NO_LOSING_TRADES", "NO_WINNING_TRADES"],
  ),
  ofTrades(
    "tr.pf",
    "Profit factor",
    "ratio",
    "Sum of profits / sum of losses, trades in money.",
    (t) => {
      const { losses, won, lost } = split(t);
      return losses === 0 ? undefinedBecause("NO_LOSING_TRADES", t.length) : ok(Number(won) / Number(lost), t.length);
    },
    ["NO_LOSING_TRADES"],
  ),
  ofTrades(
    "tr.expectancy",
    "Expectancy",
    "currency",
    "Mean profit per trade after commission, half-even at the account's scale.",
    meanProfit,
  ),
  ofTrades("avg_trade", "Average trade", "currency", "The same as `tr.expectancy`, under the name that older reports use.", meanProfit),
  ofTrades(
    "tr.expectancy_pct",
    "Expectancy as a fraction",
    "fraction",
    "Mean over the trades of profit after commission / value of what opened.",
    (t) => {
      const valued = t.filter((trade) => trade.entry_notional > 0n);
      if (valued.length === 0) return undefinedBecause("NO_TURNOVER", 0);
      return ok(mean(valued.map((trade) => Number(trade.net) / Number(trade.entry_notional))), valued.length);
    },
    ["NO_TURNOVER"],
  ),
  ofTrades("tr.hold", "Holding time", "bars", "Mean number of bars held.", (t) => ok(mean(t.map((x) => x.bars_held)), t.length)),
  ofTrades(
    "tr.hold_median",
    "Holding time, median",
    "bars",
    "Median number of bars held; the mean of the middle two where their count is even.",
    (t) => ok(median(t.map((x) => x.bars_held)), t.length),
  ),
  ofTrades("tr.hold_ms", "Holding time on the clock", "ms", "Mean time from the first fill to the one that made the position flat.", (t) =>
    ok(mean(t.map((x) => x.held_ms)), t.length),
  ),
];
