/**
 * What stands between a door and a session: a command is parsed, and every reason against it is told under a fixed code, before anything changes.
 *
 * Order of checks: kind, version present, version supported, structure, legality, idempotency. The first that fails answers.
 */
import { Value } from "typebox/value";
import { confidenceErrors } from "../risk/input-checks.js";
import { positionErrors, type RiskPosition } from "../risk/portfolio/position.js";
import { scenarioErrors } from "../risk/portfolio/scenario.js";
import type { RiskError } from "../risk/risk-outcome.js";
import { type Canonical, canonicalJson } from "../tape/canonical-json.js";
import type { Sha256Fn, Sha256Hex } from "../tape/hash.js";
import { isOpaqueId } from "../tape/names.js";
import { quoteErrors } from "./quote.js";
import { isQuotePayload } from "./quote-structure.js";
import { COMMAND_VERSION, type CommandKind, payloadSchema, type RiskCommand } from "./risk-command.js";

/** Fixed text and category of each code. What varies stands in `details`. */
const codes = {
  UNKNOWN_COMMAND_KIND: ["VALIDATION", "the kind names no command"],
  MISSING_SCHEMA_VERSION: ["VALIDATION", "the command does not say which version its structure has"],
  UNSUPPORTED_SCHEMA_VERSION: ["VALIDATION", "the version of the command's structure is not supported"],
  MISSING_EVENT_TS: ["VALIDATION", "the command does not say when its event happened"],
  VALIDATION_ERROR: ["VALIDATION", "the command does not have the structure of its kind"],
  ILLEGAL_SEQUENCE: ["SEMANTIC", "the session is not in a state in which this command may come"],
  OUT_OF_ORDER: ["SEMANTIC", "the client has sent a later command before this one"],
  IDEMPOTENCY_CONFLICT: ["CONFLICT", "the id was used before for something else"],
  MARKET_SNAPSHOT_NOT_FOUND: ["NOT_FOUND", "the session made no market snapshot of this name"],
} as const;

export type CommandCode = keyof typeof codes;
export type CommandCategory = (typeof codes)[CommandCode][0];

/** Every code with its category and message. */
export const COMMAND_CODES: readonly { readonly code: CommandCode; readonly category: CommandCategory; readonly message: string }[] = (
  Object.entries(codes) as [CommandCode, (typeof codes)[CommandCode]][]
).map(([code, [category, message]]) => ({ code, category, message }));

/** One place in a command that is wrong. */
export interface CommandFault {
  /** JSON pointer into the command, or a path of the portfolio's own. */
  readonly field: string;
  readonly value: string;
  readonly expected: string;
}

/** Why a command was refused. */
export interface CommandError {
  readonly category: CommandCategory;
  readonly code: CommandCode;
  /** One fixed text per code. */
  readonly message: string;
  readonly details: readonly CommandFault[];
  readonly error_count: number;
}

/** What the firewall needs to know of a session. */
export interface FirewallView {
  readonly status: "absent" | "open" | "closed";
  /** Accepted quotes. */
  readonly quotes: number;
  /** Accepted commands and events. */
  readonly version: number;
  readonly fx_pivot: string;
  /** Fingerprint under which an id was accepted, or null. */
  fingerprintOf(id: string): Sha256Hex | null;
  /** Highest client sequence so far; -1 without one. */
  readonly client_sequence: number;
  hasMarketSnapshot(id: string): boolean;
}

/** Semantic codes that lenient commands may pass; none by default. */
export type AllowList = readonly ("ILLEGAL_SEQUENCE" | "OUT_OF_ORDER")[];

/** A verdict on one command. */
export type Verdict =
  | {
      readonly kind: "admitted";
      readonly command: RiskCommand;
      readonly fingerprint: Sha256Hex;
      readonly diagnostics: readonly CommandError[];
    }
  | { readonly kind: "replay"; readonly command: RiskCommand; readonly fingerprint: Sha256Hex }
  | { readonly kind: "rejected"; readonly command_id: string; readonly error: CommandError; readonly diagnostics: readonly CommandError[] };

/** Most faults that an error names one by one; all are counted. */
const NAMED = 50;

/** An error of a code. */
export function commandError(code: CommandCode, details: readonly CommandFault[]): CommandError {
  const [category, message] = codes[code];
  return { category, code, message, details: details.slice(0, NAMED), error_count: Math.max(1, details.length) };
}

const KINDS: readonly CommandKind[] = [
  "INGEST_EVENT",
  "INGEST_QUOTE",
  "SNAPSHOT_REQUEST",
  "COMPUTE_REQUEST",
  "PORTFOLIO_RISK",
  "SCENARIO_GRID",
];

const COMMAND_FIELDS = ["command_id", "kind", "schema_version", "validation_mode", "client_sequence", "payload", "meta"];

