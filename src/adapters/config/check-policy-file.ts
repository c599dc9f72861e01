/** What the schema of a policy cannot say. Runs on what the schema check left whole, so that all faults are told at once. */
import { limitWords } from "../../core/gate/contradictions.js";
import { magnitudeOf, unitOf } from "../../core/gate/policy-limits.js";
import { compareExact } from "../../core/money/decimal.js";
import { KNOWN_CURRENCIES } from "../../core/money/known-currencies.js";
import { nearestName } from "../../core/quality/nearest-name.js";
import type { Json } from "../../core/tape/event.js";
import type { Draft } from "./draft.js";
import type { Report } from "./load-account-files.js";
import type { CountFields, GroupFields, LimitValueFields, LossFields, PolicyFile } from "./policy-schema.js";
import { positiveLimit } from "./to-policy.js";

/** A policy of which only the faultless parts are there. */
export type PolicyDraft = Draft<PolicyFile>;

export function asPolicyDraft(checked: Json): PolicyDraft {
  return checked !== null && typeof checked === "object" && !Array.isArray(checked) ? (checked as PolicyDraft) : {};
}

/** Tells every fault of a policy's meaning. */
export function checkPolicyFile(draft: PolicyDraft, report: Report): void {
  checkCurrencies(draft as Json, "", report);
  const limits = draft.limits ?? {};
  checkLevels(lossLevels(limits.daily_loss), "/limits/daily_loss", report);
  checkLevels(lossLevels(limits.drawdown), "/limits/drawdown", report);
  checkLevels(countLevels(limits.consecutive_losses), "/limits/consecutive_losses", report);
  checkNotionals(limits.notional_min?.limit, limits.notional_max?.limit, report);
  checkGroups(limits.correlation_groups ?? [], report);
  checkScaling(draft.drawdown_scaling ?? [], report);
  if (draft.kill_switch?.enabled === false) checkKillLevels(limits, report);
}

function checkCurrencies(value: Json, pointer: string, report: Report): void {
  if (value === null || typeof value !== "object") return;
  for (const [key, inner] of Object.entries(value)) {
    const at = `${pointer}/${key}`;
    if (key !== "currency" || typeof inner !== "string") checkCurrencies(inner as Json, at, report);
    else if (inner !== "base" && !KNOWN_CURRENCIES.has(inner)) {
      const near = nearestName(inner, KNOWN_CURRENCIES);
      const message = `${inner} is no currency that is known here${near === null ? "" : `; did you mean ${near}?`}`;
      report("UNKNOWN_CURRENCY", at, message, inner, "an ISO 4217 code or a common coin, or base for the account's own currency");
    }
  }
}

/** A level in words, with what it is compared by. */
interface Level {
  readonly name: "alert" | "limit" | "kill";
  readonly unit: string;
  readonly magnitude: string;
  readonly words: string;
}

function lossLevels(loss: Draft<LossFields> | null | undefined): readonly Level[] {
  return (["alert", "limit", "kill"] as const).flatMap((name) => {
    const value = whole(loss?.[name]);
    if (value === null) return [];
    const limit = positiveLimit(value);
    return [{ name, unit: unitOf(limit), magnitude: magnitudeOf(limit), words: limitWords(limit) }];
  });
}

function countLevels(counts: Draft<CountFields> | null | undefined): readonly Level[] {
  return (["alert", "limit", "kill"] as const).flatMap((name) => {
    const value = counts?.[name] ?? null;
    return value === null ? [] : [{ name, unit: "", magnitude: String(value), words: String(value) }];
  });
}

/** A limit value that kept all its parts; null where one had a fault. */
function whole(value: Draft<LimitValueFields> | null | undefined): LimitValueFields | null {
  if (value === null || value === undefined) return null;
  if ("amount" in value && value.amount !== undefined && value.currency !== undefined)
    return { amount: value.amount, currency: value.currency };
  if ("fraction" in value && value.fraction !== undefined && value.fraction_of !== undefined)
    return { fraction: value.fraction, fraction_of: value.fraction_of };
  return null;
}

