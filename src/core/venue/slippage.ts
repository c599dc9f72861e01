import type { SlippageModel } from "../engine/run-config.js";
import type { Side } from "../engine/run-events.js";
import { bigOf, decimalPlaces, divideHalfEven, formatBig, pow10Big } from "../money/decimal.js";
import type { Units } from "../money/units.js";

/** What a price is taken with. */
export interface Taking {
  readonly price: number;
  readonly side: Side;
  /** In the instrument's units. */
  readonly qty: number;
  /** The bar's volume in the same units; 0 where the data have none. */
  readonly volume: number;
}

/** A price made worse for the taker: up for a buy, down for a sell, half-even at the price's own scale, at least one unit. */
export type Slippage = (taking: Taking, units: Units) => number;

/**
 * The price that a model makes of the one a bar gives.
 *
 * `volume_share` and `sqrt_impact` take the order's share of the bar's volume, at most the whole of it: a bar without volume counts
 * as one that the order is the whole of. The square-root law: Almgren et al., Direct Estimation of Equity Market Impact (2005).
 */
export function slippageOf(model: SlippageModel): Slippage {
  switch (model.model) {
    case "bps":
      return bpsSlippage(model.bps);
    case "ticks": {
      const scale = decimalPlaces(model.ticks) ?? 0;
      const ticks = bigOf(model.ticks, scale);
      const unit = pow10Big(scale);
      return (taking, units) => worse(taking, Number(divideHalfEven(BigInt(units.tick) * ticks, unit)));
    }
    case "volume_share": {
      const impact = Number(model.impact);
      return (taking) => {
        const share = shareOf(taking);
        return worse(taking, roundHalfEven(taking.price * impact * share * share));
      };
    }
    case "sqrt_impact": {
      const fraction = Number(model.bps) / 10_000;
      return (taking) => worse(taking, roundHalfEven(taking.price * fraction * Math.sqrt(shareOf(taking))));
    }
  }
}

/** Whether a model needs the volume of bars. */
export function needsVolume({ model }: SlippageModel): boolean {
  return model === "volume_share" || model === "sqrt_impact";
}

function bpsSlippage(bps: string): Slippage {
  const scale = decimalPlaces(bps) ?? 0;
  const rate = bigOf(bps, scale);
  if (rate === 0n) return ({ price }) => price;
  const denominator = 10_000n * pow10Big(scale);
  return (taking) => worse(taking, Number(divideHalfEven(BigInt(taking.price) * rate, denominator)));
}

function worse({ price, side }: Taking, shift: number): number {
  return side === "buy" ? price + shift : Math.max(1, price - shift);
}

function shareOf({ qty, volume }: Taking): number {
  return volume > 0 ? Math.min(1, qty / volume) : 1;
}

/** A non-negative double to the nearest integer, ties to the even one. */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}

const BPS_SCALE = 4;

/** How much worse a price got, as decimal text in basis points, half-even at four places. */
export function slippageText(from: number, to: number): string {
  const shift = BigInt(Math.abs(to - from)) * 10_000n * pow10Big(BPS_SCALE);
  return formatBig(divideHalfEven(shift, BigInt(from)), BPS_SCALE);
}