/** Checks one command, from whatever door. */
export function checkCommand(raw: unknown, view: FirewallView, allow: AllowList, sha256: Sha256Fn): Verdict {
  const parsed = parse(raw, view);
  if (parsed.kind === "faulty") return { kind: "rejected", command_id: parsed.command_id, error: parsed.error, diagnostics: [] };
  const { command } = parsed;
  const diagnostics: CommandError[] = [];
  for (const error of semanticErrors(command, view)) {
    const passes =
      command.validation_mode === "lenient" &&
      (error.code === "ILLEGAL_SEQUENCE" || error.code === "OUT_OF_ORDER") &&
      view.status === "open" &&
      allow.includes(error.code);
    if (!passes) return { kind: "rejected", command_id: command.command_id, error, diagnostics };
    diagnostics.push(error);
  }
  const fingerprint = sha256(parsed.text);
  const known = view.fingerprintOf(command.command_id);
  if (known === fingerprint) return { kind: "replay", command, fingerprint };
  if (known === null) return { kind: "admitted", command, fingerprint, diagnostics };
  const details = [{ field: "/command_id", value: fingerprint, expected: known }];
  return { kind: "rejected", command_id: command.command_id, error: commandError("IDEMPOTENCY_CONFLICT", details), diagnostics };
}

type Parsed =
  /** `text`: what its fingerprint covers. */
  | { readonly kind: "sound"; readonly command: RiskCommand; readonly text: string }
  | { readonly kind: "faulty"; readonly command_id: string; readonly error: CommandError };

