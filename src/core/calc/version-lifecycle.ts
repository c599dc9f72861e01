/**
 * The life of a version: ACTIVE, DEPRECATED, SUNSET, DELETED. Every move is an event that says who made it and why; nothing goes back.
 */
import type { Violation } from "../quality/violation.js";
import type { CalcEntry } from "./calculation.js";

export type VersionState = "ACTIVE" | "DEPRECATED" | "SUNSET" | "DELETED";
export type VersionMove = "activate" | "deprecate" | "sunset" | "delete";

/** What a version allows in each state. */
export const VERSION_RULES: Readonly<
  Record<VersionState, { readonly write: boolean; readonly read: boolean; readonly warns: boolean; readonly may_be_current: boolean }>
> = {
  ACTIVE: { write: true, read: true, warns: false, may_be_current: true },
  DEPRECATED: { write: true, read: true, warns: true, may_be_current: false },
  SUNSET: { write: false, read: true, warns: true, may_be_current: false },
  DELETED: { write: false, read: false, warns: false, may_be_current: false },
};

const NEXT = {
  ACTIVE: { activate: "ACTIVE", deprecate: "DEPRECATED" },
  DEPRECATED: { sunset: "SUNSET" },
  SUNSET: { delete: "DELETED" },
  DELETED: {},
} as const satisfies Record<VersionState, Partial<Record<VersionMove, VersionState>>>;

const AFTER = { deprecate: "ACTIVE", activate: "ACTIVE", sunset: "DEPRECATED", delete: "SUNSET" } as const satisfies Record<
  VersionMove,
  VersionState
>;

/** What must be confirmed before a version's rows may go. */
export interface DeletionChecklist {
  /** Name of the migration that removes the rows. */
  readonly migration: string;
  readonly consumers_moved: boolean;
  readonly no_query_names_it: boolean;
  /** Kept elsewhere, or found not to be needed. */
  readonly audit_settled: boolean;
  /** Somebody else than who deletes. */
  readonly second_reviewer: string;
}

/** Asked of a version. */
export interface VersionRequest {
  readonly calc_name: string;
  readonly calc_version: string;
  readonly move: VersionMove;
  /** Opaque id of who asks. */
  readonly by: string;
  readonly reason: string;
  readonly checklist?: DeletionChecklist;
}

/** A calculation's versions as the declaration and the events so far leave them. */
export interface VersionStanding {
  readonly current: string;
  readonly states: ReadonlyMap<string, VersionState>;
}

/** The standing that a declaration states, before any event. */
export function declaredStanding(entry: CalcEntry): VersionStanding {
  const state = (version: string): VersionState =>
    entry.sunset.includes(version) ? "SUNSET" : entry.deprecated.includes(version) ? "DEPRECATED" : "ACTIVE";
  return { current: entry.current, states: new Map(entry.versions.map((version) => [version, state(version)])) };
}

/** The standing after a move that was accepted. A version that the code no longer declares is kept in the states it had. */
export function moveVersion(standing: VersionStanding, version: string, move: VersionMove): VersionStanding {
  const before = standing.states.get(version) ?? AFTER[move];
  const after: VersionState = (NEXT[before] as Partial<Record<VersionMove, VersionState>>)[move] ?? before;
  return { current: move === "activate" ? version : standing.current, states: new Map([...standing.states, [version, after]]) };
}

