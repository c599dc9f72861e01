/**
 * What the risk gate costs: microseconds an order at 100 symbols and 1,000 open orders under a policy that asks for every check, and the
 * speed that it leaves a run which trades on 9 % of its bars.
 */
import { sha256 } from "../src/adapters/node-hash/sha256.js";
import { Account } from "../src/core/engine/account.js";
import { BarMarket } from "../src/core/engine/bar-market.js";
import { exchangeOf } from "../src/core/engine/exchange.js";
import { GateDesk } from "../src/core/engine/gate-desk.js";
import { Proposal } from "../src/core/engine/proposal.js";
import { Sequencer } from "../src/core/engine/sequencer.js";
import { TradingState } from "../src/core/engine/trading-state.js";
import type { GateDecision } from "../src/core/gate/gate.js";
import type { BarColumns } from "../src/core/market/bars.js";
import { unitsOf } from "../src/core/money/units.js";
import { Order } from "../src/core/orders/order.js";
import { SimVenue } from "../src/core/venue/sim-venue.js";
import { emaCrossWorkload, W2 } from "./ema-cross.js";
import { engineTask } from "./engine-task.js";
import { fullPolicy } from "./full-policy.js";
import { generateColumns } from "./generated-bars.js";
import { measure } from "./passes.js";
import { GENERATED_INSTRUMENT } from "./trading-terms.js";
import type { Trial, TrialLine } from "./trial.js";
import { type BenchLine, type BenchOptions, quantile } from "./workload.js";

const SYMBOLS = 100;
const OPEN_ORDERS = 1_000;
/** Orders that are judged between two slices, at which every price moves: one a symbol. */
const PER_SLICE = SYMBOLS;
const SLICES = 200;
const PASSES = 12;
/** Most that an order may cost, and least of its speed that a run must keep whose tape is written. */
const MOST_US = 5;
const LEAST_KEPT = 2 / 3;
/** Judged orders by code, and the digest of all decisions in their order. */
const EXPECTED: Tally = {
  codes: { DUPLICATE_INTENT: 7, MAX_POSITION_PER_SYMBOL_EXCEEDED: 837, NOTIONAL_ABOVE_MAXIMUM: 1_095, approved: 18_061 },
  sha256: "f27ea3cf2b80f755bea35a7046d09fec5f27c1ab0bf656d8356d31824377f6c0",
};

export function gateTrial(): Trial {
  const without = emaCrossWorkload(W2);
  return {
    id: "GATE",
    says: `the full risk gate: microseconds an order at ${SYMBOLS} symbols and ${OPEN_ORDERS} open orders, and what W2 keeps of its speed`,
    missing: () => without.missing(),
    measure: async (options) => {
      return [await perOrder(options), await kept(options)].map((line) => ({ ...line, missed: missedBy(line) }));
    },
  };
}

function missedBy({ figures }: TrialLine): readonly string[] {
  const { us_per_order_p50: us, kept_tape_on: share } = figures;
  return [
    ...(us === undefined || us < MOST_US ? [] : [`${us} microseconds an order, less than ${MOST_US} are allowed`]),
    ...(share === undefined || share >= LEAST_KEPT
      ? []
      : [`W2 keeps ${share} of its speed with tape, ${LEAST_KEPT.toFixed(2)} is the least`]),
  ];
}

