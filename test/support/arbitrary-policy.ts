/** Random risk policies, each sound by itself, with few distinct numbers so that they meet at equal values. */
import fc from "fast-check";
import { combinePolicies } from "../../src/core/gate/combine-policies.js";
import { NO_LIMITS, unlimitedPolicy } from "../../src/core/gate/no-limits.js";
import type { Comparison, CountLimit, Limits, LossLimit, RiskLimits, RiskPolicy } from "../../src/core/gate/policy.js";

const comparison: fc.Arbitrary<Comparison> = fc.constantFrom("exceeds", "reaches");
const symbols: fc.Arbitrary<string[]> = fc.subarray(["AAPL", "BR", "NG", "USDRUB"]).map((list) => [...list].sort());
const maybe = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(of, { nil: null, freq: 2 });
const count = maybe(fc.integer({ min: 1, max: 6 }));
const decimal = fc.constantFrom("0.05", "0.1", "0.2", "0.5");

function limitOf(unit: string, size: number, how: Comparison): Limits {
  if (unit === "equity") return [{ limit: { fraction: `0.${size}`, fraction_of: "equity" }, comparison: how }];
  return [{ limit: { amount: String(size * 100), currency: unit }, comparison: how }];
}

const unit = fc.constantFrom("equity", "base", "EUR", "USD");
const limits: fc.Arbitrary<Limits> = fc.option(
  fc.tuple(unit, fc.integer({ min: 1, max: 4 }), comparison).map((parts) => limitOf(...parts)),
  {
    nil: [],
    freq: 2,
  },
);

const loss: fc.Arbitrary<LossLimit> = fc
  .tuple(
    unit,
    comparison,
    fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 3, maxLength: 3 }),
    fc.subarray([0, 1, 2], { minLength: 1 }),
  )
  .map(([of, how, sizes, given]) => {
    const [alert, limit, kill] = [...sizes].sort((a, b) => a - b).map((size, n) => (given.includes(n) ? limitOf(of, size, how) : []));
    return { alert: alert ?? [], limit: limit ?? [], kill: kill ?? [] };
  });

const counts: fc.Arbitrary<CountLimit> = fc
  .tuple(fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 3, maxLength: 3 }), fc.subarray([0, 1, 2], { minLength: 1 }))
  .map(([sizes, given]) => {
    const [alert, limit, kill] = [...sizes].sort((a, b) => a - b).map((size, n) => (given.includes(n) ? size : null));
    return { alert: alert ?? null, limit: limit ?? null, kill: kill ?? null };
  });

const riskLimits: fc.Arbitrary<RiskLimits> = fc.record({
  ...(Object.fromEntries(Object.entries(NO_LIMITS).map(([name, value]) => [name, fc.constant(value)])) as {
    [K in keyof RiskLimits]: fc.Arbitrary<RiskLimits[K]>;
  }),
  daily_loss: maybe(loss),
  drawdown: maybe(loss),
  consecutive_losses: maybe(counts),
  notional_max: limits,
  risk_per_trade: fc
    .tuple(limits, fc.constantFrom("notional" as const, "stop_distance" as const))
    .map(([list, measure]) => list.map((limit) => ({ ...limit, measure }))),
  fat_finger: fc.option(
    fc.record({ fraction: decimal, bars: fc.constantFrom(10, 20) }).map((one) => [one]),
    { nil: [] },
  ),
  position_value: limits,
  position_qty: maybe(fc.record({ qty: fc.constantFrom("50", "100"), comparison })),
  open_positions: maybe(fc.record({ limit: fc.integer({ min: 1, max: 4 }) })),
  gross_exposure: limits,
  net_exposure: limits,
  asset_class_exposure: fc
    .constantFrom("equity", "future")
    .chain((name) => limits.map((list) => (list.length === 0 ? {} : { [name]: list }))),
  correlation_groups: fc
    .tuple(fc.constantFrom("ENERGY", "FX"), symbols, limits)
    .map(([name, list, of]) => (list.length === 0 || of.length === 0 ? [] : [{ name, symbols: list, limits: of }])),
  portfolio_heat: limits,
  slippage: maybe(fc.record({ fraction: decimal })),
});

const scaling = fc
  .tuple(fc.subarray(["0.05", "0.1", "0.15"]), fc.subarray(["0.7", "0.5", "0.4", "0"], { minLength: 3, maxLength: 3 }))
  .map(([froms, multiplies]) => froms.map((from, n) => ({ from, multiply: multiplies[n] ?? "0" })));

const none = unlimitedPolicy("none");
const enforcement = fc.constantFrom("observe" as const, "enforce" as const);

/** Any sound policy, in the form in which a file's policy is resolved. */
export const arbitraryPolicy: fc.Arbitrary<RiskPolicy> = fc
  .record({
    name: fc.constantFrom("desk", "fund", "house", "pilot"),
    format: fc.constant(1 as const),
    enforcement: fc.record({ contracts: enforcement, sla: enforcement, guards: enforcement }),
    trading: fc.record({
      enabled: fc.boolean(),
      hours_only: fc.boolean(),
      blacklist: symbols,
      allowed: maybe(symbols),
      orders_per_minute: count,
      cancels_per_minute: count,
      duplicate_seconds: count,
      stale_price_seconds: count,
      readiness_seconds: count,
      price_collar: maybe(decimal),
      refuse_self_cross: fc.boolean(),
      crossing: fc.constantFrom("allow" as const, "split" as const, "refuse" as const),
    }),
    limits: riskLimits,
    drawdown_scaling: scaling,
    kill_switch: fc.record({
      enabled: fc.boolean(),
      lock_hours: fc.constantFrom("0", "1.5", "24"),
      actions: fc.record({
        cancel_orders: fc.boolean(),
        flatten: fc.boolean(),
        notify: fc.subarray(["email", "log"]).map((list) => [...list].sort()),
      }),
      rejection_rate: fc.option(
        fc.record({ fraction: decimal, orders: fc.constantFrom(5, 10), minutes: fc.constant(60) }).map((one) => [one]),
        { nil: [] },
      ),
      data_staleness_seconds: count,
      reconciliation_difference: fc.constantFrom(
        [],
        [{ amount: "1", currency: "base" }],
        [{ fraction: "0.01", fraction_of: "equity" as const }],
      ),
    }),
    daily_freeze: fc.record({ enabled: fc.boolean() }),
    day_calendar: fc.constant(none.day_calendar),
  })
  .map((policy) => {
    const combined = combinePolicies([policy]);
    // Rows of a scaling that change nothing go: what is left is a policy's one form.
    return combined.kind === "combined" ? combined.policy : policy;
  });
