/** Writers of a workspace's stores publish anchors where its settings ask for them. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { anchorBookFile } from "../../src/adapters/anchors/anchor-book-file.js";
import { ed25519Verifier, newEd25519Keys } from "../../src/adapters/anchors/ed25519.js";
import { sha256 } from "../../src/adapters/node-hash/sha256.js";
import { AnchorsUnusable } from "../../src/apps/library/anchored-store.js";
import { openLogStores } from "../../src/apps/library/log-stores.js";
import { outboxCatalogue } from "../../src/core/session/outbox-events.js";
import { eventId } from "../../src/core/tape/event-id.js";
import type { EventStore } from "../../src/ports/event-store.js";
import { checkAnchors } from "../../src/usecases/published-anchors.js";

const folder = mkdtempSync(join(tmpdir(), "onetape-anchored-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const keys = newEd25519Keys();
writeFileSync(join(folder, "key.pem"), keys.private_pem);

/** Appends events one by one to a log of its own. */
async function write(store: EventStore, log: string, events: number): Promise<void> {
  const opened = await store.open({ log, catalogue: outboxCatalogue, mode: "write", layout: "rows" });
  if (opened.kind !== "opened") throw new Error(JSON.stringify(opened));
  for (let n = 1; n <= events; n++) {
    const payload = { intent_id: `i${n}`, channel: "log", attempt: 1 };
    const id = eventId(n, log, `c${n}`, 0, sha256);
    const event = { id, type: "outbox.attempting", schema_version: 1, occurred_at: n, payload };
    await opened.session.append([{ stream: `intent/i${n}`, expected: "no_stream", events: [event] }]);
  }
  await opened.session.close();
}

describe("the stores of a workspace", () => {
  it("publish signed anchors of both places, every so many events and at each close", async () => {
    const file = join(folder, "anchors.ndjson");
    const anchors = { file, every: 2, key: join(folder, "key.pem") };
    const stores = openLogStores({ home: join(folder, "home"), store: "sqlite", anchors }, {});
    await write(stores.store, "outbox/own", 5);
    await write(stores.sessions, "outbox/desk", 3);
    const published = await anchorBookFile(file).read();
    expect(published?.anchors.map(({ log, position }) => [log, position])).toEqual([
      ["outbox/own", 2],
      ["outbox/own", 4],
      ["outbox/own", 5],
      ["outbox/desk", 2],
      ["outbox/desk", 3],
    ]);
    const opened = await stores.store.open({ log: "outbox/own", catalogue: outboxCatalogue, mode: "read" });
    if (opened.kind !== "opened") throw new Error(opened.kind);
    expect(await checkAnchors(opened.session, published?.anchors ?? [], ed25519Verifier(keys.public_pem))).toMatchObject({
      checked: 3,
      faults: [],
    });
    await stores.close();
  });

  it("take what the environment says where nothing else does", async () => {
    const file = join(folder, "environment.ndjson");
    const stores = openLogStores({ home: join(folder, "environment"), store: "sqlite" }, { ONETAPE_ANCHORS: file });
    await write(stores.store, "outbox/own", 1);
    await stores.close();
    expect(readFileSync(file, "utf8").trim().split("\n")).toHaveLength(1);
    expect(() => openLogStores({ home: folder, store: "sqlite" }, { ONETAPE_ANCHORS: file, ONETAPE_ANCHOR_EVERY: "often" })).toThrow(
      AnchorsUnusable,
    );
  });

  it("write nothing without the key that was to sign, and are read all the same", async () => {
    const home = join(folder, "keyless");
    const key = join(folder, "nowhere.pem");
    const stores = openLogStores({ home, store: "sqlite", anchors: { file: join(folder, "keyless.ndjson"), every: 1, key } }, {});
    await expect(write(stores.store, "outbox/own", 1)).rejects.toMatchObject({
      name: "AnchorsUnusable",
      violations: [{ code: "ANCHOR_KEY_MISSING", value: key }],
    });
    expect(await stores.store.open({ log: "outbox/own", catalogue: outboxCatalogue, mode: "read" })).toMatchObject({ kind: "not_found" });
    await stores.close();
  });
});
