/** Telemetry by the OpenTelemetry SDK. Every text is freed of secrets before the SDK sees it. */
import {
  type Context,
  type Counter,
  DiagLogLevel,
  diag,
  type Gauge,
  type Histogram,
  type Span as OtelSpan,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type UpDownCounter,
} from "@opentelemetry/api";
import { SeverityNumber } from "@opentelemetry/api-logs";
import { detectResources, envDetector, resourceFromAttributes } from "@opentelemetry/resources";
import { LoggerProvider } from "@opentelemetry/sdk-logs";
import { MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import { type Attributes, type Instrument, instruments, type Telemetry } from "../../ports/telemetry.js";
import { type Destination, exportsTo } from "./otlp-exports.js";
import { isSecretName, scrubber } from "./scrub.js";

export interface OtelOptions {
  readonly destination: Destination;
  readonly version: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Name and attributes of the span that all others belong to. */
  readonly root: { readonly name: string; readonly attributes: Attributes };
}

export interface OpenTelemetry extends Telemetry {
  /** Ends the root span and hands over everything that is left. @returns what could not be handed over, in words; null where all was. */
  close(attributes: Attributes, failure: string | null): Promise<string | null>;
}

const SEVERITIES = { info: SeverityNumber.INFO, warn: SeverityNumber.WARN, error: SeverityNumber.ERROR } as const;

/** A collector that does not answer holds up no command for longer. */
const CLOSING_MS = 5_000;

type AnyInstrument = Counter | UpDownCounter | Gauge | Histogram;

/** @throws the file system's error where the destination is a file that cannot be written. */
export async function startOtel({ destination, version, environment, root }: OtelOptions): Promise<OpenTelemetry> {
  const scrub = remembered(scrubber(environment));
  const problems: string[] = [];
  const onProblem = (why: string): void => {
    if (problems.length < 1) problems.push(scrub(why));
  };
  diag.setLogger(
    { error: onProblem, warn: onProblem, info: () => undefined, debug: () => undefined, verbose: () => undefined },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  const clean = (attributes: Attributes): Attributes =>
    Object.fromEntries(
      Object.entries(attributes).map(([name, value]) => [
        name,
        typeof value !== "string" ? value : isSecretName(name) ? "[redacted]" : scrub(value),
      ]),
    );
  const detected = detectResources({ detectors: [envDetector] });
  await detected.waitForAsyncAttributes?.();
  const stated = Object.entries(detected.attributes).map(([name, value]) => [name, String(value)] as const);
  const named = { "service.name": "onetape", ...Object.fromEntries(stated), "service.version": version, "process.pid": process.pid };
  const resource = resourceFromAttributes(clean(named));
  const exports = exportsTo(destination, environment, onProblem);
  const meters = new MeterProvider({ resource, readers: [new PeriodicExportingMetricReader(exports.metrics)] });
  const tracers = new BasicTracerProvider({ resource, spanProcessors: [exports.spans] });
  const loggers = new LoggerProvider({ resource, processors: [exports.logs] });
  const tracer = tracers.getTracer("onetape", version);
  const logger = loggers.getLogger("onetape", version);
  const made = instrumentsOf(meters, version);
  const top = tracer.startSpan(root.name, { kind: SpanKind.INTERNAL, attributes: clean(root.attributes) }, ROOT_CONTEXT);
  const within: Context = trace.setSpan(ROOT_CONTEXT, top);
  const end = (span: OtelSpan, attributes: Attributes, failure: string | null): void => {
    span.setAttributes(clean(attributes));
    if (failure !== null) {
      span.setAttribute("error.type", scrub(failure));
      span.setStatus({ code: SpanStatusCode.ERROR });
    }
    span.end();
  };
  return {
    elapsed: () => performance.now(),
    record(name, value, attributes) {
      const instrument = made.get(name);
      if (instrument === undefined) throw new Error(`there is no instrument ${name}`);
      if ("add" in instrument) instrument.add(value, clean(attributes));
      else instrument.record(value, clean(attributes));
    },
    span(name, attributes) {
      const kind = "db.system.name" in attributes ? SpanKind.CLIENT : SpanKind.INTERNAL;
      const span = tracer.startSpan(name, { kind, attributes: clean(attributes) }, within);
      return { end: (ended, failure) => end(span, ended, failure) };
    },
    log(severity, event, body, attributes) {
      logger.emit({
        eventName: event,
        severityNumber: SEVERITIES[severity],
        severityText: severity.toUpperCase(),
        body: scrub(body),
        attributes: clean(attributes),
        context: within,
      });
    },
    async close(attributes, failure) {
      end(top, attributes, failure);
      const all = Promise.all([tracers.shutdown(), loggers.shutdown(), meters.shutdown()]).then(() => exports.close());
      const late = new Promise<void>((resolve) => {
        setTimeout(() => resolve(onProblem(`it was not taken within ${CLOSING_MS / 1_000} s`)), CLOSING_MS).unref();
      });
      await Promise.race([all.catch((error: unknown) => onProblem(error instanceof Error ? error.message : String(error))), late]);
      diag.disable();
      return problems[0] ?? null;
    },
  };
}

/** Labels come again with every append. */
function remembered(scrub: (text: string) => string): (text: string) => string {
  const known = new Map<string, string>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    if (known.size >= 1_000) known.clear();
    const scrubbed = scrub(text);
    known.set(text, scrubbed);
    return scrubbed;
  };
}

function instrumentsOf(meters: MeterProvider, version: string): ReadonlyMap<string, AnyInstrument> {
  const meter = meters.getMeter("onetape", version);
  const make = (name: string, { kind, unit, says: description, bounds = [] }: Instrument): AnyInstrument => {
    switch (kind) {
      case "counter":
        return meter.createCounter(name, { unit, description });
      case "up_down_counter":
        return meter.createUpDownCounter(name, { unit, description });
      case "gauge":
        return meter.createGauge(name, { unit, description });
      case "histogram":
        return meter.createHistogram(name, { unit, description, advice: { explicitBucketBoundaries: [...bounds] } });
    }
  };
  return new Map(Object.entries(instruments).map(([name, instrument]) => [name, make(name, instrument)]));
}
