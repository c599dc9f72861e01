/** What a file of telemetry says, in a form that tests can look into. */
export interface ReadTelemetry {
  readonly resources: readonly Attributes[];
  /** The newest state of each instrument, all its series together. */
  readonly metrics: ReadonlyMap<
    string,
    { readonly unit: string; readonly description: string; readonly total: number; readonly count: number }
  >;
  readonly spans: readonly ReadSpan[];
  readonly logs: readonly ReadLog[];
}

type Attributes = { readonly [name: string]: string | number | boolean };

interface ReadSpan {
  readonly id: string;
  readonly parent: string;
  readonly trace: string;
  readonly name: string;
  readonly kind: number;
  readonly status: number;
  readonly attributes: Attributes;
}

interface ReadLog {
  readonly event: string;
  readonly severity: string;
  readonly body: string;
  readonly trace: string;
  readonly attributes: Attributes;
}

// The shapes of OTLP in JSON, as far as tests look: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
interface KeyValue {
  readonly key: string;
  readonly value: {
    readonly stringValue?: string;
    readonly intValue?: number | string;
    readonly doubleValue?: number;
    readonly boolValue?: boolean;
  };
}
interface Point {
  readonly asDouble?: number;
  readonly asInt?: number | string;
  readonly sum?: number;
  readonly count?: number | string;
}
interface Points {
  readonly dataPoints: readonly Point[];
}
interface Scoped {
  readonly metrics?: readonly {
    readonly name: string;
    readonly unit: string;
    readonly description: string;
    readonly sum?: Points;
    readonly gauge?: Points;
    readonly histogram?: Points;
  }[];
  readonly spans?: readonly {
    readonly spanId: string;
    readonly parentSpanId?: string;
    readonly traceId: string;
    readonly name: string;
    readonly kind: number;
    readonly status: { readonly code: number };
    readonly attributes: readonly KeyValue[];
  }[];
  readonly logRecords?: readonly {
    readonly eventName: string;
    readonly severityText: string;
    readonly body: { readonly stringValue: string };
    readonly traceId: string;
    readonly attributes: readonly KeyValue[];
  }[];
}
interface Resourced {
  readonly resource: { readonly attributes: readonly KeyValue[] };
  readonly scopeMetrics?: readonly Scoped[];
  readonly scopeSpans?: readonly Scoped[];
  readonly scopeLogs?: readonly Scoped[];
}
interface Line {
  readonly resourceMetrics?: readonly Resourced[];
  readonly resourceSpans?: readonly Resourced[];
  readonly resourceLogs?: readonly Resourced[];
}

/** Reads lines of OTLP in JSON. */
export function readTelemetry(text: string): ReadTelemetry {
  const lines = text.split("\n").filter((line) => line !== "");
  const resourced = lines
    .map((line) => JSON.parse(line) as Line)
    .flatMap((line) => [...(line.resourceMetrics ?? []), ...(line.resourceSpans ?? []), ...(line.resourceLogs ?? [])]);
  const scoped = resourced.flatMap((one) => [...(one.scopeMetrics ?? []), ...(one.scopeSpans ?? []), ...(one.scopeLogs ?? [])]);
  const metrics = new Map<string, { unit: string; description: string; total: number; count: number }>();
  for (const { name, unit, description, ...metric } of scoped.flatMap((scope) => scope.metrics ?? [])) {
    const points = [...(metric.sum?.dataPoints ?? []), ...(metric.gauge?.dataPoints ?? []), ...(metric.histogram?.dataPoints ?? [])];
    const total = points.reduce((sum, point) => sum + Number(point.asDouble ?? point.asInt ?? point.sum ?? 0), 0);
    metrics.set(name, { unit, description, total, count: points.reduce((sum, point) => sum + Number(point.count ?? 1), 0) });
  }
  return {
    resources: resourced.map(({ resource }) => attributesOf(resource.attributes)),
    metrics,
    spans: scoped
      .flatMap((scope) => scope.spans ?? [])
      .map(({ spanId, parentSpanId = "", traceId, name, kind, status, attributes }) => ({
        id: spanId,
        parent: parentSpanId,
        trace: traceId,
        name,
        kind,
        status: status.code,
        attributes: attributesOf(attributes),
      })),
    logs: scoped
      .flatMap((scope) => scope.logRecords ?? [])
      .map(({ eventName, severityText, body, traceId, attributes }) => ({
        event: eventName,
        severity: severityText,
        body: body.stringValue,
        trace: traceId,
        attributes: attributesOf(attributes),
      })),
  };
}

function attributesOf(pairs: readonly KeyValue[]): Attributes {
  return Object.fromEntries(
    pairs.map(({ key, value }) => [key, value.stringValue ?? value.boolValue ?? Number(value.intValue ?? value.doubleValue)]),
  );
}
