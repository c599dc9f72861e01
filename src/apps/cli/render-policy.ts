import type { Style } from "../../adapters/terminal/style.js";
import { renderPairs } from "../../adapters/terminal/table.js";
import { wrapped } from "../../adapters/terminal/wrapped.js";
import { type CheckDescription, describeChecks } from "../../core/gate/describe-checks.js";
import { describeDays, describeKillSwitch, describeLevels, describeScaling, type PolicyLine } from "../../core/gate/describe-policy.js";
import type { RiskPolicy } from "../../core/gate/policy.js";

/** What becomes of an order that would turn a position over. */
const FLIPS: Readonly<Record<RiskPolicy["trading"]["crossing"], string>> = {
  allow: "an order may turn a position over",
  split: "an order that would turn a position over is split: it closes, the rest enters",
  refuse: "an order that would turn a position over is refused",
};

/** Checks that have a section of their own. */
const STANDING: readonly string[] = ["KILL_SWITCH_ACTIVE", "DAILY_FREEZE_ACTIVE"];

const WIDTH = 80;
/** Columns before a check's limits: number, code, state. */
const INDENT = 4;
const CODE = 36;
const STATE = 10;

/** A policy's head: name, where it comes from, fingerprint, stages. */
function head({ name, enforcement, trading }: RiskPolicy, sources: readonly string[], policy_sha256: string, style: Style): string {
  const stages = Object.entries(enforcement).map(([stage, how]) => `${stage} ${how}`);
  return renderPairs(
    [
      ["policy", style.bold(name)],
      ["from", sources.join(", ")],
      ["sha256", policy_sha256],
      ["stages", stages.join(", ")],
      ["flips", FLIPS[trading.crossing]],
    ],
    style,
  );
}

/** A policy as it stands: what it limits, without what it leaves alone. */
export function renderPolicy(policy: RiskPolicy, sources: readonly string[], policy_sha256: string, style: Style): string {
  const limits = describeChecks(policy)
    .filter(({ state, passes }) => state !== "always" && state !== "off" && passes.length > 0)
    .map(({ code, passes }) => block([code, passes.map(({ words }) => words).join("; ")], CODE, style));
  const rules = describeChecks(policy)
    .filter(({ code, state, passes }) => state !== "always" && state !== "off" && passes.length === 0 && !STANDING.includes(code))
    .map(({ code, means }) => block([code, means], CODE, style));
  return [
    head(policy, sources, policy_sha256, style),
    section(
      "What passes",
      limits.length + rules.length === 0 ? ["  everything that the fixed checks let through\n"] : [...limits, ...rules],
      style,
    ),
    section("Levels", lines(describeLevels(policy), style), style),
    section("Sizes by drawdown", lines(describeScaling(policy), style), style),
    section("Kill switch", lines(describeKillSwitch(policy), style), style),
    section("Days", lines(describeDays(policy), style), style),
  ]
    .filter((part) => part !== "")
    .join("\n");
}

/** Every check in the order of decision, then what the policy says beside them. */
export function renderExplanation(
  policy: RiskPolicy,
  sources: readonly string[],
  policy_sha256: string,
  checks: readonly (CheckDescription & { readonly order: number })[],
  style: Style,
): string {
  const whole = checks.length > 1;
  const says =
    "An order is judged in this order; the first check that fails refuses it. Checks marked * also judge orders that only reduce a position.";
  return [
    head(policy, sources, policy_sha256, style),
    whole ? `${wrapped(says, WIDTH)}\n` : "",
    checks.map((check) => renderCheck(check, style)).join(""),
    ...(whole
      ? [
          section("Levels", lines(describeLevels(policy), style), style),
          section("Sizes by drawdown", lines(describeScaling(policy), style), style),
          section("Kill switch", lines(describeKillSwitch(policy), style), style),
          section("Days", lines(describeDays(policy), style), style),
        ]
      : []),
  ]
    .filter((part) => part !== "")
    .join("\n");
}

function renderCheck({ order, code, state, passes, exits, means }: CheckDescription & { readonly order: number }, style: Style): string {
  const title = `${String(order).padStart(2)}  ${`${code}${exits ? " *" : ""}`.padEnd(CODE)}`;
  const texts = passes.flatMap(({ words }) => wrapped(words, WIDTH - INDENT - CODE - STATE).split("\n"));
  const column = " ".repeat(INDENT + CODE + STATE);
  const first = `${title}${state.padEnd(STATE)}${texts[0] ?? ""}`.trimEnd();
  const rest = texts.slice(1).map((text) => `${column}${text}`);
  const meaning = wrapped(means, WIDTH - INDENT)
    .split("\n")
    .map((text) => style.dim(`${" ".repeat(INDENT)}${text}`));
  const shown = state === "off" ? [style.dim(first)] : [first.replace(code, style.bold(code))];
  return `${[...shown, ...rest, ...meaning].join("\n")}\n`;
}

function section(title: string, body: readonly string[], style: Style): string {
  return body.length === 0 ? "" : `${style.bold(title)}\n${body.join("")}`;
}

function lines(pairs: readonly PolicyLine[], style: Style): readonly string[] {
  const width = Math.max(0, ...pairs.map(([name]) => name.length)) + 2;
  return pairs.map((pair) => block(pair, width, style));
}

/** A name and what it says, broken under itself where it is long. */
function block([name, says]: PolicyLine, width: number, style: Style): string {
  const [first = "", ...rest] = wrapped(says, WIDTH - 2 - width).split("\n");
  return `${[`  ${style.dim(name.padEnd(width))}${first}`, ...rest.map((text) => `${" ".repeat(width + 2)}${text}`)].join("\n")}\n`;
}
