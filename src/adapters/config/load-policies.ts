/** Reads risk policies: presets by name, files by path, several combined to the tightest. */
import { existsSync } from "node:fs";
import { extname, relative, resolve } from "node:path";
import { combinePolicies } from "../../core/gate/combine-policies.js";
import type { RiskPolicy } from "../../core/gate/policy.js";
import { PRESET_NAMES, presetNamed } from "../../core/gate/policy-presets.js";
import { nearestName } from "../../core/quality/nearest-name.js";
import type { Violation } from "../../core/quality/violation.js";
import type { PartialSizing } from "../../ports/config-source.js";
import { asPolicyDraft, checkPolicyFile } from "./check-policy-file.js";
import { GUARDS_POINTERS, notesOnGuards, policyOfGuards, sizingOfGuards } from "./from-guards-file.js";
import { asGuardsFile, guardsFileSchema } from "./guards-schema.js";
import type { Report } from "./load-account-files.js";
import { loadClusters } from "./load-clusters.js";
import { asPolicyFile, policyFileSchema } from "./policy-schema.js";
import { readTextFile } from "./read-text-file.js";
import { checkTree } from "./schema-check.js";
import { toPolicy } from "./to-policy.js";
import { type LocatedNode, nodeAt, parseYaml, placeOf } from "./yaml-document.js";

/** One policy as it was read. */
export interface LoadedPolicy {
  /** The preset's name, or the file as its user would write it. */
  readonly source: string;
  readonly preset: boolean;
  readonly policy: RiskPolicy;
  /** Sizing for a run that states none; null where the file says nothing of it. */
  readonly sizing: PartialSizing | null;
  /** What the file says that no policy holds. */
  readonly notes: readonly string[];
  /** Place of a pointer into the policy, or of its nearest ancestor that the file states; null for a preset. */
  readonly locate: (pointer: string) => { readonly file: string; readonly line: number; readonly column: number } | null;
  readonly states: (pointer: string) => boolean;
  /** Symbols of a file's correlation groups, each with its place; none for a preset. */
  readonly grouped: readonly { readonly group: string; readonly symbol: string; readonly pointer: string }[];
}

export type LoadedPolicies =
  | { readonly kind: "loaded"; readonly members: readonly LoadedPolicy[]; readonly policy: RiskPolicy }
  | { readonly kind: "invalid"; readonly violations: readonly Violation[] };

/**
 * Reads and combines policies. Every fault of every file is told at once; contradictions between files that are sound by themselves last.
 *
 * @param names presets, or paths relative to `folder`. At least one.
 */
export async function loadPolicies(names: readonly string[], folder: string): Promise<LoadedPolicies> {
  const members: LoadedPolicy[] = [];
  const violations: Violation[] = [];
  for (const name of new Set(names)) {
    const loaded = await loadPolicy(name, folder);
    if (loaded.kind === "loaded") members.push(loaded.member);
    else violations.push(...loaded.violations);
  }
  if (violations.length > 0) return { kind: "invalid", violations };
  const combined = combinePolicies(members.map(({ policy }) => policy));
  if (combined.kind === "combined") return { kind: "loaded", members, policy: combined.policy };
  return { kind: "invalid", violations: combined.violations.map((violation) => placed(violation, members)) };
}

/** A contradiction with the place in the file that states the value. */
function placed(violation: Violation, members: readonly LoadedPolicy[]): Violation {
  const field = violation.field ?? "";
  const speaker = members.find(({ preset, policy, states }) => !preset && violation.message.startsWith(policy.name) && states(field));
  return { ...violation, ...(speaker?.locate(field) ?? {}) };
}

type Read =
  | { readonly kind: "loaded"; readonly member: LoadedPolicy }
  | { readonly kind: "invalid"; readonly violations: readonly Violation[] };

async function loadPolicy(name: string, folder: string): Promise<Read> {
  const preset = presetNamed(name);
  if (preset !== null) {
    const member = {
      source: name,
      preset: true,
      policy: preset,
      sizing: null,
      notes: [],
      locate: () => null,
      states: () => false,
      grouped: [],
    };
    return { kind: "loaded", member };
  }
  const absolute = resolve(folder, name);
  if (!existsSync(absolute) && !/[/\\]/.test(name) && ![".yaml", ".yml", ".json"].includes(extname(name)))
    return { kind: "invalid", violations: [unknownPreset(name)] };
  return loadPolicyFile(absolute);
}

