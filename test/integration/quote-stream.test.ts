import { describe, expect, test } from "vitest";
import type { QuoteBatch } from "../../src/usecases/quote-stream.js";
import { streamQuotes } from "../../src/usecases/quote-stream.js";
import { newRiskSession, type RiskSession } from "../../src/usecases/risk-session.js";
import { DESK, OPENED, portsOn, STORES } from "../support/risk-session.js";

const quote = (sequence: number, price: string = "100") => ({
  ts: OPENED + sequence,
  source: "feed",
  sequence,
  quote: { kind: "spot", symbol: `S${sequence % 7}`, currency: "USD", price, dividend_yield: "0" },
});

async function collected(run: AsyncIterable<QuoteBatch | { readonly kind: "refused" }>): Promise<readonly QuoteBatch[]> {
  const batches: QuoteBatch[] = [];
  for await (const batch of run) {
    if (batch.kind === "refused") throw new Error("refused");
    batches.push(batch);
  }
  return batches;
}

function sums(batches: readonly QuoteBatch[]) {
  const total = (of: "accepted" | "repeated" | "rejected") => batches.reduce((sum, batch) => sum + batch[of], 0);
  return { accepted: total("accepted"), repeated: total("repeated"), rejected: total("rejected") };
}

describe.each(STORES)("quotes from a feed, on %s", (_, make) => {
  async function inSession(work: (session: RiskSession) => Promise<void>): Promise<void> {
    const { store, end } = await make();
    try {
      const opened = await newRiskSession(portsOn(store), DESK);
      if (opened.kind === "refused") throw new Error(opened.violations[0]?.message);
      await work(opened.session);
      await opened.session.close();
    } finally {
      await end();
    }
  }

  test("are each accepted, repeated or refused with a code; what was refused is counted by source, and all of it stands in the log when it is told", () =>
    inSession(async (session) => {
      const feed = [[quote(1), quote(2), quote(1), { nonsense: true }], [], [quote(2, "101"), quote(3, "NaN"), "text", quote(4)]];
      const seen: number[] = [];
      const batches: QuoteBatch[] = [];
      for await (const batch of streamQuotes(session, feed)) {
        if (batch.kind === "refused") throw new Error("refused");
        batches.push(batch);
        let quotes = 0;
        for await (const { type } of session.events()) if (type === "quote.ingested") quotes += 1;
        seen.push(quotes);
      }
      expect(sums(batches)).toEqual({ accepted: 3, repeated: 1, rejected: 4 });
      expect(batches.flatMap(({ refused }) => refused.map(({ command_id, error }) => [command_id, error?.code]))).toEqual([
        ["quote/undefined/undefined", "MISSING_EVENT_TS"],
        ["quote/feed/2", "IDEMPOTENCY_CONFLICT"],
        ["quote/feed/3", "VALIDATION_ERROR"],
        [expect.any(String), "VALIDATION_ERROR"],
      ]);
      expect(seen.at(-1)).toBe(3);
      expect(seen).toEqual(batches.map(({ state_version }) => state_version));
      expect(session.rejects.reduce((sum, { count }) => sum + count, 0)).toBe(4);
    }));

  test("are known by source and sequence: the whole feed again changes nothing, in whatever batches it comes", () =>
    inSession(async (session) => {
      const all = Array.from({ length: 500 }, (_q, n) => quote(n));
      expect(sums(await collected(streamQuotes(session, [all], { most_together: 64 })))).toEqual({
        accepted: 500,
        repeated: 0,
        rejected: 0,
      });
      const hash = session.stateHash();
      const again = await collected(
        streamQuotes(
          session,
          all.map((one) => [one]),
        ),
      );
      expect(sums(again)).toEqual({ accepted: 0, repeated: 500, rejected: 0 });
      expect([session.stateHash(), session.version]).toEqual([hash, 500]);
    }));

  test("wait outside while there is no room, however fast they could come, and nothing is taken that nobody asks for", () =>
    inSession(async (session) => {
      let sent = 0;
      let most = 0;
      let told = 0;
      async function* feed() {
        for (; sent < 2_000; ) {
          yield Array.from({ length: 10 }, () => quote(sent++));
          most = Math.max(most, sent - told);
        }
      }
      for await (const batch of streamQuotes(session, feed(), { most_waiting: 50, most_together: 30 })) {
        if (batch.kind === "refused") throw new Error("refused");
        told += batch.accepted + batch.repeated + batch.rejected;
        expect(batch.waiting).toBeLessThan(60);
        await new Promise((resolve) => setTimeout(resolve, 0));
      }
      expect([sent, told, session.version]).toEqual([2_000, 2_000, 2_000]);
      // Room for 50, the chunk that overfills it, a batch in hand, and the chunk that the feed has made and not yet given.
      expect(most).toBeLessThanOrEqual(50 + 10 + 30 + 10);
    }));

  test("end when their reader leaves, and when their feed fails after what came before was taken", () =>
    inSession(async (session) => {
      let closed = false;
      async function* feed() {
        try {
          for (let n = 0; ; n += 10) yield Array.from({ length: 10 }, (_q, i) => quote(n + i));
        } finally {
          closed = true;
        }
      }
      for await (const batch of streamQuotes(session, feed(), { most_waiting: 20 }))
        if (batch.kind === "batch" && batch.state_version >= 20) break;
      await new Promise((resolve) => setTimeout(resolve, 0));
      expect(closed).toBe(true);
      const { version } = session;
      async function* broken() {
        yield [quote(1_000_000), quote(1_000_001)];
        throw new Error("the line is dead");
      }
      await expect(collected(streamQuotes(session, broken()))).rejects.toThrow("the line is dead");
      expect(session.version).toBe(version + 2);
      await expect(collected(streamQuotes(session, [], { most_waiting: 0 }))).rejects.toThrow(RangeError);
    }));
});
