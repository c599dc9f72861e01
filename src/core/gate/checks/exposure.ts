/** Whether the portfolio would be too large once everything has filled in the worst order. */
import type { Amount } from "../../money/amount.js";
import { bigOf, decimalPlaces, formatScaled, pow10Big } from "../../money/decimal.js";
import { divideTowards } from "../../money/fraction.js";
import type { Case } from "../case.js";
import type { CheckCode } from "../check-codes.js";
import { capWords } from "../contradictions.js";
import { LimitGauge } from "../limit-gauge.js";
import type { Limit, Limits } from "../policy.js";
import type { WorstCase } from "../projection.js";
import { type Meter, type Rule, type RuleParts, UNKNOWN } from "../rule.js";

export function flipRules({ policy, forbid_flips }: RuleParts): readonly Rule[] {
  if (forbid_flips !== true && policy.trading.crossing !== "refuse") return [];
  return [
    {
      code: "POSITION_SIGN_FLIP_WITHOUT_CLOSE",
      stage: forbid_flips === true ? "always" : "guards",
      asked: "trades",
      fails: crosses,
      explain: (c) =>
        `it may turn the position of ${formatScaled(c.held, c.units.qty_scale)} over; close it first, or order no more than it holds`,
      shows: (c) => {
        const { order, held, units, view } = c;
        const against = !order.reduce_only && held !== 0 && held > 0 !== (order.side === "buy");
        const ordered = view.pending.on(order.side, order.instrument) + order.added;
        const value = against ? formatScaled(ordered, units.qty_scale) : null;
        const limit = formatScaled(Math.abs(held), units.qty_scale);
        return { what: "ordered against the position", value, limit, unit: "units", passes: "at_most" };
      },
    },
  ];
}

/** True where the order, with those that work on its side, is larger than the position against it. */
function crosses({ order, held, view }: Case): boolean {
  if (order.reduce_only || held === 0 || held > 0 === (order.side === "buy")) return false;
  return view.pending.on(order.side, order.instrument) + order.added > Math.abs(held);
}

export function positionRules(parts: RuleParts): readonly Rule[] {
  const { position_value, position_qty, open_positions } = parts.policy.limits;
  const rules = position_value.map((limit) =>
    valueRule("MAX_POSITION_PER_SYMBOL_EXCEEDED", limit, parts, "position", (c) => c.projected.own.worth, {
      of: (c, instrument) => c.projected.worstOf(instrument).worth,
    }),
  );
  if (position_qty !== null) rules.push(quantityRule(position_qty.qty, position_qty.comparison));
  if (open_positions !== null) rules.push(countRule(open_positions.limit));
  return rules;
}

export function exposureRules(parts: RuleParts): readonly Rule[] {
  const { gross_exposure, net_exposure, asset_class_exposure } = parts.policy.limits;
  const total = "MAX_TOTAL_EXPOSURE_EXCEEDED";
  const classes = Object.entries(asset_class_exposure).sort(([left], [right]) => (left < right ? -1 : 1));
  return [
    ...gross_exposure.map((limit) => valueRule(total, limit, parts, "gross exposure", (c) => c.projected.gross)),
    ...net_exposure.map((limit) => valueRule(total, limit, parts, "net exposure", (c) => c.projected.net)),
    ...classes.flatMap(([name, limits]) => groupRules(total, `exposure in ${name}`, limits, parts, (i) => i.asset_class === name)),
  ];
}

export function correlationRules(parts: RuleParts): readonly Rule[] {
  return parts.policy.limits.correlation_groups.flatMap(({ name, symbols, limits }) =>
    groupRules("CORRELATED_EXPOSURE_EXCEEDED", `exposure in group ${name}`, limits, parts, ({ symbol }) => symbols.includes(symbol)),
  );
}

export function heatRules(parts: RuleParts): readonly Rule[] {
  return parts.policy.limits.portfolio_heat.map((limit) =>
    valueRule("PORTFOLIO_HEAT_EXCEEDED", limit, parts, "portfolio heat", (c) => c.heat),
  );
}

