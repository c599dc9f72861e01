/** Where writers publish where their logs end: a file outside the store, by the settings file or the environment. */
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Violation } from "../../core/quality/violation.js";
import { ed25519Signer } from "../anchors/ed25519.js";

/** The part of the settings that says whether writers publish anchors. */
export interface AnchorSettings {
  /** Absolute path of the append-only file; null where none is published. */
  readonly file: string | null;
  /** Events between two anchors; one is published at each close in any case. */
  readonly every: number;
  /** Absolute path of the Ed25519 key that signs; null where anchors are not signed. */
  readonly key: string | null;
}

/** What one layer says; what is absent says nothing. */
export interface StatedAnchors {
  readonly file?: string;
  readonly every?: number;
  readonly key?: string;
}

const FILE = "ONETAPE_ANCHORS";
const EVERY = "ONETAPE_ANCHOR_EVERY";
const KEY = "ONETAPE_ANCHOR_KEY";
const DEFAULT_EVERY = 10_000;

/** What the environment says, and every fault of it. */
export function anchorsOfEnvironment(
  environment: NodeJS.ProcessEnv,
  folder: string,
): { readonly stated: StatedAnchors; readonly violations: readonly Violation[] } {
  const [file, every, key] = [FILE, EVERY, KEY].map((name) => environment[name] ?? "") as [string, string, string];
  const violations: Violation[] = [];
  const count = Number(every);
  const expected = "a whole number of events from 1 on";
  if (every !== "" && !(/^[0-9]+$/.test(every) && Number.isSafeInteger(count) && count >= 1))
    violations.push({ code: "CONFIG_VALUE", message: `${JSON.stringify(every)} is not ${expected}`, field: EVERY, value: every, expected });
  return {
    stated: {
      ...(file === "" ? {} : { file: resolve(folder, file) }),
      ...(every === "" || violations.length > 0 ? {} : { every: count }),
      ...(key === "" ? {} : { key: resolve(folder, key) }),
    },
    violations,
  };
}

/** Layers merged part by part, the first that says something deciding. */
export function mergedAnchors(layers: readonly StatedAnchors[]): AnchorSettings {
  const said = <K extends keyof StatedAnchors>(name: K): StatedAnchors[K] | undefined =>
    layers.find((layer) => layer[name] !== undefined)?.[name];
  return { file: said("file") ?? null, every: said("every") ?? DEFAULT_EVERY, key: said("key") ?? null };
}

/**
 * Why a key cannot sign, or null. A key that is not there yet is none of it while settings are read: `onetape store anchor` makes it.
 * @param field where it was named
 */
export function anchorKeyFault({ file, key }: AnchorSettings, field: string, missing: "allowed" | "refused"): Violation | null {
  if (file === null || key === null) return null;
  const fault = (code: string, message: string): Violation => ({
    ...{ code, message, field, value: key },
    expected: "the file of a private Ed25519 key in PEM: onetape store anchor --anchors FILE --key FILE makes one",
  });
  if (!existsSync(key)) return missing === "allowed" ? null : fault("ANCHOR_KEY_MISSING", `there is no key ${key} to sign anchors with`);
  try {
    ed25519Signer(readFileSync(key, "utf8"));
    return null;
  } catch (error) {
    return fault("ANCHOR_KEY_UNUSABLE", error instanceof TypeError ? error.message : `the key ${key} cannot be read`);
  }
}
