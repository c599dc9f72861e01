/** Reads the cells of one row into a slot and reports, with the line, what is no number. */
import type { ViolationLog } from "../quality/violation-log.js";
import type { BarSlot } from "./bar-intake.js";
import { SLOT_FIELDS } from "./bar-store.js";
import { BAR_RULES, type BarRule } from "./bar-violations.js";
import { asciiText, type DecimalFault, type DecimalScan, scanDecimal, scanSignificant } from "./scan-decimal.js";
import type { StampFault } from "./stamp-reader.js";

/** Digits after the point to keep; -1 keeps all and refuses what does not fit. */
export interface KeptDecimals {
  readonly price: number;
  readonly volume: number;
}

const VOLUME = 4;

export class BarCells {
  readonly #log: ViolationLog;
  readonly #kept: KeptDecimals;
  readonly #strict: boolean;
  readonly #scan: DecimalScan = { mantissa: 0, decimals: 0 };
  #roundedVolumes = 0;

  /** @param strict refuses volumes with more digits than fit, instead of keeping the 15 that a double carries and counting. */
  constructor(log: ViolationLog, kept: KeptDecimals, strict: boolean) {
    this.#log = log;
    this.#kept = kept;
    this.#strict = strict;
  }

  /** Volumes whose digits beyond the 15th were dropped. */
  get roundedVolumes(): number {
    return this.#roundedVolumes;
  }

  /**
   * Reads one number. `index` is its place in the slot (0 open to 4 volume). What is no number is reported and NaN in the slot.
   *
   * @param divisorDigits powers of ten by which the file's numbers are too large (4 where prices are stored times 10000).
   */
  read(slot: BarSlot, index: number, bytes: Uint8Array, start: number, end: number, divisorDigits: number): boolean {
    const kept = index === VOLUME ? this.#kept.volume : this.#kept.price;
    let fault = scanDecimal(bytes, start, end, this.#scan, kept < 0 ? kept : Math.max(kept - divisorDigits, 0));
    if (fault === "too_many_digits" && index === VOLUME && kept < 0 && !this.#strict) {
      fault = scanSignificant(bytes, start, end, this.#scan);
      if (fault === null) this.#roundedVolumes += 1;
    }
    if (fault !== null) {
      slot.mantissa[index] = Number.NaN;
      slot.decimals[index] = 0;
      return this.#refuse(fault, slot.line, index, asciiText(bytes, start, end));
    }
    this.#place(slot, index, divisorDigits);
    return true;
  }

  /** Reports a stamp that was refused. */
  refuseStamp(fault: StampFault, line: number, field: string): void {
    this.#log.add({ code: fault.code, message: fault.message, line, field, value: fault.value, expected: fault.expected });
  }

  #place(slot: BarSlot, index: number, divisorDigits: number): void {
    let { mantissa, decimals } = this.#scan;
    if (divisorDigits > 0 && mantissa !== 0) {
      decimals += divisorDigits;
      while (decimals > 0 && mantissa % 10 === 0) {
        mantissa /= 10;
        decimals -= 1;
      }
    }
    slot.mantissa[index] = mantissa;
    slot.decimals[index] = decimals;
  }

  #refuse(fault: DecimalFault, line: number, index: number, value: string): false {
    const field = SLOT_FIELDS[index] ?? "";
    if (fault === "too_many_digits") {
      this.#log.add({
        code: "NUMBER_TOO_WIDE",
        message: `${field} "${value}" has more digits than an exact number here can hold (2^53, at most 15 decimals)`,
        line,
        field,
        value,
        expected: "fewer digits: --price-decimals N or --volume-decimals N rounds half-even and records it",
      });
      return false;
    }
    const code: BarRule =
      index === VOLUME
        ? fault === "empty"
          ? "VOLUME_MISSING"
          : "VOLUME_NOT_A_NUMBER"
        : fault === "empty"
          ? "PRICE_MISSING"
          : "PRICE_NOT_A_NUMBER";
    const expected = "a finite decimal number";
    this.#log.add({ code, message: `${BAR_RULES[code]}: ${field} is "${value}", expected ${expected}`, line, field, value, expected });
    return false;
  }
}
