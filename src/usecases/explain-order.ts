/**
 * Why an order was let through or refused: the value and the limit of every check, as the gate saw them.
 *
 * A decision stores one bit per check and, for an approval, the limit that is used most. The rest is worked out by running the engine again on the
 * run's recorded inputs up to the decision and reading the gate's own rules there, which proves the stored decision on the way.
 */
import type { Arrival } from "../core/engine/arrival-feed.js";
import { policyInForce } from "../core/engine/policy-in-force.js";
import type { RunConfig } from "../core/engine/run-config.js";
import type { OrderCreated, RiskDecided } from "../core/engine/run-events.js";
import type { CheckReading, GateReadings } from "../core/gate/readings.js";
import { positionedEvent } from "../core/projections/positioned-event.js";
import { canonicalJson } from "../core/tape/canonical-json.js";
import type { UtcMillis } from "../core/tape/event.js";
import type { EngineHost, EngineTask, JudgedOrder } from "../ports/engine-host.js";
import type { LogSession } from "../ports/event-store.js";
import type { StoredRun } from "../ports/run-store.js";
import type { BacktestPorts } from "./backtest-ports.js";
import { recordedRun } from "./recorded-run.js";

export type ExplainOrderPorts = Pick<BacktestPorts, "runs" | "bars" | "strategies" | "host" | "hash" | "hashBytes">;

export interface ExplainOrderRequest {
  readonly run: StoredRun;
  readonly orderId: string;
  readonly signal?: AbortSignal;
}

/** A decision of the gate with what it was made from. */
export interface ExplainedDecision extends Pick<GateReadings, "exempt"> {
  readonly position: number;
  /** UTC milliseconds. */
  readonly decided_at: UtcMillis;
  readonly subject: JudgedOrder["subject"];
  readonly decision: RiskDecided["decision"];
  /** The first check that failed; null for an approval. */
  readonly code: string | null;
  readonly policy_sha256: string;
  /** The limit that an approved order uses most. */
  readonly utilisation: GateReadings["utilisation"];
  /** In the order of decision; a check stands for each of its limits. */
  readonly checks: readonly CheckReading[];
}

export interface ExplainedOrder {
  readonly kind: "order";
  /** As it was created. */
  readonly order: OrderCreated;
  readonly created: number;
  /** Null where only the checks that are never switched off held. */
  readonly policy: string | null;
  /** The order's own, then one per change that came to the gate. */
  readonly decisions: readonly ExplainedDecision[];
}

export type ExplainOrderOutcome =
  | ExplainedOrder
  | { readonly kind: "unknown"; readonly message: string }
  | { readonly kind: "differs"; readonly message: string }
  | { readonly kind: "unreadable"; readonly message: string };

/** Whether a word names an order. */
export function isOrderId(word: string): boolean {
  return ORDER_ID.test(word);
}

/** @throws the signal's reason. */
export function explainOrder(ports: ExplainOrderPorts, session: LogSession, request: ExplainOrderRequest): Promise<ExplainOrderOutcome> {
  const { run, orderId, signal } = request;
  const again = async (): Promise<DecidedAgain | string> => {
    const recorded = await recordedRun(ports, run, session);
    if (recorded.kind === "unusable") return recorded.message;
    const { started, config, bundle, instruments, inputs } = recorded;
    return { config, task: { started, config, bundle, instruments, inputs, append: "block", tape: false } };
  };
  return explainDecisions(ports, { name: run.name, tape: session, orderId, again, ...(signal === undefined ? {} : { signal }) });
}

/** What decides again what a tape holds. */
export interface DecidedAgain {
  readonly config: RunConfig;
  readonly task: EngineTask;
  /** What came to a session; `stop` is called where nothing more did. */
  readonly arrivals?: (stop: () => void) => AsyncIterable<Arrival>;
}

export interface ExplainedTape {
  readonly name: string;
  readonly tape: LogSession;
  readonly orderId: string;
  /** @returns why nothing can decide again, in words. */
  readonly again: () => Promise<DecidedAgain | string>;
  readonly signal?: AbortSignal;
}

/** Explains the decisions on an order of a tape. @throws the signal's reason. */
export async function explainDecisions(
  { host, hash }: Pick<ExplainOrderPorts, "host" | "hash">,
  { name, tape, orderId, again, signal }: ExplainedTape,
): Promise<ExplainOrderOutcome> {
  const found = await storedOrder(tape, orderId);
  if (typeof found === "string") return { kind: "unknown", message: found };
  const { order, created, decisions } = found;
  const recorded = await again();
  if (typeof recorded === "string") return { kind: "unreadable", message: `${name}: ${recorded}` };
  const judged = await judgeAgain(host, orderId, recorded, decisions.length, signal);
  if (judged.length !== decisions.length) {
    const message = `running ${name} again comes to ${judged.length} of the ${decisions.length} decisions on ${orderId} that its tape holds`;
    return { kind: "differs", message };
  }
  const explained: ExplainedDecision[] = [];
  const policy_sha256 = policyInForce(recorded.config, hash);
  for (const [i, stored] of decisions.entries()) {
    const one = judged[i] as JudgedOrder;
    const difference = differenceOf(stored.decided, { ...one, policy_sha256 });
    if (difference !== null) return { kind: "differs", message: `position ${stored.position}: ${difference}` };
    explained.push(explainedOf(stored, one));
  }
  return { kind: "order", order, created, policy: policyName(recorded.config), decisions: explained };
}

