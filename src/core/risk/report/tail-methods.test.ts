import { expect, test } from "vitest";
import { DEFAULT_TAIL_PARAMETERS, tailBy } from "./tail-methods.js";

test("Monte Carlo lies within three of its standard errors of the normal tail that its paths are drawn from, and is the same again", () => {
  const pnl = Float64Array.from({ length: 400 }, (_, n) => ((n * 7919) % 401) - 200);
  const terms = { pnl, confidence: "0.99", parameters: DEFAULT_TAIL_PARAMETERS };
  const [normal, paths, again] = [tailBy("parametric", terms), tailBy("monte_carlo", terms), tailBy("monte_carlo", terms)];
  if (!normal.ok || !paths.ok) throw new Error("refused");
  const error = Number(paths.value.var.parameters["var_standard_error"]);
  expect(error).toBeGreaterThan(0);
  expect(Math.abs(paths.value.var.value - normal.value.var.value)).toBeLessThan(3 * error);
  expect(paths.value.es.value).toBeGreaterThan(paths.value.var.value);
  expect(again).toEqual(paths);
  expect(paths.value.var.calculation).toEqual({ calc_name: "risk.tail_monte_carlo", calc_version: "v1" });
});
