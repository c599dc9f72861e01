/** Alerts: what an anomaly of weight makes people look at. The same trouble does not ring twice within five minutes. */
import type { QualitySeverity } from "../quality/quality-result.js";
import type { UtcMillis } from "../tape/event.js";
import type { AnomalyFacts } from "./anomaly.js";

/** Least severity that rings. */
export const ALERT_SEVERITIES: readonly QualitySeverity[] = ["ERROR", "CRITICAL"];
export const ALERT_THROTTLE_MS = 300_000;

/** That an anomaly was made known. */
export type AlertRaised = {
  /** The anomaly's own id: it rings once. */
  readonly alert_id: string;
  readonly anomaly_id: string;
  readonly domain: string;
  readonly severity: QualitySeverity;
  /** What rings together: domain, stage and check. */
  readonly source: string;
  readonly message: string;
};

/**
 * The alert of an anomaly, or null where it is too slight, or where its source rang less than five minutes before.
 *
 * @param lastOf when a source rang last; null where it never did.
 */
export function alertOf(anomaly: AnomalyFacts, at: UtcMillis, lastOf: (source: string) => UtcMillis | null): AlertRaised | null {
  if (!ALERT_SEVERITIES.includes(anomaly.severity)) return null;
  const { anomaly_id, domain, severity, stage, check, message } = anomaly;
  const source = `${domain}/${stage}/${check}`;
  const last = lastOf(source);
  return last !== null && at - last < ALERT_THROTTLE_MS ? null : { alert_id: anomaly_id, anomaly_id, domain, severity, source, message };
}
