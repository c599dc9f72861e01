import * as Type from "typebox";
import type { SweepSection } from "../../ports/config-source.js";
import type { JsonSchema } from "./schema-check.js";

const Value = Type.Union([Type.Number(), Type.Boolean(), Type.String({ minLength: 1 })]);

/** Section `sweep` of a backtest's config. */
const SweepSchema = Type.Object(
  {
    grid: Type.Record(
      Type.String(),
      Type.Union([Type.Number(), Type.Boolean(), Type.String({ minLength: 1 }), Type.Array(Value, { minItems: 1 })]),
      {
        description:
          "Values of each parameter to sweep: a range such as `5..20` or `0.1..0.5:0.1`, a list such as `[long, both]`, or values and ranges after commas. Flag `--grid`.",
      },
    ),
    metric: Type.Optional(Type.String({ minLength: 1, default: "sharpe", description: "Metric that ranks the points. Flag `--metric`." })),
    goal: Type.Optional(
      Type.Enum(["max", "min"], {
        description: "Whether large values of the metric are good. Default: `min` for falls, risk and costs, else `max`. Flag `--goal`.",
      }),
    ),
    max_points: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 100_000_000, default: 10_000, description: "Most points of the grid. Flag `--max-points`." }),
    ),
    point_budget_ms: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 86_400_000,
        description: "Most milliseconds that a point may take. Default: no limit. Flag `--point-budget-ms`.",
      }),
    ),
  },
  { additionalProperties: false, title: "Onetape sweep", description: "What `onetape sweep` runs over. A backtest takes no notice of it." },
);

/** `sweep` as a file states it. */
export interface SweepFields {
  grid: { [name: string]: StatedValues };
  metric?: string;
  goal?: "max" | "min";
  max_points?: number;
  point_budget_ms?: number;
}

type StatedValue = number | boolean | string;
type StatedValues = StatedValue | StatedValue[];

export const sweepSchema: JsonSchema = SweepSchema as Type.TSchema as JsonSchema;

/** The section with the values of its parameters as text, each with the place of its key. */
export function toSweepSection({ grid, metric, goal, max_points, point_budget_ms }: SweepFields): SweepSection {
  return {
    grid: Object.entries(grid).map(([name, values]) => ({
      name,
      // A list holds its values one by one, so that a word may have a comma; text is split as a flag's is.
      items: Array.isArray(values) ? values.map(String) : String(values).split(","),
      field: `/sweep/grid/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`,
    })),
    metric: metric ?? null,
    goal: goal ?? null,
    max_points: max_points ?? null,
    point_budget_ms: point_budget_ms ?? null,
  };
}
