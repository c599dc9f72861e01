import type { Style } from "../../adapters/terminal/style.js";
import { renderPairs, renderTable } from "../../adapters/terminal/table.js";
import { percentWords } from "../../core/gate/contradictions.js";
import type { CheckReading } from "../../core/gate/readings.js";
import type { ExplainedDecision, ExplainedOrder } from "../../usecases/explain-order.js";

/** An order with its decisions, for people. */
export async function renderOrder({ order, created, policy, decisions }: ExplainedOrder, style: Style): Promise<string> {
  const terms = [
    `${order.side} ${order.qty} ${order.symbol}, ${order.order_type}`,
    ...(order.limit_price === undefined ? [] : [`limit ${order.limit_price}`]),
    ...(order.stop_price === undefined ? [] : [`stop ${order.stop_price}`]),
    ...(order.reduce_only ? ["only reduces"] : []),
  ].join(", ");
  const head = renderPairs(
    [
      [order.order_id, style.bold(terms)],
      ["created", `position ${created}`],
      ["policy", policy ?? "none: only the checks that are never switched off"],
    ],
    style,
  );
  const blocks = await Promise.all(decisions.map((decision) => renderDecision(decision, style)));
  return [head, ...blocks].join("\n");
}

async function renderDecision(decided: ExplainedDecision, style: Style): Promise<string> {
  const { position, decided_at, subject, decision, code, utilisation, exempt, checks } = decided;
  const verdict = decision === "approved" ? style.good("approved") : style.bad(`denied: ${code ?? ""}`);
  const head = renderPairs(
    [
      [subject === "order" ? "order" : "change", `${verdict}  ${new Date(decided_at).toISOString()}, position ${position}`],
      ...(utilisation === null ? [] : [["tightest", `${percentWords(utilisation.fraction)} of ${utilisation.code}`] as const]),
      ...(exempt === "none" ? [] : [["asked", EXEMPT[exempt]] as const]),
    ],
    style,
  );
  const table = await renderTable(
    [
      { title: "check" },
      { title: "what" },
      { title: "value", numeric: true },
      { title: "passes" },
      { title: "unit" },
      { title: "verdict" },
    ],
    checks.map((check) => [
      check.code,
      check.what,
      check.value ?? "-",
      `${PASSES[check.passes]} ${check.limit ?? "unknown"}`,
      check.unit ?? "",
      verdictText(check, style),
    ]),
    style,
  );
  const details = checks.flatMap(({ code: failed, detail }) => (detail === null ? [] : [`${failed}: ${detail}\n`]));
  return `${head}${table}${details.join("")}`;
}

function verdictText({ verdict }: CheckReading, style: Style): string {
  if (verdict === "failed") return style.bad("failed");
  return verdict === "passed" ? style.good("passed") : style.dim(verdict.replace("_", " "));
}

const PASSES: Readonly<Record<CheckReading["passes"], string>> = {
  at_most: "at most",
  below: "below",
  at_least: "at least",
  above: "above",
  is: "is",
  multiple_of: "multiple of",
};

const EXEMPT = {
  watched_entries: "enforced, it would be made to only reduce: limits on entries that are only watched are not asked",
  entries: "it only reduces: limits on entries are not asked",
  trades: "it closes everything: what does not make it impossible is not asked",
} as const;
