/**
 * The gate under a policy: every check that the policy asks for, in the one order of {@link CHECK_CODES}.
 *
 * Fails closed: what cannot be computed refuses. The decision stops at the first failing check; a refusal explains every failing one, an
 * approval names the limit that is used most. Failures of a stage that the policy only observes are told and do not refuse.
 */
import type { Instrument } from "../market/instrument.js";
import type { OrderTicket } from "../orders/ticket.js";
import type { Sha256Fn } from "../tape/hash.js";
import type { RiskApproved } from "./approval.js";
import { Approvals, type Verdict } from "./approvals.js";
import { Case } from "./case.js";
import { CHECK_CODES, type CheckCode } from "./check-codes.js";
import { rulesOf } from "./checks/rules-of.js";
import type { GateDecision } from "./gate.js";
import type { RiskPolicy } from "./policy.js";
import { policyFingerprint } from "./policy-fingerprint.js";
import type { CheckReading, Exemption, GateReadings } from "./readings.js";
import type { GateAccount, GateInstrument, GateOrder, RiskView } from "./risk-view.js";
import type { Rule, RuleParts } from "./rule.js";

export interface PolicyGateParts extends Pick<RuleParts, "forbid_flips"> {
  readonly policy: RiskPolicy;
  readonly account: GateAccount;
  /** In the run's symbol order. */
  readonly instruments: readonly (GateInstrument & Pick<Instrument, "currency">)[];
  readonly view: RiskView;
  readonly hash: Sha256Fn;
}

/** A rule as a policy holds it. */
interface Judged {
  readonly rule: Rule;
  readonly bit: number;
  readonly refuses: boolean;
}

type Told = { readonly code: CheckCode; readonly detail: string };

/** Codes of the checks that hold under a policy, in their order: bit n of a decision is the n-th of them. */
export function checkCodesOf(parts: RuleParts): readonly CheckCode[] {
  const asked = new Set(rulesOf(parts).map((rule) => rule.code));
  return CHECK_CODES.filter((code) => asked.has(code));
}

export class PolicyGate {
  readonly policy_sha256: string;
  readonly codes: readonly CheckCode[];
  readonly #rules: Readonly<Record<Exemption, readonly Judged[]>>;
  readonly #case: Case;
  readonly #approvals: Approvals;
  readonly #all: number;
  /** An approval that uses no limit says the same of every order. */
  readonly #plain: GateDecision;