function checkLevels(levels: readonly Level[], at: string, report: Report): void {
  for (const [index, high] of levels.entries()) {
    const low = levels[index - 1];
    if (low === undefined) continue;
    if (low.unit !== high.unit) {
      const message = `${high.name} is in ${unitWords(high.unit)} and ${low.name} in ${unitWords(low.unit)}: nobody can tell which comes first`;
      report("LEVELS_INCOMPARABLE", `${at}/${high.name}`, message, high.words, `${high.name} in ${unitWords(low.unit)}, as ${low.name}`);
    } else if (compareExact(high.magnitude, low.magnitude) < 0) {
      const message = `${high.name} ${high.words} lies below ${low.name} ${low.words}`;
      report("LEVELS_OUT_OF_ORDER", `${at}/${high.name}`, message, high.words, `alert <= limit <= kill: at least ${low.words}`);
    }
  }
}

function unitWords(unit: string): string {
  return unit === "equity" ? "fractions of equity" : unit === "base" ? "base currency" : unit;
}

function checkNotionals(min: Draft<LimitValueFields> | undefined, max: Draft<LimitValueFields> | undefined, report: Report): void {
  const [low, high] = [whole(min), whole(max)];
  if (low === null || high === null || unitOf(low) !== unitOf(high)) return;
  if (compareExact(magnitudeOf(high), magnitudeOf(low)) >= 0) return;
  const message = `the largest notional ${limitWords(high)} lies below the smallest, ${limitWords(low)}: no entry would pass`;
  report("LEVELS_OUT_OF_ORDER", "/limits/notional_max", message, limitWords(high), `at least ${limitWords(low)}`);
}

function checkGroups(groups: readonly (Draft<GroupFields> | null)[], report: Report): void {
  const names = new Map<string, number>();
  for (const [index, group] of groups.entries()) {
    const at = `/limits/correlation_groups/${index}`;
    const first = group?.name === undefined ? undefined : names.get(group.name);
    if (group?.name !== undefined && first !== undefined) {
      const message = `the group ${group.name} stands here and in /limits/correlation_groups/${first}`;
      report("CONFIG_VALUE", `${at}/name`, message, group.name, "one group per name");
    } else if (group?.name !== undefined) names.set(group.name, index);
    if (group !== null && (group.symbols === undefined) === (group.cluster === undefined)) {
      const message = `the group ${group.name ?? index} states ${group.symbols === undefined ? "neither symbols nor a cluster" : "both symbols and a cluster"}`;
      report("CONFIG_VALUE", at, message, undefined, "one of them");
    }
    const symbols = group?.symbols ?? [];
    for (const [n, symbol] of symbols.entries())
      if (symbol !== null && symbols.indexOf(symbol) < n)
        report(
          "CONFIG_VALUE",
          `${at}/symbols/${n}`,
          `${symbol} stands twice in the group ${group?.name ?? ""}`,
          symbol,
          "each symbol once",
        );
  }
}

function checkScaling(rows: readonly (Draft<{ from: string; multiply: string }> | null)[], report: Report): void {
  for (const [index, row] of rows.entries()) {
    const before = rows[index - 1];
    const at = `/drawdown_scaling/${index}`;
    if (row?.from !== undefined && before?.from !== undefined && compareExact(row.from, before.from) <= 0)
      report(
        "LEVELS_OUT_OF_ORDER",
        `${at}/from`,
        `${row.from} does not lie above ${before.from}, the row before it`,
        row.from,
        "rows ascending by from",
      );
    if (row?.multiply !== undefined && before?.multiply !== undefined && compareExact(row.multiply, before.multiply) > 0) {
      const message = `a deeper drawdown would trade larger: ${row.multiply} after ${before.multiply}`;
      report("LEVELS_OUT_OF_ORDER", `${at}/multiply`, message, row.multiply, `at most ${before.multiply}`);
    }
  }
}

function checkKillLevels(limits: Draft<PolicyFile["limits"]>, report: Report): void {
  for (const name of ["daily_loss", "drawdown", "consecutive_losses"] as const) {
    if ((limits?.[name]?.kill ?? null) === null) continue;
    const message = "a kill level is stated, and the kill switch is off: it would never trip";
    report("CONFIG_VALUE", `/limits/${name}/kill`, message, undefined, "no kill level, or kill_switch.enabled: true");
  }
}
