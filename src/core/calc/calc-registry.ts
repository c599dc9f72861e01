/**
 * The registry of calculations: declared in code, checked at start-up. A declaration that breaks an invariant is a bug and shows before
 * any number is made.
 */
import { nearestName } from "../quality/nearest-name.js";
import type { Violation } from "../quality/violation.js";
import type { CalcEntry } from "./calculation.js";

const NAME = /^[a-z][a-z0-9]*(?:[._][a-z0-9]+)*$/;
const TABLE = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/;
const VERSION = /^(?:v[1-9][0-9]*|[0-9]+\.[0-9]+\.[0-9]+)$/;
const ORDINAL = /^v([1-9][0-9]*)$/;
const VERSION_IN_TABLE = /_v[0-9]+$/;

/** Codes of {@link calcViolations}. The first seven are the invariants of a registry entry, in their order. */
export type CalcViolationCode =
  | "CURRENT_NOT_LISTED"
  | "CURRENT_DEPRECATED"
  | "DEPRECATED_NOT_LISTED"
  | "NO_VERSIONS"
  | "NO_BUSINESS_KEYS"
  | "VERSIONS_OUT_OF_ORDER"
  | "TABLE_PREFIX"
  | "CALC_NAME"
  | "CALC_TWICE"
  | "VERSION_NAME"
  | "VERSION_TWICE"
  | "VERSION_IN_TABLE"
  | "NO_QUALITY_CHECK"
  | "CURRENT_SUNSET"
  | "SUNSET_NOT_LISTED"
  | "IMPLEMENTATION_MISSING";

/** A registry that breaks its own rules. */
export class CalcRegistryRefused extends Error {
  override readonly name = "CalcRegistryRefused";
  readonly violations: readonly Violation[];

  constructor(violations: readonly Violation[]) {
    super(`the registry of calculations is refused: ${violations.map((violation) => violation.message).join("; ")}`);
    this.violations = violations;
  }
}

/** `finra.otc_transparency` has tables that begin with `finra_otc_transparency_`. */
export function tablePrefix(domain: string): string {
  return `${domain.replaceAll(".", "_")}_`;
}

/**
 * The rank of a version among those of its calculation: the number of a `vN`, so that v10 stands above v2; the place, from 1, of any
 * other; 0 for one that is not listed.
 */
export function versionRank(versions: readonly string[], version: string): number {
  const at = versions.indexOf(version);
  if (at < 0) return 0;
  const ordinal = ORDINAL.exec(version);
  return ordinal === null ? at + 1 : Number(ordinal[1]);
}

/** Everything wrong with a list of declarations, in their order. */
export function calcViolations(entries: readonly CalcEntry[]): readonly Violation[] {
  const found: Violation[] = [];
  const names = new Set<string>();
  for (const entry of entries) {
    const { calc_name: calc } = entry;
    const say = (code: CalcViolationCode, field: string, value: string, message: string): void => {
      found.push({ code, field: `${calc}.${field}`, value, message: `${calc}: ${message}` });
    };
    if (!NAME.test(calc)) say("CALC_NAME", "calc_name", calc, "a name is lower-case words joined by . or _");
    if (names.has(calc)) say("CALC_TWICE", "calc_name", calc, "the name is registered twice");
    names.add(calc);
    checkVersions(entry, say);
    if (entry.business_keys.length === 0) say("NO_BUSINESS_KEYS", "business_keys", "", "no business keys are declared");
    const prefix = tablePrefix(entry.domain);
    if (!entry.table.startsWith(prefix) || entry.table === prefix || !TABLE.test(entry.table))
      say("TABLE_PREFIX", "table", entry.table, `the table ${entry.table} is not ${prefix} and a name in snake case`);
    if (VERSION_IN_TABLE.test(entry.table))
      say("VERSION_IN_TABLE", "table", entry.table, "the version is a column, never a part of the table's name");
    if (entry.checks.length === 0) say("NO_QUALITY_CHECK", "checks", "", "no quality check is registered with it");
  }
  return found;
}

type Say = (code: CalcViolationCode, field: string, value: string, message: string) => void;

