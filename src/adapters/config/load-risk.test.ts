import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { BacktestConfig } from "../../ports/config-source.js";
import { loadBacktestConfig } from "./load-backtest-config.js";

const plain = `strategy: strategy.ts
data: [{ symbol: EURUSD, price_mode: adjusted, basis: mid }]
account: { currency: USD, cash: 10000 }
`;

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "onetape-risk-"));
  await writeFile(join(folder, "strategy.ts"), "export default {};");
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

type Environment = { readonly [name: string]: string };

async function load(risk: string, environment: Environment = {}): Promise<Awaited<ReturnType<typeof loadBacktestConfig>>> {
  await writeFile(join(folder, "backtest.yaml"), plain + risk);
  return loadBacktestConfig(join(folder, "backtest.yaml"), { ...environment });
}

async function loaded(risk: string, environment: Environment = {}): Promise<BacktestConfig> {
  const result = await load(risk, environment);
  if (result.kind === "invalid") throw new Error(JSON.stringify(result.violations, null, 2));
  return result.config;
}

async function refused(risk: string, environment: Environment = {}): Promise<readonly string[]> {
  const result = await load(risk, environment);
  if (result.kind === "loaded") throw new Error("was accepted");
  return result.violations.map(({ code, line, field, message }) => `${code} ${line ?? "-"} ${field}: ${message}`);
}

describe("the key risk of a config", () => {
  test("is absent by default, and then there is no policy", async () => {
    expect((await loaded("")).risk).toBeNull();
  });

  test("names a preset, a file beside the config, or several that combine", async () => {
    await writeFile(join(folder, "desk.yaml"), "name: desk\nlimits: { open_positions: { limit: 2 } }\n");
    expect((await loaded("risk: { policy: vibe }")).risk?.policy.name).toBe("vibe");
    expect((await loaded("risk: { policy: ./desk.yaml }")).risk?.policy.limits.open_positions).toEqual({ limit: 2 });
    const both = (await loaded("risk: { policy: [vibe, desk.yaml] }")).risk;
    expect(both?.policy.name).toBe("vibe+desk");
    expect(both?.policy.limits.position_value).toEqual([{ limit: { amount: "100000", currency: "base" }, comparison: "exceeds" }]);
    expect(both?.policy.limits.open_positions).toEqual({ limit: 2 });
  });

  test("has the faults of the config and of every policy file told together", async () => {
    await writeFile(join(folder, "desk.yaml"), "name: desk\nlimits: { open_positions: { limit: 0 } }\n");
    expect(await refused("risk: { policy: [vib, desk.yaml] }\nmax_bars: 0\n")).toEqual([
      "UNKNOWN_POLICY 4 /risk/policy: there is no preset vib, and no file of that name; did you mean vibe?",
      "CONFIG_VALUE 5 /max_bars: 0 is not a whole number from 1 to 9007199254740991",
      "CONFIG_VALUE 2 /limits/open_positions/limit: 0 is not a whole number from 1 to 1000000",
    ]);
  });

  test("needs a rate for every currency that a policy limits amounts in", async () => {
    expect(await refused("risk: { policy: axiom }")).toEqual([
      "POLICY_CURRENCY 4 /risk/policy: axiom limits amounts in EUR, and the run has no rate between EUR and USD",
    ]);
    const rates = "fx: { rates: [{ pair: EUR/USD, rate: 1.1 }] }\n";
    expect((await loaded(`risk: { policy: axiom }\n${rates}`)).risk?.policy.name).toBe("axiom");
    await writeFile(join(folder, "desk.yaml"), "limits:\n  gross_exposure: { limit: { amount: 5, currency: GBP } }\n");
    expect(await refused(`risk: { policy: desk.yaml }\n${rates}`)).toEqual([
      expect.stringMatching(
        /^POLICY_CURRENCY 2 \/limits\/gross_exposure: .* limits amounts in GBP, and the run has no rate between GBP and USD$/,
      ),
    ]);
  });

  test("refuses a group that names a symbol which the run does not know, at its line", async () => {
    await writeFile(
      join(folder, "desk.yaml"),
      "limits:\n  correlation_groups:\n    - { name: FX, symbols: [EURUSD, EURUDS, GBPUSD], limit: { amount: 5, currency: base } }\n",
    );
    expect(await refused("risk: { policy: desk.yaml }")).toEqual([
      "UNKNOWN_SYMBOL 3 /limits/correlation_groups/0/symbols/1: the group FX names EURUDS, which this run does not know; did you mean EURUSD?",
      "UNKNOWN_SYMBOL 3 /limits/correlation_groups/0/symbols/2: the group FX names GBPUSD, which this run does not know",
    ]);
    const known = "instruments: [{ symbol: EURUSD }, { symbol: EURUDS }, { symbol: GBPUSD }]\n";
    expect((await loaded(`risk: { policy: desk.yaml }\n${known}`)).risk?.policy.limits.correlation_groups).toHaveLength(1);
    expect((await loaded("risk: { policy: finam-1.4 }")).risk?.policy.limits.correlation_groups).toHaveLength(2);
  });

  test("takes the sizing of a file with guards where the config states none, and says what becomes of it", async () => {
    await writeFile(join(folder, "risk.yml"), "currency: base\nsizing: { default_mode: fixed, fixed: { default_qty: 3 } }\nguards: {}\n");
    const taken = await loaded("risk: { policy: risk.yml }");
    expect(taken.sizing).toEqual({ mode: "fixed", qty: "3" });
    const own = await loaded("risk: { policy: risk.yml }\nsizing: { mode: fixed, qty: 7 }\n");
    expect(own.sizing).toEqual({ mode: "fixed", qty: "7" });
    expect(own.risk?.notes.at(-1)).toMatch(/risk\.yml: its sizing is not used: the run has another$/);
  });
});

describe("the variables of the stages", () => {
  test("decide over the policy, each its own, and are part of the policy then", async () => {
    await writeFile(join(folder, "desk.yaml"), "enforcement: { sla: observe, guards: observe }\n");
    const stages = async (environment: Environment) => (await loaded("risk: { policy: desk.yaml }", environment)).risk?.policy.enforcement;
    expect(await stages({})).toEqual({ contracts: "enforce", sla: "observe", guards: "observe" });
    expect(await stages({ ENABLE_CONTRACTS: "off", ENABLE_SLA_CHECKS: "on", ENABLE_RISK_GUARDS: "" })).toEqual({
      contracts: "observe",
      sla: "enforce",
      guards: "observe",
    });
    expect(await stages({ ENABLE_CONTRACTS: "0", ENABLE_SLA_CHECKS: "false", ENABLE_RISK_GUARDS: "true" })).toEqual({
      contracts: "observe",
      sla: "observe",
      guards: "enforce",
    });
  });

  test("are refused where they say neither on nor off", async () => {
    expect(await refused("risk: { policy: vibe }", { ENABLE_RISK_GUARDS: "yes", ENABLE_SLA_CHECKS: "ON" })).toEqual([
      'CONFIG_VALUE - ENABLE_SLA_CHECKS: "ON" says neither on nor off',
      'CONFIG_VALUE - ENABLE_RISK_GUARDS: "yes" says neither on nor off',
    ]);
  });
});