/** Admits, judges and takes out order after order, slice by slice; the clock runs over all of it, the upkeep of the projection included. */
async function perOrder({ quick }: BenchOptions): Promise<TrialLine> {
  const columns = generateColumns({ symbols: SYMBOLS, rows: SLICES + 1, timeframe: "1m" });
  let quietest: readonly number[] = [];
  let found: Tally | null = null;
  for (let pass = 0; pass < (quick ? 2 : PASSES + 1); pass++) {
    const { us, said } = await judgeAll(columns);
    if (found !== null && found.sha256 !== said.sha256) throw new Error(`GATE: pass ${pass} decides differently from the first`);
    found = said;
    // The first pass warms up.
    if (pass > 0 && (pass === 1 || quantile(us, 0.5) < quantile(quietest, 0.5))) quietest = us;
  }
  if (found === null || JSON.stringify(found) !== JSON.stringify(EXPECTED))
    throw new Error(`GATE: decisions ${JSON.stringify(found)}, expected ${JSON.stringify(EXPECTED)}`);
  // Other work on the machine makes whole passes slower and interrupts single slices: the quietest pass by its median slice is the gate's own cost.
  return {
    trial: "GATE",
    of: `${SYMBOLS} symbols, ${OPEN_ORDERS} open orders`,
    figures: {
      orders: SLICES * PER_SLICE,
      ...found.codes,
      us_per_order_p50: Number(quantile(quietest, 0.5).toFixed(3)),
      us_per_order_p90: Number(quantile(quietest, 0.9).toFixed(3)),
    },
    output_hash: found.sha256,
  };
}

interface Tally {
  /** Decisions by code, approvals as `approved`. */
  readonly codes: { readonly [code: string]: number };
  readonly sha256: string;
}

/** Counts decisions, and chains their digest: what is kept would cost the time that is measured. */
class Counted {
  readonly #codes: Record<string, number> = {};
  #sha256 = "";

  add(decisions: readonly GateDecision[]): void {
    for (const { code = "approved" } of decisions) this.#codes[code] = (this.#codes[code] ?? 0) + 1;
    this.#sha256 = sha256(this.#sha256 + JSON.stringify(decisions));
  }

  get tally(): Tally {
    const codes = Object.entries(this.#codes).sort(([a], [b]) => (a < b ? -1 : 1));
    return { codes: Object.fromEntries(codes), sha256: this.#sha256 };
  }
}

async function judgeAll(columns: readonly BarColumns[]): Promise<{ readonly us: readonly number[]; readonly said: Tally }> {
  const symbols = columns.map(({ symbol }) => symbol);
  const task = await engineTask({
    strategy: "bench/strategies/empty.ts",
    params: {},
    columns,
    instrument: GENERATED_INSTRUMENT,
    cash: "100000000",
    scale: 2,
    fees: { model: "bps", bps: "1" },
    qty: "1",
    risk: fullPolicy({ largest_order: "9500", largest_position: "60000", most_exposure: "5000000", symbols, volume: true }),
  });
  const { config } = task;
  const units = config.instruments.map((instrument) => unitsOf(instrument, 2, 2));
  const state = new TradingState(units, 10_000_000_000n, 2);
  const account = new Account(state);
  const sequencer = new Sequencer();
  const market = new BarMarket(
    columns.map((c) => ({ columns: c, sessions: [], session_sha256: [] })),
    null,
  );
  const figures = {
    kill_switch_active: false,
    daily_freeze_active: false,
    get equity(): bigint {
      return account.equity();
    },
    day_start_equity: 10_000_000_000n,
    peak_equity: 10_000_000_000n,
    consecutive_losses: 0,
  };
  const exchange = exchangeOf(config, units, undefined);
  const venue = new SimVenue(config.execution, 2);
  const desk = new GateDesk({
    spec: { config, hash: sha256 },
    ...{ state, account, sequencer, exchange, venue, market, figures },
  });
  const slice = (row: number): void => {
    sequencer.now = columns[0]?.ts[row] ?? 0;
    columns.forEach(({ close }, i) => {
      account.marks[i] = close[row] as number;
      account.marked_at[i] = sequencer.now;
      market.enter(i, row, false);
      desk.observe(i, sequencer.now);
    });
  };
  const draw = draws();
  const order = (seq: number, resting: boolean): Order => orderOf(seq, draw, sequencer.now, resting);
  const propose = (kind: "order.created" | "risk.decided", on: Order, fact: GateDecision | null): void =>
    state.fold(new Proposal(kind, { now: sequencer.now, cause: -1, index: 0 }, 1, fact, null, on, units[on.instrument] ?? null));
  slice(0);
  state.portfolio.positions.forEach((position, i) => {
    position.qty = (i % 2 === 0 ? 1 : -1) * (20 + i);
  });
  for (let seq = 1; seq <= OPEN_ORDERS; seq++) propose("order.created", order(seq, true), null);
  const counted = new Counted();
  const us: number[] = [];
  for (let n = 1; n <= SLICES; n++) {
    slice(n);
    const orders = Array.from({ length: PER_SLICE }, (_, i) => order(OPEN_ORDERS + n * PER_SLICE + i, false));
    const decisions: GateDecision[] = [];
    const start = performance.now();
    for (const one of orders) {
      propose("order.created", one, null);
      decisions.push(desk.judgeNew(one, undefined));
      propose("risk.decided", one, GONE);
    }
    us.push(((performance.now() - start) * 1000) / PER_SLICE);
    counted.add(decisions);
  }
  return { us: us.sort((a, b) => a - b), said: counted.tally };
}

/** Takes an order out again, so that a thousand stay open whatever was decided. */
const GONE: GateDecision = { decision: "denied", policy_sha256: "", checks: 0 };

/** Numbers below a bound, the same in every run. */
function draws(): (sides: number) => number {
  let state = 1;
  return (sides) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 4_294_967_296) * sides);
  };
}

