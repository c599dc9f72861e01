/** Why a risk is not what it was: positions, market data, the window of scenarios and the model, one after another. */
import { bookPnl } from "../aggregate-pnl.js";
import { openBook } from "../portfolio/book-valuation.js";
import { pnlOfBook } from "../portfolio/scenario-run.js";
import { measured, type RiskError, type RiskOutcome } from "../risk-outcome.js";
import type { BookRisk, BookScenarios, RiskBasis } from "./book-risk.js";
import { type TailMethod, type TailParameters, tailBy } from "./tail-methods.js";

/** The report that is compared with. */
export interface Before {
  readonly book: BookRisk;
  readonly method: TailMethod;
}

/** A risk then, what each cause made of it, and the risk now: the four causes add up to the difference. */
export interface ChangeLine {
  readonly measure: "var" | "es";
  readonly before: number;
  /** Today's positions on the markets and scenarios of then. */
  readonly positions: number;
  /** Today's markets. */
  readonly market: number;
  /** Today's scenarios: days that came in and days that fell out. */
  readonly window: number;
  /** Today's method. */
  readonly model: number;
  readonly now: number;
}

export interface ExplainedChange {
  readonly since: RiskBasis;
  readonly before_method: TailMethod;
  readonly lines: readonly ChangeLine[];
  readonly errors: readonly RiskError[];
}

export interface ChangeTerms {
  readonly method: TailMethod;
  readonly confidence: string;
  readonly horizon_days: number;
  readonly parameters: TailParameters;
}

/** Steps from then to now. A step that cannot be measured leaves no line and says why. */
export function explainedChange(before: Before, now: BookRisk, terms: ChangeTerms): ExplainedChange {
  const made = steps(before, now, terms);
  const about = { since: before.book.basis, before_method: before.method };
  return made.ok ? { ...about, lines: made.value, errors: [] } : { ...about, lines: [], errors: made.errors };
}

function steps(
  before: Before,
  now: BookRisk,
  { method, confidence, horizon_days, parameters }: ChangeTerms,
): RiskOutcome<readonly ChangeLine[]> {
  const [then, today] = [before.book.over(horizon_days), now.over(horizon_days)];
  if (!then.ok) return then;
  if (!today.ok) return today;
  const tails = [
    tailOn(before.book, before.book, then.value, before.method),
    tailOn(now, before.book, then.value, before.method),
    tailOn(now, now, then.value, before.method),
    tailOn(now, now, today.value, before.method),
    tailOn(now, now, today.value, method),
  ];
  const errors = tails.flatMap((tail) => (tail.ok ? [] : tail.errors));
  if (errors.length > 0) return { ok: false, errors };
  return measured(
    (["var", "es"] as const).map((measure): ChangeLine => {
      const [start = 0, held = 0, quoted = 0, rolled = 0, end = 0] = tails.map((tail) => (tail.ok ? tail.value[measure].value : 0));
      return {
        measure,
        before: start,
        positions: held - start,
        market: quoted - held,
        window: rolled - quoted,
        model: end - rolled,
        now: end,
      };
    }),
  );

  function tailOn(held: BookRisk, quoted: BookRisk, { scenarios }: BookScenarios, by: TailMethod): ReturnType<typeof tailBy> {
    const { positions, totals, currency } = held.input;
    const book = openBook({ positions, totals, currency, market: quoted.input.market });
    if (!book.ok) return book;
    const pnl = pnlOfBook(book.value, scenarios);
    const total = pnl.ok ? bookPnl(pnl.value.positions) : pnl;
    return total.ok ? tailBy(by, { pnl: total.value.total, confidence, parameters }) : total;
  }
}
