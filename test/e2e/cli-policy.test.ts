import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Finished, onetape, scratchFolder } from "./cli-process.js";

const scratch = scratchFolder("policy");
const folder = join(scratch.path, "desk");
beforeAll(() => {
  mkdirSync(folder);
  expect(onetape(["init", "sample"], { cwd: folder }).code).toBe(0);
  const config = readFileSync(join(folder, "sample/backtest.yaml"), "utf8");
  cpSync(join(folder, "sample/strategy.ts"), join(folder, "strategy.ts"));
  cpSync(join(folder, "sample/data"), join(folder, "data"), { recursive: true });
  write("desk.yaml", "name: desk\nlimits:\n  gross_exposure: { limit: { fraction: 0.4, fraction_of: equity } }\n");
  write("plain.yaml", config);
  write("vibe.yaml", `${config}\nrisk: { policy: [vibe, ./desk.yaml] }\n`);
});
afterAll(scratch.remove);

function write(name: string, text: string): void {
  writeFileSync(join(folder, name), text);
}

function run(args: readonly string[], env: NodeJS.ProcessEnv = {}): Finished {
  return onetape(args, { cwd: folder, env });
}

/** The document of a command that went well. */
function read<T>(done: Finished): T {
  expect(done.code, done.stderr).toBe(0);
  return JSON.parse(done.stdout) as T;
}

interface Check {
  readonly code: string;
  readonly state: string;
  readonly passes: readonly { readonly words: string; readonly comparison: string | null }[];
  readonly aliases: readonly string[];
}

