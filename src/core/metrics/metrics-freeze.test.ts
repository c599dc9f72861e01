// A calculation keeps its results for as long as it keeps its version. When a hash changes here on purpose, the metric needs a
// new calc_version, a line in the changelog, and this table a new line; the old line goes when the old version is deleted.
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { equitiesOf, generatedYears, measuresOf, trade } from "../../../test/support/run-measures.js";
import { calcKey } from "../calc/identity.js";
import { canonicalJson } from "../tape/canonical-json.js";
import type { RunMeasures } from "./run-measures.js";
import { metricGroups, runMetrics } from "./run-metrics.js";

const busy: RunMeasures = measuresOf(50_000_00n, equitiesOf(50_000_00n, [-120n, 35n, 0n, 410n, -77n, 12n]), {
  periods_per_year: 365,
  final_cash: 12_345_67n,
  commission: 987n,
  bought: 1_234_567n,
  sold: 1_111_111n,
  trades: [
    trade(500n, { bars_held: 12, held_ms: 720_000 }),
    trade(-321n, { entry_notional: 33_333n, bars_held: 3 }),
    trade(0n, { bars_held: 4 }),
  ],
  at_closes: { closes: 2_340, invested: 777, gross_ratio_sum: 300.5, net_ratio_sum: -120.25, max_gross_ratio: 0.99, max_drawdown: 0.0321 },
  counts: {
    sessions: 6,
    signals: 9,
    orders: 8,
    fills: 7,
    open_trades: 1,
    denied: 1,
    rejected: 2,
    cancelled: 3,
    expired: 4,
    part_filled: 5,
  },
});

const goldens = [generatedYears(), busy, measuresOf(100_00n, []), measuresOf(100_00n, [-5n, 7n])].map(runMetrics);

const frozen: Readonly<Record<string, string>> = {
  "perf.avg_trade@v1": "510e8dc5156b2124",
  "perf.bars@v1": "4c7e88eadcb1ee11",
  "perf.calmar@v1": "485c42c3ea3f6d1d",
  "perf.dd.duration@v1": "932ea9f5627a6375",
  "perf.dd.max@v1": "6000733c74c13094",
  "perf.dd.max_bar@v1": "f52b113fc2592612",
  "perf.dd.max_money@v1": "1a3f045f4a19e49a",
  "perf.dd.open_duration@v1": "f5361a1684244d01",
  "perf.dd.peak_ts@v1": "d820fb157ca80276",
  "perf.dd.recovery_ts@v1": "adfd1f3909040e8e",
  "perf.dd.trough_ts@v1": "8b60c0cd0a811d02",
  "perf.ex.cancelled@v1": "51f787d7f456ca89",
  "perf.ex.cost@v1": "b66bba8ab98a3885",
  "perf.ex.cost_bps@v1": "9d0a88a6facaa303",
  "perf.ex.denied@v1": "d339fc2cb926800f",
  "perf.ex.expired@v1": "57e20846aff73f98",
  "perf.ex.part_filled@v1": "c71478d4905868ed",
  "perf.ex.rejected@v1": "9cea9ea3cf23abb9",
  "perf.ex.rejects@v1": "0557c84476ce57f0",
  "perf.ex.turnover@v1": "437c2b057ac0a4cd",
  "perf.ex.volume@v1": "a0f12d689b712a8b",
  "perf.fills@v1": "e721cff2bc1d31f0",
  "perf.final_cash@v1": "a45d9a495e772ec1",
  "perf.final_equity@v1": "d2116f6fab481f4c",
  "perf.initial_cash@v1": "1df537e9c2360b4f",
  "perf.orders@v1": "27b16612149a2fa1",
  "perf.ret.cagr@v1": "358d251bff8fbbad",
  "perf.ret.gross_pnl@v1": "71b35c3db522b66f",
  "perf.ret.mean_ann@v1": "a651399ae14f55b5",
  "perf.ret.net_pnl@v1": "e371f4b0bbbf7ba9",
  "perf.ret.total@v1": "5ba8e1e7e81760d3",
  "perf.sessions@v1": "49b1041cec77dded",
  "perf.sharpe@v1": "89e31e6fb27d85a9",
  "perf.signals@v1": "b4f7eff746535aab",
  "perf.sortino@v1": "bbdf2e4f096f6964",
  "perf.tr.breakeven@v1": "e1806a2d52507f07",
  "perf.tr.count@v1": "dcdaf10cdfe19ace",
  "perf.tr.expectancy@v1": "76ec89eb4cee6841",
  "perf.tr.expectancy_pct@v1": "b34a1ec2e47323f3",
  "perf.tr.hold@v1": "cb62152e79210081",
  "perf.tr.hold_median@v1": "02933d5472ab81d1",
  "perf.tr.hold_ms@v1": "ac456059058414eb",
  "perf.tr.losses@v1": "e92432e53004edbe",
  "perf.tr.open@v1": "060508c3e8d533ee",
  "perf.tr.payoff@v1": "0c7c11a77141a841",
  "perf.tr.pf@v1": "60b9d9ba3a492ad2",
  "perf.tr.win@v1": "f2be94f1c0521e81",
  "perf.tr.wins@v1": "4707d5758c171ee3",
  "perf.ulcer@v1": "e14eca6c85cb9f2c",
  "perf.vol.ann@v1": "483db272b3cae21c",
  "perf.vol.downside@v1": "8680bd410a9f5066",
  "perf.xp.gross@v1": "e69f7d332db6f889",
  "perf.xp.max@v1": "e212d96ae9815acf",
  "perf.xp.net@v1": "eeb0cea5d10f7838",
  "perf.xp.time@v1": "58f04900d8fc9a7b",
};

test("every calculation gives the results that its version is known for", () => {
  const now = Object.fromEntries(
    metricGroups.flatMap(({ metrics }) =>
      metrics.map((metric) => {
        const canonical = canonicalJson(goldens.map((g) => g.metrics[metric.id]));
        if (!canonical.ok) throw new Error(`${metric.id} is not canonical JSON`);
        return [calcKey(metric.calc), createHash("sha256").update(canonical.text).digest("hex").slice(0, 16)];
      }),
    ),
  );
  expect(now).toEqual(frozen);
});
