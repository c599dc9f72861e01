import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { anchorBookFile } from "../../adapters/anchors/anchor-book-file.js";
import type { AnchorBook } from "../../ports/anchor-book.js";
import type { Invocation } from "./command.js";
import { type Failure, failureOf } from "./failure.js";

export interface AnchorOptions {
  readonly path: string;
  readonly book: AnchorBook;
  /** Path of the key that was named, and its text where the file is there. */
  readonly key: { readonly path: string; readonly pem: string | null } | null;
}

/** The anchors and the key that the command line or the settings name; null where neither names anchors. */
export function anchorOptions({ flags, settings }: Pick<Invocation, "flags" | "settings">): AnchorOptions | null {
  const stated = flags.text("anchors") ?? settings.anchors.file;
  if (stated === null) return null;
  const key = flags.text("key") ?? settings.anchors.key ?? undefined;
  const path = resolve(stated);
  const keyPath = key === undefined ? null : resolve(key);
  const pem = keyPath !== null && existsSync(keyPath) ? readFileSync(keyPath, "utf8") : null;
  return { path, book: anchorBookFile(path), key: keyPath === null ? null : { path: keyPath, pem } };
}

/** A key file that holds something else. */
export function keyRefused(path: string, why: string): Failure {
  return failureOf("USAGE", why, "onetape store anchor --help", { field: "--key", value: path, expected: "an Ed25519 key in PEM" });
}
