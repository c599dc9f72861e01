// A calculation keeps its results for as long as it keeps its version. When a hash changes here on purpose, the metric needs a
// new calc_version, a line in the changelog, and this table a new line; the old line goes when the old version is deleted.
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { endedOrder, equitiesOf, fill, generatedYears, measuresOf, trade } from "../../../test/support/run-measures.js";
import { calcKey } from "../calc/identity.js";
import { canonicalJson } from "../tape/canonical-json.js";
import type { RunMeasures } from "./run-measures.js";
import { metricGroups, runMetrics } from "./run-metrics.js";

const busy: RunMeasures = measuresOf(50_000_00n, equitiesOf(50_000_00n, [-120n, 35n, 0n, 410n, -77n, 12n]), {
  periods_per_year: 365,
  final_cash: 12_345_67n,
  fills: [fill("buy", 1_234_567n, { commission: 987n }), fill("sell", 1_111_111n), ...Array.from({ length: 5 }, () => fill("buy", 0n))],
  ended_orders: [
    endedOrder("denied"),
    ...Array.from({ length: 2 }, () => endedOrder("rejected")),
    ...Array.from({ length: 3 }, () => endedOrder("cancelled", { part_filled: true })),
    ...Array.from({ length: 4 }, (_, i) => endedOrder("expired", { part_filled: i < 2 })),
  ],
  trades: [
    trade(500n, { bars_held: 12, held_ms: 720_000 }),
    trade(-321n, { entry_notional: 33_333n, bars_held: 3 }),
    trade(0n, { bars_held: 4 }),
  ],
  at_closes: {
    closes: 2_340,
    invested: 777,
    most_held: 2,
    gross_ratio_sum: 300.5,
    net_ratio_sum: -120.25,
    max_gross_ratio: 0.99,
    max_drawdown: 0.0321,
  },
  counts: {
    sessions: 6,
    signals: 9,
    orders: 8,
    open_trades: 1,
  },
});

const goldens = [generatedYears(), busy, measuresOf(100_00n, []), measuresOf(100_00n, [-5n, 7n])].map(runMetrics);

/** A run that gives the rest of the metrics something to say: fills in bars with volume, data with holes, a benchmark, a search. */
const searched: RunMeasures = {
  ...generatedYears(),
  trades: Array.from({ length: 120 }, (_, i) =>
    trade(BigInt(((i * 37) % 101) - 48), {
      trade: i + 1,
      gross: BigInt(((i * 37) % 101) - 46),
      bars_held: 1 + (i % 7),
      held_ms: (1 + (i % 7)) * 60_000,
      fills: [10 + (i % 20)],
      worst: BigInt(-(i % 50)),
      best: BigInt(55 + (i % 3)),
      risk: i % 4 === 3 ? null : BigInt(20 + (i % 9)),
    }),
  ),
  fills: Array.from({ length: 20 }, (_, i) =>
    fill(i % 2 === 0 ? "buy" : "sell", BigInt(10_000 + i * 731), {
      position: i + 10,
      commission: BigInt(i % 4),
      tax: BigInt(i % 2),
      slippage: BigInt(i % 3),
      ambiguous: i % 6 === 1,
      other: i % 6 === 1 ? BigInt(i - 9) : null,
      participation: i % 5 === 0 ? null : (i + 1) / 512,
    }),
  ),
  ended_orders: [endedOrder("denied", { code: "MAX_QTY" }), endedOrder("expired", { code: "DAY_END" })],
  data: [
    {
      symbol: "AAA",
      calendar: "XNYS",
      expected: 780,
      present: 777,
      outside: 4,
      sessions: 3,
      empty_sessions: 1,
      short_sessions: 1,
      events: [2, 9],
    },
  ],
  benchmark: { name: "index", returns: Array.from({ length: 504 }, (_, i) => (i % 90 === 0 ? null : (((i * 61) % 113) - 55) / 8_192)) },
  trials: { count: 40, sharpe_variance: 1 / 512 },
  out_of_sample_from: "1971-01-14",
};

const wider = [searched, busy].map(runMetrics);

