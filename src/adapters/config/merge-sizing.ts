/** Sizing field by field: the config over the strategy's own defaults over the engine's. */
import { DEFAULT_SIZING, type SizingConfig } from "../../core/engine/run-config.js";
import type { Violation } from "../../core/quality/violation.js";
import type { ChoiceOrigin, PartialSizing } from "../../ports/config-source.js";

type Mode = SizingConfig["mode"];
type Field = Exclude<keyof PartialSizing, "mode">;

/** The fields of each mode, with the values they have by themselves; null must be stated, undefined may be left out. */
const MODES: Readonly<Record<Mode, Readonly<Partial<Record<Field, string | number | null | undefined>>>>> = {
  fixed: { qty: "1" },
  pct_equity: { pct: null },
  risk_stop: { risk_pct: null, max_position_pct: undefined },
  atr: { risk_pct: null, period: 14, multiple: "2", max_position_pct: undefined },
};

/** Fields of every mode. */
const COMMON = { cash_buffer_pct: "0", drift_band_pct: "0" } as const;

export type MergedSizing =
  | { readonly kind: "sized"; readonly sizing: SizingConfig }
  | { readonly kind: "invalid"; readonly violations: readonly Violation[] };

/**
 * The highest layer that names a mode decides it; what a lower layer says counts only for the same mode.
 *
 * @param file config file that violations name.
 */
export function mergeSizing(
  file: string,
  config: PartialSizing,
  strategy: PartialSizing,
  origins: Map<string, ChoiceOrigin>,
): MergedSizing {
  const layers: readonly (readonly [ChoiceOrigin, PartialSizing])[] = [
    ["config", config],
    ["strategy", strategy],
  ];
  const modeLayer = layers.find(([, { mode }]) => mode !== undefined);
  const mode = modeLayer?.[1].mode ?? DEFAULT_SIZING.mode;
  origins.set("/sizing/mode", modeLayer?.[0] ?? "default");
  const fields: Readonly<Partial<Record<Field, string | number | null | undefined>>> = { ...MODES[mode], ...COMMON };
  const violations: Violation[] = foreignFields(file, config, mode, Object.keys(fields));
  const sizing: Record<string, string | number | null> = { mode };
  for (const [field, byItself] of Object.entries(fields) as [Field, string | number | null | undefined][]) {
    const layer = layers.find(([, stated]) => stated[field] !== undefined && (field in COMMON || (stated.mode ?? mode) === mode));
    const value = layer?.[1][field] ?? byItself;
    if (value === null) violations.push(missing(file, field, mode));
    else if (value !== undefined) origins.set(`/sizing/${field}`, layer?.[0] ?? "default");
    sizing[field] = value ?? null;
  }
  if (Number(sizing["cash_buffer_pct"]) >= 100)
    violations.push(
      violation(
        file,
        "cash_buffer_pct",
        "a buffer of all equity leaves nothing to hold",
        "a percentage below 100",
        String(sizing["cash_buffer_pct"]),
      ),
    );
  // Every field of the mode was given its value, in the type that the schema checked.
  return violations.length > 0 ? { kind: "invalid", violations } : { kind: "sized", sizing: sizing as unknown as SizingConfig };
}

function foreignFields(file: string, config: PartialSizing, mode: Mode, known: readonly string[]): Violation[] {
  return Object.entries(config)
    .filter(([field, value]) => field !== "mode" && value !== undefined && !known.includes(field))
    .map(([field, value]) =>
      violation(
        file,
        field,
        `"${field}" has no meaning with mode ${mode}`,
        `${known.map((k) => `"${k}"`).join(", ")}, or another mode`,
        String(value),
      ),
    );
}

function missing(file: string, field: string, mode: Mode): Violation {
  return violation(file, field, `sizing mode ${mode} needs "${field}"`, "a decimal number above 0");
}

function violation(file: string, field: string, message: string, expected: string, value?: string): Violation {
  return { code: "CONFIG_VALUE", message, file, field: `/sizing/${field}`, expected, ...(value === undefined ? {} : { value }) };
}