  constructor(parts: PolicyGateParts) {
    const { enforcement } = parts.policy;
    const rules = rulesOf(parts);
    this.policy_sha256 = policyFingerprint(parts.policy, parts.hash);
    this.#approvals = new Approvals(this.policy_sha256);
    this.codes = checkCodesOf(parts);
    const bits = bitsOf(this.codes);
    const judged = rules.map((rule) => ({
      rule,
      bit: bits.get(rule.code) as number,
      refuses: rule.stage === "always" || enforcement[rule.stage] === "enforce",
    }));
    this.#rules = {
      none: judged,
      watched_entries: judged.filter(({ rule, refuses }) => refuses || rule.asked !== "entries"),
      entries: judged.filter(({ rule }) => rule.asked !== "entries"),
      trades: judged.filter(({ rule }) => rule.asked === "all"),
    };
    this.#all = [...bits.values()].reduce((sum, bit) => sum + bit, 0);
    const { account, instruments } = parts;
    this.#case = new Case(
      parts.view,
      instruments.flatMap(({ currency }, i) => (currency === account.currency ? [] : [i])),
    );
    this.#plain = Object.freeze({ decision: "approved", policy_sha256: this.policy_sha256, checks: this.#all });
  }

  /**
   * Judges one order against the account as the view shows it now. The decision is recorded by whoever asked.
   * @param orderId the order that an approval may be asked for once it passes; none for a change of one, or a mere question.
   */
  decide(order: GateOrder, orderId: string | null = null): GateDecision {
    const c = this.#case;
    c.begin(order);
    const exempt = exemptionOf(c);
    let observed = false;
    const rules = this.#rules[exempt];
    for (let n = 0; n < rules.length; n++) {
      const { rule, refuses } = rules[n] as Judged;
      if (!rule.fails(c)) continue;
      if (refuses) return this.#denial(exempt);
      observed = true;
    }
    if (orderId !== null) this.#approvals.owe(orderId);
    return observed ? this.#watched(exempt) : this.#approval();
  }

  /** Every rule's value and limit for an order, as the view shows the account now: what {@link decide} would decide by. */
  readings(order: GateOrder): GateReadings {
    const c = this.#case;
    c.begin(order);
    const exempt = exemptionOf(c);
    const asked = new Set(this.#rules[exempt]);
    const failing = new Set<number>();
    const rules = this.#rules.none.map((judged): CheckReading => {
      const { rule, bit, refuses } = judged;
      const { code } = rule;
      if (!asked.has(judged)) return { code, ...rule.shows(c), verdict: "not_asked", detail: null };
      const fails = rule.fails(c);
      if (!fails) return { code, ...rule.shows(c), verdict: "passed", detail: null };
      failing.add(bit);
      return { code, ...rule.shows(c), verdict: refuses ? "failed" : "observed", detail: rule.explain(c) };
    });
    const failed = [...failing].reduce((sum, bit) => sum + bit, 0);
    return { exempt, rules, checks: this.#all - failed, utilisation: c.utilisation };
  }

  /**
   * Turns a recorded approval into what a broker accepts.
   * @throws {Error} as {@link Approvals.take}.
   */
  approve(ticket: OrderTicket, orderId: string, decision: Verdict): RiskApproved<OrderTicket> {
    return this.#approvals.take(ticket, orderId, decision);
  }

  #approval(): GateDecision {
    const { utilisation } = this.#case;
    return utilisation === null ? this.#plain : { decision: "approved", policy_sha256: this.policy_sha256, checks: this.#all, utilisation };
  }

  /** An approval in spite of failures that are only observed. */
  #watched(exempt: Exemption): GateDecision {
    const { utilisation } = this.#case;
    const { checks, observed } = this.#evaluate(exempt);
    return { decision: "approved", policy_sha256: this.policy_sha256, checks, ...(utilisation === null ? {} : { utilisation }), observed };
  }

  #denial(exempt: Exemption): GateDecision {
    const { checks, explanation, observed } = this.#evaluate(exempt);
    const first = explanation[0];
    if (first === undefined) throw new Error("a denial needs a failing check");
    return {
      decision: "denied",
      policy_sha256: this.policy_sha256,
      code: first.code,
      checks,
      explanation,
      ...(observed.length === 0 ? {} : { observed }),
    };
  }

  #evaluate(exempt: Exemption): { readonly checks: number; readonly explanation: readonly Told[]; readonly observed: readonly Told[] } {
    const c = this.#case;
    const failed = new Set<number>();
    const explanation: Told[] = [];
    const observed: Told[] = [];
    for (const { rule, bit, refuses } of this.#rules[exempt]) {
      if (!rule.fails(c)) continue;
      failed.add(bit);
      (refuses ? explanation : observed).push({ code: rule.code, detail: rule.explain(c) });
    }
    let checks = this.#all;
    for (const bit of failed) checks -= bit;
    return { checks, explanation, observed };
  }
}

function exemptionOf({ order, reduces }: Case): Exemption {
  if (order.flattens && order.reduce_only) return "trades";
  if (reduces) return "entries";
  return order.closes === true ? "watched_entries" : "none";
}

/** 1, 2, 4 and so on: sums of them are exact to the 53rd check, where shifts end at the 31st. */
function bitsOf(codes: readonly CheckCode[]): ReadonlyMap<CheckCode, number> {
  const bits = new Map<CheckCode, number>();
  let bit = 1;
  for (const code of codes) {
    bits.set(code, bit);
    bit *= 2;
  }
  return bits;
}
