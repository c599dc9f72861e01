import type { Attributes, InstrumentName, Telemetry } from "../../src/ports/telemetry.js";

/** Telemetry that remembers, with a clock that moves 10 ms at each look. */
export class RecordedTelemetry implements Telemetry {
  readonly figures: { readonly name: InstrumentName; readonly value: number; readonly attributes: Attributes }[] = [];
  readonly spans: { readonly name: string; readonly attributes: Attributes; readonly failure: string | null }[] = [];
  readonly logs: { readonly severity: string; readonly event: string; readonly body: string; readonly attributes: Attributes }[] = [];
  #elapsed = 0;

  elapsed(): number {
    this.#elapsed += 10;
    return this.#elapsed;
  }

  record(name: InstrumentName, value: number, attributes: Attributes): void {
    this.figures.push({ name, value, attributes });
  }

  span(name: string, attributes: Attributes): ReturnType<Telemetry["span"]> {
    return { end: (ended, failure) => this.spans.push({ name, attributes: { ...attributes, ...ended }, failure }) };
  }

  log(severity: "info" | "warn" | "error", event: string, body: string, attributes: Attributes): void {
    this.logs.push({ severity, event, body, attributes });
  }

  /** Values that an instrument was told, in order. */
  values(name: InstrumentName): readonly number[] {
    return this.figures.filter((figure) => figure.name === name).map(({ value }) => value);
  }

  sum(name: InstrumentName): number {
    return this.values(name).reduce((sum, value) => sum + value, 0);
  }
}
