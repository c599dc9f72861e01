import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { repositoryRoot } from "../../../test/support/temporary-checkout.js";
import { loadScenarios, scenariosOf } from "./load-scenarios.js";

const STRESS = `version: 1
scenarios:
  - name: crash
    shocks:
      - underlyings: [ACME]
        spot_pct: -0.20
        vol_abs: 0.1
      - underlyings: all
        spot_pct: "-0.15"
        vol_pct: 0.5
    fx:
      EUR/USD: 0.950
    rates:
      USD: -0.005
  - name: calm
`;

function faults(text: string): readonly string[] {
  const loaded = scenariosOf("stress.yaml", text);
  if (loaded.kind === "loaded") throw new Error("was accepted");
  return loaded.violations.map(({ code, line, column, field }) => `${code} ${line}:${column} ${field}`);
}

test("shocks, factors and shifts are read as they are written, what is not stated moves nothing", () => {
  const expected = [
    {
      name: "crash",
      shocks: [
        { underlyings: ["ACME"], spot_pct: "-0.2", vol_abs: "0.1", vol_pct: "0" },
        { underlyings: "all", spot_pct: "-0.15", vol_abs: "0", vol_pct: "0.5" },
      ],
      fx: { "EUR/USD": "0.95" },
      rates: { USD: "-0.005" },
    },
    { name: "calm", shocks: [], fx: null, rates: {} },
  ];
  expect(scenariosOf("stress.yaml", STRESS)).toEqual({ kind: "loaded", scenarios: expected });
  const json = JSON.stringify({ version: 1, scenarios: [{ ...expected[0] }, { name: "calm" }] });
  expect(scenariosOf("stress.json", json)).toEqual({ kind: "loaded", scenarios: expected });
});

test("the file that the guide shows is read as it says", async () => {
  const guide = await readFile(join(repositoryRoot, "docs/guide/portfolio-risk.md"), "utf8");
  const shown = /```yaml covered-by=src\/adapters\/config\/load-scenarios.test.ts\n([^`]+)```/.exec(guide)?.[1];
  expect(scenariosOf("stress.yaml", shown ?? "")).toEqual({
    kind: "loaded",
    scenarios: [
      {
        name: "crash",
        shocks: [
          { underlyings: ["ACME"], spot_pct: "-0.2", vol_abs: "0.1", vol_pct: "0" },
          { underlyings: "all", spot_pct: "-0.15", vol_abs: "0", vol_pct: "0.5" },
        ],
        fx: { "EUR/USD": "0.95", "USD/ILS": "1.1" },
        rates: { USD: "-0.005" },
      },
    ],
  });
});

test("every fault of the form is told at once, with its path", () => {
  const text = `version: 2
scenarios:
  - shocks:
      - underlying: ACME
        spot_pct: lots
  - name: b
    fx: { EUR/USD: 0 }
    rates: [1]
`;
  expect(faults(text)).toEqual([
    "CONFIG_VALUE 1:10 /version",
    "CONFIG_UNKNOWN_KEY 4:9 /scenarios/0/shocks/0/underlying",
    "CONFIG_VALUE 5:19 /scenarios/0/shocks/0/spot_pct",
    "CONFIG_MISSING_KEY 4:9 /scenarios/0/shocks/0/underlyings",
    "CONFIG_MISSING_KEY 3:5 /scenarios/0/name",
    "CONFIG_VALUE 7:20 /scenarios/1/fx/EUR~1USD",
    "CONFIG_WRONG_TYPE 8:12 /scenarios/1/rates",
  ]);
});

test("every fault of the meaning is told at once, with its path", () => {
  const text = `version: 1
scenarios:
  - name: a
    shocks:
      - { underlyings: all, spot_pct: -1, vol_pct: -1.5 }
    fx: { EUR/EUR: 1.1 }
  - name: a
    rates: { ZZZ: 0.01 }
`;
  expect(faults(text)).toEqual([
    "PARAMETER_OUT_OF_RANGE 5:39 /scenarios/0/shocks/0/spot_pct",
    "PARAMETER_OUT_OF_RANGE 5:52 /scenarios/0/shocks/0/vol_pct",
    "FX_PAIR_INVALID 6:20 /scenarios/0/fx/EUR~1EUR",
    "DUPLICATE_NAME 7:11 /scenarios/1/name",
    "CURRENCY_UNKNOWN 8:19 /scenarios/1/rates/ZZZ",
  ]);
});

test("a file is read from disk, and one that is not there is named", async () => {
  const folder = await mkdtemp(join(tmpdir(), "onetape-scenarios-"));
  try {
    const file = join(folder, "stress.yaml");
    await writeFile(file, STRESS);
    expect((await loadScenarios(file)).kind).toBe("loaded");
    const gone = await loadScenarios(join(folder, "gone.yaml"));
    expect(gone).toMatchObject({ kind: "invalid", violations: [{ code: "FILE_NOT_FOUND" }] });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
