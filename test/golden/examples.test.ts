/** The shipped examples, each with its totals and the content hash of its tape. A change here is a change of what users get. */
import { execFile, spawnSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Onetape, openOnetape } from "../../src/apps/library/onetape.js";
import type { BacktestResult } from "../../src/usecases/run-backtest.js";
import { EXAMPLE_FILES } from "../support/example-bars.js";

// Orders, fills, trades, equity and commission are those of examples-oracle.py, which knows the rules and none of our code; bars are the
// rows of the files. Events, signals and hashes are ours: they move when events gain fields or a configuration more choices.
const GOLDEN = {
  "ema-cross": {
    totals: { bars: 1950, events: 461, signals: 74, orders: 74, fills: 74, trades: 37 },
    final_equity: "102688.36",
    commission: "196.9",
    content_hash: "a5a3a455af59324dd70a4a03c21a3b577dc3243a02b4a6593ee01baad4044a7f",
  },
  "inside-bar": {
    totals: { bars: 1560, events: 3380, signals: 201, orders: 589, fills: 194, trades: 97 },
    final_equity: "98787.37",
    commission: "194",
    content_hash: "d07b6e97587e531ecae22a9c687cb7a52510a1de3a2926198889128d75175967",
  },
  "macd-trend": {
    totals: { bars: 753, events: 2417, signals: 26, orders: 26, fills: 26, trades: 13 },
    final_equity: "116012.9",
    commission: "130.24",
    content_hash: "f93ece95e011e8464fd9bf19689dbd3c28b556a68a68f4620dcee8a03614bb49",
  },
  "opening-range": {
    totals: { bars: 1560, events: 347, signals: 29, orders: 49, fills: 40, trades: 20 },
    final_equity: "108852.39",
    commission: "193.22",
    content_hash: "bde3c0a284f0d2170df60e5db2d5e962ef32517b58cceb56fdc5e27aac5d432d",
  },
  pairs: {
    totals: { bars: 1506, events: 3878, signals: 144, orders: 144, fills: 144, trades: 72 },
    final_equity: "119715.59",
    commission: "230.4",
    content_hash: "b8e75bc136e309b2478563a6c73eadbdbbd1eb1916d641565a99ce4636d853fb",
  },
  turtle: {
    totals: { bars: 1950, events: 593, signals: 96, orders: 96, fills: 96, trades: 48 },
    final_equity: "100357.85",
    commission: "96",
    content_hash: "aeacdd8c5e916ed28ab82af347b6942d694c10e2a791f7d5d596130dbb063dce",
  },
} as const;

let folder: string;
let onetape: Onetape;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "onetape-examples-"));
  onetape = openOnetape({ home: join(folder, ".onetape") });
});
afterAll(async () => {
  await onetape.close();
  await rm(folder, { recursive: true, force: true });
});

async function run(name: string): Promise<BacktestResult> {
  const outcome = await onetape.backtest({ configPath: `examples/${name}/backtest.yaml` });
  if (outcome.kind !== "ok") throw new Error(JSON.stringify(outcome));
  return outcome.result;
}

describe.each(Object.entries(GOLDEN))("examples/%s", (name, golden) => {
  it("ends with its recorded totals and tape", async () => {
    const { bars, events, signals, orders, fills, trades, metrics, tape } = await run(name);
    expect({
      totals: { bars, events, signals, orders, fills, trades },
      final_equity: metrics["final_equity"]?.value,
      commission: metrics["ex.cost"]?.value,
      content_hash: tape?.content_hash,
    }).toEqual(golden);
  });
});

describe("every example", () => {
  it("has its golden totals here and a page that says what it shows", async () => {
    const entries = await readdir("examples", { withFileTypes: true });
    const names = entries.filter((entry) => entry.isDirectory() && entry.name !== "data").map(({ name }) => name);
    expect(names.sort()).toEqual(Object.keys(GOLDEN).sort());
    for (const name of names) expect(await readFile(`examples/${name}/README.md`, "utf8")).toMatch(/^# /);
  });

  it("ends with the totals of the recomputation in Python", async (context) => {
    if (spawnSync("python3", ["--version"]).status !== 0) context.skip("python3 is absent: the examples are not recomputed");
    const { stdout } = await promisify(execFile)("python3", ["test/golden/examples-oracle.py"]);
    const ours = Object.entries(GOLDEN).map(([name, { totals, final_equity, commission }]) => {
      const { orders, fills, trades } = totals;
      return [name, { orders, fills, trades, final_equity, commission }] as const;
    });
    expect(JSON.parse(stdout)).toEqual(Object.fromEntries(ours));
  });

  it("does what it shows: inside-bar leaves some trades to the rule for a bar's path, and ends some at the close", async () => {
    const found = await onetape.runs.find((await run("inside-bar")).run_id);
    if (found.kind !== "found") throw new Error("the run is not stored");
    const fills = { ambiguous: 0, at_close: 0 };
    for await (const { payload } of onetape.runs.events(found.run, { types: ["order.filled"] })) {
      if (payload["ambiguous"] === true) fills.ambiguous += 1;
      if (payload["at"] === "close") fills.at_close += 1;
    }
    expect(fills).toEqual({ ambiguous: 27, at_close: 5 });
  });
});

it.each(Object.entries(EXAMPLE_FILES))("the bars of examples/data/%s are what the generator makes", async (name, make) => {
  expect(await readFile(`examples/data/${name}`, "utf8")).toBe(make());
});