/** Hashes of: the results on four plain runs; id, name, unit and definition; the results on a searched run. */
const frozen: Readonly<Record<string, string>> = {
  "perf.avg_trade@v1": "510e8dc5156b2124 f0410d9b5b0ff5e5 0aa9d207fa17a198",
  "perf.bars@v1": "4c7e88eadcb1ee11 fac5a8ba5d78b233 13354a25020f7e2d",
  "perf.bm.alpha@v1": "b58e6dc10cd9cb78 a49937b3b0178142 323ef111a1e3073c",
  "perf.bm.beta@v1": "7e0658987ed2c541 da7e8a6ea53e01d5 9da519cbbf507a0e",
  "perf.bm.capture_down@v1": "1c077bb33e4a009a c31164f3f43dea76 c401197770662daf",
  "perf.bm.capture_up@v1": "c96115b65b490b49 344728a362eaf68f 67db6f9d52c70f4c",
  "perf.bm.corr@v1": "bc8fb0a766a2dee6 1eac851a7d752296 f0dfefae2050c1d4",
  "perf.bm.excess@v1": "a53de2cd36971cbf f364627c224ceba8 7bf1e84d1075ec42",
  "perf.bm.ir@v1": "2f2e25437cf9065b 2267110bd2a14fa1 665f4fc0662268b3",
  "perf.bm.r2@v1": "d0ea42ac2a7892eb f3e22f9bfca22d28 381b04702ba7fa63",
  "perf.bm.te@v1": "15130d30765f2c72 741775efd6fdb90b 7f8cf20483b88c22",
  "perf.calmar@v1": "485c42c3ea3f6d1d 4840558f85b5dc86 3ff2118982bc6130",
  "perf.dd.avg@v1": "9b899e5ec0a450fe d44c12cbb84facf1 5045ec1276287ecb",
  "perf.dd.cdar@v1": "0a648d54ceee50de b09daa4b39dda39e 9d93094900b85dfa",
  "perf.dd.duration@v1": "932ea9f5627a6375 8f5361e14c6870ef 04a6f03069ed9a21",
  "perf.dd.max@v1": "6000733c74c13094 be264656eb36d0d5 933c45f520d6a997",
  "perf.dd.max_bar@v1": "f52b113fc2592612 1f13d5281ea101d4 2140cf50d3f4ce3c",
  "perf.dd.max_money@v1": "1a3f045f4a19e49a 90536b5fa68b7e03 f0c107c2d0f1c300",
  "perf.dd.open_duration@v1": "f5361a1684244d01 06309d332732e1b2 0433166deed7398c",
  "perf.dd.peak_ts@v1": "d820fb157ca80276 2d53739dd05bafe7 519e380caa473240",
  "perf.dd.recovery_ts@v1": "adfd1f3909040e8e a8c3ddf009223378 c79ced79bb32d3a0",
  "perf.dd.to_recovery@v1": "3f2edbc0d20ddcd6 3848e6174b117272 10219049082ba74b",
  "perf.dd.top10@v1": "6ee6a3c45f3425c2 07cc58ad3fffd43b 1683dc43ed31037b",
  "perf.dd.trough_ts@v1": "8b60c0cd0a811d02 1a17f35a30429363 8c2711728aafa1eb",
  "perf.dist.exkurt@v1": "81005df8a3dba540 4752783f5312d667 14a82776dcceaaa3",
  "perf.dist.skew@v1": "0e486e079ad1b935 af8c763b53926fa6 457447e9ec22728c",
  "perf.dq.completeness@v1": "9e1211b39ecd67b2 b07ce7886a8be164 ab15d1beac948a90",
  "perf.dq.empty_sessions@v1": "0a654ec1fc6d4598 8259f38b1da8c57d 2f7db8f4709be543",
  "perf.dq.expected@v1": "15cc0f79ef593e73 5367b9feed7fa0d9 f256b5ca2c9ce47e",
  "perf.dq.missing@v1": "9f8790dbf25635d3 c6e74685b689954c eec70e1f02fb47ab",
  "perf.dq.outside@v1": "7f278b78a0d4fadd b960cb5e27d38711 d28f46aadc45b05d",
  "perf.dq.present@v1": "b155ead0ec3b62e1 dea432bdee885972 004d3f9cc83974f4",
  "perf.dq.short_sessions@v1": "d3a5db72aaa72b37 aa0e38204d5a961b 387cd4746b41e082",
  "perf.dsr@v1": "c119eb50bf01a8e2 6bde81e32cd90a70 733486baaa244b4d",
  "perf.ex.ambiguous@v1": "c5a83fad337516f6 9826f77169a7d5cb a4095d4a3943897b",
  "perf.ex.ambiguous_high@v1": "f50fb9818d1b0bc6 1b953341bebf7533 0536cf25766274bb",
  "perf.ex.ambiguous_low@v1": "ac12a7ea29214a4d 23f06f676a23a005 648b80e5657aeda5",
  "perf.ex.cancelled@v1": "51f787d7f456ca89 11a021ba51b55c37 191149c4704b5191",
  "perf.ex.capacity@v1": "8f3fccae51876400 c253dec6fb2b1973 315ba7072c92ac5f",
  "perf.ex.cost@v1": "b66bba8ab98a3885 dc61c6de49daeb2c 2e6a0360c81ce285",
  "perf.ex.cost_bps@v1": "9d0a88a6facaa303 0f4b53a9c7975939 96d2611196491df5",
  "perf.ex.cost_share@v1": "75361d8d2db9edb9 daa92c4db1353f25 6aa1c01ed7ff8743",
  "perf.ex.denied@v1": "d339fc2cb926800f 43d954cf837fc5f2 5310bca12365e67f",
  "perf.ex.ends@v1": "e348d03e75b26e25 49cb7eafb159039f cd0eafa5e6fdfae1",
  "perf.ex.expired@v1": "57e20846aff73f98 7d8e763ef98ce923 bc23c2efc3db6d26",
  "perf.ex.fees@v1": "fc9b8dcf73c8128e f52d5fa7a538eea6 c07b5693f7728457",
  "perf.ex.latency@v1": "d839d733c9a2a487 062e4193db889696 f3bde93e3a7db132",
  "perf.ex.part_filled@v1": "c71478d4905868ed 4260acbff61d4c64 513012eb8fda82b2",
  "perf.ex.participation_max@v1": "78d26de586c0f425 bb2cd75776ca9835 e9d98efdff11d811",
  "perf.ex.participation_median@v1": "868849afae884cdc adde6ec5572a6ffd 1f26aa89d2729c08",
  "perf.ex.participation_p95@v1": "30bc2af60fd14ce2 515ac58f060e7db2 7be83ff82e50e182",
  "perf.ex.rejected@v1": "9cea9ea3cf23abb9 1cf0c2d23acae1e9 b8cf49813f3582e2",
  "perf.ex.rejects@v1": "0557c84476ce57f0 e3164b55295fb533 8e56201d0a0c5e2c",
  "perf.ex.slippage@v1": "ae2fd07b7c03912c 335bc9e082a0c741 44283a04a7f03ec6",
  "perf.ex.slippage_bps@v1": "bc83745357950117 a941c6e7ccd9c6a8 e464ec144a51399c",
  "perf.ex.tax@v1": "4fa5130385e50192 29d30b4489c965eb 034060ebedef3715",
  "perf.ex.turnover@v1": "437c2b057ac0a4cd 93aaaa154604febe abb7f95217ce46f9",
  "perf.ex.volume@v1": "a0f12d689b712a8b 58149871e4a1ede2 23217b5691e3f993",
  "perf.fills@v1": "e721cff2bc1d31f0 38ef0449e43deb1f 9794d6a7a77081b2",
  "perf.final_cash@v1": "a45d9a495e772ec1 b36627754eaa5937 175fdecf7932c657",
  "perf.final_equity@v1": "d2116f6fab481f4c 885759506841c16f a32723d861dd340d",
  "perf.gain_pain@v1": "cd98a1aac91240e9 94bd6ce91c04ab5d db0aa4f12200faeb",
  "perf.hy.boot@v1": "a042cf76dc4f5b8d 11ac8b3b478a58ba 931b6820c6d38824",
  "perf.hy.is_sharpe@v1": "3f99765e6916c8f8 a92fdab0cbafc730 a7576fab1e4f20aa",
  "perf.hy.oos@v1": "987f4ad0ca082853 61c56f97fea4c8b1 d607bd90d7df5e8d",
  "perf.hy.oos_sharpe@v1": "14859a871e9b31a6 ef46a314aa0be593 5f82a64a72c17ae6",
  "perf.hy.period@v1": "a6a4b6b96152c4a8 0df7e80b100deabb 2939e0c5ea4ad1bb",
  "perf.hy.trials@v1": "8df87a3077634449 31314eae23390f5c f306dfbc3d4710ae",
  "perf.initial_cash@v1": "1df537e9c2360b4f 79401be873224d14 1eff131c205cf760",
  "perf.mar@v1": "3b41d38af3c77ec7 83ddd2b04367dd8d 65f342fa943223ab",
  "perf.omega@v1": "783668c2ff086bd4 4644cc53961649a3 b9083c0176eab88e",
  "perf.orders@v1": "27b16612149a2fa1 9914752f5d0e9610 0c20bd5ccc0cf540",
  "perf.pain@v1": "4f4dc5c10e843814 3a4cbbc25ed5062a 2a5df0031bc7405a",
  "perf.psr@v1": "2f8fdcd588ddf5a0 0c58233c2d63bcb3 cbb0b4d5342fd001",
  "perf.ret.best_worst@v1": "d43f6f5b7c8640f8 fe0376fce66475e8 900fd578becf6716",
  "perf.ret.cagr@v1": "358d251bff8fbbad 63a33e037231415b 991e53b6916c5754",
  "perf.ret.day_hit@v1": "cfdc04bde30c5f58 7bbb71b82e19514d 004342401e1b943a",
  "perf.ret.gross_pnl@v1": "71b35c3db522b66f fdf31ce5a0b4800f 197b2a45332d432b",
  "perf.ret.mean_ann@v1": "a651399ae14f55b5 39a60c91f6af2f0a fa7da8b06b8b7ebb",
  "perf.ret.month_hit@v1": "2dfda8adce22c74b a15b5eb57a54e20e ef8deaff3f3f5c6f",
  "perf.ret.monthly@v1": "16dafcb182a4f4b0 feb3129ee9c98deb 5944c298a2743237",
  "perf.ret.net_pnl@v1": "e371f4b0bbbf7ba9 20c8852130cfdef8 acc3b4f39f92fddc",
  "perf.ret.period@v1": "e7447ab5ede90c2e cffb8c8b3c7fc0c8 cb19a004846e3090",
  "perf.ret.total@v1": "5ba8e1e7e81760d3 32c76e27cc6b69bf 9ab36fd034fa1ef3",
  "perf.ret.week_hit@v1": "09634d5d994a8930 dd3cd378a2751af7 50376a78df6d1be5",
  "perf.ret.yearly@v1": "d243093e6df392f6 45ab9b2f0b540418 44674ce63ab7bf40",
  "perf.sessions@v1": "49b1041cec77dded 3f260d7be085bf54 75dfdcb8e4fa238c",
  "perf.sharpe.lo@v1": "146f831faedfc659 854b50be0df59a1f 85cd46e2d3f4791c",
  "perf.sharpe@v1": "89e31e6fb27d85a9 3a1aee7f0484782d b565ab5d2095da12",
  "perf.signals@v1": "b4f7eff746535aab 959b76426f1875c1 b6c38f495560be4d",
  "perf.sortino@v1": "bbdf2e4f096f6964 551288277d596257 a05ec7a0850d91e0",
  "perf.sterling@v1": "56be8f9247086fa5 e1c9ac9649840e7d 1bdea513d85f27e7",
  "perf.tail.es_95@v1": "af159a95e35c83fb 6847681b93cfedaa 0692e70a9d062730",
  "perf.tail.es_975@v1": "0d65f68e1557f6fb 4f9e01e93c3625ce a5a5975452daabb5",
  "perf.tail.es_99@v1": "e3e55a5ca2acdacf 79ebdae1541d73b4 05325af352dc7b8f",
  "perf.tail.ratio@v1": "e0629ca5b5dc5859 8bc5704fc0f9f5c3 34f9b54bfa2cfbcc",
  "perf.tail.var_95@v1": "b1e9d43241dd43b2 753462a73ceff510 e8bb825d37e029f5",
  "perf.tail.var_975@v1": "25b7d84e90f323fd c5ceb5d36cdf9df2 1145e022d8d692bb",
  "perf.tail.var_99@v1": "97c5ce3499763cd4 9b62ec95a86e3e67 35de67f905b7bd57",
  "perf.tr.breakeven@v1": "e1806a2d52507f07 3df3121e3c6beba3 90bb8df3bfdb3662",
  "perf.tr.concentration_10@v1": "b0dc36ad52299a32 767ffec52dd26da6 761758d189123e2c",
  "perf.tr.concentration_1@v1": "70eb7e35976077e1 edadbd72bbd1ab28 30cbfd3d3f201271",
  "perf.tr.concentration_5@v1": "9891a63ff253cd0c 75cea1ff309f050c 9912c083e4be395e",
  "perf.tr.count@v1": "dcdaf10cdfe19ace 26624d142bc98d35 ee834435b292b138",
  "perf.tr.expectancy@v1": "76ec89eb4cee6841 727393c747a023f7 7231cde2fe8b5b23",
  "perf.tr.expectancy_pct@v1": "b34a1ec2e47323f3 0c12ba9311b00d55 c37a99b41b965607",
  "perf.tr.expectancy_r@v1": "9ab65c9cfc11cc9d f646a6ec04a247ff e5116c64392a55fd",
  "perf.tr.giveback@v1": "062f24da179043cf bb5d33c8e444bc1e e68438988c01b031",
  "perf.tr.hold@v1": "cb62152e79210081 54d507b89fec75d7 3bb3035fd69f54c3",
  "perf.tr.hold_median@v1": "02933d5472ab81d1 729ae59589c205ca 917463d5026e109e",
  "perf.tr.hold_ms@v1": "ac456059058414eb e2a0b104564ce313 a7180f49810c014d",
  "perf.tr.hold_q1@v1": "0411f73457174425 2659fcdd388c039d dc5562e8d79c546c",
  "perf.tr.hold_q3@v1": "f04027b1adaf3dab 0464f877ccba32c0 ed1db689a3f989dd",
  "perf.tr.losses@v1": "e92432e53004edbe 625c2223b422736d e088333d60487f7f",
  "perf.tr.mae@v1": "90ab9dd8053e8389 f7151218e6058c38 1b7ea0f7acc569c5",
  "perf.tr.mfe@v1": "5807612eaa50053f f4149e7a4ff30856 c515368b6541436c",
  "perf.tr.open@v1": "060508c3e8d533ee 5d93d8b45b68d405 1e14060df58ad901",
  "perf.tr.payoff@v1": "0c7c11a77141a841 711901a78c5c11e9 ac543f76e709e418",
  "perf.tr.pf@v1": "60b9d9ba3a492ad2 5600e8273148cfc1 e2f3cf7c3e9a184f",
  "perf.tr.spread@v1": "2e45add54a4b660e 2ac9168066589ced 24891e2083a9fc96",
  "perf.tr.sqn@v1": "1c9aa3440ee96b65 34d292c56dba9e8b abe3cca543977516",
  "perf.tr.streak_lost@v1": "09ca3f413bc15bf0 7196651749c170ba e44d9e979168545c",
  "perf.tr.streak_won@v1": "cf1d4798e4e11225 37dda8ebde5a1443 e99c06ff8432d3d9",
  "perf.tr.win@v1": "f2be94f1c0521e81 ee85e57c1ebc200d 27407dea6da452a1",
  "perf.tr.wins@v1": "4707d5758c171ee3 3c44b20b4be33d17 043ea07ad1b6c272",
  "perf.ulcer@v1": "e14eca6c85cb9f2c ccd3f84abb1a5c25 7dd5971dc0ad5694",
  "perf.upi@v1": "1bcbcc81e8a3d131 792d0e54da296e10 a9ef3d6a233cecf7",
  "perf.vol.ann@v1": "483db272b3cae21c 4a053bf2cc69511e 8a6a523033afea1f",
  "perf.vol.downside@v1": "8680bd410a9f5066 74cf678911eae39a b67fb2d17d27c4ec",
  "perf.xp.gross@v1": "e69f7d332db6f889 e246b25c7828e01a 21ec83a598f662ec",
  "perf.xp.max@v1": "e212d96ae9815acf f8ca7dec063f229c c9dc1a3509b0d17c",
  "perf.xp.names@v1": "57f995d724493173 7c3a24ed9bebc91e caacd9651413224a",
  "perf.xp.net@v1": "eeb0cea5d10f7838 e3ebd8c59609c221 d567bcfc470736a7",
  "perf.xp.time@v1": "58f04900d8fc9a7b b025eee15d4e83fd d958029f6b6ec234",
};

const sha = (value: unknown): string => {
  const canonical = canonicalJson(value);
  if (!canonical.ok) throw new Error(`not canonical JSON: ${canonical.violations[0]?.message}`);
  return createHash("sha256").update(canonical.text).digest("hex").slice(0, 16);
};

test("every calculation keeps its definition and its results for as long as it keeps its version", () => {
  const metrics = metricGroups.flatMap((group) =>
    group.metrics.map(({ id, name, unit, definition, calc }): [string, string] => [
      calcKey(calc),
      [goldens.map((g) => g.metrics[id]), { id, name, unit, definition }, wider.map((g) => g.metrics[id])].map(sha).join(" "),
    ]),
  );
  const tables = metricGroups.flatMap((group) =>
    group.tables.map(({ id, name, columns, definition, calc }): [string, string] => [
      calcKey(calc),
      [goldens.map((g) => g.tables[id]), { id, name, columns, definition }, wider.map((g) => g.tables[id])].map(sha).join(" "),
    ]),
  );
  expect(Object.fromEntries([...metrics, ...tables].sort())).toEqual(frozen);
});