function parse(raw: unknown, view: FirewallView): Parsed {
  const fields = isRecord(raw) ? raw : {};
  const { kind, schema_version, payload, client_sequence = null, validation_mode = "strict" } = fields;
  const command_id = idOf(fields);
  const faulty = (code: CommandCode, details: readonly CommandFault[]): Parsed => ({
    kind: "faulty",
    command_id,
    error: commandError(code, details),
  });
  if (typeof kind !== "string" || !isKind(kind)) return faulty("UNKNOWN_COMMAND_KIND", [fault("/kind", kind, KINDS.join(", "))]);
  if (schema_version === undefined || schema_version === null)
    return faulty("MISSING_SCHEMA_VERSION", [fault("/schema_version", schema_version, String(COMMAND_VERSION))]);
  if (schema_version !== COMMAND_VERSION)
    return faulty("UNSUPPORTED_SCHEMA_VERSION", [fault("/schema_version", schema_version, String(COMMAND_VERSION))]);
  const structure: CommandFault[] = Object.keys(fields)
    .filter((name) => !COMMAND_FIELDS.includes(name))
    .map((name) => fault(`/${name}`, fields[name], "no field of this name"));
  if (!isOpaqueId(command_id)) structure.push(fault("/command_id", command_id, "1 to 200 printable ASCII characters"));
  if (validation_mode !== "strict" && validation_mode !== "lenient")
    structure.push(fault("/validation_mode", validation_mode, "strict or lenient"));
  if (client_sequence !== null && !(typeof client_sequence === "number" && Number.isSafeInteger(client_sequence) && client_sequence >= 0))
    structure.push(fault("/client_sequence", client_sequence, "a whole number from 0"));
  if (!isRecord(payload)) return faulty("VALIDATION_ERROR", [...structure, fault("/payload", payload, "an object")]);
  if (payload["ts"] === undefined || payload["ts"] === null)
    return faulty("MISSING_EVENT_TS", [fault("/payload/ts", payload["ts"], "UTC milliseconds of the event"), ...structure]);
  structure.push(...payloadFaults(kind, payload));
  if (structure.length > 0) return faulty("VALIDATION_ERROR", structure);
  // Checked field by field above, and against the schema of its kind.
  const command = { command_id, kind, validation_mode, client_sequence, payload } as unknown as RiskCommand;
  const meaning = meaningFaults(command, view.fx_pivot);
  if (meaning.length > 0) return faulty("VALIDATION_ERROR", meaning);
  const text = fingerprinted(command);
  if (text.ok) return { kind: "sound", command, text: text.text };
  const refused = text.violations.map(({ field = "", message }) => fault(field.replace(/^\/data\//, "/payload/"), "…", message));
  return faulty("VALIDATION_ERROR", refused);
}

/** A quote is known by its source and sequence, everything else by the id that its client gave. */
function idOf(fields: Readonly<Record<string, unknown>>): string {
  const { command_id, kind, payload } = fields;
  if (kind === "INGEST_QUOTE" && isRecord(payload)) return `quote/${String(payload["source"])}/${String(payload["sequence"])}`;
  return typeof command_id === "string" ? command_id : "";
}

function payloadFaults(kind: CommandKind, payload: object): readonly CommandFault[] {
  if (kind === "INGEST_QUOTE" && isQuotePayload(payload)) return [];
  const schema = payloadSchema(kind, payload);
  if (schema === null) {
    const field = kind === "INGEST_EVENT" ? "event_type" : "compute";
    const expected =
      kind === "INGEST_EVENT"
        ? "PORTFOLIO_CREATED, PORTFOLIO_POSITION_UPSERTED, PORTFOLIO_POSITION_REMOVED or SESSION_CLOSED"
        : "SNAPSHOT or SIMULATED_EXECUTION";
    return [fault(`/payload/${field}`, Object.getOwnPropertyDescriptor(payload, field)?.value, expected)];
  }
  if (Value.Check(schema, payload)) return [];
  return [...Value.Errors(schema, payload)].map(({ instancePath, message }) =>
    fault(`/payload${instancePath}`, at(payload, instancePath), message),
  );
}

/** What a schema cannot say: decimals, days, currencies, and terms that contradict each other. */
function meaningFaults(command: RiskCommand, pivot: string): readonly CommandFault[] {
  switch (command.kind) {
    case "INGEST_QUOTE":
      return faultsOf(quoteErrors(command.payload.quote, pivot));
    case "INGEST_EVENT":
      return command.payload.event_type === "PORTFOLIO_POSITION_UPSERTED" ? faultsOf(positionErrors([command.payload.data.position])) : [];
    case "PORTFOLIO_RISK":
      return faultsOf([
        ...scenarioErrors(command.payload.parameters.scenarios),
        ...command.payload.parameters.confidences.flatMap(confidenceErrors),
      ]);
    case "COMPUTE_REQUEST":
      if (command.payload.compute !== "SIMULATED_EXECUTION") return [];
      return faultsOf([
        ...positionErrors(command.payload.parameters.trades as readonly RiskPosition[]),
        ...scenarioErrors(command.payload.parameters.scenarios),
        ...confidenceErrors(command.payload.parameters.confidence),
      ]);
    default:
      return [];
  }
}

function faultsOf(errors: readonly RiskError[]): readonly CommandFault[] {
  return errors.map(({ code, message, details }) => ({
    field: details["field"] ?? code,
    value: details["value"] ?? details["confidence"] ?? "",
    expected: `${code}: ${message}`,
  }));
}

function* semanticErrors(command: RiskCommand, view: FirewallView): Generator<CommandError> {
  const illegal = (expected: string) => commandError("ILLEGAL_SEQUENCE", [fault("/kind", command.kind, expected)]);
  if (view.status !== "open") {
    // Who lost the answer to a command that was accepted asks again, also after the session was closed.
    if (view.fingerprintOf(command.command_id) === null) yield illegal("an open session");
    return;
  }
  const asks = command.kind === "COMPUTE_REQUEST" || command.kind === "PORTFOLIO_RISK" || command.kind === "SCENARIO_GRID";
  if (asks && view.quotes === 0) yield illegal("a quote that was accepted before");
  if (command.kind === "SNAPSHOT_REQUEST" && view.version === 0) yield illegal("an event that was accepted before");
  if (
    command.client_sequence !== null &&
    command.client_sequence <= view.client_sequence &&
    view.fingerprintOf(command.command_id) === null
  )
    yield commandError("OUT_OF_ORDER", [fault("/client_sequence", command.client_sequence, `above ${view.client_sequence}`)]);
  if (command.kind === "COMPUTE_REQUEST" && command.payload.compute === "SNAPSHOT") {
    const id = command.payload.parameters.market_snapshot_id;
    if (!view.hasMarketSnapshot(id))
      yield commandError("MARKET_SNAPSHOT_NOT_FOUND", [fault("/payload/parameters/market_snapshot_id", id, "a snapshot of this session")]);
  }
}

/** What a fingerprint covers: kind, event type, data and client sequence. Ids, times and what is only told about a command take no part. */
function fingerprinted({ kind, payload, client_sequence }: RiskCommand): Canonical {
  const { ts: _, ...data } = payload;
  return canonicalJson({ kind, data, client_sequence }, 1, Number.MAX_SAFE_INTEGER);
}

function fault(field: string, value: unknown, expected: string): CommandFault {
  return { field, value: shown(value), expected };
}

const SHOWN = 80;

function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? typeof value);
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}

function at(value: unknown, pointer: string): unknown {
  let found: unknown = value;
  for (const step of pointer.split("/").slice(1)) {
    const name = step.replaceAll("~1", "/").replaceAll("~0", "~");
    found = typeof found === "object" && found !== null ? Object.getOwnPropertyDescriptor(found, name)?.value : undefined;
  }
  return found;
}

function isKind(kind: string): kind is CommandKind {
  return (KINDS as readonly string[]).includes(kind);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