/** @param resting far enough from the market to stay there; every tenth is a stop that only reduces. */
function orderOf(seq: number, draw: (sides: number) => number, now: number, resting: boolean): Order {
  const side = draw(2) === 0 ? "buy" : "sell";
  const away = resting ? 300 + draw(300) : draw(100) - 50;
  const stop = resting && seq % 10 === 0;
  const limit = draw(3) > 0 || resting ? 10_000 + (side === "buy" ? -away : away) : null;
  return new Order(
    {
      id: `O${seq}`,
      seq,
      key: { text: `bench-${seq}` },
      signal_id: `S${seq}`,
      instrument: draw(SYMBOLS),
      side,
      type: stop ? "stop" : limit === null ? "market" : "limit",
      tif: "GTC",
      reduce_only: stop,
      qty: 1 + draw(100),
      limit: stop ? null : limit,
      stop: stop ? limit : null,
      trail: null,
      expire_at: null,
      oco: null,
      parent: null,
    },
    now,
  );
}

/** W2 with and without the policy, by turns and by the best median of passes, so that what else the machine does meets both. */
async function kept(options: BenchOptions): Promise<TrialLine> {
  const risk = fullPolicy({
    largest_order: "1000",
    largest_position: "1000",
    most_exposure: "100000",
    symbols: ["BTCUSDT"],
    volume: false,
  });
  const without = await emaCrossWorkload(W2).prepare(options);
  const under = await emaCrossWorkload({ ...W2, id: "W2-GATE", risk }).prepare(options);
  const rates: { readonly [tape: string]: { free: number; gated: number } } = { off: { free: 0, gated: 0 }, on: { free: 0, gated: 0 } };
  let hash: string | null = null;
  const add = (line: BenchLine, which: "free" | "gated"): void => {
    const rate = rates[line.tape];
    if (rate !== undefined) rate[which] = Math.max(rate[which], Math.round((line.bars * 1000) / line.pass_ms.p50));
    if (which === "gated" && line.tape === "on") hash = line.output_hash;
  };
  for (let round = 0; round < (options.quick ? 1 : 3); round++) {
    for await (const line of measure(without)) add(line, "free");
    for await (const line of measure(under)) add(line, "gated");
  }
  const figures: Record<string, number> = {};
  for (const [tape, { free, gated }] of Object.entries(rates)) {
    if (free === 0) continue;
    figures[`without_bars_per_s_tape_${tape}`] = free;
    figures[`with_bars_per_s_tape_${tape}`] = gated;
    figures[`kept_tape_${tape}`] = Number((gated / free).toFixed(3));
  }
  return { trial: "GATE", of: "W2 under a policy that asks for everything", figures, output_hash: hash };
}
