/** Whether what every other check rests on is known: account, prices, rates, numbers, data. */
import type { Case } from "../case.js";
import type { Rule, RuleParts, Shown } from "../rule.js";

/** @param currencies other than the account's that the policy's limits are in. */
export function inputRules({ policy }: RuleParts, currencies: readonly string[]): readonly Rule[] {
  const { stale_price_seconds } = policy.trading;
  const rules: Rule[] = [
    {
      code: "NO_ACCOUNT",
      stage: "always",
      asked: "all",
      fails: (c) => c.view.cash === null,
      explain: () => "the account's cash is unknown",
      shows: (c) => known("account", c.view.cash !== null),
    },
    {
      code: "NO_PRICE",
      stage: "always",
      asked: "all",
      fails: (c) => c.mark === null || c.mark <= 0,
      explain: (c) => `no price is known for ${c.units.symbol}`,
      shows: (c) => known(`price of ${c.units.symbol}`, c.mark !== null && c.mark > 0),
    },
    {
      code: "NO_PRICE",
      stage: "guards",
      asked: "entries",
      fails: (c) => otherOf(c, "unpriced") !== null,
      explain: (c) =>
        `no price is known for ${otherOf(c, "unpriced") ?? ""}, in which the account is engaged; orders that only reduce pass`,
      shows: (c) => known(`price of ${otherOf(c, "unpriced") ?? "all other holdings"}`, otherOf(c, "unpriced") === null),
    },
  ];
  if (stale_price_seconds !== null) rules.push(staleRule(stale_price_seconds));
  rules.push(
    {
      code: "NO_FX_RATE",
      stage: "always",
      asked: "all",
      fails: (c) => !c.view.knowsRate(c.order.instrument),
      explain: (c) => `no rate of exchange from the currency of ${c.units.symbol} to the account's is known now`,
      shows: (c) => known(`rate of exchange of ${c.units.symbol}`, c.view.knowsRate(c.order.instrument)),
    },
    {
      code: "NO_FX_RATE",
      stage: "guards",
      asked: "entries",
      fails: (c) => limitRateFault(c, currencies) !== null,
      explain: (c) => limitRateFault(c, currencies) ?? "",
      shows: (c) => known("rates of exchange of limits and other holdings", limitRateFault(c, currencies) === null),
    },
    {
      code: "NON_FINITE_INPUT",
      stage: "always",
      asked: "all",
      fails: (c) => !isWhole(c),
      explain: () => "a number is not finite, or no safe integer in its units",
      shows: (c) => ({ what: "numbers", value: isWhole(c) ? "sound" : "not sound", limit: "sound", unit: null, passes: "is" }),
    },
  );
  return rules;
}

function staleRule(seconds: number): Rule {
  const age = (c: Case): number => c.view.now - (c.view.marked_at[c.order.instrument] as number);
  return {
    code: "STALE_PRICE",
    stage: "sla",
    asked: "entries",
    fails: (c) => !(age(c) <= seconds * 1000),
    explain: (c) =>
      Number.isNaN(age(c))
        ? `no price is known, the limit is ${seconds} s of age; at most that passes`
        : `the price is ${age(c) / 1000} s old, the limit is ${seconds} s; at most that passes`,
    shows: (c) => aged("age of the price", Number.isNaN(age(c)) ? null : age(c), seconds),
  };
}

export function readinessRules({ policy }: RuleParts): readonly Rule[] {
  const { readiness_seconds } = policy.trading;
  if (readiness_seconds === null) return [];
  const limit = readiness_seconds * 1000;
  return [
    {
      code: "DATA_NOT_READY",
      stage: "sla",
      asked: "trades",
      fails: (c) => {
        const { age_ms } = c.data;
        return age_ms === null || !(age_ms <= limit);
      },
      explain: (c) => {
        const { age_ms } = c.data;
        const what = age_ms === null ? "no bar has closed" : `the newest closed bar is ${age_ms / 1000} s old`;
        return `${what}, the limit is ${readiness_seconds} s; at most that passes`;
      },
      shows: (c) => aged("age of the newest bar", c.data.age_ms, readiness_seconds),
    },
    {
      code: "DATA_NOT_READY",
      stage: "contracts",
      asked: "trades",
      fails: (c) => c.data.faults.length > 0,
      explain: (c) => `${c.data.faults.join("; ")}; orders pass once a sound bar has closed`,
      shows: ({ data: { faults } }) => ({
        what: "newest bars",
        value: faults.length === 0 ? "sound" : faults.join(", "),
        limit: "sound",
        unit: null,
        passes: "is",
      }),
    },
  ];
}

/** Another instrument in which the account is engaged and of which something is not known, for orders that add to the account's risk. */
function otherOf(c: Case, what: "unpriced" | "unrated"): string | null {
  if (!c.sound) return null;
  const instrument = c.projected[what]();
  return instrument === null ? null : (c.view.positions[instrument]?.units.symbol ?? "");
}

/** What the limits of the policy cannot be compared without. */
function limitRateFault(c: Case, currencies: readonly string[]): string | null {
  for (const currency of currencies)
    if (c.view.rateOf(currency) === null)
      return `no rate of exchange from ${currency}, the currency of a limit, to the account's is known now`;
  const other = otherOf(c, "unrated");
  return other === null
    ? null
    : `no rate of exchange is known now for ${other}, in which the account is engaged; orders that only reduce pass`;
}

function isWhole(c: Case): boolean {
  const { qty, added, limit, stop, protective_stop } = c.order;
  const safe = (n: number | null): boolean => n === null || Number.isSafeInteger(n);
  if (!(safe(qty) && safe(added) && safe(limit) && safe(stop) && safe(protective_stop) && safe(c.mark))) return false;
  if (!c.sound || c.reduces) return true;
  const { highest, lowest } = c.projected.own;
  return Number.isSafeInteger(highest) && Number.isSafeInteger(lowest);
}

function known(what: string, isKnown: boolean): Shown {
  return { what, value: isKnown ? "known" : "unknown", limit: "known", unit: null, passes: "is" };
}

function aged(what: string, ageMs: number | null, seconds: number): Shown {
  return { what, value: ageMs === null ? null : String(ageMs / 1000), limit: String(seconds), unit: "s", passes: "at_most" };
}