/** Everything that forbids a move; empty where it may be made. */
export function moveViolations(entry: CalcEntry, standing: VersionStanding, request: VersionRequest): readonly Violation[] {
  const { calc_version: version, move } = request;
  const found: Violation[] = [];
  const say = (code: string, field: string, message: string, expected: string): void => {
    found.push({ code, field, message: `${entry.calc_name} ${version}: ${message}`, value: version, expected });
  };
  if (request.by.trim() === "") say("WHO_MISSING", "by", "nobody is named who asks for it", "--by ID");
  if (request.reason.trim() === "") say("REASON_MISSING", "reason", "no reason is given", "--reason TEXT");
  const state = standing.states.get(version);
  if (state === undefined) {
    say("UNKNOWN_VERSION", "calc_version", "there is no such version", `one of ${entry.versions.join(", ")}`);
    return found;
  }
  if ((NEXT[state] as Partial<Record<VersionMove, VersionState>>)[move] === undefined) {
    const code = move === "activate" ? "NOT_ACTIVE" : "ILLEGAL_MOVE";
    say(
      code,
      "calc_version",
      `a version that is ${state} cannot ${move === "activate" ? "be current" : move}`,
      `one that is ${AFTER[move]}`,
    );
  } else if (move === "activate" && standing.current === version) {
    say("ALREADY_CURRENT", "calc_version", "it is current already", "another version");
  } else if (move === "deprecate" && standing.current === version) {
    say("CURRENT_VERSION", "calc_version", "the current version cannot be deprecated", "make another version current first");
  }
  if (move === "delete") checkDeletion(request, say);
  return found;
}

function checkDeletion(request: VersionRequest, say: (code: string, field: string, message: string, expected: string) => void): void {
  const list = request.checklist;
  if (list === undefined || list.migration.trim() === "") {
    say("MIGRATION_MISSING", "migration", "rows are only deleted through a migration", "a migration and its checklist");
    return;
  }
  const missing = [
    [list.consumers_moved, "consumers_moved"],
    [list.no_query_names_it, "no_query_names_it"],
    [list.audit_settled, "audit_settled"],
  ] as const;
  for (const [done, field] of missing) if (!done) say("CHECKLIST_OPEN", field, `${field} is not confirmed`, "true");
  if (list.second_reviewer.trim() === "" || list.second_reviewer === request.by)
    say("SECOND_REVIEWER", "second_reviewer", "a second person must agree", "another id than that of who deletes");
}

/** Whether a version may be written or read now, and what to tell. */
export type VersionAccess =
  | { readonly kind: "allowed"; readonly warning: string | null }
  | { readonly kind: "refused"; readonly violation: Violation };

/** The rule of a version's state for one use of it. */
export function accessTo(entry: CalcEntry, standing: VersionStanding, version: string, use: "write" | "read"): VersionAccess {
  const state = standing.states.get(version);
  const say = (code: string, message: string, expected: string): VersionAccess => ({
    kind: "refused",
    violation: { code, field: "calc_version", value: version, message, expected },
  });
  if (state === undefined)
    return say("UNKNOWN_VERSION", `Unknown version "${version}" of ${entry.calc_name}`, `one of ${entry.versions.join(", ")}`);
  const rule = VERSION_RULES[state];
  if (!rule[use]) {
    const what = use === "write" ? "written" : "read";
    return say(`VERSION_${state}`, `${entry.calc_name} ${version} is ${state} and cannot be ${what}`, `use ${standing.current}`);
  }
  const warning = rule.warns ? `${entry.calc_name} ${version} is ${state.toLowerCase()}; use ${standing.current}` : null;
  return { kind: "allowed", warning };
}

/** A reader's choice of versions. */
export type VersionChoice = "current" | "all" | { readonly version: string };

/** The versions that a reader gets: the current one unless told otherwise, one by name, or all that may be read, ascending by rank. */
export function readableVersions(
  entry: CalcEntry,
  standing: VersionStanding,
  choice: VersionChoice,
):
  | { readonly kind: "chosen"; readonly versions: readonly string[]; readonly warnings: readonly string[] }
  | { readonly kind: "refused"; readonly violation: Violation } {
  const wanted =
    choice === "all"
      ? entry.versions.filter((version) => VERSION_RULES[standing.states.get(version) ?? "DELETED"].read)
      : [choice === "current" ? standing.current : choice.version];
  const warnings: string[] = [];
  for (const version of wanted) {
    const access = accessTo(entry, standing, version, "read");
    if (access.kind === "refused") return access;
    if (access.warning !== null) warnings.push(access.warning);
  }
  return { kind: "chosen", versions: wanted, warnings };
}
