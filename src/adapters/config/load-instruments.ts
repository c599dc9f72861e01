import type { Violation } from "../../core/quality/violation.js";
import { asInstrumentsFile, type InstrumentEntry, instrumentsFileSchema } from "./instruments-schema.js";
import { readTextFile } from "./read-text-file.js";
import { checkTree } from "./schema-check.js";
import { parseYaml, placeOf } from "./yaml-document.js";

export type LoadedInstruments =
  | { readonly kind: "loaded"; readonly instruments: readonly InstrumentEntry[] }
  | { readonly kind: "invalid"; readonly violations: readonly Violation[] };

/**
 * Reads an instruments file. Every fault is reported, with its line where the file could be read.
 *
 * @param shown the file's name in messages.
 */
export async function loadInstruments(path: string, shown: string): Promise<LoadedInstruments> {
  const read = await readTextFile(path);
  if (read.kind === "unreadable") return { kind: "invalid", violations: [read.violation] };
  const parsed = parseYaml(shown, read.text);
  if (parsed.kind === "invalid") return parsed;
  const checked = checkTree(instrumentsFileSchema, parsed.root, shown);
  if (checked.violations.length > 0) return { kind: "invalid", violations: checked.violations };
  const { instruments } = asInstrumentsFile(checked.value);
  const twice = instruments.flatMap(({ symbol }, index): readonly Violation[] => {
    if (instruments.findIndex((entry) => entry.symbol === symbol) === index) return [];
    const field = `/instruments/${index}/symbol`;
    const message = `the instrument ${symbol} is stated twice`;
    return [
      {
        code: "CONFIG_VALUE",
        message,
        file: shown,
        ...placeOf(parsed.root, field),
        field,
        value: symbol,
        expected: "one entry per symbol",
      },
    ];
  });
  return twice.length > 0 ? { kind: "invalid", violations: twice } : { kind: "loaded", instruments };
}
