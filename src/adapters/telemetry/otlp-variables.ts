/** The variables of OpenTelemetry that decide where telemetry goes, checked before anything is sent. */
import type { Violation } from "../../core/quality/violation.js";

export type Signal = "METRICS" | "TRACES" | "LOGS";

const SIGNALS: readonly Signal[] = ["METRICS", "TRACES", "LOGS"];
const PROTOCOLS = ["http/protobuf", "http/json"];
const MINUTE = 60_000;

/** Default `http/protobuf`, as the specification has it. */
export function protocolOf(environment: NodeJS.ProcessEnv, signal: Signal): string {
  return environment[`OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`] || environment["OTEL_EXPORTER_OTLP_PROTOCOL"] || "http/protobuf";
}

/** Milliseconds between two exports of figures. */
export function metricIntervalOf(environment: NodeJS.ProcessEnv): number {
  return Number(environment["OTEL_METRIC_EXPORT_INTERVAL"] || MINUTE);
}

/** Whether OpenTelemetry is switched off as a whole, by its own variable. */
export function isDisabled(environment: NodeJS.ProcessEnv): boolean {
  return environment["OTEL_SDK_DISABLED"]?.toLowerCase() === "true";
}

/** Everything that cannot be used; values that may carry a secret are not repeated. */
export function otlpViolations(environment: NodeJS.ProcessEnv): readonly Violation[] {
  const found: Violation[] = [];
  const refuse = (field: string, expected: string): void => {
    found.push({ code: "CONFIG_VALUE", message: `${field} is not ${expected}`, field, expected });
  };
  for (const field of ["OTEL_EXPORTER_OTLP_PROTOCOL", ...SIGNALS.map((signal) => `OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`)]) {
    const value = environment[field] ?? "";
    if (value !== "" && !PROTOCOLS.includes(value)) refuse(field, PROTOCOLS.join(" or "));
  }
  for (const field of ["OTEL_EXPORTER_OTLP_ENDPOINT", ...SIGNALS.map((signal) => `OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`)]) {
    const value = environment[field] ?? "";
    if (value !== "" && !/^https?:$/.test(URL.canParse(value) ? new URL(value).protocol : "")) refuse(field, "an http or https address");
  }
  const interval = metricIntervalOf(environment);
  if (!Number.isSafeInteger(interval) || interval < 1) refuse("OTEL_METRIC_EXPORT_INTERVAL", "a count of milliseconds");
  return found;
}
