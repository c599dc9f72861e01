import type { BarMeasures } from "../metrics/run-measures.js";
import { CompensatedSum } from "../numeric/compensated-sum.js";
import type { Valuation } from "./account-fold.js";

/** Exposure and drawdown at every close time, and the running peak of equity. */
export class BarMeasuresFold {
  readonly #gross = new CompensatedSum();
  readonly #net = new CompensatedSum();
  #closes = 0;
  #invested = 0;
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

  add(account: Valuation, invested: boolean): void {
    this.#closes += 1;
    if (account.equity > this.#peak) this.#peak = account.equity;
    else if (account.equity < this.#peak && this.#peak > 0n) {
      const fall = Number(this.#peak - account.equity) / Number(this.#peak);
      if (fall > this.#maxDrawdown) this.#maxDrawdown = fall;
    }
    if (account.equity <= 0n) this.#solvent = false;
    if (!invested || !this.#solvent) {
      if (invested) this.#invested += 1;
      return;
    }
    this.#invested += 1;
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
      gross_ratio_sum: this.#solvent ? this.#gross.value : null,
      net_ratio_sum: this.#solvent ? this.#net.value : null,
      max_gross_ratio: this.#solvent ? this.#maxGross : null,
      max_drawdown: this.#peak > 0n ? this.#maxDrawdown : null,
    };
  }
}
