/** Whether the order itself is too small or too large. */
import { type Amount, magnitude, notionalAmount } from "../../money/amount.js";
import { formatScaled, pow10 } from "../../money/decimal.js";
import { divideTowards, fractionFrom } from "../../money/fraction.js";
import type { Case } from "../case.js";
import type { CheckCode } from "../check-codes.js";
import { capWords, percentWords } from "../contradictions.js";
import { LimitGauge } from "../limit-gauge.js";
import type { Limit } from "../policy.js";
import { type Rule, type RuleParts, UNKNOWN } from "../rule.js";

export function notionalRules(parts: RuleParts): readonly Rule[] {
  const { notional_min, notional_max, risk_per_trade } = parts.policy.limits;
  const value = (c: Case): Amount => magnitude(c.notional);
  return [
    ...notional_min.map((limit) => sizeRule("NOTIONAL_BELOW_MINIMUM", limit, parts, "notional", value, "minimum")),
    ...notional_max.map((limit) => sizeRule("NOTIONAL_ABOVE_MAXIMUM", limit, parts, "notional", value, "cap")),
    ...risk_per_trade.map((limit) =>
      limit.measure === "notional"
        ? sizeRule("MAX_RISK_PER_TRADE_EXCEEDED", limit, parts, "notional", value, "cap")
        : sizeRule("MAX_RISK_PER_TRADE_EXCEEDED", limit, parts, "loss at its stop", lossAtStop, "cap"),
    ),
  ];
}

/** What the order loses from its price to the stop that it brings; without one, or with one on the wrong side, all that it is worth. */
function lossAtStop(c: Case): Amount {
  const { side, protective_stop, qty } = c.order;
  if (protective_stop === null) return magnitude(c.notional);
  const distance = side === "buy" ? c.price - protective_stop : protective_stop - c.price;
  return distance > 0 ? notionalAmount(c.units, distance, qty) : magnitude(c.notional);
}

function sizeRule(
  code: CheckCode,
  limit: Limit,
  { account }: RuleParts,
  what: string,
  measured: (c: Case) => Amount,
  bound: "cap" | "minimum",
): Rule {
  const gauge = new LimitGauge(limit, account, bound);
  return {
    code,
    stage: "guards",
    asked: "entries",
    fails: (c) => {
      if (!c.sound) return true;
      const value = measured(c);
      if (gauge.isBrokenBy(value, c.equity, c.view)) return true;
      if (bound === "cap") c.uses(code, value, gauge.level);
      return false;
    },
    explain: (c) => (c.sound ? gauge.explain(what, measured(c), c.equity, c.view, "equity") : UNKNOWN),
    shows: (c) => gauge.shows(what, c.sound ? measured(c) : null, c.equity, c.view),
    // How much of a minimum is used says nothing.
    ...(bound === "minimum"
      ? {}
      : {
          meter: {
            what: `an order's ${what}`,
            limit: capWords(limit),
            of: "order" as const,
            read: (c: Case) => {
              const level = gauge.levelFor(c.equity, c.view);
              return level === null ? null : { value: measured(c), limit: level };
            },
          },
        }),
  };
}

export function fatFingerRules({ policy }: RuleParts): readonly Rule[] {
  return policy.limits.fat_finger.map(({ fraction: text, bars }): Rule => {
    const fraction = fractionFrom(text);
    /** Largest quantity that passes, or null where no bar has closed. A whole quantity is above the exact limit where it is above this one. */
    const most = (c: Case): number | null => {
      const sum = c.view.volumeOf(c.order.instrument, bars);
      if (sum === null || !Number.isSafeInteger(sum.volume) || sum.bars === 0) return null;
      const up = sum.volume * fraction.up * c.units.qty_unit;
      const down = sum.bars * fraction.down * pow10(sum.scale);
      if (Number.isSafeInteger(up) && Number.isSafeInteger(down)) return (up - (up % down)) / down;
      const volume = BigInt(sum.volume) * fraction.numerator * BigInt(c.units.qty_unit);
      return Number(divideTowards(volume, BigInt(sum.bars) * fraction.denominator * BigInt(pow10(sum.scale)), "down"));
    };
    return {
      code: "FAT_FINGER_QUANTITY",
      stage: "guards",
      asked: "entries",
      fails: (c) => {
        const limit = most(c);
        if (limit === null || !(c.order.qty <= limit)) return true;
        c.uses("FAT_FINGER_QUANTITY", c.order.qty, limit);
        return false;
      },
      explain: (c) => {
        const limit = most(c);
        if (!c.sound || limit === null) return "the average volume of the symbol's bars is unknown; it passes once bars have closed";
        const { qty_scale } = c.units;
        return `quantity ${formatScaled(c.order.qty, qty_scale)}, the limit is ${text} of the average volume of the last ${bars} bars, ${formatScaled(limit, qty_scale)}; at most that passes`;
      },
      shows: (c) => {
        const { qty_scale } = c.units;
        const limit = c.sound ? most(c) : null;
        return {
          what: "an order's quantity",
          value: c.sound ? formatScaled(c.order.qty, qty_scale) : null,
          limit: limit === null ? null : formatScaled(limit, qty_scale),
          unit: "units",
          passes: "at_most",
        };
      },
      meter: {
        what: "an order's quantity",
        limit: `at most ${percentWords(text)} of the volume of ${bars} bars`,
        of: "order",
        read: (c) => {
          const limit = most(c);
          return limit === null ? null : { value: c.order.qty, limit };
        },
      },
    };
  });
}
