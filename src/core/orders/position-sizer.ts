/** Sizing as a calculator of its own: the engine's arithmetic for anybody who knows equity and prices. */
import { DEFAULT_SIZING, type SizingConfig } from "../engine/run-config.js";
import { type DrawdownScaling, multiplierAt } from "../gate/drawdown-scaling.js";
import { bigOf, compareExact, decimalPlaces, formatScaled, pow10Big, scaledOf } from "../money/decimal.js";
import { type Units, unitsOf } from "../money/units.js";
import { type Sized, type SizeScaling, type SizingInput, type SizingRefusal, sizeEntry } from "./sizing.js";

/** A decimal as text, or a number that is read by its shortest text. */
export type Decimal = string | number;

export type SizerMode = "fixed" | "pct_equity" | "risk" | "atr";

/** What is left out has the default that stands beside it. */
export interface PositionSizerConfig {
  /** `risk` */
  readonly default_mode?: SizerMode;
  /** 1 */
  readonly fixed?: { readonly default_qty?: Decimal };
  /** 10 percent of equity */
  readonly pct_equity?: { readonly default_pos_pct?: Decimal };
  /** 1 percent of equity at risk, at most 20 percent of it in the position; null is no cap. For `risk` and `atr`. */
  readonly risk?: { readonly default_risk_pct?: Decimal; readonly max_pos_pct?: Decimal | null };
  /** A stop 2 average true ranges away */
  readonly atr?: { readonly multiple?: Decimal };
  /** 1 */
  readonly min_qty?: Decimal;
  /** Step of quantities, 1. It has nothing to do with the step of prices. */
  readonly lot_step?: Decimal;
  /** Value of one price unit for a quantity of one, 1. */
  readonly multiplier?: Decimal;
  /** Rows ascending by `from`, a fraction of peak equity: the last that is reached multiplies sizes; 0 is no entry. */
  readonly drawdown_scaling?: DrawdownScaling;
}

export interface SizeQuestion {
  readonly mode?: SizerMode;
  /** Needed but for `fixed`. */
  readonly equity?: Decimal;
  /** Price of the entry; needed but for `fixed`. */
  readonly entry?: Decimal;
  /** Needed for `risk`. */
  readonly stop?: Decimal;
  /** Newest average true range. Without it `atr` takes the whole price for the risk. */
  readonly atr?: Decimal;
  /** Fraction of peak equity that is lost; default 0. */
  readonly drawdown?: Decimal;
}

export interface PositionSize {
  /** Decimal text, a multiple of the lot; `0` where nothing is to be traded. */
  readonly qty: string;
  readonly mode: SizerMode;
  /** True where the largest position made it smaller. */
  readonly capped: boolean;
  /** Why nothing is to be traded; null otherwise. */
  readonly code: SizingRefusal | null;
  readonly reason: string | null;
}

/** A question or a config cannot be answered as it is given. Names every field at once. */
export class SizerInputError extends Error {
  readonly code = "SIZER_INPUT";
  readonly fields: readonly string[];

  constructor(fields: readonly string[], message: string) {
    super(message);
    this.name = "SizerInputError";
    this.fields = fields;
  }
}

export class PositionSizer {
  readonly #config: PositionSizerConfig;

  /** @throws {SizerInputError} for a number that is no plain decimal above 0. */
  constructor(config: PositionSizerConfig = {}) {
    const { fixed, pct_equity, risk, atr, min_qty, lot_step, multiplier } = config;
    checkPositive({
      "fixed.default_qty": fixed?.default_qty,
      "pct_equity.default_pos_pct": pct_equity?.default_pos_pct,
      "risk.default_risk_pct": risk?.default_risk_pct,
      "risk.max_pos_pct": risk?.max_pos_pct ?? undefined,
      "atr.multiple": atr?.multiple,
      min_qty,
      lot_step,
      multiplier,
    });
    this.#config = config;
  }

