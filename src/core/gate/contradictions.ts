/** What a policy says twice and differently: levels of one limit in the wrong order, a minimum above its maximum. */
import { compareExact } from "../money/decimal.js";
import type { CountLimit, Limit, Limits, LimitValue, LossLimit, RiskPolicy } from "./policy.js";
import { magnitudeOf, unitOf } from "./policy-limits.js";

export interface Contradiction {
  /** JSON pointer into the policy, to the value that is too small. */
  readonly field: string;
  /** JSON pointer to the value that it must not be below. */
  readonly against: string;
  readonly value: string;
  readonly least: string;
}

/** Every contradiction of a policy; values of different units have no order and contradict nothing. */
export function contradictionsOf(policy: RiskPolicy): readonly Contradiction[] {
  const { daily_loss, drawdown, consecutive_losses, notional_min, notional_max } = policy.limits;
  return [
    ...ofLevels("/limits/daily_loss", lossLevels(daily_loss)),
    ...ofLevels("/limits/drawdown", lossLevels(drawdown)),
    ...ofLevels("/limits/consecutive_losses", countLevels(consecutive_losses)),
    ...ofPair("/limits/notional_min", stated(notional_min), "/limits/notional_max", stated(notional_max)),
  ];
}

/** What a policy states at a pointer of a contradiction, in words. */
export function wordsAt({ limits }: RiskPolicy, pointer: string): readonly string[] {
  const levels: { readonly [limit: string]: Levels } = {
    daily_loss: lossLevels(limits.daily_loss),
    drawdown: lossLevels(limits.drawdown),
    consecutive_losses: countLevels(limits.consecutive_losses),
    notional_min: { alert: [], limit: stated(limits.notional_min), kill: [] },
    notional_max: { alert: [], limit: stated(limits.notional_max), kill: [] },
  };
  const [, , name = "", level = "limit"] = pointer.split("/");
  const found = levels[name];
  return (level === "alert" ? found?.alert : level === "kill" ? found?.kill : found?.limit)?.map(({ words }) => words) ?? [];
}

/** One value of a level with what it is measured in. */
interface Stated {
  readonly unit: string;
  readonly magnitude: string;
  readonly words: string;
}

interface Levels {
  readonly alert: readonly Stated[];
  readonly limit: readonly Stated[];
  readonly kill: readonly Stated[];
}

const stated = (limits: Limits): readonly Stated[] => limits.map(({ limit }) => asStated(limit));

function asStated(value: LimitValue): Stated {
  return { unit: unitOf(value), magnitude: magnitudeOf(value), words: limitWords(value) };
}

/** A limit's value as people write it: `1000 EUR`, `5 % of equity`. */
export function limitWords(value: LimitValue): string {
  if ("fraction" in value) return `${percentWords(value.fraction)} of ${value.fraction_of}`;
  return `${value.amount} ${value.currency === "base" ? "in base currency" : value.currency}`;
}

/** What a limit lets pass: `at most 1000 EUR`, `below 5 % of equity`. */
export function capWords({ limit, comparison }: Limit): string {
  return `${comparison === "reaches" ? "below" : "at most"} ${limitWords(limit)}`;
}

/** A fraction as a percentage, exactly: `0.05` is `5 %`. */
export function percentWords(fraction: string): string {
  const [whole = "0", decimals = ""] = fraction.split(".");
  const digits = `${whole}${decimals.padEnd(2, "0").slice(0, 2)}`.replace(/^0+(?=\d)/, "");
  const rest = decimals.slice(2).replace(/0+$/, "");
  return `${digits}${rest === "" ? "" : `.${rest}`} %`;
}

function lossLevels(loss: LossLimit | null): Levels {
  if (loss === null) return { alert: [], limit: [], kill: [] };
  return { alert: stated(loss.alert), limit: stated(loss.limit), kill: stated(loss.kill) };
}

function countLevels(count: CountLimit | null): Levels {
  const level = (n: number | null | undefined): readonly Stated[] =>
    n === null || n === undefined ? [] : [{ unit: "count", magnitude: String(n), words: String(n) }];
  return { alert: level(count?.alert), limit: level(count?.limit), kill: level(count?.kill) };
}

function ofLevels(at: string, { alert, limit, kill }: Levels): readonly Contradiction[] {
  return [
    ...ofPair(`${at}/alert`, alert, `${at}/limit`, limit),
    ...ofPair(`${at}/limit`, limit, `${at}/kill`, kill),
    // A limit between them was told already.
    ...ofPair(
      `${at}/alert`,
      alert.filter(({ unit }) => !limit.some((other) => other.unit === unit)),
      `${at}/kill`,
      kill,
    ),
  ];
}

function ofPair(lowAt: string, low: readonly Stated[], highAt: string, high: readonly Stated[]): readonly Contradiction[] {
  return low.flatMap(({ unit, magnitude, words }) =>
    high
      .filter((other) => other.unit === unit && compareExact(other.magnitude, magnitude) < 0)
      .map((other) => ({ field: highAt, against: lowAt, value: other.words, least: words })),
  );
}
