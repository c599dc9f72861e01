/**
 * The risk gate: the only maker of approvals.
 *
 * Fails closed: no account, no price, a non-finite or misshapen number means no. Orders that only reduce skip the cash check,
 * so an exit is never blocked by an entry limit. The decision stops at the first failing check; a refusal explains all.
 */
import type { OrderTicket } from "../orders/ticket.js";
import type { Sha256Fn } from "../tape/hash.js";
import type { RiskApproved } from "./approval.js";
import { Approvals, isApproved, isApprovedChange, type Verdict } from "./approvals.js";
import { asksFor, type ShownUnits, shownOf } from "./base-readings.js";
import type { Utilisation } from "./case.js";
import type { CheckCode } from "./check-codes.js";
import type { CheckReading, GateReadings } from "./readings.js";

export { isApproved, isApprovedChange };

export interface GateInput {
  /** Quantities and prices in the instrument's integer units. */
  readonly qty: number;
  readonly lot: number;
  readonly min_qty: number;
  readonly tick: number;
  readonly limit: number | null;
  readonly stop: number | null;
  readonly reduce_only: boolean;
  /** Newest close, or null when no bar was seen. */
  readonly last_price: number | null;
  /** False when nobody can tell now what the instrument's currency is worth in the account's. */
  readonly rate_known: boolean;
  /** True when the order, with those that work on its side, may turn the position over, long to short or short to long. */
  readonly flips: boolean;
  /** Null when the account is unknown. */
  readonly cash: bigint | null;
  /**
   * By how much the account would be short once every open order and this one have filled, costs included; 0 where it is not. Asked only
   * when the other inputs are sound.
   */
  readonly shortfall: () => bigint;
}

export interface GateDecision {
  readonly decision: "approved" | "denied";
  readonly policy_sha256: string;
  readonly code?: CheckCode;
  readonly checks: number;
  readonly explanation?: readonly { readonly code: CheckCode; readonly detail: string }[];
  /** The limit that an approved order uses most; absent where the policy limits nothing that it uses. */
  readonly utilisation?: Utilisation;
  /** Failures of stages that the policy only observes. */
  readonly observed?: readonly { readonly code: CheckCode; readonly detail: string }[];
}

type Check = { readonly code: CheckCode; readonly failure: (input: GateInput) => string | null };

/** What a policy decides beyond the checks that are never switched off. */
export interface GatePolicy {
  /** Refuses orders that may turn a position over: it must be closed first. */
  readonly forbid_flips: boolean;
}

const FLIPS: Check = {
  code: "POSITION_SIGN_FLIP_WITHOUT_CLOSE",
  failure: (i) => (i.flips ? "the order may turn the position over; close it first" : null),
};
const FLIPS_ALLOWED: Check = { ...FLIPS, failure: () => null };

const checksOf = (policy: GatePolicy): readonly Check[] => [
  { code: "TICK_MISMATCH", failure: (i) => offTick(i.limit, i.tick) ?? offTick(i.stop, i.tick) },
  { code: "LOT_MISMATCH", failure: lotFailure },
  { code: "NO_ACCOUNT", failure: (i) => (i.cash === null ? "the account's cash is unknown" : null) },
  { code: "NO_PRICE", failure: (i) => (i.last_price === null || i.last_price <= 0 ? "no price is known for the instrument" : null) },
  {
    code: "NO_FX_RATE",
    failure: (i) => (i.rate_known ? null : "no rate of exchange between the instrument's currency and the account's is known now"),
  },
  {
    code: "NON_FINITE_INPUT",
    failure: (i) => (isSound(i) ? null : "a number is not finite"),
  },
  policy.forbid_flips ? FLIPS : FLIPS_ALLOWED,
  { code: "NEGATIVE_CASH", failure: cashFailure },
];

function isSound(input: GateInput): boolean {
  return isSafe(input.qty) && isSafe(input.limit) && isSafe(input.stop) && isSafe(input.last_price);
}

