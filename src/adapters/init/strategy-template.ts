/** The strategy of a new project: small enough to be read whole, with a comment wherever a newcomer would ask. */
export const strategyTemplate = `/**
 * Moving-average cross: long while the fast average stands above the slow one, flat otherwise.
 *
 * The same file runs in backtest, paper and live. Handlers are plain synchronous functions; the engine calls them once
 * per closed bar and owns all state. There is no array that holds the future.
 */
import { defineStrategy, emaFirst, int } from "onetape/strategy";

export default defineStrategy({
  meta: {
    name: "my-first-strategy",
    version: "1.0.0",
    // Symbols it trades. backtest.yaml says which bars each of them gets.
    universe: ["DEMO"],
    timeframe: "1m",
    // Bar fields it reads: a data set that lacks one is refused.
    required_fields: ["close"],
    // "regular" sees only bars inside the exchange's sessions, "all" sees every bar.
    session: "regular",
  },

  // Values come from \`params\` in backtest.yaml; these are the defaults and the bounds.
  params: {
    fast: int({ default: 12, min: 1 }),
    slow: int({ default: 48, min: 2 }),
  },

  // One set per symbol, updated with every bar before onBar runs. "First" names how the average starts: at the first close.
  indicators: (params) => ({
    fast: emaFirst(params.fast),
    slow: emaFirst(params.slow),
  }),

  onBar(_bar, ctx) {
    const { fast, slow } = ctx.indicators();
    if (!slow.ready) return;

    const held = ctx.position().qty;
    // A signal says what is wanted. Sizing (backtest.yaml) makes an order of it, the risk gate decides on the order, and
    // the venue fills it at the next bar's open. Each of these steps is an event on the tape.
    if (fast.value > slow.value && held === 0) ctx.enterLong();
    if (fast.value < slow.value && held > 0) ctx.exitLong();
  },
});
`;
