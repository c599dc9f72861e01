import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { LADDER_OFF, type QualityLadder } from "../../core/quality/ladder.js";
import type { Violation } from "../../core/quality/violation.js";
import { DSN_SHAPE, DSN_VARIABLE, isDsn } from "../postgres/postgres-dsn.js";
import { type AnchorSettings, anchorKeyFault, anchorsOfEnvironment, mergedAnchors, type StatedAnchors } from "./anchor-settings.js";
import { readSwitch } from "./enforcement-flags.js";

/** The variable that switches service levels of bars. */
const SLA_SWITCH = "ENABLE_SLA_CHECKS";

/** The stores that a workspace may keep its logs in. */
export type StoreKind = "sqlite" | "postgres";

/** What holds for every command of a workspace. */
export interface WorkspaceSettings {
  /** Absolute path of the workspace. */
  readonly home: string;
  /** Where its logs are: a file each, or the database that `POSTGRES_DSN` names. */
  readonly store: StoreKind;
  /** Whether writers of logs publish where these end. */
  readonly anchors: AnchorSettings;
  /** Where telemetry goes: `off`, `otlp`, or the absolute path of a file. */
  readonly telemetry: string;
  readonly color: "auto" | "always" | "never";
  readonly quality: QualityLadder;
  readonly quiet: boolean;
}

/** Which layer decided a setting, and where it stands there. */
export interface SettingOrigin {
  readonly layer: "flag" | "environment" | "project file" | "user file" | "default";
  /** Name of the flag or variable, or file with line; empty for a default. */
  readonly place: string;
}

export type ResolvedSettings =
  | {
      readonly kind: "resolved";
      readonly settings: WorkspaceSettings;
      readonly origins: { readonly [K in keyof WorkspaceSettings]: SettingOrigin };
    }
  | { readonly kind: "invalid"; readonly violations: readonly Violation[] };

/** What the layers state, before they are merged. Undefined is "says nothing". */
export interface SettingFlags {
  readonly home: string | undefined;
  readonly store: StoreKind | undefined;
  readonly telemetry: string | undefined;
  readonly color: WorkspaceSettings["color"] | undefined;
  readonly quiet: boolean | undefined;
}

type Stated = {
  readonly [K in Exclude<keyof WorkspaceSettings, "anchors">]?: { readonly value: WorkspaceSettings[K]; readonly origin: SettingOrigin };
} & { readonly anchors?: { readonly value: StatedAnchors; readonly origin: SettingOrigin } };
type Layer = { readonly kind: "layer"; readonly stated: Stated } | { readonly kind: "invalid"; readonly violations: readonly Violation[] };

const nothing: Layer = { kind: "layer", stated: {} };

/**
 * Merges the layers: flag over environment over project file over user file over default.
 *
 * The project file is `onetape.yaml` in `folder`; the user's is `onetape/config.yaml` under `XDG_CONFIG_HOME` or `~/.config`.
 */
export async function resolveSettings(flags: SettingFlags, environment: NodeJS.ProcessEnv, folder: string): Promise<ResolvedSettings> {
  const layers = [
    fromFlags(flags, folder),
    fromEnvironment(environment, folder),
    await fromFile(join(folder, "onetape.yaml"), "project file"),
    await fromFile(userFile(environment), "user file"),
  ];
  const violations = layers.flatMap((layer) => (layer.kind === "invalid" ? layer.violations : []));
  if (violations.length > 0) return { kind: "invalid", violations };
  const stated = layers.map((layer) => (layer.kind === "layer" ? layer.stated : {}));
  const byDefault: SettingOrigin = { layer: "default", place: "" };
  const home = first(stated, "home") ?? { value: join(folder, ".onetape"), origin: byDefault };
  const store = first(stated, "store") ?? impliedStore(environment);
  const anchors = anchorsOf(stated);
  const telemetry = first(stated, "telemetry") ?? { value: "off", origin: byDefault };
  const color = first(stated, "color") ?? { value: "auto" as const, origin: byDefault };
  const quality = withSwitch(first(stated, "quality"), environment);
  const quiet = first(stated, "quiet") ?? { value: false, origin: byDefault };
  const unusable = store.value === "postgres" ? refuseDsn(environment, store.origin) : null;
  const faults = [unusable, anchorKeyFault(anchors.value, keyPlace(stated), "allowed")].filter((fault) => fault !== null);
  if (faults.length > 0) return { kind: "invalid", violations: faults };
  return {
    kind: "resolved",
    settings: {
      home: home.value,
      store: store.value,
      anchors: anchors.value,
      telemetry: telemetry.value,
      color: color.value,
      quality: quality.value,
      quiet: quiet.value,
    },
    origins: {
      home: home.origin,
      store: store.origin,
      anchors: anchors.origin,
      telemetry: telemetry.origin,
      color: color.origin,
      quality: quality.origin,
      quiet: quiet.origin,
    },
  };
}