function checkVersions(entry: CalcEntry, say: Say): void {
  const { versions, current, deprecated, sunset } = entry;
  if (versions.length === 0) say("NO_VERSIONS", "versions", "", "no version is declared");
  else if (current === "") say("CURRENT_NOT_LISTED", "current", current, `no version is chosen as current, of ${versions.join(", ")}`);
  else if (!versions.includes(current)) say("CURRENT_NOT_LISTED", "current", current, `the current version ${current} is not in versions`);
  if (deprecated.includes(current)) say("CURRENT_DEPRECATED", "current", current, `the current version ${current} is deprecated`);
  if (sunset.includes(current)) say("CURRENT_SUNSET", "current", current, `the current version ${current} is sunset`);
  for (const version of deprecated)
    if (!versions.includes(version)) say("DEPRECATED_NOT_LISTED", "deprecated", version, `the deprecated ${version} is not in versions`);
  for (const version of sunset)
    if (!versions.includes(version)) say("SUNSET_NOT_LISTED", "sunset", version, `the sunset ${version} is not in versions`);
  for (const [at, version] of versions.entries()) {
    if (!VERSION.test(version)) say("VERSION_NAME", "versions", version, `"${version}" is neither vN nor N.N.N`);
    if (versions.indexOf(version) !== at) say("VERSION_TWICE", "versions", version, `${version} is listed twice`);
    const before = versions[at - 1];
    if (before !== undefined && versionRank(versions, before) >= versionRank(versions, version))
      say("VERSIONS_OUT_OF_ORDER", "versions", version, `${version} follows ${before}: versions stand in chronological order`);
  }
  if (!("implementations" in entry) || typeof entry.implementations !== "object" || entry.implementations === null) return;
  for (const version of versions)
    if (!Object.hasOwn(entry.implementations, version))
      say("IMPLEMENTATION_MISSING", "implementations", version, `nothing computes ${version}`);
}

/** Facts about one version of a calculation. */
export interface CalcMetadata {
  readonly calc_name: string;
  readonly calc_version: string;
  readonly is_current: boolean;
  readonly deprecated: boolean;
  /** Null for a live version, else a text that names the calculation, this version and the one to use. */
  readonly deprecation_warning: string | null;
  readonly table: string;
  readonly business_keys: readonly string[];
}

export type CalcLookup<T> = { readonly kind: "found"; readonly value: T } | { readonly kind: "unknown"; readonly violation: Violation };

/** Registered calculations, by name. */
export class CalcRegistry<Entry extends CalcEntry = CalcEntry> {
  readonly #entries: ReadonlyMap<string, Entry>;

  /** @throws {CalcRegistryRefused} with everything that {@link calcViolations} finds. */
  constructor(entries: readonly Entry[]) {
    const violations = calcViolations(entries);
    if (violations.length > 0) throw new CalcRegistryRefused(violations);
    this.#entries = new Map(entries.map((entry) => [entry.calc_name, entry]));
  }

  /** Every calculation, ascending by name. */
  get entries(): readonly Entry[] {
    return [...this.#entries.values()].sort((a, b) => (a.calc_name < b.calc_name ? -1 : 1));
  }

  get(calc: string): CalcLookup<Entry> {
    const value = this.#entries.get(calc);
    return value === undefined ? unknownCalc(calc, this.#entries.keys()) : { kind: "found", value };
  }

  currentVersion(calc: string): CalcLookup<string> {
    const entry = this.get(calc);
    return entry.kind === "found" ? { kind: "found", value: entry.value.current } : entry;
  }

  /** See {@link versionRank}. */
  rank(calc: string, version: string): CalcLookup<number> {
    const entry = this.get(calc);
    return entry.kind === "found" ? { kind: "found", value: versionRank(entry.value.versions, version) } : entry;
  }

  metadata(calc: string, version: string | null = null): CalcLookup<CalcMetadata> {
    const found = this.get(calc);
    if (found.kind === "unknown") return found;
    const entry = found.value;
    const chosen = version ?? entry.current;
    if (!entry.versions.includes(chosen)) return unknownVersion(entry, chosen);
    return {
      kind: "found",
      value: {
        calc_name: calc,
        calc_version: chosen,
        is_current: chosen === entry.current,
        deprecated: entry.deprecated.includes(chosen),
        deprecation_warning: deprecationWarning(entry, chosen),
        table: entry.table,
        business_keys: entry.business_keys,
      },
    };
  }
}

/** Null for a live version; otherwise which version to use instead. */
export function deprecationWarning(
  entry: Pick<CalcEntry, "calc_name" | "current" | "deprecated" | "sunset">,
  version: string,
): string | null {
  const how = entry.sunset.includes(version) ? "sunset" : entry.deprecated.includes(version) ? "deprecated" : null;
  return how === null ? null : `${entry.calc_name} ${version} is ${how}; use ${entry.current}`;
}

function unknownCalc(calc: string, known: Iterable<string>): { readonly kind: "unknown"; readonly violation: Violation } {
  const names = [...known].sort();
  const near = nearestName(calc, names);
  const hint = near === null ? `one of ${names.join(", ")}` : `did you mean ${near}?`;
  return {
    kind: "unknown",
    violation: { code: "UNKNOWN_CALC", message: `Unknown calc "${calc}"`, field: "calc", value: calc, expected: hint },
  };
}

function unknownVersion(entry: CalcEntry, version: string): { readonly kind: "unknown"; readonly violation: Violation } {
  return {
    kind: "unknown",
    violation: {
      code: "UNKNOWN_VERSION",
      message: `Unknown version "${version}" of ${entry.calc_name}`,
      field: "calc_version",
      value: version,
      expected: `one of ${entry.versions.join(", ")}; current is ${entry.current}`,
    },
  };
}
