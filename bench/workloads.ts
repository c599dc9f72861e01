/** Everything that `npm run bench` measures, in its order. */
import { appendRates } from "./append-rates.js";
import { calcTrial } from "./calc.js";
import { emaCrossWorkload, W2 } from "./ema-cross.js";
import { emptyWorkload } from "./empty-strategy.js";
import { fromShell } from "./from-shell.js";
import { gateTrial } from "./gate.js";
import { hundredRuns } from "./hundred-runs.js";
import { longShortWorkload } from "./long-short.js";
import { onScheduleWorkload } from "./on-schedule.js";
import { pricing } from "./pricing.js";
import { profile } from "./profile.js";
import { quoteStream } from "./quotes.js";
import { rebalanceWorkload } from "./rebalance.js";
import { riskBooks } from "./risk-books.js";
import { serverTrial } from "./server.js";
import { streamingWorkload } from "./streaming.js";
import { tapeLength } from "./tape-length.js";
import { onThreads } from "./threads.js";
import type { Trial } from "./trial.js";
import type { Workload } from "./workload.js";

/** Names the comparison with other engines, which is a program of its own. */
export const PEERS = "PEERS";
export const peersSay = "the same work on other engines";

const w2 = emaCrossWorkload(W2);

export const workloads: readonly (Workload | Trial)[] = [
  emaCrossWorkload({
    id: "W1",
    says: "EMA 10/20 on 10,000 BTC minutes, flat at the end",
    rows: 10_000,
    passes: 20,
    orders: 902,
    cash: "9999954.943133",
    flatten: true,
  }),
  w2,
  onThreads(w2, 20),
  rebalanceWorkload(),
  onScheduleWorkload({
    id: "W6-SPARSE",
    says: "8 symbols x 1,000,000 bars, 1,388 orders each",
    bars: { symbols: 8, rows: 1_000_000, timeframe: "1m" },
    every: 720,
    passes: { off: 2, on: 2 },
  }),
  onScheduleWorkload({
    id: "W6-DENSE",
    says: "8 symbols x 50,000 bars, an order on every bar",
    bars: { symbols: 8, rows: 50_000, timeframe: "1m" },
    every: 1,
    passes: { off: 2, on: 2 },
  }),
  onScheduleWorkload({
    id: "W6-DENSE-8M",
    says: "8 symbols x 1,000,000 bars, an order on every bar, without a tape",
    onRequest: true,
    bars: { symbols: 8, rows: 1_000_000, timeframe: "1m" },
    every: 1,
    passes: { off: 1, on: 0 },
  }),
  longShortWorkload({
    id: "W7",
    says: "500 symbols x 2,520 days, long 25 and short 25 of them every other day: 63,000 trades",
    symbols: 500,
    days: 2_520,
    trades: 63_000,
  }),
  emptyWorkload({ id: "W8", says: "100 symbols x 20,000 bars, a strategy that does nothing", symbols: 100, rows: 20_000 }),
  gateTrial(),
  streamingWorkload(),
  hundredRuns(),
  fromShell(),
  pricing(),
  riskBooks(),
  quoteStream(),
  appendRates(),
  calcTrial(),
  tapeLength("TAPE", [100_000, 1_000_000], false),
  tapeLength("TAPE-10M", [10_000_000], true),
  profile(),
  serverTrial(),
];

/** What stands on the page of benchmarks, in its order. */
export const known: readonly string[] = [...workloads.map(({ id }) => id), PEERS];
