import { systemClock } from "../../../adapters/clock/system-clock.js";
import type { Violation } from "../../../core/quality/violation.js";
import { newRiskSession } from "../../../usecases/risk-session.js";
import type { CommandResult, Invocation } from "../command.js";
import { refused } from "../data-refusal.js";
import { failure } from "../failure.js";
import { withLogStores } from "../with-logs.js";
import { atFlag, riskSessionPorts, timeText } from "../with-risk-session.js";

const HELP = "onetape session new --help";

export async function run(invocation: Invocation): Promise<CommandResult> {
  const { args, flags } = invocation;
  const name = args[0] ?? "";
  const violations: Violation[] = [];
  const base_currency = flags.text("base-currency") ?? "";
  if (base_currency === "")
    violations.push({ code: "USAGE", message: "--base-currency is missing", field: "--base-currency", expected: "a code as USD" });
  const opened_at = atFlag(flags, violations) ?? systemClock.now();
  if (violations.length > 0) return { kind: "failed", failure: failure("USAGE", violations, HELP) };
  const every = flags.number("snapshot-every");
  const settings = {
    name,
    base_currency,
    fx_pivot: flags.text("fx-pivot") ?? base_currency,
    opened_at,
    ...(every === undefined ? {} : { snapshot_every: every }),
  };
  return withLogStores(invocation, async ({ store }): Promise<CommandResult> => {
    const begun = await newRiskSession(riskSessionPorts(store), settings);
    if (begun.kind === "refused") {
      const taken = begun.violations.some(({ code }) => code === "SESSION_EXISTS");
      return { kind: "failed", failure: refused(taken ? { ...begun, next: `onetape session show ${name}` } : begun) };
    }
    const { session } = begun;
    const state_hash = session.stateHash();
    await session.close();
    return {
      kind: "done",
      json: { schema: "onetape.session-new/1", session: name, log: `risk-session/${name}`, ...settings, state_hash },
      human: () => `began ${invocation.io.out.bold(name)} at ${timeText(opened_at)}, in ${base_currency}\n`,
      next: [`onetape session ingest ${name} --positions positions.csv --quotes prices.csv --at 2026-03-31`],
    };
  });
}