function first<K extends keyof WorkspaceSettings>(layers: readonly Stated[], name: K): Stated[K] | undefined {
  return layers.find((layer) => layer[name] !== undefined)?.[name];
}

/** Part by part: a file may say how often, and a variable where. The origin is that of the file of anchors. */
function anchorsOf(layers: readonly Stated[]): { readonly value: AnchorSettings; readonly origin: SettingOrigin } {
  const stated = layers.flatMap(({ anchors }) => anchors ?? []);
  const origin = stated.find(({ value }) => value.file !== undefined)?.origin ?? { layer: "default" as const, place: "" };
  return { value: mergedAnchors(stated.map(({ value }) => value)), origin };
}

/** Where the key that signs was named. */
function keyPlace(layers: readonly Stated[]): string {
  const origin = layers.find(({ anchors }) => anchors?.value.key !== undefined)?.anchors?.origin;
  return origin?.layer === "environment" ? "ONETAPE_ANCHOR_KEY" : `/anchors/key${origin === undefined ? "" : ` of ${origin.place}`}`;
}

type StatedLadder = { readonly value: QualityLadder; readonly origin: SettingOrigin };

/** The ladder under the variable that switches it: off asks nothing whatever a file says, on warns where no file says anything. */
function withSwitch(stated: StatedLadder | undefined, environment: NodeJS.ProcessEnv): StatedLadder {
  const origin: SettingOrigin = { layer: "environment", place: SLA_SWITCH };
  const asked = readSwitch(environment[SLA_SWITCH]);
  if (asked === "off") return { value: LADDER_OFF, origin };
  if (stated !== undefined) return stated;
  return asked === "on" ? { value: { level: "warn", checks: {} }, origin } : { value: LADDER_OFF, origin: { layer: "default", place: "" } };
}

/** PostgreSQL where the environment says where it is. */
function impliedStore(environment: NodeJS.ProcessEnv): { readonly value: StoreKind; readonly origin: SettingOrigin } {
  return (environment[DSN_VARIABLE] ?? "") === ""
    ? { value: "sqlite", origin: { layer: "default", place: "" } }
    : { value: "postgres", origin: { layer: "environment", place: DSN_VARIABLE } };
}

/** Nothing but the variable names a server, and its value is never repeated. */
function refuseDsn(environment: NodeJS.ProcessEnv, { layer, place }: SettingOrigin): Violation | null {
  const dsn = environment[DSN_VARIABLE] ?? "";
  if (isDsn(dsn)) return null;
  const asked = layer === "environment" && place === DSN_VARIABLE ? "" : ` (${layer}${place === "" ? "" : ` ${place}`})`;
  return {
    code: dsn === "" ? "STORE_NOT_NAMED" : "CONFIG_VALUE",
    message: dsn === "" ? `the store is postgres${asked}, and ${DSN_VARIABLE} is not set` : `${DSN_VARIABLE} is not a connection string`,
    field: DSN_VARIABLE,
    expected: dsn === "" ? `${DSN_SHAPE} in the environment, or --store sqlite` : DSN_SHAPE,
  };
}

function anchorPaths({ file, every, key }: StatedAnchors, folder: string): StatedAnchors {
  return {
    ...(file === undefined ? {} : { file: resolve(folder, file) }),
    ...(every === undefined ? {} : { every }),
    ...(key === undefined ? {} : { key: resolve(folder, key) }),
  };
}

/** A word stays a word; anything else is a path. */
function telemetryTo(stated: string, folder: string): string {
  return stated === "off" || stated === "otlp" ? stated : resolve(folder, stated);
}

function fromFlags({ home, store, telemetry, color, quiet }: SettingFlags, folder: string): Layer {
  const flag = (place: string): SettingOrigin => ({ layer: "flag", place });
  return {
    kind: "layer",
    stated: {
      ...(home === undefined ? {} : { home: { value: resolve(folder, home), origin: flag("--home") } }),
      ...(store === undefined ? {} : { store: { value: store, origin: flag("--store") } }),
      ...(telemetry === undefined ? {} : { telemetry: { value: telemetryTo(telemetry, folder), origin: flag("--telemetry") } }),
      ...(color === undefined ? {} : { color: { value: color, origin: flag(color === "never" ? "--no-color" : "--color") } }),
      ...(quiet === undefined ? {} : { quiet: { value: quiet, origin: flag("--quiet") } }),
    },
  };
}

