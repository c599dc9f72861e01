import type { Instrument } from "../market/instrument.js";
import { bigOf, decimalPlaces, pow10Big } from "../money/decimal.js";
import type { FxSet } from "../money/fx-set.js";
import { fxSetOf } from "../money/fx-text.js";
import { setRate, type Units } from "../money/units.js";
import type { UtcMillis } from "../tape/event.js";
import { type RunConfig, type RunInputs, runInput } from "./run-config.js";

interface Rate {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

const PAR: Rate = { numerator: 1n, denominator: 1n };

/** Keeps the rates of exchange of a run's instruments in force as time goes by. Asks the rate set only when a rate has run out. */
export class Exchange {
  readonly #set: FxSet | null;
  readonly #account: string;
  /** Instruments quoted in another currency than the account's. */
  readonly #foreign: readonly { readonly units: Units; readonly currency: string; readonly instrument: number }[];
  readonly #until: Float64Array;
  readonly #known: Uint8Array;
  /** Rates that were asked for by currency, and the times at which they hold. */
  readonly #asked = new Map<string, { readonly rate: Rate; readonly from: UtcMillis; readonly until: UtcMillis }>();

  constructor(set: FxSet | null, instruments: readonly Instrument[], units: readonly Units[], account: string) {
    this.#set = set;
    this.#account = account;
    this.#foreign = instruments.flatMap(({ currency }, instrument) => {
      const own = units[instrument];
      return currency === account || own === undefined ? [] : [{ units: own, currency, instrument }];
    });
    this.#until = new Float64Array(instruments.length).fill(Number.NEGATIVE_INFINITY);
    this.#known = Uint8Array.from(instruments, ({ currency }) => (currency === account ? 1 : 0));
  }

  /** True when every instrument is quoted in the account's currency. */
  get idle(): boolean {
    return this.#foreign.length === 0;
  }

  /** Puts the rates of a time in force. An instrument without one keeps its last, for its marks, and is unknown until there is one. */
  moveTo(ts: UtcMillis): void {
    for (const { units, currency, instrument } of this.#foreign) {
      if (ts < (this.#until[instrument] as number)) continue;
      const answer = this.#set?.rateAt(currency, this.#account, ts) ?? { kind: "missing", currency };
      this.#known[instrument] = answer.kind === "rate" ? 1 : 0;
      this.#until[instrument] = answer.kind === "rate" ? answer.until : Number.NEGATIVE_INFINITY;
      if (answer.kind === "rate") setRate(units, answer.text);
    }
  }

  /** What one unit of a currency is worth in the account's at a time, `base` being the account's own; null where nobody can tell. */
  rateOf(currency: string, ts: UtcMillis): Rate | null {
    if (currency === "base" || currency === this.#account) return PAR;
    const known = this.#asked.get(currency);
    if (known !== undefined && ts >= known.from && ts < known.until) return known.rate;
    const answer = this.#set?.rateAt(currency, this.#account, ts);
    if (answer?.kind !== "rate") return null;
    const scale = decimalPlaces(answer.text) ?? 0;
    const rate = { numerator: bigOf(answer.text, scale), denominator: pow10Big(scale) };
    this.#asked.set(currency, { rate, from: ts, until: answer.until });
    return rate;
  }

  /** False for an instrument whose value in the account's currency nobody can tell now: no order may be sent for it. */
  knows(instrument: number): boolean {
    return this.#known[instrument] === 1;
  }
}

/** The rates of exchange of a run. @throws {RangeError} where the run's rate set is not among its inputs. */
export function exchangeOf(config: RunConfig, units: readonly Units[], inputs: RunInputs | undefined): Exchange {
  const set = config.fx === undefined ? null : fxSetOf(runInput(inputs, config.fx.rates_sha256));
  return new Exchange(set, config.instruments, units, config.account.currency);
}
