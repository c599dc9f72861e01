import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { sha256, sha256Bytes } from "../../src/adapters/node-hash/sha256.js";
import { loadSqliteDriver } from "../../src/adapters/sqlite/load-sqlite-driver.js";
import { logFilesIn } from "../../src/adapters/sqlite/log-files.js";
import { SqliteEventStore } from "../../src/adapters/sqlite/sqlite-event-store.js";
import { canonicalJson } from "../../src/core/tape/canonical-json.js";
import type { EventCatalogue } from "../../src/core/tape/catalogue.js";
import { AUDIT_HASH_PREFIX, CONTENT_HASH_PREFIX, EVENT_HASH_PREFIX, PAYLOAD_HASH_PREFIX } from "../../src/core/tape/chain.js";
import { EVENT_ID_PREFIX } from "../../src/core/tape/event-id.js";
import { catalogueViolations } from "../../src/core/tape/registry.js";
import { deposit, openLog, readAll } from "../support/tape-fixture.js";

/** Every log ever written is read by these. */
const WHY = "The tape's format is frozen. A change needs an ADR, an upcaster or a new store version, and then new values here (vitest -u).";

const folder = mkdtempSync(join(tmpdir(), "onetape-freeze-"));
const store = new SqliteEventStore({ files: logFilesIn(folder), sha256, sha256Bytes, now: () => 0 });
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Hash of a schema's canonical text. */
function schemaHash(schema: unknown): string {
  const plain: unknown = JSON.parse(JSON.stringify(schema));
  const canonical = canonicalJson(plain);
  if (!canonical.ok) throw new Error(canonical.violations.map((violation) => violation.message).join("; "));
  return sha256(canonical.text);
}

/** Every catalogue that a file of the core declares, found by looking, so that a new one cannot be forgotten. */
async function findCatalogues(): Promise<readonly EventCatalogue[]> {
  const core = new URL("../../src/core/", import.meta.url);
  const files = readdirSync(core, { recursive: true, encoding: "utf8" }).filter(
    (file) => file.endsWith(".ts") && !file.endsWith(".test.ts"),
  );
  const declaring = files.filter((file) => /:\s*EventCatalogue\s*=/.test(readFileSync(new URL(file, core), "utf8"))).sort();
  const found: EventCatalogue[] = [];
  for (const file of declaring) {
    const module: object = await import(fileURLToPath(new URL(file, core)));
    found.push(...Object.values(module).filter(isCatalogue));
  }
  return found;
}

function isCatalogue(value: unknown): value is EventCatalogue {
  return typeof value === "object" && value !== null && "definitions" in value && "upcasters" in value;
}

const catalogues = await findCatalogues();

describe("frozen", () => {
  test("the prefixes of every hash", () => {
    expect([EVENT_ID_PREFIX, PAYLOAD_HASH_PREFIX, EVENT_HASH_PREFIX, CONTENT_HASH_PREFIX, AUDIT_HASH_PREFIX], WHY).toEqual([
      "onetape:id:v1\n",
      "onetape:payload:v1\n",
      "onetape:event:v1\n",
      "onetape:content:v1\n",
      "onetape:audit:v1\n",
    ]);
  });

  test("the fields of the envelope, of a head and of an anchor", async () => {
    const session = await openLog(store);
    await session.append([{ stream: "account/1", expected: "no_stream", events: [deposit("run/one", "a")] }]);
    const [event] = await readAll(session);
    expect(Object.keys(event ?? {}).sort(), WHY).toEqual([
      "causation_id",
      "correlation_id",
      "epoch",
      "event_hash",
      "id",
      "log",
      "occurred_at",
      "payload",
      "payload_hash",
      "position",
      "recorded_at",
      "schema_version",
      "source_at",
      "stream",
      "type",
      "version",
    ]);
    expect(Object.keys(session.head()).sort(), WHY).toEqual(["content_hash", "hash", "position"]);
    const anchors = await session.anchors();
    expect(Object.keys(anchors[0] ?? {}).sort(), WHY).toEqual([
      "audit_hash",
      "content_hash",
      "epoch",
      "first_position",
      "hash",
      "log",
      "position",
      "recorded_at",
    ]);
    await session.close();
  });

  test("the tables, indices and triggers of the SQLite store", async () => {
    await (await openLog(store, { log: "run/tables" })).close();
    const connection = (await loadSqliteDriver()).open(logFilesIn(folder).pathOf("run/tables"));
    const rows = connection.prepare("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type, name").all([]);
    connection.close();
    const definitions = rows.map(([sql]) => String(sql)).join(";\n");
    await expect(
      `${definitions};
`,
      WHY,
    ).toMatchFileSnapshot("./sqlite-store-v1.sql");
  });

  test("the types of every catalogue, their order, versions and canonical schemas", async () => {
    const frozen = catalogues.map(({ name, definitions }) => [
      name,
      ...definitions.map(
        ({ type, schema_version, kind, pinned, schema }) =>
          `${type} v${schema_version} ${kind}${pinned ? " pinned" : ""} ${schemaHash(schema)}`,
      ),
    ]);
    expect(catalogues.map((catalogue) => catalogue.name)).toContain("run");
    await expect(
      `${JSON.stringify(frozen, null, 2)}
`,
      WHY,
    ).toMatchFileSnapshot("./event-catalogues.golden.json");
  });
});

describe("every catalogue in the core", () => {
  test.each(catalogues.map((catalogue) => [catalogue.name, catalogue] as const))(
    "%s keeps its rules: no open objects, no gaps, no personal data",
    (_, catalogue) => {
      expect(catalogueViolations(catalogue)).toEqual([]);
    },
  );
});
