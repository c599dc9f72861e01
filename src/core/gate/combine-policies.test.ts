import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arbitraryPolicy } from "../../../test/support/arbitrary-policy.js";
import { compareExact } from "../money/decimal.js";
import { combinePolicies } from "./combine-policies.js";
import { multiplierAt } from "./drawdown-scaling.js";
import { NO_LIMITS, unlimitedPolicy } from "./no-limits.js";
import type { Limit, Limits, LossLimit, RiskLimits, RiskPolicy } from "./policy.js";
import { PRESETS, presetNamed } from "./policy-presets.js";

const none = unlimitedPolicy("none");
const withLimits = (name: string, limits: Partial<RiskLimits>): RiskPolicy => ({ ...none, name, limits: { ...NO_LIMITS, ...limits } });
const amount = (value: string, currency = "base", comparison: Limit["comparison"] = "exceeds"): Limit => ({
  limit: { amount: value, currency },
  comparison,
});
const fraction = (value: string): Limit => ({ limit: { fraction: value, fraction_of: "equity" }, comparison: "exceeds" });
const loss = (levels: Partial<LossLimit>): LossLimit => ({ alert: [], limit: [], kill: [], ...levels });

function combined(...policies: readonly RiskPolicy[]): RiskPolicy {
  const result = combinePolicies(policies);
  if (result.kind === "contradictory") throw new Error(result.violations.map(({ message }) => message).join("; "));
  return result.policy;
}

