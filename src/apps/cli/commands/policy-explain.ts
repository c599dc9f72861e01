import { CHECK_ALIASES, checkCodeOf } from "../../../core/gate/check-aliases.js";
import { CHECK_CODES } from "../../../core/gate/check-codes.js";
import { describeChecks } from "../../../core/gate/describe-checks.js";
import { describeDays, describeKillSwitch, describeLevels, describeScaling } from "../../../core/gate/describe-policy.js";
import { nearestName } from "../../../core/quality/nearest-name.js";
import type { CommandResult, Invocation } from "../command.js";
import { failureOf } from "../failure.js";
import { loadAsked } from "../load-policy.js";
import { renderExplanation } from "../render-policy.js";

export async function run({ args, flags, io }: Invocation): Promise<CommandResult> {
  const wanted = flags.text("check");
  const code = wanted === undefined ? null : checkCodeOf(wanted);
  if (wanted !== undefined && code === null) return unknownCheck(wanted);
  const asked = await loadAsked(args);
  if (asked.kind === "failed") return asked;
  const { policy, policy_sha256, members } = asked;
  const sources = members.map(({ source }) => source);
  const checks = describeChecks(policy)
    .map((check, n) => ({ order: n + 1, ...check }))
    .filter((check) => code === null || check.code === code);
  const document = {
    schema: "onetape.policy-explanation/1",
    name: policy.name,
    sources,
    policy_sha256,
    checks: checks.map((check) => ({ ...check, aliases: aliasesOf(check.code) })),
    levels: Object.fromEntries(describeLevels(policy)),
    sizes_by_drawdown: Object.fromEntries(describeScaling(policy)),
    kill_switch: describeKillSwitch(policy).map(([name, says]) => `${name}: ${says}`),
    days: Object.fromEntries(describeDays(policy)),
  };
  return { kind: "done", json: document, human: () => renderExplanation(policy, sources, policy_sha256, checks, io.out) };
}

function aliasesOf(code: string): readonly string[] {
  return Object.entries(CHECK_ALIASES).flatMap(([alias, meant]) => (meant === code ? [alias] : []));
}

function unknownCheck(name: string): CommandResult {
  const near = nearestName(name, [...CHECK_CODES, ...Object.keys(CHECK_ALIASES)]);
  const message = `there is no check ${JSON.stringify(name)}${near === null ? "" : `; did you mean ${near}?`}`;
  const expected = `one of ${CHECK_CODES.join(", ")}, or ${Object.keys(CHECK_ALIASES).join(", ")}`;
  return {
    kind: "failed",
    failure: failureOf("USAGE", message, "onetape policy explain axiom", { field: "--check", value: name, expected }),
  };
}
