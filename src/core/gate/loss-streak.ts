/**
 * Closed trades in a row that lost.
 *
 * A trade is a round trip as the trades table counts it: from flat to flat in one symbol, or to the fill that crosses zero, whose cost is shared
 * by quantity, half-even to the trade that ends. It lost when its profit less its costs is below 0; any other closed trade begins the count again.
 */
import { divideHalfEven } from "../money/decimal.js";
import type { Portfolio, Position } from "../portfolio/portfolio.js";

/** What a position was when it was last followed. */
interface Trail {
  qty: number;
  realized: bigint;
  commission: bigint;
  /** Profit less costs of the trade in hand. */
  net: bigint;
}

export class LossStreak {
  losses: number = 0;
  readonly #trails: readonly Trail[];

  /** @param nets profit so far of each instrument's open trade; default none. */
  constructor(portfolio: Portfolio, losses = 0, nets: readonly bigint[] = []) {
    this.losses = losses;
    this.#trails = portfolio.positions.map(({ qty, realized, commission }, i) => ({ qty, realized, commission, net: nets[i] ?? 0n }));
  }

  /** Profit so far of each instrument's open trade, costs taken off. */
  get nets(): readonly bigint[] {
    return this.#trails.map(({ net }) => net);
  }

  /** Follows a position that a fill has moved. @returns true when a trade was closed. */
  filled(instrument: number, position: Position): boolean {
    const trail = this.#trails[instrument] as Trail;
    const before = trail.qty;
    const traded = Math.abs(position.qty - before);
    const closes = before !== 0 && before > 0 !== position.qty > before;
    const closed = closes ? Math.min(Math.abs(before), traded) : 0;
    const cost = position.commission - trail.commission;
    const costOfClose = closed === 0 ? 0n : divideHalfEven(cost * BigInt(closed), BigInt(traded));
    trail.net += position.realized - trail.realized - costOfClose;
    const ended = closed > 0 && (position.qty === 0 || closed < traded);
    if (ended) this.#end(trail);
    if (traded > closed) trail.net -= cost - costOfClose;
    keep(trail, position);
    return ended;
  }

  /** Follows a position that a split has moved: what is paid out for a fraction belongs to the trade, and may end it. */
  split(instrument: number, position: Position): void {
    const trail = this.#trails[instrument] as Trail;
    trail.net += position.realized - trail.realized;
    if (trail.qty !== 0 && position.qty === 0) this.#end(trail);
    keep(trail, position);
  }

  #end(trail: Trail): void {
    this.losses = trail.net < 0n ? this.losses + 1 : 0;
    trail.net = 0n;
  }
}

function keep(trail: Trail, { qty, realized, commission }: Position): void {
  trail.qty = qty;
  trail.realized = realized;
  trail.commission = commission;
}
