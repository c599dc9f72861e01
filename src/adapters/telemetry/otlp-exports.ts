import { OTLPExporterBase } from "@opentelemetry/otlp-exporter-base";
import { convertLegacyHttpOptions, createOtlpHttpExportDelegate } from "@opentelemetry/otlp-exporter-base/node-http";
import {
  type IExporterMetricsHelper,
  type ISerializer,
  JsonLogsSerializer,
  JsonMetricsSerializer,
  JsonTraceSerializer,
  LogsExporterMetricsHelper,
  MetricsExporterMetricsHelper,
  ProtobufLogsSerializer,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
  TraceExporterMetricsHelper,
} from "@opentelemetry/otlp-transformer";
import {
  BatchLogRecordProcessor,
  type LogRecordProcessor,
  type ReadableLogRecord,
  SimpleLogRecordProcessor,
} from "@opentelemetry/sdk-logs";
import type { PeriodicExportingMetricReaderOptions, PushMetricExporter, ResourceMetrics } from "@opentelemetry/sdk-metrics";
import { BatchSpanProcessor, type ReadableSpan, type SpanProcessor } from "@opentelemetry/sdk-trace-base";
import { GatheredSpans } from "./gathered-spans.js";
import { OtlpFile } from "./otlp-file.js";
import { metricIntervalOf, protocolOf, type Signal } from "./otlp-variables.js";

/** Where telemetry goes: a file, or the collector that the standard variables of OpenTelemetry name. */
export type Destination = { readonly kind: "file"; readonly path: string } | { readonly kind: "otlp" };

/** What takes the three signals. */
export interface Exports {
  readonly metrics: PeriodicExportingMetricReaderOptions;
  readonly spans: SpanProcessor;
  readonly logs: LogRecordProcessor;
  close(): void;
}

/** @throws the file system's error where the destination is a file that cannot be written. */
export function exportsTo(destination: Destination, environment: NodeJS.ProcessEnv, onProblem: (why: string) => void): Exports {
  const interval = metricIntervalOf(environment);
  const periodic = (exporter: PushMetricExporter): PeriodicExportingMetricReaderOptions => ({
    exporter,
    exportIntervalMillis: interval,
    exportTimeoutMillis: Math.min(interval, 30_000),
  });
  if (destination.kind === "file") {
    const file = new OtlpFile(destination.path);
    const logs = new OTLPExporterBase<ReadableLogRecord[]>(file.delegate(JsonLogsSerializer, onProblem));
    return {
      metrics: periodic(new OTLPExporterBase<ResourceMetrics>(file.delegate(JsonMetricsSerializer, onProblem))),
      spans: new GatheredSpans(new OTLPExporterBase<ReadableSpan[]>(file.delegate(JsonTraceSerializer, onProblem))),
      logs: new SimpleLogRecordProcessor({ exporter: logs }),
      close: () => file.close(),
    };
  }
  const sent = <T>(signal: Signal, forms: Forms<T>): OTLPExporterBase<T> => collector(environment, signal, forms);
  const metrics = { json: JsonMetricsSerializer, protobuf: ProtobufMetricsSerializer, helper: MetricsExporterMetricsHelper };
  const traces = { json: JsonTraceSerializer, protobuf: ProtobufTraceSerializer, helper: TraceExporterMetricsHelper };
  const logs = { json: JsonLogsSerializer, protobuf: ProtobufLogsSerializer, helper: LogsExporterMetricsHelper };
  return {
    metrics: periodic(sent<ResourceMetrics>("METRICS", metrics)),
    spans: new BatchSpanProcessor(sent<ReadableSpan[]>("TRACES", traces)),
    logs: new BatchLogRecordProcessor({ exporter: sent<ReadableLogRecord[]>("LOGS", logs) }),
    close: () => undefined,
  };
}

interface Forms<T> {
  readonly json: ISerializer<T, unknown>;
  readonly protobuf: ISerializer<T, unknown>;
  readonly helper: IExporterMetricsHelper<T>;
}

/** Endpoint, headers, certificates, time limit and compression are read from the variables by the exporter itself. */
function collector<T>(environment: NodeJS.ProcessEnv, signal: Signal, { json, protobuf, helper }: Forms<T>): OTLPExporterBase<T> {
  const isJson = protocolOf(environment, signal) === "http/json";
  const type = isJson ? "application/json" : "application/x-protobuf";
  const options = convertLegacyHttpOptions({}, signal, `v1/${signal.toLowerCase()}`, { "Content-Type": type });
  const delegate = createOtlpHttpExportDelegate(
    options,
    isJson ? json : protobuf,
    `otlp_${isJson ? "http_json" : "http"}_exporter`,
    helper,
    undefined,
  );
  return new OTLPExporterBase<T>(delegate);
}
