import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "libsql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sha256, sha256Bytes } from "../../src/adapters/node-hash/sha256.js";
import { logFilesIn } from "../../src/adapters/sqlite/log-files.js";
import { SqliteEventStore } from "../../src/adapters/sqlite/sqlite-event-store.js";
import { runCatalogue } from "../../src/core/engine/run-event-schemas.js";
import type { EventCatalogue } from "../../src/core/tape/catalogue.js";
import { json, onetape, scratchFolder } from "./cli-process.js";

const scratch = scratchFolder("newer");
const runs = join(scratch.path, ".onetape", "runs");
const original = join(scratch.path, "original");
let run = "";

beforeAll(() => {
  expect(onetape(["init", ".", "--quiet"], { cwd: scratch.path }).code).toBe(0);
  const done = onetape(["backtest", "backtest.yaml", "--json"], { cwd: scratch.path });
  run = String(json(done)["run_id"]);
  cpSync(join(runs, run), original, { recursive: true });
});
afterAll(scratch.remove);

function restore(): string {
  rmSync(join(runs, run), { recursive: true });
  cpSync(original, join(runs, run), { recursive: true });
  return join(runs, run);
}

function said(args: readonly string[]): { readonly code: number | null; readonly text: string } {
  const { code, stdout, stderr } = onetape(args, { cwd: scratch.path });
  return { code, text: `${stdout}${stderr}` };
}

/** The run's own catalogue as a later version might have it: one type has a second schema version. */
const later: EventCatalogue = {
  ...runCatalogue,
  definitions: runCatalogue.definitions.map((d) => (d.type === "run.started" ? { ...d, schema_version: 2 } : d)),
  upcasters: [...runCatalogue.upcasters, { type: "run.started", from: 1, upcast: (payload) => payload }],
};

describe("what a newer Onetape wrote is refused with both versions named", () => {
  test.each([
    ["verify", ["verify", "RUN"], 5],
    ["replay", ["replay", "RUN", "--verify"], 1],
    ["events", ["events", "RUN"], 1],
    ["tape convert", ["tape", "convert", "RUN", "--layout", "rows", "--output", "copy.db"], 1],
    ["diff", ["diff", "RUN", "RUN"], 1],
    ["runs show", ["runs", "show", "RUN"], 0],
  ] as const)("a store, by %s", (_, args, code) => {
    const dir = restore();
    const file = readdirSync(dir).find((name) => name.endsWith(".tape.db")) ?? "";
    const database = new Database(join(dir, file));
    database.exec("UPDATE store_meta SET value = '7' WHERE key = 'store_version'");
    database.close();
    const answer = said(args.map((arg) => (arg === "RUN" ? run : arg)));
    expect(answer.text).toContain("its store has version 7, this Onetape knows versions up to 1");
    expect(answer.text).not.toContain("UNEXPECTED");
    expect(answer.code).toBe(code);
  });

  test.each([
    ["verify", ["verify", "RUN"], 5],
    ["replay", ["replay", "RUN", "--verify"], 5],
  ] as const)("a tape, by %s", async (_, args, code) => {
    const dir = restore();
    const files = logFilesIn(dir);
    const [log = ""] = files.list();
    const first = JSON.parse(onetape(["events", run, "--limit", "1", "--ndjson"], { cwd: scratch.path }).stdout) as {
      id: string;
      occurred_at: number;
      payload: Record<string, never>;
    };
    for (const name of readdirSync(dir).filter((name) => name.startsWith("run~"))) rmSync(join(dir, name));
    const store = new SqliteEventStore({ files, sha256, sha256Bytes, now: Date.now });
    const opened = await store.open({ log, catalogue: later, mode: "write", layout: "rows", durability: "committed" });
    if (opened.kind !== "opened") throw new Error(opened.kind);
    const { id, occurred_at, payload } = first;
    const event = { id, type: "run.started", schema_version: 2, occurred_at, payload };
    const outcome = await opened.session.append([{ stream: "run", expected: "no_stream", events: [event] }]);
    expect(outcome.kind).toBe("stored");
    const head = opened.session.head();
    await opened.session.close();
    await store.close();
    const path = join(dir, "manifest.json");
    const manifest = JSON.parse(readFileSync(path, "utf8"));
    Object.assign(manifest.tape, { layout: "rows", head_position: 1, head_hash: head.hash, content_hash: head.content_hash });
    writeFileSync(path, JSON.stringify(manifest));
    const answer = said(args.map((arg) => (arg === "RUN" ? run : arg)));
    expect(answer.text).toContain("event 1 is run.started in schema version 2, this Onetape reads version 1");
    expect(answer.text).not.toContain("UNEXPECTED");
    expect(answer.code).toBe(code);
  });

  test("a manifest, by name and by verify --all", () => {
    const path = join(restore(), "manifest.json");
    writeFileSync(path, readFileSync(path, "utf8").replace("onetape.manifest/1", "onetape.manifest/2"));
    for (const args of [["runs", "show", run], ["verify"]])
      expect(said(args).text).toContain("manifest.json is onetape.manifest/2, this Onetape reads onetape.manifest/1");
  });
});

test("runs show tells choices one a line, counts in groups and spans of time in words", () => {
  restore();
  const { text, code } = said(["runs", "show", run]);
  expect(code).toBe(0);
  expect(text).toMatch(/^execution\.fill_timing +next_open$/m);
  expect(text).toMatch(/^Final equity +\d{3},\d{3}\.\d\d USD$/m);
  expect(text).toMatch(/^Holding time.* \d+ h \d\d m/m);
  expect(text).not.toMatch(/[{}]| ms\b|\d{5,} (bars|events)|n=\d{4}/);
});
