import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { json, onetape, scratchFolder } from "./cli-process.js";

const scratch = scratchFolder("risk");
const FILES = ["--positions", "risk/positions.csv", "--prices", "risk/prices.csv", "--base-currency", "USD"];
beforeAll(() => {
  expect(onetape(["risk", "sample", "risk"], { cwd: scratch.path })).toMatchObject({ code: 0 });
});
afterAll(scratch.remove);

test("two processes in another zone, language and folder write the same report to the byte", () => {
  const other = join(scratch.path, "far", "away");
  mkdirSync(join(other, "risk"), { recursive: true });
  for (const name of ["positions.csv", "prices.csv", "scenarios.yaml", "limits.csv"])
    copyFileSync(join(scratch.path, "risk", name), join(other, "risk", name));
  const rest = ["--scenarios", "risk/scenarios.yaml", "--limits", "risk/limits.csv"];
  for (const format of ["html", "json"]) {
    const args = ["risk", "report", ...FILES, ...rest, "--format", format, "--output", `risk/report.${format}`];
    const here = onetape(args, { cwd: scratch.path, env: { TZ: "Pacific/Auckland", LANG: "de_DE.UTF-8", LC_ALL: "de_DE.UTF-8" } });
    const there = onetape(args, { cwd: other, env: { TZ: "America/St_Johns", LANG: "ko_KR.UTF-8", LC_ALL: "ko_KR.UTF-8" } });
    expect([here.code, there.code]).toEqual([0, 0]);
    const [one, two] = [scratch.path, other].map((folder) => readFileSync(join(folder, "risk", `report.${format}`)));
    expect(two?.equals(one ?? Buffer.alloc(0))).toBe(true);
  }
});

test("99% is refused with the form that would do, together with everything else that is wrong", () => {
  writeFileSync(join(scratch.path, "bad.csv"), "day,kind,name,value,currency\n2026-01-02,spot,ACME,NaN,USD\n2026-01-05,fx,EURUSD,1.1,\n");
  const args = ["risk", "var", "--positions", "risk/positions.csv", "--prices", "bad.csv", "--confidence", "99%", "--horizon", "3"];
  const done = onetape([...args, "--json"], { cwd: scratch.path });
  expect(done.code).toBe(3);
  expect(json(done)).toMatchObject({
    code: "USAGE",
    details: [
      { code: "CONFIDENCE_INVALID", field: "--confidence", value: "99%", expected: "--confidence 0.99" },
      { field: "--horizon", value: "3", expected: "days from 1d to 250d" },
      { field: "--base-currency" },
      { code: "DECIMAL_INVALID", file: "bad.csv", line: 2, field: "value", value: "NaN" },
      { code: "FX_PAIR_INVALID", file: "bad.csv", line: 3, field: "name", value: "EURUSD" },
    ],
  });
});

test("a position without a price ends with exit code 2 and its line, and with 0 where leaving it out was asked for", () => {
  const positions = readFileSync(join(scratch.path, "risk", "positions.csv"), "utf8");
  writeFileSync(join(scratch.path, "hole.csv"), `${positions}gone,stock,7,GONE,,USD,1,,,,,,,,,,,,\n`);
  const args = ["risk", "var", "--positions", "hole.csv", "--prices", "risk/prices.csv", "--base-currency", "USD", "--json"];
  const refused = onetape(args, { cwd: scratch.path });
  expect(refused.code).toBe(2);
  expect(json(refused)).toMatchObject({ schema: "onetape.risk-var/1", figure: { value: null }, excluded: ["gone"] });
  expect(refused.stderr).toMatch(/hole\.csv:11/);
  const asked = onetape([...args, "--allow-missing"], { cwd: scratch.path });
  expect(asked.code).toBe(0);
  const whole = onetape(["risk", "var", ...FILES, "--json"], { cwd: scratch.path });
  expect(json(asked)).toMatchObject({ excluded: ["gone"] });
  const valueIn = (done: typeof whole) => /"value":([-0-9.]+)/.exec(done.stdout)?.[1];
  expect(valueIn(asked)).toBe(valueIn(whole));
});
