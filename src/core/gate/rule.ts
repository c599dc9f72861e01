import type { Amount } from "../money/amount.js";
import type { Case } from "./case.js";
import type { CheckCode } from "./check-codes.js";
import type { RiskPolicy } from "./policy.js";
import type { GateAccount, GateInstrument } from "./risk-view.js";

/** Which of a policy's stages decides whether a failure refuses. `always`: no stage, it refuses. */
export type Stage = "always" | keyof RiskPolicy["enforcement"];

/**
 * Which orders a rule asks. `entries`: those that may add to a position. `trades`: exits as well, but not the closing of everything that the
 * kill switch or an operator started. `all`: every order.
 */
export type Asked = "entries" | "trades" | "all";

/** A value and the limit that it is held against. Both in one unit, whichever it is. */
export interface Reading {
  readonly value: Amount;
  readonly limit: Amount;
}

/** What a rule that holds a value against a limit tells of how much is used. */
export interface Meter {
  /** What is measured, for example `gross exposure`. */
  readonly what: string;
  /** The limit in words, for example `at most 60 % of equity`. */
  readonly limit: string;
  /** `account`: the value is the account's at any time. `instrument`: one instrument's. `order`: there is none without an order. */
  readonly of: "account" | "instrument" | "order";
  /** Null where it cannot be told. Ask of a sound case. */
  read(c: Case): Reading | null;
  /** The same of any instrument, the order in hand left out; only where it is one instrument's. */
  readonly readOf?: (c: Case, instrument: number) => Reading | null;
}

/** What a rule compares, as text. Value and limit are in one unit. */
export interface Shown {
  /** What is measured, for example `gross exposure`. */
  readonly what: string;
  /** Null where it cannot be told, or where there is nothing to measure. */
  readonly value: string | null;
  readonly limit: string | null;
  /** A currency, `price`, `units`, `s`; null for counts and words. */
  readonly unit: string | null;
  /** Which values pass. */
  readonly passes: "at_most" | "below" | "at_least" | "above" | "is" | "multiple_of";
}

/** One rule of a check: a check has one or several, and passes where all of them do. */
export interface Rule {
  readonly code: CheckCode;
  readonly stage: Stage;
  readonly asked: Asked;
  fails(c: Case): boolean;
  /** Value, limit, unit and what would pass. Asked only after {@link fails} said yes to the same order. */
  explain(c: Case): string;
  /** Value and limit of any order, whether it passes or not. */
  shows(c: Case): Shown;
  /** Present where the rule holds a value against a limit. */
  readonly meter?: Meter;
}

/** What rules are made from. */
export interface RuleParts {
  readonly policy: RiskPolicy;
  readonly account: GateAccount;
  /** In the run's symbol order. */
  readonly instruments: readonly GateInstrument[];
  /** Refuses what would turn a position over whatever the policy observes: the run forbids it by itself. Default: false. */
  readonly forbid_flips?: boolean;
}

/** What a rule says where a number that it needs is missing: it fails closed. */
export const UNKNOWN = "it cannot be computed: a number of the order, or the price, is missing or not sound";