function fromEnvironment(environment: NodeJS.ProcessEnv, folder: string): Layer {
  const home = environment["ONETAPE_HOME"] ?? "";
  const quiet = environment["ONETAPE_QUIET"] ?? "";
  const store = environment["ONETAPE_STORE"] ?? "";
  const telemetry = environment["ONETAPE_TELEMETRY"] ?? "";
  const at = (place: string): SettingOrigin => ({ layer: "environment", place });
  const violations: Violation[] = [];
  const refuse = (field: string, value: string, expected: string): void => {
    violations.push({ code: "CONFIG_VALUE", message: `${JSON.stringify(value)} is not ${expected}`, field, value, expected });
  };
  if (quiet !== "" && quiet !== "0" && quiet !== "1") refuse("ONETAPE_QUIET", quiet, "0 or 1");
  const known = store === "sqlite" || store === "postgres" ? store : undefined;
  if (store !== "" && known === undefined) refuse("ONETAPE_STORE", store, "sqlite or postgres");
  if (readSwitch(environment[SLA_SWITCH]) === "invalid")
    refuse(SLA_SWITCH, environment[SLA_SWITCH] ?? "", "on or off (also true, false, 1, 0)");
  const anchors = anchorsOfEnvironment(environment, folder);
  violations.push(...anchors.violations);
  if (violations.length > 0) return { kind: "invalid", violations };
  const dark = (environment["NO_COLOR"] ?? "") !== "" ? "NO_COLOR" : environment["TERM"] === "dumb" ? "TERM" : null;
  return {
    kind: "layer",
    stated: {
      ...(home === "" ? {} : { home: { value: resolve(folder, home), origin: at("ONETAPE_HOME") } }),
      ...(known === undefined ? {} : { store: { value: known, origin: at("ONETAPE_STORE") } }),
      ...(Object.keys(anchors.stated).length === 0 ? {} : { anchors: { value: anchors.stated, origin: at("ONETAPE_ANCHORS") } }),
      ...(telemetry === "" ? {} : { telemetry: { value: telemetryTo(telemetry, folder), origin: at("ONETAPE_TELEMETRY") } }),
      ...(dark === null ? {} : { color: { value: "never", origin: at(dark) } }),
      ...(quiet === "" ? {} : { quiet: { value: quiet === "1", origin: at("ONETAPE_QUIET") } }),
    },
  };
}

function userFile(environment: NodeJS.ProcessEnv): string | null {
  const stated = environment["XDG_CONFIG_HOME"] ?? "";
  const home = environment["HOME"] ?? environment["USERPROFILE"] ?? "";
  if (stated === "" && home === "") return null;
  return join(stated === "" ? join(home, ".config") : stated, "onetape", "config.yaml");
}

/** The parser is loaded only where there is a file: most commands start without it. */
async function fromFile(path: string | null, layer: "project file" | "user file"): Promise<Layer> {
  if (path === null || !existsSync(path)) return nothing;
  const [{ readTextFile }, { parseYaml, placeOf }, { checkTree }, { asSettingsFile, settingsFileSchema }] = await Promise.all([
    import("./read-text-file.js"),
    import("./yaml-document.js"),
    import("./schema-check.js"),
    import("./settings-schema.js"),
  ]);
  const read = await readTextFile(path);
  if (read.kind === "unreadable") return { kind: "invalid", violations: [read.violation] };
  const parsed = parseYaml(path, read.text);
  if (parsed.kind === "invalid") return parsed;
  const checked = checkTree(settingsFileSchema, parsed.root, path);
  if (checked.violations.length > 0) return { kind: "invalid", violations: checked.violations };
  const { home, store, anchors, telemetry, color, quality, quiet } = asSettingsFile(checked.value);
  const origin = (pointer: string): SettingOrigin => ({ layer, place: `${path}:${placeOf(parsed.root, pointer).line}` });
  return {
    kind: "layer",
    stated: {
      ...(home === undefined ? {} : { home: { value: resolve(dirname(path), home), origin: origin("/home") } }),
      ...(store === undefined ? {} : { store: { value: store, origin: origin("/store") } }),
      ...(anchors === undefined ? {} : { anchors: { value: anchorPaths(anchors, dirname(path)), origin: origin("/anchors") } }),
      ...(telemetry === undefined ? {} : { telemetry: { value: telemetryTo(telemetry, dirname(path)), origin: origin("/telemetry") } }),
      ...(color === undefined ? {} : { color: { value: color, origin: origin("/color") } }),
      ...(quality === undefined
        ? {}
        : { quality: { value: { level: quality.level ?? "warn", checks: quality.checks ?? {} }, origin: origin("/quality") } }),
      ...(quiet === undefined ? {} : { quiet: { value: quiet, origin: origin("/quiet") } }),
    },
  };
}
