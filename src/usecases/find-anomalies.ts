/** Anomalies of a workspace, of bars and of calculations alike, in one shape; and how one is resolved. */
import type { QualitySeverity } from "../core/quality/quality-result.js";
import type { UtcMillis } from "../core/tape/event.js";
import { openCalcLog } from "./calc-log.js";
import { type DataRefusal, refusal } from "./data-ports.js";
import { type QualityPorts, readQuality, resolveBarAnomaly } from "./quality-log.js";

/** What did not pass. */
export interface KnownAnomaly {
  readonly anomaly_id: string;
  readonly of: "bars" | "calculations";
  /** A symbol, or domain, week and tier. */
  readonly subject: string;
  readonly check: string;
  readonly category: string;
  readonly severity: QualitySeverity;
  readonly message: string;
  readonly detected_at: UtcMillis;
  readonly resolution: { readonly by: string; readonly note: string; readonly resolved_at: UtcMillis } | null;
}

/** Every anomaly of both logs, oldest first. */
export async function findAnomalies(
  ports: Pick<QualityPorts, "store" | "hash">,
): Promise<{ readonly kind: "read"; readonly anomalies: readonly KnownAnomaly[] } | DataRefusal> {
  const bars = await readQuality(ports);
  if (bars.kind === "refused") return bars;
  const calculations = await openCalcLog(ports, "read");
  if (calculations.kind === "refused") return calculations;
  const { log } = calculations;
  const of_bars = bars.index.anomalies.map(
    ({ symbol, column_set: _, ...anomaly }): KnownAnomaly => ({ ...anomaly, of: "bars", subject: symbol }),
  );
  const computed = log.index.anomalies.map(
    ({ anomaly_id, domain, week_ending, tier, check, category, severity, message, detected_at, resolution }): KnownAnomaly => ({
      anomaly_id,
      of: "calculations",
      subject: [domain, week_ending, tier ?? "all tiers"].join(" "),
      check,
      category,
      severity,
      message,
      detected_at,
      resolution,
    }),
  );
  await log.close();
  return { kind: "read", anomalies: [...of_bars, ...computed].sort((a, b) => a.detected_at - b.detected_at) };
}

export type ResolveOutcome =
  | { readonly kind: "settled"; readonly changed: boolean; readonly anomaly: KnownAnomaly }
  /** Nothing is open, and `latest` was asked for. */
  | { readonly kind: "none_open" }
  | DataRefusal;

/** Resolves an anomaly. @param which its id or the beginning of it, or `latest` for the newest open one */
export async function resolveKnownAnomaly(
  ports: QualityPorts,
  which: string,
  decision: { readonly by: string; readonly note: string },
  resolveCalculated: (anomalyId: string) => Promise<DataRefusal | null>,
): Promise<ResolveOutcome> {
  const read = await findAnomalies(ports);
  if (read.kind === "refused") return read;
  const open = read.anomalies.filter(({ resolution }) => resolution === null);
  const newest = open.at(-1);
  if (which === "latest" && newest === undefined) return { kind: "none_open" };
  const named = which === "latest" ? [newest] : read.anomalies.filter(({ anomaly_id }) => anomaly_id.startsWith(which));
  const [anomaly, second] = named;
  if (anomaly === undefined || second !== undefined) {
    const message = second === undefined ? `there is no anomaly ${which}` : `${which} begins the id of ${named.length} anomalies`;
    const expected = second === undefined ? "an id of onetape quality anomalies --all" : "more of its id";
    return refusal(
      "not_found",
      [{ code: "UNKNOWN_ANOMALY", message, field: "ANOMALY", value: which, expected }],
      "onetape quality anomalies --all",
    );
  }
  if (anomaly.resolution !== null) return { kind: "settled", changed: false, anomaly };
  if (anomaly.of === "calculations") {
    const refused = await resolveCalculated(anomaly.anomaly_id);
    if (refused !== null) return refused;
  } else {
    const outcome = await resolveBarAnomaly(ports, anomaly.anomaly_id, decision);
    if (outcome.kind === "refused") return outcome;
  }
  const after = await findAnomalies(ports);
  if (after.kind === "refused") return after;
  return {
    kind: "settled",
    changed: true,
    anomaly: after.anomalies.find(({ anomaly_id }) => anomaly_id === anomaly.anomaly_id) ?? anomaly,
  };
}
