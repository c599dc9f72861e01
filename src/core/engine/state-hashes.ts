import type { RiskState } from "../gate/risk-state.js";
import { type Canonical, canonicalJson } from "../tape/canonical-json.js";
import type { Sha256Fn, Sha256Hex } from "../tape/hash.js";
import { StrategyFailure, type StrategyRunner } from "./strategy-runner.js";
import type { TradingState } from "./trading-state.js";

/** What replay compares: the first by folding events alone, the second by running the strategy again. */
export interface StateHashes {
  readonly state_sha256: Sha256Hex;
  readonly strategy_sha256: Sha256Hex;
  /** Of the account's risk state, by the closes as well; present under a policy. */
  readonly risk_sha256?: Sha256Hex;
}

/**
 * Hashes the state in hand.
 * @param failure a strategy that has failed is not asked for its state any more: its part hashes the empty text.
 * @throws {StrategyFailure} BAD_STATE when the strategy's state is no plain JSON.
 */
export function stateHashes(
  state: TradingState,
  runner: StrategyRunner,
  hash: Sha256Fn,
  failure: StrategyFailure | null,
  risk: RiskState | null,
): StateHashes {
  const hashes = { state_sha256: hash(state.text()), strategy_sha256: hash(failure === null ? strategyText(runner) : "") };
  return risk === null ? hashes : { ...hashes, risk_sha256: hash(risk.text()) };
}

function strategyText(runner: StrategyRunner): string {
  let canonical: Canonical;
  try {
    canonical = canonicalJson(runner.snapshot());
  } catch (error) {
    // A getter of the state, or an indicator of the strategy's own, may throw.
    throw new StrategyFailure("BAD_STATE", "state", null, error);
  }
  if (canonical.ok) return canonical.text;
  const first = canonical.violations[0];
  throw new StrategyFailure(
    "BAD_STATE",
    "state",
    null,
    new Error(`the strategy's state is no plain JSON: ${first?.field ?? ""} ${first?.message ?? ""}`),
  );
}
