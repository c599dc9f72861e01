/** How much of a bar's volume a run may trade. */
import { bigOf, decimalPlaces, pow10Big } from "../money/decimal.js";
import type { Units } from "../money/units.js";

/** Most that may fill on a bar, in the instrument's quantity units, floored to the lot; infinite without a limit. */
export type Capacity = (units: Units, volume: number, volumeScale: number) => number;

/** @param fraction decimal text above 0 and at most 1, or null for no limit. */
export function capacityOf(fraction: string | null): Capacity {
  if (fraction === null) return () => Number.POSITIVE_INFINITY;
  const scale = decimalPlaces(fraction) ?? 0;
  const share = bigOf(fraction, scale);
  return (units, volume, volumeScale) => {
    const numerator = BigInt(volume) * share * pow10Big(units.qty_scale);
    const lots = numerator / (pow10Big(scale + volumeScale) * BigInt(units.lot));
    return Number(lots) * units.lot;
  };
}
