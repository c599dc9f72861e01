import type { KillSwitchState } from "../../core/gate/kill-switch.js";
import { DEFAULT_SCOPE, riskStream } from "../../core/gate/risk-events.js";
import { utcText } from "../../core/market/scan-time.js";
import { isTapeName, NAME_EXPECTATION } from "../../core/tape/names.js";
import type { DataRefusal } from "../../usecases/data-ports.js";
import type { KillSwitchPorts } from "../../usecases/kill-switch-log.js";
import { dataPorts } from "../library/data-ports.js";
import type { CommandResult, Invocation } from "./command.js";
import { refused } from "./data-refusal.js";
import { failureOf } from "./failure.js";

/** Runs work on the kill switch of the scope that the flags name, and tells a refusal of the store. */
export async function withKillSwitch<T extends { readonly kind: string }>(
  { flags, settings }: Invocation,
  work: (ports: KillSwitchPorts, scope: string) => Promise<T | DataRefusal>,
  tell: (done: T, scope: string) => CommandResult,
): Promise<CommandResult> {
  const scope = flags.text("scope") ?? DEFAULT_SCOPE;
  if (!isTapeName(riskStream(scope))) {
    const where = { field: "--scope", value: scope, expected: NAME_EXPECTATION };
    return {
      kind: "failed",
      failure: failureOf("USAGE", `${JSON.stringify(scope)} names no scope`, "onetape kill-switch status --help", where),
    };
  }
  const ports = dataPorts(settings);
  try {
    const outcome = await work(ports, scope);
    return isRefusal(outcome) ? { kind: "failed", failure: refused(outcome) } : tell(outcome, scope);
  } finally {
    await ports.store.close();
  }
}

function isRefusal(outcome: { readonly kind: string } | DataRefusal): outcome is DataRefusal {
  return outcome.kind === "refused";
}

/** A switch's state in a document. Times are UTC text. */
export function stateDocument(scope: string, state: KillSwitchState): { readonly [key: string]: unknown } {
  if (state.status === "armed") return { scope, status: state.status };
  const { status, trigger, reason, tripped_at, locked_until } = state;
  return { scope, status, trigger, reason, tripped_at: utcText(tripped_at), locked_until: utcText(locked_until) };
}

/** A switch's state in a sentence. */
export function stateSentence(scope: string, state: KillSwitchState): string {
  if (state.status === "armed") return `kill switch ${scope}: armed`;
  return `kill switch ${scope}: tripped ${utcText(state.tripped_at)} (${state.trigger}): ${state.reason}; no reset before ${utcText(state.locked_until)}`;
}