describe("onetape policy show", () => {
  test("prints a preset resolved, with the fingerprint of its canonical JSON", () => {
    const shown = read<{ name: string; policy_sha256: string; policy: { limits: { position_qty: unknown } } }>(
      run(["policy", "show", "axiom", "--json"]),
    );
    expect(shown).toMatchObject({
      schema: "onetape.policy/1",
      name: "axiom",
      policy: { limits: { position_qty: { qty: "100", comparison: "exceeds" } } },
    });
    expect(shown.policy_sha256).toMatch(/^[0-9a-f]{64}$/);
    const human = run(["policy", "show", "axiom"]).stdout;
    expect(human).toContain(shown.policy_sha256);
    expect(Math.max(...human.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test("combines presets and files, in any order to the same limits", () => {
    const policy = (...names: readonly string[]) =>
      read<{ policy: { limits: unknown }; name: string }>(run(["policy", "show", ...names, "--json"]));
    const one = policy("vibe", "desk.yaml");
    const other = policy("desk.yaml", "vibe");
    expect(one.policy.limits).toEqual(other.policy.limits);
    expect([one.name, other.name]).toEqual(["vibe+desk", "desk+vibe"]);
    expect(one.policy.limits).toMatchObject({
      gross_exposure: [{ limit: { fraction: "0.4", fraction_of: "equity" }, comparison: "exceeds" }],
    });
  });

  test("suggests the preset that was probably meant", () => {
    const done = run(["policy", "show", "finam-1.6"]);
    expect(done.code).toBe(3);
    expect(done.stderr).toContain("there is no preset finam-1.6, and no file of that name; did you mean finam-1.4?");
    expect(run(["policy", "show", "missing.yaml"]).stderr).toContain("missing.yaml does not exist");
  });
});

describe("onetape policy check", () => {
  test("tells every fault of every file with exit code 3", () => {
    write("one.yaml", "limits:\n  open_positions: { limit: 0 }\n");
    write("two.yaml", "limit: {}\ntrading: { alowed: [] }\n");
    const done = run(["policy", "check", "one.yaml", "two.yaml", "--json"]);
    expect(done.code).toBe(3);
    const { details } = JSON.parse(done.stdout) as { details: readonly { file: string; line: number; field: string }[] };
    expect(details.map(({ file, line, field }) => `${file}:${line} ${field}`)).toEqual([
      "one.yaml:2 /limits/open_positions/limit",
      "two.yaml:1 /limit",
      "two.yaml:2 /trading/alowed",
    ]);
  });

  test("refuses policies that contradict, and says which says what", () => {
    write("tight.yaml", "name: tight\nlimits:\n  drawdown:\n    kill: { fraction: 0.1, fraction_of: equity }\n");
    const done = run(["policy", "check", "vibe", "tight.yaml"]);
    expect(done.code).toBe(3);
    expect(done.stderr).toContain(
      "tight.yaml:4:11  /limits/drawdown/kill  tight has drawdown.kill 10 % of equity, below drawdown.limit 20 % of equity of vibe",
    );
  });
});

describe("onetape policy explain", () => {
  test("lists every check in the order of decision, at most 80 columns wide", () => {
    const explained = read<{ checks: readonly Check[] }>(run(["policy", "explain", "axiom", "--json"]));
    expect(explained.checks).toHaveLength(33);
    expect(explained.checks[0]).toMatchObject({ code: "KILL_SWITCH_ACTIVE", state: "enforced" });
    expect(explained.checks.find(({ code }) => code === "DAILY_LOSS_LIMIT_EXCEEDED")).toMatchObject({
      passes: [{ words: "at most 1000 EUR", comparison: "exceeds" }],
      aliases: ["MaxDailyLoss"],
    });
    const human = run(["policy", "explain", "axiom"]).stdout;
    for (const { code } of explained.checks) expect(human).toContain(code);
    expect(Math.max(...human.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test("takes a check by a guard's name, and suggests a near one", () => {
    const one = read<{ checks: readonly Check[] }>(run(["policy", "explain", "finam-1.5", "--check", "MaxDailyLoss", "--json"]));
    expect(one.checks.map(({ code, passes }) => [code, passes[0]?.words])).toEqual([["DAILY_LOSS_LIMIT_EXCEEDED", "below 5 % of equity"]]);
    const wrong = run(["policy", "explain", "axiom", "--check", "MaxDailyLos"]);
    expect(wrong.code).toBe(3);
    expect(wrong.stderr).toContain("did you mean MaxDailyLoss?");
  });
});

describe("a run under a policy", () => {
  const rows = (args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
    read<{ values: { readonly [name: string]: unknown }; origins: { readonly [name: string]: string } }>(
      run(["config", "show", ...args, "--origin", "--json"], env),
    );

  test("has the fingerprint that policy show prints, and names who decided each stage", () => {
    const shown = read<{ policy_sha256: string }>(run(["policy", "show", "vibe", "desk.yaml", "--json"]));
    const { values, origins } = rows(["vibe.yaml"], { ENABLE_CONTRACTS: "on", ENABLE_SLA_CHECKS: "on", ENABLE_RISK_GUARDS: "on" });
    expect(values["risk.policy_sha256"]).toBe(shown.policy_sha256);
    expect(origins["risk.guards"]).toBe("environment ENABLE_RISK_GUARDS");
    const observing = rows(["vibe.yaml"], { ENABLE_RISK_GUARDS: "off" });
    expect(observing.values["risk.guards"]).toBe("observe");
    expect(observing.values["risk.policy_sha256"]).not.toBe(shown.policy_sha256);
    expect(rows(["plain.yaml"]).values).not.toHaveProperty("risk.policy");
  });

  test("is another run than without one, and the same whether file or variable said how it enforces", () => {
    const id = (config: string, env: NodeJS.ProcessEnv = {}) =>
      read<{ run_id: string }>(run(["backtest", config, "--no-tape", "--json"], env)).run_id;
    write("observing.yaml", "name: desk\nenforcement: { guards: observe }\nlimits: { open_positions: { limit: 3 } }\n");
    write("enforcing.yaml", "name: desk\nlimits: { open_positions: { limit: 3 } }\n");
    const config = readFileSync(join(folder, "plain.yaml"), "utf8");
    write("a.yaml", `${config}\nrisk: { policy: observing.yaml }\n`);
    write("b.yaml", `${config}\nrisk: { policy: [enforcing.yaml] }\n`);
    expect(id("b.yaml", { ENABLE_RISK_GUARDS: "off" })).toBe(id("a.yaml"));
    expect(id("b.yaml")).not.toBe(id("a.yaml"));
    expect(id("plain.yaml", { ENABLE_RISK_GUARDS: "off" })).toBe(id("plain.yaml"));
  });

  test("has its fingerprint on every decision, and with every stage off trades as without a policy and says what it would have refused", () => {
    const shown = read<{ policy_sha256: string }>(run(["policy", "show", "vibe", "desk.yaml", "--json"]));
    const result = (config: string, env: NodeJS.ProcessEnv = {}) =>
      read<{ run_id: string; fills: number; metrics: { readonly [name: string]: unknown } }>(run(["backtest", config, "--json"], env));
    const decisions = (runId: string) =>
      read<{
        items: readonly { payload: { policy_sha256: string; decision: string; code?: string; observed?: readonly { code: string }[] } }[];
      }>(run(["events", runId, "--type", "risk.decided", "--limit", "20", "--json"])).items.map(({ payload }) => payload);
    const plain = result("plain.yaml");
    const enforced = result("vibe.yaml");
    expect(enforced.fills).toBe(0);
    for (const decision of decisions(enforced.run_id))
      expect(decision).toMatchObject({ policy_sha256: shown.policy_sha256, decision: "denied", code: "MAX_TOTAL_EXPOSURE_EXCEEDED" });
    const observed = result("vibe.yaml", { ENABLE_CONTRACTS: "off", ENABLE_SLA_CHECKS: "off", ENABLE_RISK_GUARDS: "off" });
    expect(observed.fills).toBe(plain.fills);
    expect(observed.metrics).toEqual(plain.metrics);
    expect(decisions(observed.run_id)[0]).toMatchObject({ decision: "approved", observed: [{ code: "MAX_TOTAL_EXPOSURE_EXCEEDED" }] });
  });

  test("sizes by a risk file with guards where its config states none, and says what it does not heed", () => {
    write(
      "risk.yml",
      "currency: USD\nsizing: { default_mode: fixed, fixed: { default_qty: 3 } }\nguards: {}\nbroker: { max_retries: 3 }\n",
    );
    const config = readFileSync(join(folder, "plain.yaml"), "utf8").replace(/^sizing:.*$/m, "");
    write("guards.yaml", `${config}\nrisk: { policy: risk.yml }\n`);
    const done = run(["backtest", "guards.yaml", "--no-tape", "--json"]);
    expect(done.code, done.stderr).toBe(0);
    expect(done.stderr).toContain("note: risk.yml: broker.max_retries: ignored, the broker's connection is not a matter of policy");
    expect(rows(["guards.yaml"]).values).toMatchObject({ "sizing.mode": "fixed", "sizing.qty": "3" });
  });

  test("does not start on a variable that says neither on nor off", () => {
    const done = run(["backtest", "vibe.yaml"], { ENABLE_RISK_GUARDS: "maybe" });
    expect(done.code).toBe(3);
    expect(done.stderr).toContain('ENABLE_RISK_GUARDS  "maybe" says neither on nor off');
  });
});

test("completion offers presets and the folder's files", () => {
  const items = run(["__complete", "policies"]).stdout.trim().split("\n");
  expect(items.slice(0, 4)).toEqual(["axiom", "vibe", "finam-1.4", "finam-1.5"]);
  expect(items).toContain("desk.yaml");
});

describe("what a policy did in a run", () => {
  test("is told within eighty columns, as JSON with every session day, and of a run without one is told how to have it", () => {
    const { run_id } = read<{ run_id: string }>(run(["backtest", "vibe.yaml", "--json"]));
    const human = run(["risk", "exposure", run_id]).stdout;
    expect(Math.max(...human.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(human).toContain("gross exposure");
    const told = read<{ policy: { name: string }; limits: readonly { what: string; sessions: readonly unknown[] }[] }>(
      run(["risk", "exposure", run_id, "--json"]),
    );
    expect(told).toMatchObject({ schema: "onetape.risk-exposure/1", policy: { name: "vibe+desk" } });
    expect(told.limits.find(({ what }) => what === "gross exposure")?.sessions).toHaveLength(20);
    const plain = read<{ run_id: string }>(run(["backtest", "plain.yaml", "--json"])).run_id;
    expect(run(["risk", "exposure", plain]).stdout).toContain("ran under no policy");
    expect(read(run(["risk", "exposure", plain, "--json"]))).toMatchObject({ policy: null });
  });

  test("leaves refused orders out of the exported ones, and counts them", () => {
    const { run_id } = read<{ run_id: string }>(run(["backtest", "vibe.yaml", "--json"]));
    const streamed = run(["orders", "export", run_id]);
    const written = read<{ orders: number; denied: number }>(run(["orders", "export", run_id, "--output", "orders.csv", "--json"]));
    const text = readFileSync(join(folder, "orders.csv"), "utf8");
    expect(streamed.stdout).toBe(text);
    expect(written.denied).toBeGreaterThan(0);
    expect(streamed.stderr).toContain("left out that the risk gate refused");
    expect(text.trim().split("\n")).toHaveLength(written.orders + 1);
    expect(run(["orders", "export", run_id, "--json"]).code).toBe(3);
  });
});
