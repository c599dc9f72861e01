import { describe, expect, test } from "vitest";
import { sha256 } from "../../adapters/node-hash/sha256.js";
import { auditHash, auditHashOfBlock, contentHash, eventHash, payloadHash, prefixedOrNull } from "./chain.js";
import { eventId, MAX_EVENT_TIME, MIN_EVENT_TIME, timeOfEventId } from "./event-id.js";
import { GENESIS_HASH } from "./hash.js";

/*
 * The expected values were computed with Python 3.13 from the definitions alone:
 *
 *   sha = lambda s: hashlib.sha256(s.encode("utf-8")).hexdigest()
 *   lp  = lambda v: "-" if v is None else f"{len(str(v).encode())}:{v}"
 *   id: d = sha256(f"onetape:id:v1\n{log}\n{command}\n{index}").digest()[:10]; d[0] = 0x80 | d[0] & 0x0f; d[2] = 0x80 | d[2] & 0x3f
 *       uuid = (ms % 2**48).to_bytes(6, "big") + d
 *   payload hash: sha("onetape:payload:v1\n" + canonical)
 *   event hash:   sha("onetape:event:v1\n" + lp of previous, log, position, stream, version, id, type, schema_version,
 *                     occurred_at, source_at, causation_id, payload_hash)
 *   content hash: sha("onetape:content:v1\n" + lp of previous, type, schema_version, occurred_at, payload_hash)
 *   audit hash:   sha("onetape:audit:v1\n" + lp(previous) + per event lp of position, recorded_at, epoch, correlation_id, created_at)
 */
const LOG = "run/golden";
const AT = 1_704_067_200_000;
const ID_0 = "018cc251-f400-879f-bd6d-08b091e94d52";
const ID_1 = "018cc251-f400-8178-a0df-225f8bdad747";
const PAYLOAD = '{"a":1,"b":"größer €"}';
const PAYLOAD_HASH = "683abea9383bcef1dc64eff7c6b2def1cacd5c5f7a98a5569514ae1a3e45fec0";
const HASH_1 = "70735a3756e17dfe66345dedccd248973680c417a5c52848befb084b15adc305";
const HASH_2 = "806af57a0b49992d28a05db9f5adefc67b15424ff68e338588de299dd8ace82a";

const first = {
  log: LOG,
  position: 1,
  stream: `${LOG}/order/1`,
  version: 1,
  id: ID_0,
  type: "order.created",
  schema_version: 1,
  occurred_at: AT,
  source_at: null,
  causation_id: null,
  payload_hash: PAYLOAD_HASH,
} as const;
const second = {
  ...first,
  position: 2,
  version: 2,
  id: ID_1,
  type: "order.filled",
  schema_version: 3,
  source_at: AT - 1,
  causation_id: ID_0,
  payload_hash: payloadHash("{}", sha256),
} as const;

describe("ids", () => {
  test("an id is the time and 74 bits of the digest, as computed elsewhere", () => {
    expect(eventId(AT, LOG, "bar/1", 0, sha256)).toBe(ID_0);
    expect(eventId(AT, LOG, "bar/1", 1, sha256)).toBe(ID_1);
  });

  test("the first and the last time of the range are read back, and so is 1970", () => {
    for (const time of [MIN_EVENT_TIME, MAX_EVENT_TIME, 0]) expect(timeOfEventId(eventId(time, LOG, "x", 0, sha256))).toBe(time);
    expect(eventId(0, LOG, "x", 0, sha256)).toMatch(/^00000000-0000-8/);
  });

  test("a time before 1970 is written in two's complement and read back", () => {
    const id = eventId(-1, LOG, "bar/0", 7, sha256);
    expect(id).toBe("ffffffff-ffff-84c5-8500-63357f556016");
    expect(timeOfEventId(id)).toBe(-1);
    expect(timeOfEventId(ID_0)).toBe(AT);
  });

  test("version and variant bits are those of a UUIDv8 for every digest", () => {
    for (let i = 0; i < 500; i++)
      expect(eventId(AT, LOG, "bits", i, sha256)).toMatch(/^018cc251-f400-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});

describe("hashes", () => {
  test("payload, event and content hashes are those computed elsewhere", () => {
    expect(payloadHash(PAYLOAD, sha256)).toBe(PAYLOAD_HASH);
    expect(eventHash(GENESIS_HASH, first, sha256)).toBe(HASH_1);
    expect(eventHash(HASH_1, second, sha256)).toBe(HASH_2);
    const content = contentHash(GENESIS_HASH, first, sha256);
    expect(content).toBe("9be1bd9b2a7ed5969e2e442d904452dfe02c32d952f552e90ffada9cb8a7b398");
    expect(contentHash(content, second, sha256)).toBe("f9e2f82fa690f5f9c8c4c4a29a98d1405e97e7192f97d56250c1252ec6d0aa4d");
  });

  test("the audit hash of a block is that computed elsewhere, event by event and for a block that shares its stamp", () => {
    const shared = { recorded_at: 1_704_067_200_123, epoch: 4, created_at: "2024-01-01T00:00:00.123Z" };
    const expected = "df58e00721c4b5afac6850a3f6ff40fa2e6a05d75e78ef0c4e7e0d9bcf93f389";
    const events = [
      { position: 1, correlation_id: null, ...shared },
      { position: 2, correlation_id: "request 7", ...shared },
    ];
    expect(auditHash(GENESIS_HASH, events, sha256)).toBe(expected);
    expect(auditHashOfBlock(GENESIS_HASH, { first_position: 1, count: 2, correlations: [null, "request 7"] }, shared, sha256)).toBe(
      expected,
    );
  });

  test("the audit hash of a block without correlation ids is that of events without one", () => {
    const shared = { recorded_at: 7, epoch: 4, created_at: "2024-01-01T00:00:00.123Z" };
    const events = [5, 6].map((position) => ({ position, correlation_id: null, ...shared }));
    const block = { first_position: 5, count: 2, correlations: null };
    expect(auditHashOfBlock(HASH_1, block, shared, sha256)).toBe(auditHash(HASH_1, events, sha256));
  });

  test("a change of any covered field changes the hash", () => {
    const changes = {
      log: "run/other",
      position: 2,
      stream: `${LOG}/order/2`,
      version: 2,
      id: ID_1,
      type: "order.filled",
      schema_version: 2,
      occurred_at: AT + 1,
      source_at: AT,
      causation_id: ID_1,
      payload_hash: HASH_1,
    } as const;
    for (const [field, value] of Object.entries(changes)) {
      expect(eventHash(GENESIS_HASH, { ...first, [field]: value }, sha256), field).not.toBe(HASH_1);
    }
  });

  test("null and a text that looks like null are two things", () => {
    expect(prefixedOrNull(null)).toBe("-");
    expect(prefixedOrNull("-")).toBe("1:-");
    expect(prefixedOrNull("")).toBe("0:");
  });
});