interface StoredDecision {
  readonly position: number;
  readonly at: UtcMillis;
  readonly decided: RiskDecided;
}

interface StoredOrder {
  readonly order: OrderCreated;
  readonly created: number;
  readonly decisions: readonly StoredDecision[];
}

/** The order as its tape holds it, or which orders there are. */
async function storedOrder(session: LogSession, orderId: string): Promise<StoredOrder | string> {
  const decisions: StoredDecision[] = [];
  const ids: string[] = [];
  let found: Pick<StoredOrder, "order" | "created"> | null = null;
  for await (const page of session.replayPages({ types: ["order.created", "risk.decided"] })) {
    for (const { type, position, payload, occurred_at: at } of page.map(positionedEvent)) {
      if (type === "order.created") {
        if (payload.order_id === orderId) found = { order: payload, created: position };
        ids.push(payload.order_id);
      } else if (type === "risk.decided" && payload.order_id === orderId) decisions.push({ position, at, decided: payload });
    }
  }
  return found === null ? noOrder(orderId, ids) : { ...found, decisions };
}

function noOrder(orderId: string, ids: readonly string[]): string {
  const [first, last] = [ids[0], ids.at(-1)];
  if (first === undefined || last === undefined) return `there is no order ${orderId}: it made none`;
  return `there is no order ${orderId}; it made ${first === last ? first : `${first} to ${last}`}`;
}

/** Runs the engine up to the last decision on the order. */
async function judgeAgain(
  host: EngineHost,
  orderId: string,
  { task, arrivals }: DecidedAgain,
  wanted: number,
  signal: AbortSignal | undefined,
): Promise<readonly JudgedOrder[]> {
  const judged: JudgedOrder[] = [];
  const enough = new AbortController();
  if (wanted === 0) return judged;
  await host.run(
    { ...task, explain: orderId },
    {
      time_budget_ms: BUDGET_MS,
      signal: signal === undefined ? enough.signal : AbortSignal.any([signal, enough.signal]),
      ...(arrivals === undefined ? {} : { arrivals: arrivals(() => enough.abort()) }),
      onBlock: async () => ({ kind: "committed" }),
      onJudged: (one) => {
        judged.push(one);
        if (judged.length === wanted) enough.abort();
      },
    },
  );
  signal?.throwIfAborted();
  return judged.slice(0, wanted);
}

/** Null where the gate would decide again what it decided. */
export function differenceOf(
  stored: RiskDecided,
  { subject, readings, policy_sha256 }: JudgedOrder & Pick<RiskDecided, "policy_sha256">,
): string | null {
  const { rules, checks, utilisation } = readings;
  const told = (verdict: CheckReading["verdict"]): readonly { code: string; detail: string }[] =>
    rules.filter((rule) => rule.verdict === verdict).map(({ code, detail }) => ({ code, detail: detail ?? "" }));
  const failed = told("failed");
  const denied = failed.length > 0;
  const pairs: readonly (readonly [name: string, stored: unknown, again: unknown])[] = [
    ["subject", stored.subject ?? "order", subject],
    ["policy_sha256", stored.policy_sha256, policy_sha256],
    ["decision", stored.decision, denied ? "denied" : "approved"],
    ["code", stored.code ?? null, failed[0]?.code ?? null],
    ["checks", stored.checks, checks],
    ["explanation", stored.explanation ?? [], failed],
    ["observed", stored.observed ?? [], told("observed")],
    ["utilisation", stored.utilisation ?? null, denied ? null : utilisation],
  ];
  for (const [name, held, again] of pairs)
    if (textOf(held) !== textOf(again))
      return `the decision holds ${textOf(held)} for ${name}, working it out again gives ${textOf(again)}`;
  return null;
}

function explainedOf({ position, at, decided }: StoredDecision, { subject, readings }: JudgedOrder): ExplainedDecision {
  const { decision, code, policy_sha256, utilisation } = decided;
  return {
    ...{ position, decided_at: at, subject, decision, code: code ?? null, policy_sha256, exempt: readings.exempt },
    utilisation: decision === "approved" ? (utilisation === undefined ? null : readings.utilisation) : null,
    checks: readings.rules,
  };
}

function policyName(config: RunConfig): string | null {
  return config.risk?.name ?? null;
}

function textOf(value: unknown): string {
  const canonical = canonicalJson(value);
  return canonical.ok ? canonical.text : "nothing that can be written";
}

const ORDER_ID = /^O\d{1,15}$/;

/** Working out again proves content, not speed: handlers get a minute. */
const BUDGET_MS = 60_000;
