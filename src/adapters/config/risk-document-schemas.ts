/** JSON Schemas of what risk commands print: figures of tails, backtests, stress and reports. */
import * as Type from "typebox";
import { STRESS_DIRECTIONS } from "../../core/risk/portfolio/book-reverse-stress.js";
import { TAIL_METHODS } from "../../core/risk/report/tail-methods.js";
import type { JsonSchema } from "./schema-check.js";

const closed = { additionalProperties: false } as const;
const object = <P extends Type.TProperties>(properties: P, description?: string): Type.TObject<P> =>
  Type.Object(properties, description === undefined ? closed : { ...closed, description });
const nullable = <T extends Type.TSchema>(schema: T): Type.TUnion<[T, Type.TNull]> => Type.Union([schema, Type.Null()]);
const choice = (names: readonly string[]) => Type.Union(names.map((name) => Type.Literal(name)));

const text = Type.String();
const number = Type.Number();
const count = Type.Integer({ minimum: 0 });
const sha256 = Type.String({ pattern: "^[0-9a-f]{64}$", description: "SHA-256 of a canonical form." });
const day = Type.String({ pattern: "^\\d{4}-\\d{2}-\\d{2}$" });
const confidence = Type.String({ description: "Decimal text strictly between 0 and 1." });
const money = Type.Number({ description: "In the reporting currency." });
const method = choice(TAIL_METHODS);
const measure = choice(["var", "es"]);
const calculation = object(
  { calc_name: text, calc_version: Type.String({ pattern: "^v[1-9][0-9]*$" }) },
  "Identity of a registered calculation.",
);
const errors = Type.Array(object({ code: text, message: text, details: Type.Record(text, text) }), {
  description: "Why there is no value.",
});
const ids = Type.Array(text);

const basis = object(
  { as_of: day, currency: text, snapshot: sha256, fx_set: sha256, positions: sha256, totals: choice(["whole", "priced_only"]) },
  "What every figure was made of, by content.",
);
const scenarioSet = object({
  id: sha256,
  calculation,
  horizon_days: count,
  from: day,
  to: day,
  count,
  overlapping: Type.Boolean({ description: "Neighbouring scenarios share days." }),
  missing: choice(["reject", "carry_forward", "drop_scenario"]),
  carried: count,
  dropped: ids,
});
const figure = {
  value: nullable(Type.Number({ description: "In the reporting currency; a loss is positive." })),
  calculation,
  parameters: Type.Record(text, Type.Union([number, text])),
  snapshot: sha256,
  fx_set: sha256,
  scenario_set: sha256,
  scenarios: Type.Array(object({ name: text, weight: number }), { description: "Scenarios behind the figure; weights sum to 1." }),
  warnings: ids,
  errors,
};
const greeks = object({ delta: number, gamma: number, vega: number, theta: number, rho: number });
const files = Type.Record(text, object({ sha256 }), { description: "SHA-256 of the bytes of each input file." });
const schemaName = (name: string) => Type.Literal(`onetape.${name}/1`);

const tail = object({
  schema: Type.Union([schemaName("risk-var"), schemaName("risk-es")]),
  measure,
  method,
  confidence,
  horizon_days: count,
  basis,
  scenario_set: scenarioSet,
  figure: object(figure),
  tail: Type.Array(object({ name: text, weight: number, pnl: money })),
  positions: Type.Array(object({ id: text, pv: nullable(money), errors })),
  excluded: ids,
  files,
});

const ratio = object({ statistic: number, degrees_of_freedom: count, p_value: number });
const counted = { periods: count, exceptions: count, expected: number, not_enough_data: Type.Boolean() };
const test = <T extends Type.TSchema>(result: T) => object({ calculation, result: nullable(result), errors });
const backtestFields = {
  method,
  confidence,
  window: count,
  basis,
  scenario_set: scenarioSet,
  forecast: object({ var: calculation, es: calculation }),
  pnl: Type.Literal("hypothetical"),
  periods: Type.Array(object({ day, pnl: money, var: money, es: money, exception: Type.Boolean() })),
  exceptions: Type.Array(day),
  kupiec: test(object({ ...counted, statistic: number, degrees_of_freedom: count, p_value: number })),
  christoffersen: test(object({ ...counted, unconditional: ratio, independence: ratio, conditional: ratio })),
  traffic_light: test(
    object({
      ...counted,
      zone: choice(["green", "yellow", "red"]),
      cumulative_probability: number,
      yellow_from: count,
      red_from: count,
      plus_factor_1996: nullable(number),
      multiplier: nullable(number),
    }),
  ),
  acerbi_szekely: test(
    object({
      periods: count,
      exceptions: Type.Array(count),
      expected_exceptions: number,
      z1: nullable(number),
      z2: number,
      z2_rejected: nullable(object({ at_5_percent: Type.Boolean(), at_0_01_percent: Type.Boolean() })),
      not_enough_data: Type.Boolean(),
    }),
  ),
};

