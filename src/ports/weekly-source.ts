import type { WeeklyFile } from "../core/calc/finra-otc/weekly-intake.js";
import type { Violation } from "../core/quality/violation.js";
import type { Sha256Hex } from "../core/tape/hash.js";

/** What is read: a file of the machine, or content that somebody hands in as an interface would have sent it. */
export type WeeklyOrigin =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "api"; readonly file_name: string; readonly content: Uint8Array };

/** A weekly file with the identity of its bytes. */
export interface WeeklyContent {
  /** File name without its folder. */
  readonly file_name: string;
  readonly bytes: number;
  /** Of the bytes as they lie there, compressed or not. */
  readonly sha256: Sha256Hex;
  readonly file: WeeklyFile;
}

export type WeeklyRead =
  | { readonly kind: "read"; readonly content: WeeklyContent }
  | { readonly kind: "refused"; readonly reason: "not_found" | "invalid"; readonly violations: readonly Violation[] };

/** Reads weekly files: bytes, encodings and line ends are its business, what a line says is the core's. */
export interface WeeklySource {
  read(origin: WeeklyOrigin): Promise<WeeklyRead>;
}
