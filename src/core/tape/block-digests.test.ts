import { describe, expect, it } from "vitest";
import { ledgerBlocks, ledgerCatalogue } from "../../../test/support/tape-fixture.js";
import { sha256 } from "../../adapters/node-hash/sha256.js";
import { Digester, digestsOf, HASH_LENGTH, ID_LENGTH } from "./block-digests.js";
import { BlockRefused, BlockSealer } from "./block-sealer.js";
import { payloadHash } from "./chain.js";
import { eventId } from "./event-id.js";
import { GENESIS_HASH } from "./hash.js";

const sealer = (hash = sha256): BlockSealer =>
  new BlockSealer("run/one", ledgerCatalogue, hash, {
    head: { position: 0, hash: GENESIS_HASH, content_hash: GENESIS_HASH },
    pins: [],
    recent: [],
  });

describe("digests made ahead of sealing", () => {
  it("are the ids and payload hashes of the events, each in its place", () => {
    const [block] = ledgerBlocks(12, 1);
    if (block === undefined) throw new Error("no block");
    const { ids, payload_hashes } = digestsOf(block, "run/one", sha256);
    let start = 0;
    for (let i = 0; i < block.count; i++) {
      const end = block.payload_ends[i] ?? 0;
      const command = block.commands[block.command_of[i] ?? 0] ?? "";
      expect(ids.slice(ID_LENGTH * i, ID_LENGTH * (i + 1))).toBe(
        eventId(block.occurred_at[i] ?? 0, "run/one", command, block.index_in_command[i] ?? 0, sha256),
      );
      expect(payload_hashes.slice(HASH_LENGTH * i, HASH_LENGTH * (i + 1))).toBe(payloadHash(block.payloads.slice(start, end), sha256));
      start = end;
    }
    expect([ids.length, payload_hashes.length]).toEqual([ID_LENGTH * block.count, HASH_LENGTH * block.count]);
  });

  it("change nothing of what is sealed", () => {
    const [plain, ahead] = [sealer(), sealer()];
    for (const block of ledgerBlocks(12, 7))
      expect(ahead.seal({ ...block, digests: digestsOf(block, "run/one", sha256) })).toEqual(plain.seal(block));
    expect(ahead.head).toEqual(plain.head);
  });

  it("follow the content chain from the log's first event on, so that the sealer need not", () => {
    let hashes = 0;
    const ahead = sealer((text) => {
      hashes += 1;
      return sha256(text);
    });
    const plain = sealer();
    const digester = new Digester("run/one", ledgerCatalogue, sha256);
    for (const block of ledgerBlocks(12, 7)) {
      hashes = 0;
      expect(ahead.seal({ ...block, digests: digester.next(block) })).toEqual(plain.seal(block));
      expect(hashes).toBe(block.count);
    }
  });

  it("of a content chain that begins elsewhere are not taken", () => {
    const [block] = ledgerBlocks(3, 1);
    if (block === undefined) throw new Error("no block");
    const digests = { ...digestsOf(block, "run/one", sha256), content: { before: "1".repeat(64), after: "2".repeat(64) } };
    expect(sealer().seal({ ...block, digests }).head).toEqual(sealer().seal(block).head);
  });

  it("of another log, or of another number of events, are refused", () => {
    const [block] = ledgerBlocks(2, 1);
    if (block === undefined) throw new Error("no block");
    const own = digestsOf(block, "run/one", sha256);
    for (const digests of [
      digestsOf(block, "run/two", sha256),
      { ...own, ids: own.ids.slice(ID_LENGTH) },
      { ...own, payload_hashes: `${own.payload_hashes}0` },
    ])
      expect(() => sealer().seal({ ...block, digests })).toThrow(BlockRefused);
  });
});
