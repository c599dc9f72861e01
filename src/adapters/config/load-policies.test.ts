import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { RiskPolicy } from "../../core/gate/policy.js";
import { presetNamed } from "../../core/gate/policy-presets.js";
import { type LoadedPolicies, loadPolicies } from "./load-policies.js";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "onetape-policy-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function load(...texts: readonly string[]): Promise<LoadedPolicies> {
  const names = texts.map((text, n) => (text.includes(":") ? `p${n}.yaml` : text));
  for (const [n, text] of texts.entries()) if (text.includes(":")) await writeFile(join(folder, `p${n}.yaml`), text);
  return loadPolicies(names, folder);
}

async function policyOf(...texts: readonly string[]): Promise<RiskPolicy> {
  const result = await load(...texts);
  if (result.kind === "invalid") throw new Error(JSON.stringify(result.violations, null, 2));
  return result.policy;
}

/** Faults as `CODE line:column pointer`. */
async function faults(...texts: readonly string[]): Promise<readonly string[]> {
  const result = await load(...texts);
  if (result.kind === "loaded") throw new Error("was accepted");
  return result.violations.map(({ code, line, column, field }) => `${code} ${line}:${column} ${field}`);
}

async function messages(...texts: readonly string[]): Promise<readonly string[]> {
  const result = await load(...texts);
  if (result.kind === "loaded") throw new Error("was accepted");
  return result.violations.map(({ message }) => message);
}

