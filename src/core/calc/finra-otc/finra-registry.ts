/** Every calculation of the domain. A new one is a file of its own and one line here. */
import { CalcRegistry } from "../calc-registry.js";
import {
  weeklySymbolTierVolumeShare,
  weeklySymbolVenueConcentrationHhi,
  weeklySymbolVenueShare,
  weeklySymbolVenueVolume,
} from "./across-tiers.js";
import type { FinraCalculation } from "./finra-input.js";
import { liquidityScore } from "./liquidity-score.js";
import { volumePerTradingDay } from "./per-trading-day.js";
import { researchSnapshot } from "./research-snapshot.js";
import { symbolRolling4w, symbolRolling6w, symbolRolling13w } from "./rolling.js";
import { symbolSummary } from "./symbol-summary.js";
import { concentrationMetrics, topNSymbols } from "./top-symbols.js";
import { tradeSizeHistogram } from "./trade-size-histogram.js";
import { venueConcentration, venueShare } from "./venue-share.js";
import { wowChange } from "./week-over-week.js";

export const FINRA_CALCULATIONS: readonly FinraCalculation[] = [
  symbolSummary,
  venueShare,
  venueConcentration,
  topNSymbols,
  concentrationMetrics,
  wowChange,
  weeklySymbolVenueVolume,
  weeklySymbolVenueShare,
  weeklySymbolVenueConcentrationHhi,
  weeklySymbolTierVolumeShare,
  symbolRolling6w,
  symbolRolling4w,
  symbolRolling13w,
  volumePerTradingDay,
  liquidityScore,
  tradeSizeHistogram,
  researchSnapshot,
];

/** @throws {CalcRegistryRefused} at start-up where a declaration breaks an invariant. */
export function finraRegistry(extra: readonly FinraCalculation[] = []): CalcRegistry<FinraCalculation> {
  return new CalcRegistry([...FINRA_CALCULATIONS, ...extra]);
}
