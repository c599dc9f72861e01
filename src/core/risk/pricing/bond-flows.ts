/** What a bond pays: coupons by schedule and day count, redemption at maturity, and the interest that has accrued on a day. */
import type { Calendar } from "../../market/calendar.js";
import { type CivilDay, formatDay } from "../../market/civil-date.js";
import { adjustDay, type BusinessDayConvention } from "./business-day.js";
import { accrualYears, type DayCount, periodsBetween } from "./day-count.js";
import { InputCheck, type Priced, type PricingViolation } from "./refusal.js";
import { couponPeriods, type SchedulePeriod, type Stub } from "./schedule.js";

export interface BondTerms {
  /** Amount repaid at maturity, above zero. A price per 100 takes 100. */
  readonly face: number;
  /** Yearly, as a fraction of face; zero for a bond without coupons. */
  readonly coupon_rate: number;
  /** Coupons a year. A bond without coupons quotes its yield with as many compounding periods. */
  readonly per_year: 1 | 2 | 3 | 4 | 6 | 12;
  /** When interest begins. */
  readonly effective: CivilDay;
  readonly maturity: CivilDay;
  readonly day_count: DayCount;
  readonly stub: Stub;
  readonly end_of_month: boolean;
  /** Moves payments, never the days that interest is counted between. */
  readonly convention: BusinessDayConvention;
  /** Needed by every convention but `unadjusted`. */
  readonly calendar: Calendar | null;
}

export interface BondPayment {
  /** When interest for it stops; yields are measured to here. */
  readonly due: CivilDay;
  /** When it is paid: `due` by the convention. */
  readonly paid: CivilDay;
  readonly amount: number;
  /** Regular coupon periods from settlement to `due`. */
  readonly periods: number;
}

export interface BondFlows {
  /** Ascending, those due after settlement; the last one holds the redemption. */
  readonly payments: readonly BondPayment[];
  /** Interest since the last coupon, per face. */
  readonly accrued: number;
}

/** The payments of a bond that are due after `settlement`, and what has accrued by then. */
export function bondFlows(terms: BondTerms, settlement: CivilDay): Priced<BondFlows> {
  const violations = [...termFaults(terms), ...settlementFaults(terms, settlement)];
  if (violations.length > 0) return { kind: "refused", violations };
  const { face, coupon_rate, per_year, maturity, day_count } = terms;
  const check = new InputCheck();
  const payments: BondPayment[] = [];
  let accrued = 0;
  let elapsed = 0;
  for (const period of couponPeriods({ ...terms, months: 12 / per_year })) {
    if (period.end <= settlement) continue;
    const context = { regular: period.regular, per_year, maturity };
    const interest = (to: CivilDay) => face * coupon_rate * accrualYears(day_count, period.start, to, context);
    const full = interest(period.end);
    if (period.start < settlement) accrued = interest(settlement);
    elapsed += periodsLeft(period, settlement, accrued, full);
    const paid = terms.calendar === null ? period.end : adjustDay(period.end, terms.convention, terms.calendar);
    if (paid === null)
      check.refuse("OUTSIDE_CALENDAR", "maturity", formatDay(period.end), "lies outside the calendar's data", "a day that it covers");
    const last = period.end === maturity;
    if (full !== 0 || last)
      payments.push({ due: period.end, paid: paid ?? period.end, amount: full + (last ? face : 0), periods: elapsed });
  }
  if (check.violations.length > 0) return { kind: "refused", violations: check.violations };
  return { kind: "priced", value: { payments, accrued } };
}

/**
 * Regular periods of a coupon period that come after settlement. Within a regular period the share that has passed is that of its interest,
 * by the bond's own count; an irregular one is measured in actual days of the regular periods it reaches into.
 */
function periodsLeft(period: SchedulePeriod, settlement: CivilDay, accrued: number, full: number): number {
  const [only] = period.regular;
  const regular = only !== undefined && period.regular.length === 1 && only.start === period.start && only.end === period.end;
  if (!regular || full === 0) return periodsBetween(Math.max(period.start, settlement), period.end, period.regular);
  return period.start < settlement ? 1 - accrued / full : 1;
}

/** Everything wrong with a bond's terms. */
function termFaults(terms: BondTerms): readonly PricingViolation[] {
  const { face, coupon_rate, per_year, effective, maturity, convention, calendar } = terms;
  const check = new InputCheck().finite({ face, coupon_rate });
  if (face < 0) check.refuse("NEGATIVE_QUANTITY", "face", face, "is below zero", "an amount above zero");
  if (face === 0) check.refuse("NOT_POSITIVE", "face", face, "is not above zero", "an amount above zero");
  if (coupon_rate < 0) check.refuse("INVALID_TERMS", "coupon_rate", coupon_rate, "is below zero", "zero or more");
  if (12 % per_year !== 0 || !(per_year >= 1))
    check.refuse("INVALID_TERMS", "per_year", per_year, "divides no year into months", "1, 2, 3, 4, 6 or 12");
  if (!(Number.isSafeInteger(effective) && Number.isSafeInteger(maturity) && effective < maturity))
    check.refuse("INVALID_TERMS", "maturity", maturity, "does not come after interest begins", `a day after ${effective}`);
  if (convention !== "unadjusted" && calendar === null)
    check.refuse("INVALID_TERMS", "calendar", "null", `is missing for the convention ${convention}`, "a calendar");
  return check.violations;
}

function settlementFaults({ effective, maturity }: BondTerms, settlement: CivilDay): readonly PricingViolation[] {
  const check = new InputCheck();
  if (!Number.isSafeInteger(settlement) || settlement < effective)
    check.refuse("INVALID_TERMS", "settlement", settlement, "comes before interest begins", `${effective} or later`);
  else if (settlement >= maturity)
    check.refuse("MATURED_BOND", "settlement", settlement, "is not before the last payment", `a day before ${maturity}`);
  return check.violations;
}