describe("a policy file", () => {
  test("is read with exact decimals, lists in their order, and nothing checked that it does not state", async () => {
    const policy = await policyOf(`
name: desk
limits:
  daily_loss: { alert: { amount: 500.50, currency: USD }, limit: { amount: 1000, currency: USD }, comparison: reaches }
  gross_exposure: { limit: { fraction: 1.50, fraction_of: equity } }
  net_exposure: null
  correlation_groups:
    - { name: TECH, symbols: [MSFT, AAPL], limit: { amount: 9007199254740993.01, currency: base } }
trading: { blacklist: [TSLA, GME], allowed: [], readiness_seconds: 90 }
`);
    expect(policy.name).toBe("desk");
    expect(policy.limits.daily_loss).toEqual({
      alert: [{ limit: { amount: "500.5", currency: "USD" }, comparison: "reaches" }],
      limit: [{ limit: { amount: "1000", currency: "USD" }, comparison: "reaches" }],
      kill: [],
    });
    expect(policy.limits.gross_exposure).toEqual([{ limit: { fraction: "1.5", fraction_of: "equity" }, comparison: "exceeds" }]);
    expect(policy.limits.correlation_groups).toEqual([
      {
        name: "TECH",
        symbols: ["AAPL", "MSFT"],
        limits: [{ limit: { amount: "9007199254740993.01", currency: "base" }, comparison: "exceeds" }],
      },
    ]);
    expect(policy.trading).toMatchObject({ blacklist: ["GME", "TSLA"], allowed: [], readiness_seconds: 90 });
    expect(policy.limits).toMatchObject({ net_exposure: [], drawdown: null, slippage: null, open_positions: null });
  });

  test("may write losses with their sign", async () => {
    const { limits } = await policyOf(`
limits:
  daily_loss: { limit: { amount: -1000, currency: EUR }, kill: { amount: -1500, currency: EUR } }
  drawdown: { limit: { fraction: -0.2, fraction_of: equity } }
`);
    expect(limits.daily_loss?.kill).toEqual([{ limit: { amount: "1500", currency: "EUR" }, comparison: "exceeds" }]);
    expect(limits.drawdown?.limit).toEqual([{ limit: { fraction: "0.2", fraction_of: "equity" }, comparison: "exceeds" }]);
  });

  test("means none by an empty list of allowed symbols, and all by null", async () => {
    expect((await policyOf("trading: { allowed: [] }")).trading.allowed).toEqual([]);
    expect((await policyOf("trading: { allowed: null }")).trading.allowed).toBeNull();
    expect((await policyOf("trading: { enabled: true }")).trading.allowed).toBeNull();
  });

  test("tells every fault at once, each with its line, its column and its path", async () => {
    const text = `name: "no blanks"
limts: {}
limits:
  gross_exposure: { limit: { amount: -5, currency: USD } }
  net_exposure: { limit: { amount: .nan, currency: USD } }
  position_value: { limit: { amount: .inf, currency: USD } }
  portfolio_heat: { limit: { fraction: 0.1, amount: 5 } }
  notional_max: { limit: 1000 }
  risk_per_trade: { limit: { fraction: 2, fraction_of: equity }, measure: notional }
  daily_loss: { alert: { amount: 900, currency: USD }, limit: { amount: 800, currency: USD }, kill: { amount: 700, currency: USD } }
  drawdown: { alert: { amount: 900, currency: USD }, limit: { fraction: 0.2, fraction_of: equity } }
  consecutive_losses: { limit: 5, kill: 4 }
  notional_min: { limit: { amount: 5, currency: EURO } }
  correlation_groups:
    - { name: A, symbols: [NG, BR, NG], limit: { amount: 1, currency: base } }
    - { name: A, symbols: [], limit: { amount: 1, currency: base } }
drawdown_scaling: [{ from: 0.1, multiply: 0.5 }, { from: 0.05, multiply: 0.7 }, { from: 0.2, multiply: 1.5 }]
trading: { crossing: spilt, orders_per_minute: 0 }
day_calendar: XNYC
`;
    expect(await faults(text)).toEqual([
      "CONFIG_VALUE 1:7 /name",
      "CONFIG_UNKNOWN_KEY 2:1 /limts",
      "CONFIG_VALUE 4:38 /limits/gross_exposure/limit/amount",
      "CONFIG_VALUE 5:36 /limits/net_exposure/limit/amount",
      "CONFIG_VALUE 6:38 /limits/position_value/limit/amount",
      "CONFIG_VALUE 7:28 /limits/portfolio_heat/limit",
      "CONFIG_WRONG_TYPE 8:26 /limits/notional_max/limit",
      "CONFIG_VALUE 9:40 /limits/risk_per_trade/limit/fraction",
      "LEVELS_OUT_OF_ORDER 10:63 /limits/daily_loss/limit",
      "LEVELS_OUT_OF_ORDER 10:101 /limits/daily_loss/kill",
      "LEVELS_INCOMPARABLE 11:61 /limits/drawdown/limit",
      "LEVELS_OUT_OF_ORDER 12:41 /limits/consecutive_losses/kill",
      "UNKNOWN_CURRENCY 13:49 /limits/notional_min/limit/currency",
      "CONFIG_VALUE 15:36 /limits/correlation_groups/0/symbols/2",
      "CONFIG_VALUE 16:15 /limits/correlation_groups/1/name",
      "CONFIG_VALUE 16:27 /limits/correlation_groups/1/symbols",
      "LEVELS_OUT_OF_ORDER 17:58 /drawdown_scaling/1/from",
      "LEVELS_OUT_OF_ORDER 17:74 /drawdown_scaling/1/multiply",
      "CONFIG_VALUE 17:104 /drawdown_scaling/2/multiply",
      "CONFIG_VALUE 18:22 /trading/crossing",
      "CONFIG_VALUE 18:48 /trading/orders_per_minute",
      "CONFIG_VALUE 19:15 /day_calendar",
    ]);
    expect(await messages(text)).toEqual(
      expect.arrayContaining([
        'the key "limts" is not known here; did you mean "limits"?',
        "limit 800 USD lies below alert 900 USD",
        "limit is in fractions of equity and alert in USD: nobody can tell which comes first",
        "EURO is no currency that is known here; did you mean EUR?",
        '"amount" and "fraction" stand side by side',
      ]),
    );
  });

  test("may not state a kill level while the kill switch is off", async () => {
    expect(await faults("limits: { drawdown: { kill: { fraction: 0.3, fraction_of: equity } } }\nkill_switch: { enabled: false }")).toEqual(
      ["CONFIG_VALUE 1:29 /limits/drawdown/kill"],
    );
  });
});

