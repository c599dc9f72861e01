import type { Violation } from "../../core/quality/violation.js";
import { parseSignalCsv, type SignalsRead } from "../../core/signals/signal-csv.js";
import { readTextFile } from "../config/read-text-file.js";

/**
 * Reads a CSV file of bracket signals.
 *
 * @param named the path as its user wrote it, for messages
 */
export async function readSignals(
  path: string,
  named: string,
): Promise<SignalsRead | { readonly kind: "unreadable"; readonly violation: Violation }> {
  const read = await readTextFile(path);
  if (read.kind === "read") return parseSignalCsv(read.text, named);
  const { violation } = read;
  return { kind: "unreadable", violation: { ...violation, file: named, message: violation.message.replace(path, named) } };
}