describe("combining policies", () => {
  it("keeps the smallest of limits in one unit", () => {
    const policy = combined(
      withLimits("desk", { gross_exposure: [amount("50000")] }),
      withLimits("fund", { gross_exposure: [amount("9000.5")] }),
    );
    expect(policy.limits.gross_exposure).toEqual([amount("9000.5")]);
    expect(policy.name).toBe("desk+fund");
  });

  it("keeps both of limits in two units: nobody can order them without an account", () => {
    const policy = combined(
      withLimits("desk", { gross_exposure: [amount("50000", "EUR")] }),
      withLimits("fund", { gross_exposure: [fraction("0.6")] }),
    );
    expect(policy.limits.gross_exposure).toEqual([fraction("0.6"), amount("50000", "EUR")]);
  });

  it("refuses at the limit where one of two equal limits does", () => {
    const policy = combined(
      withLimits("desk", { gross_exposure: [amount("50000")] }),
      withLimits("fund", { gross_exposure: [amount("50000", "base", "reaches")] }),
    );
    expect(policy.limits.gross_exposure).toEqual([amount("50000", "base", "reaches")]);
  });

  it("keeps the largest of smallest notionals", () => {
    const policy = combined(withLimits("desk", { notional_min: [amount("10")] }), withLimits("fund", { notional_min: [amount("100")] }));
    expect(policy.limits.notional_min).toEqual([amount("100")]);
  });

  it("lowers an alert to another policy's limit, so that it is told no later than the refusal", () => {
    const policy = combined(
      withLimits("desk", { daily_loss: loss({ alert: [amount("500")], limit: [amount("1000")] }) }),
      withLimits("fund", { daily_loss: loss({ limit: [amount("300")] }) }),
    );
    expect(policy.limits.daily_loss).toEqual(loss({ alert: [amount("300")], limit: [amount("300")] }));
  });

  it("refuses policies of which one kills below the limit of the other, and names both", () => {
    const result = combinePolicies([
      withLimits("desk", { daily_loss: loss({ limit: [amount("1000")], kill: [amount("2000")] }) }),
      withLimits("fund", { daily_loss: loss({ kill: [amount("500")] }) }),
    ]);
    expect(result).toEqual({
      kind: "contradictory",
      violations: [
        {
          code: "POLICIES_CONTRADICT",
          message: "fund has daily_loss.kill 500 in base currency, below daily_loss.limit 1000 in base currency of desk",
          field: "/limits/daily_loss/kill",
          value: "500 in base currency",
          expected: "at least 1000 in base currency, or a smaller daily_loss.limit",
        },
      ],
    });
  });

  it("refuses policies that count days by two calendars", () => {
    const result = combinePolicies([
      { ...none, name: "desk", day_calendar: "XNYS" },
      { ...none, name: "fund", day_calendar: "XKRX" },
    ]);
    expect(result.kind === "contradictory" ? result.violations.map(({ message }) => message) : []).toEqual([
      "fund counts days by the calendar XKRX, desk by XNYS",
    ]);
  });

  it("allows what every policy allows, forbids what any forbids, and takes the longest lock and the strictest stage", () => {
    const desk: RiskPolicy = {
      ...none,
      name: "desk",
      enforcement: { contracts: "observe", sla: "observe", guards: "enforce" },
      trading: { ...none.trading, allowed: ["AAPL", "MSFT"], blacklist: ["GME"], crossing: "split" },
      kill_switch: { ...none.kill_switch, lock_hours: "24" },
    };
    const fund: RiskPolicy = {
      ...none,
      name: "fund",
      enforcement: { contracts: "observe", sla: "enforce", guards: "observe" },
      trading: { ...none.trading, allowed: ["MSFT", "TSLA"], blacklist: ["AMC"], crossing: "allow", duplicate_seconds: 5 },
      kill_switch: { ...none.kill_switch, lock_hours: "4.5" },
    };
    const policy = combined(desk, fund);
    expect(policy.trading).toMatchObject({ allowed: ["MSFT"], blacklist: ["AMC", "GME"], crossing: "split", duplicate_seconds: 5 });
    expect(policy.kill_switch.lock_hours).toBe("24");
    expect(policy.enforcement).toEqual({ contracts: "observe", sla: "enforce", guards: "enforce" });
  });

  it("keeps two groups that share a name but not their symbols", () => {
    const group = (symbols: readonly string[], limit: string) => ({ name: "ENERGY", symbols, limits: [amount(limit)] });
    const policy = combined(
      withLimits("desk", { correlation_groups: [group(["BR", "NG"], "200000")] }),
      withLimits("fund", { correlation_groups: [group(["BR", "CL", "NG"], "300000"), group(["BR", "NG"], "100000")] }),
    );
    expect(policy.limits.correlation_groups).toEqual([group(["BR", "CL", "NG"], "300000"), group(["BR", "NG"], "100000")]);
  });

  it("multiplies sizes by the least of two tables at every drawdown", () => {
    const rows = (text: string) =>
      text.split(" ").map((row) => {
        const [from = "", multiply = ""] = row.split(":");
        return { from, multiply };
      });
    const policy = combined(
      { ...none, name: "stack", drawdown_scaling: rows("0.05:0.5 0.1:0") },
      { ...none, name: "other", drawdown_scaling: rows("0.05:0.7 0.1:0.4 0.15:0") },
    );
    expect(policy.drawdown_scaling).toEqual(rows("0.05:0.5 0.1:0"));
    expect(
      combined({ ...none, drawdown_scaling: rows("0.02:0.9 0.1:0.4") }, { ...none, drawdown_scaling: rows("0.05:0.3") }),
    ).toMatchObject({
      drawdown_scaling: rows("0.02:0.9 0.05:0.3"),
    });
  });

  it("changes the one limit that a policy beside a preset states, and keeps every other, whichever it is", () => {
    const beside: Partial<RiskLimits> = {
      position_qty: { qty: "1", comparison: "exceeds" },
      open_positions: { limit: 1 },
      slippage: { fraction: "0.001" },
      notional_max: [{ limit: { amount: "1", currency: "base" }, comparison: "exceeds" }],
      gross_exposure: [{ limit: { amount: "1", currency: "EUR" }, comparison: "exceeds" }],
    };
    for (const preset of PRESETS)
      for (const [field, limit] of Object.entries(beside)) {
        const plain = unlimitedPolicy("one");
        const result = combinePolicies([preset, { ...plain, limits: { ...plain.limits, [field]: limit } }]);
        if (result.kind !== "combined") throw new Error(JSON.stringify(result));
        const { [field as keyof RiskLimits]: stated, ...others } = result.policy.limits;
        const { [field as keyof RiskLimits]: _, ...kept } = preset.limits;
        expect(others, `${preset.name} ${field}`).toEqual(kept);
        expect(JSON.stringify(stated), `${preset.name} ${field}`).toContain(JSON.stringify(limit).replace(/^\[|\]$/g, ""));
        const { name: __, limits: ___, ...rest } = result.policy;
        const { name: ____, limits: _____, ...before } = preset;
        expect(rest).toEqual(before);
      }
  });

  it("leaves every preset as it is, and combines them all", () => {
    for (const preset of PRESETS) expect(combined(preset)).toEqual(preset);
    for (const preset of PRESETS) expect(combined(preset, preset)).toEqual(preset);
    expect(combined(...PRESETS).limits.gross_exposure).toEqual([fraction("0.6"), amount("50000", "EUR")]);
    expect(presetNamed("nobody")).toBeNull();
  });
});

const plain = ({ name: _, ...policy }: RiskPolicy): Omit<RiskPolicy, "name"> => policy;

describe("any policies combined", () => {
  it("say the same again when they are combined with themselves", () => {
    fc.assert(
      fc.property(arbitraryPolicy, (policy) => {
        expect(combined(policy, policy)).toEqual(policy);
      }),
    );
  });

  it("say the same in any order, whatever is combined first", () => {
    fc.assert(
      fc.property(arbitraryPolicy, arbitraryPolicy, arbitraryPolicy, (a, b, c) => {
        const whole = combinePolicies([a, b, c]);
        const turned = combinePolicies([c, a, b]);
        expect(turned.kind).toBe(whole.kind);
        const pair = combinePolicies([a, b]);
        if (whole.kind === "contradictory" || turned.kind === "contradictory" || pair.kind === "contradictory") return;
        expect(plain(turned.policy)).toEqual(plain(whole.policy));
        expect(combinePolicies([pair.policy, c])).toEqual(whole);
      }),
    );
  });

  it("refuse exactly what one of them refuses", () => {
    fc.assert(
      fc.property(arbitraryPolicy, arbitraryPolicy, situation, (a, b, at) => {
        const whole = combinePolicies([a, b]);
        if (whole.kind === "contradictory") return;
        const refused = new Set([...refusals(a, at), ...refusals(b, at)]);
        expect(new Set(refusals(whole.policy, at))).toEqual(refused);
        for (const drawdown of ["0", "0.05", "0.1", "0.12", "0.15", "0.3"]) {
          const multipliers = [a, b].map((policy) => multiplierAt(policy.drawdown_scaling, drawdown)).sort(compareExact);
          expect(multiplierAt(whole.policy.drawdown_scaling, drawdown)).toBe(multipliers[0]);
        }
      }),
      { numRuns: 500 },
    );
  });
});