describe("several policies", () => {
  test("combine to the tightest, presets among them", async () => {
    const policy = await policyOf("axiom", "name: desk\nlimits: { open_positions: { limit: 3 } }");
    expect(policy.name).toBe("axiom+desk");
    expect(policy.limits.open_positions).toEqual({ limit: 3 });
    expect(policy.limits.position_qty).toEqual({ qty: "100", comparison: "exceeds" });
  });

  test("have the faults of all their files told", async () => {
    expect(await faults("nam: x", "limit: {}", "axim")).toEqual([
      "CONFIG_UNKNOWN_KEY 1:1 /nam",
      "CONFIG_UNKNOWN_KEY 1:1 /limit",
      "UNKNOWN_POLICY undefined:undefined undefined",
    ]);
    expect(await messages("axim")).toEqual(["there is no preset axim, and no file of that name; did you mean axiom?"]);
  });

  test("are refused where one kills below the limit of another, at its line", async () => {
    const result = await load("axiom", "name: desk\nlimits:\n  daily_loss:\n    kill: { amount: 400, currency: EUR }");
    if (result.kind === "loaded") throw new Error("was accepted");
    expect(result.violations).toMatchObject([
      {
        code: "POLICIES_CONTRADICT",
        message: "desk has daily_loss.kill 400 EUR, below daily_loss.limit 1000 EUR of axiom",
        line: 4,
        field: "/limits/daily_loss/kill",
      },
    ]);
  });
});

describe("a risk file with guards", () => {
  test("is the preset axiom where it states its own defaults", async () => {
    const axiom = presetNamed("axiom");
    const shipped = `
guards: { enabled: true, max_daily_loss: 1000, max_drawdown: 1500, max_gross_exposure: 50000, max_qty_per_symbol: 100, max_consecutive_losses: 5, max_slippage_pct: 5.0 }
kill_switch:
  enabled: true
  triggers: { max_daily_loss: 1000, max_drawdown_from_peak: 1500, consecutive_losses: 5 }
  actions: { cancel_all_orders: true, close_all_positions: false, notify: [log, email], lock_duration_hours: 24 }
exposure: { max_open_positions: 10, max_orders_per_minute: 5, blacklist_symbols: [], trading_hours_only: true }
`;
    expect(await policyOf(shipped)).toEqual({ ...axiom, name: "risk" });
    expect(await policyOf("guards: {}")).toEqual({ ...axiom, name: "risk" });
  });

  test("gives a run its sizing, and says what it holds that is no policy", async () => {
    const result = await load(`
sizing: { default_mode: risk, risk: { default_risk_pct: 2.0 }, min_qty: 1 }
guards: { max_daily_loss: -500, max_gross_exposure: null, max_slippage_pct: 0.5, enabled: false }
broker: { order_timeout_seconds: 30, max_retries: 3 }
`);
    if (result.kind === "invalid") throw new Error(JSON.stringify(result.violations));
    expect(result.policy.limits).toMatchObject({ gross_exposure: [], slippage: { fraction: "0.005" } });
    expect(result.policy.limits.daily_loss?.limit).toEqual([{ limit: { amount: "500", currency: "EUR" }, comparison: "exceeds" }]);
    expect(result.policy.enforcement.guards).toBe("observe");
    expect(result.members[0]?.sizing).toEqual({ mode: "risk_stop", risk_pct: "2", max_position_pct: "20" });
    expect(result.members[0]?.notes).toEqual([
      "sizing is no part of the policy: it sizes a run that states no sizing of its own",
      "sizing.min_qty is ignored: instruments state lot_step, min_qty and price_tick",
      "broker.order_timeout_seconds, broker.max_retries: ignored, the broker's connection is not a matter of policy",
    ]);
  });

  test("has its faults told in its own keys", async () => {
    expect(
      await faults("currency: EURO\nguards: { max_drawdown: 2000 }\nkill_switch:\n  triggers: { max_drawdown_from_peak: 1800 }"),
    ).toEqual(["UNKNOWN_CURRENCY 1:11 /currency", "LEVELS_OUT_OF_ORDER 4:39 /kill_switch/triggers/max_drawdown_from_peak"]);
    expect(await messages("guards: { max_dd: 5 }\nlimits: {}")).toEqual([
      'the key "max_dd" is not known here',
      'the key "limits" is not known here',
    ]);
  });
});
