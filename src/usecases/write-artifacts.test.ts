import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, describe, expect, test } from "vitest";
import { workedExample } from "../../test/support/run-tape.js";
import { FileArtifactWriter } from "../adapters/artifacts/file-artifact-writer.js";
import { type ArtifactStep, type WriteArtifactsResult, writeArtifacts } from "./write-artifacts.js";

const made: string[] = [];
afterAll(() => {
  for (const dir of made) rmSync(dir, { recursive: true, force: true });
});

async function write(timeZone?: string): Promise<{ dir: string; result: WriteArtifactsResult; progress: ArtifactStep[] }> {
  const dir = mkdtempSync(join(tmpdir(), "onetape-run-"));
  made.push(dir);
  const before = process.env["TZ"];
  if (timeZone !== undefined) process.env["TZ"] = timeZone;
  const writer = new FileArtifactWriter();
  const progress: ArtifactStep[] = [];
  try {
    const { config, columns, tape } = workedExample();
    const result = await writeArtifacts({
      inputs: {},
      session: tape.session(),
      columns: new Map([["AAA", columns]]),
      config,
      dir,
      writer,
      hash: (chunks) => chunks.reduce((hash, chunk) => hash.update(chunk), createHash("sha256")).digest("hex"),
      onProgress: (step) => progress.push(step),
    });
    return { dir, result, progress };
  } finally {
    if (before === undefined) delete process.env["TZ"];
    else process.env["TZ"] = before;
  }
}

describe("the artifacts of a run", () => {
  test("are the eight tables twice, the equity curve and the metrics, each described by what lies on disk", async () => {
    const { dir, result, progress } = await write();
    const files = Object.values(result.artifacts).flatMap((a) => Object.values(a.files));
    expect(readdirSync(dir).sort()).toEqual(files.map((f) => f.path).sort());
    for (const file of files) {
      const bytes = readFileSync(join(dir, file.path));
      expect([file.bytes, file.sha256]).toEqual([bytes.length, createHash("sha256").update(bytes).digest("hex")]);
    }
    expect(Object.entries(result.artifacts).map(([name, a]) => [name, a.rows])).toEqual([
      ["orders", 3],
      ["fills", 3],
      ["positions", 5],
      ["pnl", 5],
      ["risk", 5],
      ["signals", 2],
      ["trades", 2],
      ["cash_flows", 0],
      ["equity", 6],
      ["metrics", Object.keys(result.metrics.metrics).length],
    ]);
    expect(result.totals).toEqual({ events: 24, bars: 6, sessions: 2, signals: 2, orders: 3, fills: 3, trades: 1 });
    expect(progress).toEqual([
      { unit: "events", done: 24, total: 24 },
      ...Array.from({ length: 11 }, (_, done) => ({ unit: "artifacts", done, total: 10 })),
    ]);
  });

  test("are the same bytes again, in another time zone", async () => {
    const [one, two] = [await write("America/New_York"), await write("Asia/Kathmandu")];
    expect(two.result).toEqual(one.result);
    for (const name of readdirSync(one.dir)) expect(readFileSync(join(two.dir, name)).equals(readFileSync(join(one.dir, name)))).toBe(true);
  });

  test("say in Parquet and CSV the same, to a reader that knows neither", async () => {
    const { dir, result } = await write();
    const instance = await DuckDBInstance.create(":memory:");
    const connection = await instance.connect();
    for (const name of Object.keys(result.artifacts).filter((n) => n !== "equity" && n !== "metrics")) {
      const sql = `SELECT count(*)::INT AS n FROM (SELECT COLUMNS(*)::VARCHAR FROM '${dir}/${name}.parquet')`;
      const [found] = (await connection.runAndReadAll(sql)).getRowObjectsJson();
      expect(found?.["n"]).toBe(result.artifacts[name]?.rows);
    }
    const total = await connection.runAndReadAll(`SELECT sum(total)::VARCHAR AS total FROM '${dir}/pnl.parquet'`);
    expect(total.getRowObjectsJson()).toEqual([{ total: "-21.15000000" }]);
    connection.closeSync();
    instance.closeSync();
  });

  test("carry metrics with the money of the worked example", async () => {
    const { dir, result } = await write();
    const onDisk: unknown = JSON.parse(readFileSync(join(dir, "metrics.json"), "utf8"));
    expect(onDisk).toEqual(result.metrics);
    expect(result.metrics.metrics["ret.net_pnl"]).toEqual({
      value: "-21.15",
      unit: "USD",
      calc_name: "perf.ret.net_pnl",
      calc_version: "v1",
      state: "ok",
    });
    expect(result.metrics.metrics["ex.cost"]?.value).toBe("1.95");
    expect(result.metrics.metrics["tr.pf"]).toMatchObject({ state: "ok", value: 0 });
  });
});