const stressFields = {
  basis,
  calculation,
  scenario_set: sha256,
  results: Type.Array(
    object({
      scenario_name: text,
      base_total_pv: money,
      scenario_total_pv: money,
      delta_pv_abs: money,
      delta_pv_pct: nullable(number),
      pnl: Type.Array(object({ id: text, pnl: money })),
      unmatched: ids,
    }),
  ),
  worst: nullable(text),
  best: nullable(text),
  max_loss: nullable(money),
  max_gain: nullable(money),
  excluded: ids,
  errors,
};

const contribution = test(
  object({
    risk: money,
    euler_gap: number,
    parts: Type.Array(
      object({ name: text, component: money, share: nullable(number), standalone: nullable(money), incremental: nullable(money) }),
    ),
  }),
);
const limitState = object({
  id: text,
  on: Type.Record(text, text, { description: "The figure that the limit is on." }),
  limit: text,
  value: nullable(text),
  utilisation: nullable(text),
  status: choice(["ok", "warning", "breach", "unknown"]),
});
const exposure = object({
  key: text,
  gross_value: money,
  net_value: money,
  gross_delta: money,
  net_delta: money,
  abs_notional: money,
  delta_units: nullable(number),
});

const report = object({
  schema: schemaName("risk-report"),
  of_record: object({ method, confidence, horizon_days: count }),
  basis,
  parameters: object({ age_lambda: number, filter_lambda: number, burn_in: count, degrees_of_freedom: number }),
  scenario_sets: Type.Array(scenarioSet),
  figures: Type.Array(object({ measure, method, confidence, horizon_days: count, of_record: Type.Boolean(), ...figure })),
  tail: Type.Array(object({ name: text, weight: number, pnl: money, contributors: Type.Array(object({ id: text, pnl: money })) })),
  distribution: object({ scenario_set: sha256, names: ids, pnl: Type.Array(money) }),
  contributions: object({ var: contribution, es: contribution }),
  backtest: object({ result: nullable(object(backtestFields)), errors }),
  stress: nullable(object(stressFields)),
  limits: nullable(test(object({ limits: Type.Array(limitState), passed: Type.Boolean(), breaches: ids, warnings: ids, unknown: ids }))),
  valuation: object({
    calculation,
    pv: nullable(money),
    greeks: nullable(greeks),
    errors,
    positions: Type.Array(
      object({
        id: text,
        kind: nullable(text),
        underlying: nullable(text),
        currency: nullable(text),
        pricer: nullable(text),
        pv: nullable(money),
        delta_value: nullable(money),
        greeks: nullable(greeks),
        errors,
      }),
    ),
    excluded: ids,
  }),
  exposures: Type.Array(
    test(object({ dimension: text, currency: text, lines: Type.Array(exposure), gross_value: money, net_value: money })),
  ),
  concentration: test(
    object({
      ranked: Type.Array(object({ key: text, share: number })),
      herfindahl: number,
      effective_lines: number,
      largest: number,
      top_five: number,
    }),
  ),
  history: Type.Array(object({ series: choice(["var", "es", "pnl"]), maximum: money, average: money, minimum: money, end: money })),
  change: nullable(
    object({
      since: basis,
      before_method: method,
      lines: Type.Array(object({ measure, before: money, positions: money, market: money, window: money, model: money, now: money }), {
        description: "Steps from then to now; they add up to the difference.",
      }),
      errors,
    }),
  ),
  correlation: test(
    object({
      names: ids,
      values: Type.Array(Type.Array(number)),
      clusters: object({
        calc_name: text,
        calc_version: text,
        capture_id: text,
        linkage: choice(["single", "complete"]),
        cut_distance: number,
        clusters: Type.Array(object({ cluster_id: text, members: ids })),
      }),
      still: ids,
    }),
  ),
  reverse_stress: object({
    loss: nullable(Type.Number({ description: "Twice the ES of record." })),
    directions: Type.Array(
      object({ direction: choice(STRESS_DIRECTIONS), calculation, result: nullable(object({ move: number })), errors }),
    ),
  }),
  liquidity: object({
    calculation,
    result: nullable(
      object({
        shares: Type.Array(number),
        lines: Type.Array(object({ id: text, days: Type.Array(nullable(number)), exit_cost: nullable(money) })),
        longest_days: Type.Array(nullable(number)),
        exit_cost: money,
        unknown: ids,
      }),
    ),
    errors,
    adjusted_var: nullable(Type.Number({ description: "VaR of record and the cost of exit." })),
  }),
  notes: Type.Array(object({ code: text, text })),
  origin: object({ files, version: text }),
});

/** By the name under which each is published. */
export const riskDocumentSchemas: Readonly<Record<"risk-tail" | "risk-backtest" | "risk-stress" | "risk-report", Type.TSchema>> = {
  "risk-tail": tail,
  "risk-backtest": object({ schema: schemaName("risk-backtest"), ...backtestFields, files }),
  "risk-stress": object({ schema: schemaName("risk-stress"), ...stressFields, files }),
  "risk-report": report,
};

/** The same for the list of published schemas. */
export function riskDocumentSchema(name: keyof typeof riskDocumentSchemas): JsonSchema {
  return riskDocumentSchemas[name] as JsonSchema;
}
