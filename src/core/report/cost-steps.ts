/** From profit before costs to net profit, by the run's own metrics. Steps add up exactly. */
import type { RunMetrics } from "../metrics/run-metrics.js";
import { bigOf, formatBig } from "../money/decimal.js";
import { shortest } from "../projections/decimal-text.js";
import type { CostStep } from "./tear-sheet.js";

/** Empty where the run lacks one of the metrics. */
export function costSteps({ metrics }: RunMetrics, scale: number): readonly CostStep[] {
  const [slippage, gross, commission, net] = ["ex.slippage", "ret.gross_pnl", "ex.cost", "ret.net_pnl"].map((id) => {
    const value = metrics[id]?.value;
    return typeof value === "string" ? bigOf(value, scale) : undefined;
  });
  if (slippage === undefined || gross === undefined || commission === undefined || net === undefined) return [];
  const step = (id: string, name: string, kind: CostStep["kind"], amount: bigint): CostStep => {
    return { id, name, kind, amount: shortest(formatBig(amount, scale)) };
  };
  const other = net - (gross - commission);
  return [
    step("before", "Before costs", "total", gross + slippage),
    step("slippage", "Slippage", "change", -slippage),
    step("gross", "Gross", "total", gross),
    step("commission", "Commission and tax", "change", -commission),
    ...(other === 0n ? [] : [step("other", "Other", "change", other)]),
    step("net", "Net", "total", net),
  ];
}