function isSafe(n: number | null): boolean {
  return n === null || Number.isSafeInteger(n);
}

function offTick(price: number | null, tick: number): string | null {
  if (price === null) return null;
  return price > 0 && price % tick === 0 ? null : `price ${price} is no positive multiple of the tick ${tick}`;
}

function lotFailure(input: GateInput): string | null {
  if (!Number.isSafeInteger(input.qty) || input.qty <= 0) return `quantity ${input.qty} is not a positive number of units`;
  if (input.qty % input.lot !== 0) return `quantity ${input.qty} is no multiple of the lot ${input.lot}`;
  return !input.reduce_only && input.qty < input.min_qty ? `quantity ${input.qty} is below the minimum ${input.min_qty}` : null;
}

function cashFailure(input: GateInput): string | null {
  if (input.reduce_only) return null;
  if (input.cash === null || input.last_price === null || !isSound(input)) return "means cannot be computed";
  const short = input.shortfall();
  return short > 0n ? `the account would be short by ${short} money units` : null;
}

/** The policy in force until one is given: only the checks that are never switched off, and what the run's config forbids. */
export function policyText({ forbid_flips }: GatePolicy): string {
  const codes = checksOf({ forbid_flips }).map((check) => `"${check.code}"`);
  return `{"checks":[${codes.join(",")}],"forbid_flips":${forbid_flips},"policy":"base","version":1}`;
}

export class RiskGate {
  readonly policy_sha256: string;
  readonly #checks: readonly Check[];
  readonly #forbidsFlips: boolean;
  readonly #approvals: Approvals;
  /** An approval says the same of every order. */
  readonly #approval: GateDecision;

  constructor(hash: Sha256Fn, policy: GatePolicy) {
    this.policy_sha256 = hash(policyText(policy));
    this.#checks = checksOf(policy);
    this.#forbidsFlips = policy.forbid_flips;
    this.#approvals = new Approvals(this.policy_sha256);
    this.#approval = Object.freeze({
      decision: "approved",
      policy_sha256: this.policy_sha256,
      checks: (1 << this.#checks.length) - 1,
    });
  }

  /**
   * Judges one order. The decision is recorded by whoever asked.
   * @param orderId the order that an approval may be asked for once it passes; none for a change of one, or a mere question.
   */
  decide(input: GateInput, orderId: string | null = null): GateDecision {
    for (const check of this.#checks) {
      if (check.failure(input) !== null) return this.#denial(input);
    }
    if (orderId !== null) this.#approvals.owe(orderId);
    return this.#approval;
  }

  /**
   * Turns a recorded approval into what a broker accepts.
   *
   * @param orderId the order that was decided on.
   * @throws {Error} as {@link Approvals.take}.
   */
  approve(ticket: OrderTicket, orderId: string, decision: Verdict): RiskApproved<OrderTicket> {
    return this.#approvals.take(ticket, orderId, decision);
  }

  /** Every check's value and limit: what {@link decide} decides by. */
  readings(input: GateInput, units: ShownUnits): GateReadings {
    let checks = 0;
    const rules = this.#checks.map(({ code, failure }, n): CheckReading => {
      const detail = failure(input);
      if (detail === null) checks |= 1 << n;
      const asked = asksFor(code, input, this.#forbidsFlips);
      return { code, ...shownOf(code, input, units), verdict: detail !== null ? "failed" : asked ? "passed" : "not_asked", detail };
    });
    return { exempt: input.reduce_only ? "entries" : "none", rules, checks, utilisation: null };
  }

  #denial(input: GateInput): GateDecision {
    let checks = 0;
    const explanation: { code: CheckCode; detail: string }[] = [];
    this.#checks.forEach((check, n) => {
      const detail = check.failure(input);
      if (detail === null) checks |= 1 << n;
      else explanation.push({ code: check.code, detail });
    });
    const first = explanation[0];
    if (first === undefined) throw new Error("a denial needs a failing check");
    return { decision: "denied", policy_sha256: this.policy_sha256, code: first.code, checks, explanation };
  }
}
