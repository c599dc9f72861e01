import { ratioText } from "../../numeric/ratio-text.js";
import { neverNegative, uniqueRows } from "./calc-checks.js";
import { byKey, currentPart, declared, type FinraCalculation, partTotals } from "./finra-input.js";
import { weeksUpTo } from "./weeks.js";

/** Change of each symbol's volume against the week before. Without that week, or where the symbol had no row in it, prior and change are null. */
export const wowChange: FinraCalculation = declared({
  calc_name: "wow_change",
  description: "Each symbol's volume against the week before",
  business_keys: ["week_ending", "tier", "symbol"],
  versions: ["v1"],
  current: "v1",
  scope: "window",
  implementations: {
    v1: {
      compute: (input) => {
        const part = currentPart(input);
        const [before] = weeksUpTo(input.week_ending, 2);
        const previous = input.parts.find((candidate) => candidate.week_ending === before && candidate.tier === part.tier);
        const prior = previous === undefined ? new Map() : partTotals(previous, "symbol");
        return byKey(partTotals(part, "symbol")).map(([symbol, { shares }]) => {
          const was: bigint | null = prior.get(symbol)?.shares ?? null;
          return {
            week_ending: part.week_ending,
            tier: part.tier,
            symbol,
            current_volume: shares,
            prior_volume: was,
            change: was === null ? null : shares - was,
            change_pct: was === null || was === 0n ? null : ratioText((shares - was) * 100n, was),
          };
        });
      },
    },
  },
  checks: [uniqueRows(["week_ending", "tier", "symbol"]), ...neverNegative("current_volume", "prior_volume")],
});
