import type { BarMeasures } from "../metrics/run-measures.js";
import { CompensatedSum } from "../numeric/compensated-sum.js";
import type { Valuation } from "./account-fold.js";

/** Exposure and drawdown at every close time, and the running peak of equity. */
export class BarMeasuresFold {
  readonly #gross = new CompensatedSum();
  readonly #net = new CompensatedSum();
  #closes = 0;
  #invested = 0;
  #mostHeld = 0;
  #maxGross = 0;
  #maxDrawdown = 0;
  #solvent = true;
  #peak: bigint;

  constructor(initialCash: bigint) {
    this.#peak = initialCash;
  }

  /** Highest equity so far, initial cash included. */
  get peak(): bigint {
    return this.#peak;
  }

  /** @param held symbols with a position */
  add(account: Valuation, held: number): void {
    this.#closes += 1;
    if (held > this.#mostHeld) this.#mostHeld = held;
    if (account.equity > this.#peak) this.#peak = account.equity;
    else if (account.equity < this.#peak && this.#peak > 0n) {
      const fall = Number(this.#peak - account.equity) / Number(this.#peak);
      if (fall > this.#maxDrawdown) this.#maxDrawdown = fall;
    }
    if (account.equity <= 0n) this.#solvent = false;
    if (held > 0) this.#invested += 1;
    if (held === 0 || !this.#solvent) return;
    const equity = Number(account.equity);
    const gross = Number(account.gross) / equity;
    this.#gross.add(gross);
    this.#net.add(Number(account.net) / equity);
    if (gross > this.#maxGross) this.#maxGross = gross;
  }

  finish(): BarMeasures {
    return {
      closes: this.#closes,
      invested: this.#invested,
      most_held: this.#mostHeld,
      gross_ratio_sum: this.#solvent ? this.#gross.value : null,
      net_ratio_sum: this.#solvent ? this.#net.value : null,
      max_gross_ratio: this.#solvent ? this.#maxGross : null,
      max_drawdown: this.#peak > 0n ? this.#maxDrawdown : null,
    };
  }
}