function valueRule(
  code: CheckCode,
  limit: Limit,
  { account }: RuleParts,
  what: string,
  measured: (c: Case) => Amount,
  { member = null, of = null }: Concerned = {},
): Rule {
  const gauge = new LimitGauge(limit, account);
  const against = (c: Case, value: Amount): ReturnType<Meter["read"]> => {
    const level = gauge.levelFor(c.equity, c.view);
    return level === null ? null : { value, limit: level };
  };
  return {
    code,
    stage: "guards",
    asked: "entries",
    fails: (c) => {
      if (member !== null && member[c.order.instrument] === 0) return false;
      if (!c.sound) return true;
      const value = measured(c);
      if (gauge.isBrokenBy(value, c.equity, c.view)) return true;
      c.uses(code, value, gauge.level);
      return false;
    },
    explain: (c) =>
      c.sound
        ? `with every open order filled in the worst order: ${gauge.explain(what, measured(c), c.equity, c.view, "equity")}`
        : UNKNOWN,
    shows: (c) =>
      gauge.shows(what, c.sound && (member === null || member[c.order.instrument] === 1) ? measured(c) : null, c.equity, c.view),
    meter: {
      what,
      limit: capWords(limit),
      of: of === null ? "account" : "instrument",
      read: (c) => against(c, measured(c)),
      ...(of === null ? {} : { readOf: (c: Case, instrument: number) => against(c, of(c, instrument)) }),
    },
  };
}

/** What a rule on a value is about. */
interface Concerned {
  /** Whether an order in the instrument is judged; absent where every order is. */
  readonly member?: Uint8Array | null;
  /** The value of any instrument, where each has its own. */
  readonly of?: ((c: Case, instrument: number) => Amount) | null;
}

/** Rules on the sum over some instruments; each counts once. */
function groupRules(
  code: CheckCode,
  what: string,
  limits: Limits,
  parts: RuleParts,
  isMember: (instrument: RuleParts["instruments"][number]) => boolean,
): readonly Rule[] {
  const member = Uint8Array.from(parts.instruments, (instrument) => (isMember(instrument) ? 1 : 0));
  return limits.map((limit) => valueRule(code, limit, parts, what, (c) => c.projected.grossOf(member), { member }));
}

function quantityRule(qty: string, comparison: Limit["comparison"]): Rule {
  const code = "MAX_POSITION_PER_SYMBOL_EXCEEDED";
  const places = decimalPlaces(qty) ?? 0;
  const reaches = comparison === "reaches";
  /** The limit at each quantity scale, rounded so that whole quantities compare as with the exact one. */
  const levels = new Map<number, number>();
  const levelAt = (scale: number): number => {
    let level = levels.get(scale);
    if (level === undefined) {
      level = Number(divideTowards(bigOf(qty, places) * pow10Big(scale), pow10Big(places), reaches ? "up" : "down"));
      levels.set(scale, level);
    }
    return level;
  };
  const largest = ({ highest, lowest }: Readonly<WorstCase>): number => Math.max(Math.abs(highest), Math.abs(lowest));
  const quantityOf = (c: Case): number => largest(c.projected.own);
  return {
    code,
    stage: "guards",
    asked: "entries",
    fails: (c) => {
      if (!c.sound) return true;
      const value = quantityOf(c);
      const level = levelAt(c.units.qty_scale);
      if (reaches ? value >= level : value > level) return true;
      c.uses(code, value, level);
      return false;
    },
    explain: (c) =>
      c.sound
        ? `with every open order filled in the worst order: position of ${formatScaled(quantityOf(c), c.units.qty_scale)}, the limit is ${qty}; ${reaches ? "below it" : "at most that"} passes`
        : UNKNOWN,
    shows: (c) => ({
      what: "position in units",
      value: c.sound ? formatScaled(quantityOf(c), c.units.qty_scale) : null,
      limit: qty,
      unit: "units",
      passes: reaches ? "below" : "at_most",
    }),
    meter: {
      what: "position in units",
      limit: `${reaches ? "below" : "at most"} ${qty} units`,
      of: "instrument",
      read: (c) => ({ value: quantityOf(c), limit: levelAt(c.units.qty_scale) }),
      readOf: (c, instrument) => {
        const { units } = c.view.positions[instrument] as (typeof c.view.positions)[number];
        return { value: largest(c.projected.worstOf(instrument)), limit: levelAt(units.qty_scale) };
      },
    },
  };
}

function countRule(limit: number): Rule {
  const code = "MAX_POSITIONS_EXCEEDED";
  return {
    code,
    stage: "guards",
    asked: "entries",
    fails: (c) => {
      if (!c.sound) return true;
      const { open } = c.projected;
      if (open > limit) return true;
      c.uses(code, open, limit);
      return false;
    },
    explain: (c) => (c.sound ? `${c.projected.open} open positions, the limit is ${limit}; at most that passes` : UNKNOWN),
    shows: (c) => ({
      what: "open positions",
      value: c.sound ? String(c.projected.open) : null,
      limit: String(limit),
      unit: null,
      passes: "at_most",
    }),
    meter: {
      what: "open positions",
      limit: `at most ${limit} symbols`,
      of: "account",
      read: (c) => ({ value: c.projected.open, limit }),
    },
  };
}
