/** What a workspace's quality log says, folded: measurements, decisions of gates, anomalies and what became of them. */
import type { UtcMillis } from "../tape/event.js";
import type { QualityResult } from "./quality-result.js";
import type { BarAnomalyFacts, SlaDecided, SlaEvent, SlaMeasured } from "./sla-events.js";

export interface BarAnomaly extends BarAnomalyFacts {
  readonly detected_at: UtcMillis;
  readonly resolution: { readonly by: string; readonly note: string; readonly resolved_at: UtcMillis } | null;
}

/** All results of one series of bars. */
export interface Measurement extends Pick<SlaMeasured, "measurement_id" | "symbol" | "timeframe" | "basis" | "column_set"> {
  readonly measured_at: UtcMillis;
  readonly from_ts: UtcMillis;
  readonly to_ts: UtcMillis;
  readonly rows: number;
  readonly calendar: string | null;
  readonly results: readonly QualityResult[];
}

export interface Decision extends SlaDecided {
  readonly decided_at: UtcMillis;
}

export class QualityIndex {
  readonly #measurements = new Map<string, Measurement>();
  readonly #anomalies = new Map<string, BarAnomaly>();
  readonly #decisions: Decision[] = [];

  /** Folds one event; the order is that of the log. */
  apply(event: SlaEvent): void {
    const { type, payload, occurred_at } = event;
    switch (type) {
      case "sla.measured":
        this.#measure(payload, occurred_at);
        break;
      case "sla.decided":
        this.#decisions.push({ ...payload, decided_at: occurred_at });
        break;
      case "bar_anomaly.raised":
        if (!this.#anomalies.has(payload.anomaly_id))
          this.#anomalies.set(payload.anomaly_id, { ...payload, detected_at: occurred_at, resolution: null });
        break;
      case "bar_anomaly.resolved": {
        const known = this.#anomalies.get(payload.anomaly_id);
        const resolution = { by: payload.by, note: payload.note, resolved_at: occurred_at };
        if (known !== undefined && known.resolution === null) this.#anomalies.set(payload.anomaly_id, { ...known, resolution });
      }
    }
  }

  #measure(payload: SlaMeasured, measured_at: UtcMillis): void {
    const { check, category, status, severity, measured, threshold, message, checks: _, ...series } = payload;
    const result = { check, category, status, severity, measured, threshold, subject: payload.symbol, message };
    const known = this.#measurements.get(payload.measurement_id);
    const results = [...(known?.results ?? []), result];
    this.#measurements.set(payload.measurement_id, { ...series, measured_at: known?.measured_at ?? measured_at, results });
  }

  /** In the order of the log. */
  get measurements(): readonly Measurement[] {
    return [...this.#measurements.values()];
  }

  measurement(id: string): Measurement | null {
    return this.#measurements.get(id) ?? null;
  }

  /** In the order of the log. */
  get decisions(): readonly Decision[] {
    return this.#decisions;
  }

  /** In the order of the log, resolved ones included. */
  get anomalies(): readonly BarAnomaly[] {
    return [...this.#anomalies.values()];
  }

  anomaly(id: string): BarAnomaly | null {
    return this.#anomalies.get(id) ?? null;
  }
}