/** An account's state in whole hundreds of its currency; rates are twentieths, so that every comparison is exact. */
const situation = fc.record({
  value: fc.integer({ min: 0, max: 12 }).map((n) => n * 50),
  equity: fc.constantFrom(500, 1000),
  euro: fc.constantFrom(1, 2),
  count: fc.integer({ min: 0, max: 7 }),
  symbol: fc.constantFrom("AAPL", "NG", "TSLA"),
});
type Situation = typeof situation extends fc.Arbitrary<infer T> ? T : never;

/** A second judge, written from the meaning of the limits: which of them refuse a value. */
function refusals({ limits, trading, kill_switch }: RiskPolicy, at: Situation): readonly string[] {
  const beyond = ({ limit, comparison }: Limit): boolean => {
    const bound =
      "fraction" in limit ? at.equity * Number(limit.fraction) : Number(limit.amount) * (limit.currency === "EUR" ? at.euro : 1);
    return comparison === "reaches" ? at.value >= bound : at.value > bound;
  };
  const any = (name: string, list: Limits): readonly string[] => (list.some(beyond) ? [name] : []);
  const levels = (name: string, of: LossLimit | null): readonly string[] =>
    of === null ? [] : [...any(`${name}.limit`, of.limit), ...any(`${name}.kill`, of.kill)];
  const reached = (name: string, level: number | null | undefined): readonly string[] =>
    level !== null && level !== undefined && at.count >= level ? [name] : [];
  return [
    ...levels("daily_loss", limits.daily_loss),
    ...levels("drawdown", limits.drawdown),
    ...reached("losses.limit", limits.consecutive_losses?.limit),
    ...reached("losses.kill", limits.consecutive_losses?.kill),
    ...any("notional_max", limits.notional_max),
    ...limits.risk_per_trade.flatMap((limit) => any(limit.measure, [limit])),
    ...any("position_value", limits.position_value),
    ...any("gross", limits.gross_exposure),
    ...any("net", limits.net_exposure),
    ...any("heat", limits.portfolio_heat),
    ...Object.entries(limits.asset_class_exposure).flatMap(([name, list]) => any(`class ${name}`, list)),
    ...limits.correlation_groups.flatMap(({ name, symbols, limits: list }) =>
      symbols.includes(at.symbol) ? any(`group ${name}`, list) : [],
    ),
    ...(limits.open_positions !== null && at.count > limits.open_positions.limit ? ["positions"] : []),
    ...(limits.position_qty !== null &&
    compareExact(String(at.value), limits.position_qty.qty) > (limits.position_qty.comparison === "reaches" ? -1 : 0)
      ? ["qty"]
      : []),
    ...limits.fat_finger.flatMap(({ fraction: most, bars }) => (at.value / 1000 > Number(most) ? [`fat finger ${bars}`] : [])),
    ...(limits.slippage !== null && at.value / 1000 > Number(limits.slippage.fraction) ? ["slippage"] : []),
    ...(trading.enabled ? [] : ["disabled"]),
    ...(trading.hours_only ? ["hours"] : []),
    ...(trading.blacklist.includes(at.symbol) ? ["blacklist"] : []),
    ...(trading.allowed?.includes(at.symbol) === false ? ["not allowed"] : []),
    ...(trading.orders_per_minute !== null && at.count > trading.orders_per_minute ? ["order rate"] : []),
    ...(trading.cancels_per_minute !== null && at.count > trading.cancels_per_minute ? ["cancel rate"] : []),
    ...(trading.duplicate_seconds !== null && at.count < trading.duplicate_seconds ? ["duplicate"] : []),
    ...(trading.stale_price_seconds !== null && at.count > trading.stale_price_seconds ? ["stale"] : []),
    ...(trading.readiness_seconds !== null && at.count > trading.readiness_seconds ? ["readiness"] : []),
    ...(trading.price_collar !== null && at.value / 1000 > Number(trading.price_collar) ? ["collar"] : []),
    ...(trading.refuse_self_cross ? ["self cross"] : []),
    ...(kill_switch.enabled ? ["switch"] : []),
    ...(kill_switch.actions.flatten ? ["flatten"] : []),
    ...kill_switch.rejection_rate.flatMap(({ fraction: most, orders }) => (at.value / 1000 > Number(most) ? [`rejections ${orders}`] : [])),
    ...(kill_switch.data_staleness_seconds !== null && at.count > kill_switch.data_staleness_seconds ? ["stale data"] : []),
  ];
}