  /**
   * How many to trade, floored to the lot; a cap comes after the floor, the minimum after the cap.
   *
   * A size that comes to nothing is an answer with its reason.
   * @throws {SizerInputError} where the mode needs something that was not given.
   */
  calculate(question: SizeQuestion): PositionSize {
    const mode = question.mode ?? this.#config.default_mode ?? "risk";
    const needed: readonly (keyof SizeQuestion)[] = NEEDED[mode];
    const missing = needed.filter((field) => question[field] === undefined);
    if (missing.length > 0) throw new SizerInputError(missing, `sizing by ${mode} needs ${missing.join(" and ")}`);
    const { equity, entry, stop, atr, drawdown } = question;
    check({ equity, drawdown }, "a plain decimal", (text) => decimalPlaces(text) !== null);
    checkPositive({ entry, stop, atr });
    const prices = [entry, stop, atr].map((price) => (price === undefined ? null : textOf(price)));
    const priceScale = Math.max(0, ...prices.map((price) => (price === null ? 0 : placesOf(price))));
    const money = equity === undefined ? "0" : textOf(equity);
    const units = this.#units(priceScale, placesOf(money));
    const price = (text: string | null | undefined): number | null => (text == null ? null : scaledOf(text, priceScale));
    const input: SizingInput = {
      price: price(prices[0]),
      stop: price(prices[1]),
      atr: price(prices[2]),
      equity: bigOf(money, placesOf(money)),
      scaling: this.#scaling(drawdown),
    };
    const config = this.#sizing(mode);
    const sized = sizeEntry(config, units, input);
    const capped = "max_position_pct" in config && qtyOf(sizeEntry({ ...config, max_position_pct: null }, units, input)) > qtyOf(sized);
    if (sized.kind === "none") return { qty: "0", mode, capped, code: sized.code, reason: sized.detail };
    return { qty: formatScaled(sized.qty, units.qty_scale), mode, capped, code: null, reason: null };
  }

  #units(priceScale: number, moneyScale: number): Units {
    const { lot_step = 1, min_qty = 1, multiplier = 1 } = this.#config;
    return unitsOf(
      {
        symbol: "the position",
        asset_class: "other",
        currency: "XXX",
        price_tick: formatScaled(1, priceScale),
        lot_step: textOf(lot_step),
        min_qty: textOf(min_qty),
        multiplier: textOf(multiplier),
        calendar: "24/7",
        settlement: "cash",
        guessed: [],
      },
      priceScale,
      moneyScale,
    );
  }

  #sizing(mode: SizerMode): SizingConfig {
    const { fixed, pct_equity, risk, atr } = this.#config;
    const risk_pct = textOf(risk?.default_risk_pct ?? 1);
    const cap = risk?.max_pos_pct;
    const max_position_pct = cap === null ? null : textOf(cap ?? 20);
    switch (mode) {
      case "fixed":
        return { ...DEFAULT_SIZING, mode, qty: textOf(fixed?.default_qty ?? 1) };
      case "pct_equity":
        return { ...DEFAULT_SIZING, mode, pct: textOf(pct_equity?.default_pos_pct ?? 10) };
      case "risk":
        return { ...DEFAULT_SIZING, mode: "risk_stop", risk_pct, max_position_pct };
      case "atr":
        return { ...DEFAULT_SIZING, mode, risk_pct, period: 14, multiple: textOf(atr?.multiple ?? 2), max_position_pct };
    }
  }

  #scaling(drawdown: Decimal | undefined): SizeScaling | null {
    const table = this.#config.drawdown_scaling ?? [];
    if (table.length === 0 || drawdown === undefined) return null;
    const multiply = multiplierAt(table, textOf(drawdown));
    const scale = placesOf(multiply);
    return {
      numerator: bigOf(multiply, scale),
      denominator: pow10Big(scale),
      reason: `at a drawdown of ${textOf(drawdown)} sizes are multiplied by ${multiply}`,
    };
  }
}

const NEEDED: Readonly<Record<SizerMode, readonly (keyof SizeQuestion)[]>> = {
  fixed: [],
  pct_equity: ["equity", "entry"],
  risk: ["equity", "entry", "stop"],
  atr: ["equity", "entry"],
};

function qtyOf(sized: Sized): number {
  return sized.kind === "qty" ? sized.qty : 0;
}

function textOf(value: Decimal): string {
  return String(value);
}

function placesOf(text: string): number {
  return decimalPlaces(text) ?? 0;
}

type Given = { readonly [field: string]: Decimal | undefined };

/** @throws {SizerInputError} naming every field that is given and no plain decimal above 0. */
function checkPositive(values: Given): void {
  check(values, "a plain decimal above 0", isPositive);
}

function check(values: Given, expected: string, isGood: (text: string) => boolean): void {
  const bad = Object.entries(values).filter(([, value]) => value !== undefined && !isGood(textOf(value)));
  if (bad.length === 0) return;
  const said = bad.map(([field, value]) => `${field} is ${JSON.stringify(value)}`).join(", ");
  throw new SizerInputError(
    bad.map(([field]) => field),
    `${said}: ${expected} is expected`,
  );
}

function isPositive(text: string): boolean {
  return decimalPlaces(text) !== null && compareExact(text, "0") > 0;
}