function unknownPreset(name: string): Violation {
  const near = nearestName(name, PRESET_NAMES);
  return {
    code: "UNKNOWN_POLICY",
    message: `there is no preset ${name}, and no file of that name${near === null ? "" : `; did you mean ${near}?`}`,
    value: name,
    expected: `${PRESET_NAMES.join(", ")}, or the path of a policy file`,
  };
}

async function loadPolicyFile(absolute: string): Promise<Read> {
  const file = named(absolute);
  const read = await readTextFile(absolute);
  if (read.kind === "unreadable")
    return { kind: "invalid", violations: [{ ...read.violation, file, message: read.violation.message.replace(absolute, file) }] };
  const parsed = parseYaml(file, read.text);
  if (parsed.kind === "invalid") return parsed;
  return hasGuards(parsed.root) ? fromGuards(file, parsed.root) : fromPolicy(file, absolute, parsed.root);
}

/** A path as its user would write it: relative to the current folder where it lies below. */
function named(absolute: string): string {
  const short = relative(process.cwd(), absolute);
  return short === "" || short.startsWith("..") ? absolute : short;
}

/** Keys that only the layout with guards has. */
function hasGuards(root: LocatedNode): boolean {
  return ["/guards", "/exposure", "/sizing", "/broker", "/kill_switch/triggers"].some((pointer) => nodeAt(root, pointer) !== null);
}

async function fromPolicy(file: string, absolute: string, root: LocatedNode): Promise<Read> {
  const checked = checkTree(policyFileSchema, root, file);
  const violations = [...checked.violations];
  const report = reportTo(violations, file, root);
  checkPolicyFile(asPolicyDraft(checked.value), report);
  if (violations.length > 0) return { kind: "invalid", violations: byPlace(violations) };
  const stated = asPolicyFile(checked.value);
  const groups = stated.limits?.correlation_groups ?? [];
  const clusters = await loadClusters(groups, absolute, report);
  if (violations.length > 0) return { kind: "invalid", violations: byPlace(violations) };
  return {
    kind: "loaded",
    member: {
      source: file,
      preset: false,
      policy: toPolicy(stated, "policy", clusters),
      sizing: null,
      notes: [],
      locate: (pointer) => ({ file, ...placeOf(root, pointer) }),
      states: (pointer) => nodeAt(root, pointer) !== null,
      // A cluster is of a market, of which a run may have a part.
      grouped: groups.flatMap(({ name, symbols = [] }, g) =>
        symbols.map((symbol, n) => ({ group: name, symbol, pointer: `/limits/correlation_groups/${g}/symbols/${n}` })),
      ),
    },
  };
}

function fromGuards(file: string, root: LocatedNode): Read {
  const checked = checkTree(guardsFileSchema, root, file);
  const violations = [...checked.violations];
  if (violations.length > 0) return { kind: "invalid", violations: byPlace(violations) };
  const stated = asGuardsFile(checked.value);
  const policy = policyOfGuards(stated);
  const report = reportTo(violations, file, root);
  checkPolicyFile(asPolicyDraft(JSON.parse(JSON.stringify(policy))), (code, pointer, ...rest) => report(code, here(pointer), ...rest));
  if (violations.length > 0) return { kind: "invalid", violations: byPlace(distinct(violations)) };
  return {
    kind: "loaded",
    member: {
      source: file,
      preset: false,
      policy: toPolicy(policy, "risk"),
      sizing: sizingOfGuards(stated),
      notes: notesOnGuards(stated),
      locate: (pointer) => ({ file, ...placeOf(root, here(pointer)) }),
      states: (pointer) => nodeAt(root, here(pointer)) !== null,
      grouped: [],
    },
  };
}

/** A pointer into our keys as one into the layout with guards. */
function here(pointer: string): string {
  if (pointer.endsWith("/currency")) return "/currency";
  const known = Object.keys(GUARDS_POINTERS).find((ours) => pointer === ours || pointer.startsWith(`${ours}/`));
  return known === undefined ? pointer : (GUARDS_POINTERS[known] ?? pointer);
}

/** One currency stands for all amounts of the layout with guards: it is told once. */
function distinct(violations: readonly Violation[]): Violation[] {
  return violations.filter((one, n) => violations.findIndex((other) => other.field === one.field && other.message === one.message) === n);
}

function reportTo(violations: Violation[], file: string, root: LocatedNode): Report {
  return (code, field, message, value, expected) => {
    violations.push({ code, message, file, ...placeOf(root, field), field, expected, ...(value === undefined ? {} : { value }) });
  };
}

function byPlace(violations: readonly Violation[]): readonly Violation[] {
  return [...violations].sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
}
