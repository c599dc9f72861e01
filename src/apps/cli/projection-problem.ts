import type { ProjectionHealth } from "../../usecases/projection-health.js";
import { type Failure, failure } from "./failure.js";

/** Projections that only a person can bring on, as a failure; nothing where there is none. */
export function projectionProblem(items: readonly ProjectionHealth[]): { readonly problem?: Failure } {
  const stuck = items.filter(({ condition }) => condition === "halted" || condition === "altered" || condition === "other_log");
  const [first] = stuck;
  if (first === undefined) return {};
  const details = stuck.map(({ log, name, condition, why }) => ({
    code: `PROJECTION_${condition.toUpperCase()}`,
    message: `${name} of ${log}: ${why}`,
    field: name,
  }));
  return { problem: failure("VERIFICATION_FAILED", details, `onetape projections rebuild ${first.name} --log ${first.log}`) };
}
