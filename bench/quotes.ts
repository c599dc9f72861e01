/**
 * Quotes into a risk session on SQLite: each batch is on the tape, and the tape on the disk, before it is told of. The feed is as fast as it is asked,
 * sends every hundredth quote again and every two hundredth broken. What was sent must be what was accepted, repeated and refused, and no more may
 * wait than there is room for. The log is read again from its start at the end.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sha256, sha256Bytes } from "../src/adapters/node-hash/sha256.js";
import { logFilesIn } from "../src/adapters/sqlite/log-files.js";
import { SqliteEventStore } from "../src/adapters/sqlite/sqlite-event-store.js";
import { streamQuotes } from "../src/usecases/quote-stream.js";
import { newRiskSession, openRiskSession, type RiskSession, type RiskSessionPorts } from "../src/usecases/risk-session.js";
import type { Trial, TrialLine } from "./trial.js";
import { quantile } from "./workload.js";

const QUOTES = 100_000;
const SYMBOLS = 500;
const CHUNK = 64;
const ROOM = 4_096;
const TOGETHER = 2_048;
/** Least quotes a second that have to be taken. */
const LEAST = 10_000;
/** Bytes that a session may keep for a quote: it holds all of them, with their ids and fingerprints, for as long as it is open. */
const MOST_BYTES = 1_500;
const OPENED = 1_772_445_600_000;
const STATE_HASH = "14e66bd895fc3f915a4601c1755e12d96e65568ed23e25262836e7d7b72509b0";

export function quoteStream(): Trial {
  return {
    id: "QUOTES",
    says: `${QUOTES} quotes of ${SYMBOLS} symbols into a risk session on SQLite, durable batch by batch`,
    missing: () => null,
    async measure({ quick }) {
      const lines: TrialLine[] = [];
      for (let pass = 0; pass < (quick ? 1 : 4); pass++) {
        const found = await onePass();
        // The first pass warms up, unless it is the only one.
        if (quick || pass > 0) lines.push(found);
      }
      const sorted = lines.toSorted((a, b) => (a.figures["quotes_per_s"] ?? 0) - (b.figures["quotes_per_s"] ?? 0));
      const median = sorted[Math.floor(sorted.length / 2)];
      const best = sorted.at(-1);
      if (median === undefined || best === undefined) return [];
      const best_per_s = best.figures["quotes_per_s"] ?? 0;
      const by_processor = Math.max(...lines.map(({ figures }) => figures["quotes_per_processor_s"] ?? 0));
      // Where others keep the processors busy, what a second of one of them does is what a free one would do.
      if (!(Math.max(best_per_s, by_processor) >= LEAST)) throw new Error(`QUOTES: ${best_per_s} a second, at least ${LEAST} are needed`);
      return [{ ...median, figures: { best_quotes_per_s: best_per_s, ...median.figures } }];
    },
  };
}

async function onePass(): Promise<TrialLine> {
  const folder = mkdtempSync(join(tmpdir(), "onetape-bench-"));
  const store = new SqliteEventStore({ files: logFilesIn(folder), sha256, sha256Bytes, now: Date.now });
  const ports: RiskSessionPorts = { store, hash: sha256, cache: null };
  try {
    const begun = await newRiskSession(ports, { name: "bench", base_currency: "USD", fx_pivot: "USD", opened_at: OPENED });
    if (begun.kind === "refused") throw new Error(begun.violations[0]?.message);
    const found = await feedInto(begun.session);
    await begun.session.close();
    const again = await openRiskSession(ports, "bench", "read");
    if (again.kind === "refused") throw new Error(again.violations[0]?.message);
    const hash = again.session.stateHash();
    await again.session.close();
    if (hash !== found.hash) throw new Error(`QUOTES: the log folds to ${hash}, the session was ${found.hash}`);
    if (hash !== STATE_HASH) throw new Error(`QUOTES: the state came to ${hash}, expected ${STATE_HASH}`);
    return { trial: "QUOTES", of: null, figures: found.figures, output_hash: hash };
  } finally {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function feedInto(session: RiskSession): Promise<{ readonly hash: string; readonly figures: TrialLine["figures"] }> {
  const counts = { sent: 0, accepted: 0, repeated: 0, rejected: 0, waiting: 0, ahead: 0 };
  const told = () => counts.accepted + counts.repeated + counts.rejected;
  function* feed(): Generator<readonly unknown[]> {
    for (let n = 0; n < QUOTES; n += CHUNK) {
      const chunk = Array.from({ length: Math.min(CHUNK, QUOTES - n) }, (_, i) => quoteOf(n + i));
      counts.sent += chunk.length;
      counts.ahead = Math.max(counts.ahead, counts.sent - told());
      yield chunk;
    }
  }
  const batch_ms: number[] = [];
  const before = process.memoryUsage().rss;
  const cpu = process.cpuUsage();
  const start = performance.now();
  let last = start;
  for await (const batch of streamQuotes(session, feed(), { most_waiting: ROOM, most_together: TOGETHER })) {
    if (batch.kind === "refused") throw new Error(`QUOTES: ${batch.violations[0]?.message}`);
    counts.accepted += batch.accepted;
    counts.repeated += batch.repeated;
    counts.rejected += batch.rejected;
    counts.waiting = Math.max(counts.waiting, batch.waiting);
    batch_ms.push(performance.now() - last);
    last = performance.now();
  }
  const ms = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  const grown = process.memoryUsage().rss - before;
  const expected = { sent: QUOTES, accepted: QUOTES - QUOTES / 200 - QUOTES / 100, repeated: QUOTES / 100, rejected: QUOTES / 200 };
  for (const [name, count] of Object.entries(expected))
    if (counts[name as keyof typeof expected] !== count)
      throw new Error(`QUOTES: ${name} ${counts[name as keyof typeof expected]}, expected ${count}`);
  if (counts.ahead > ROOM + TOGETHER + 2 * CHUNK) throw new Error(`QUOTES: ${counts.ahead} quotes were ahead of the tape`);
  if (grown > QUOTES * MOST_BYTES + 150e6) throw new Error(`QUOTES: the session grew by ${Math.round(grown / 1e6)} MB`);
  batch_ms.sort((a, b) => a - b);
  const { accepted, repeated, rejected, ahead } = counts;
  const figures = {
    quotes_per_s: Math.round((QUOTES * 1000) / ms),
    quotes_per_processor_s: Math.round((QUOTES * 1e6) / (user + system)),
    ...{ accepted, repeated, rejected, most_ahead_of_tape: ahead },
    batch_p50_ms: Math.round(quantile(batch_ms, 0.5) * 10) / 10,
    batch_p99_ms: Math.round(quantile(batch_ms, 0.99) * 10) / 10,
    grown_mb: Math.round(grown / 1e6),
  };
  return { hash: session.stateHash(), figures };
}

/** Every hundredth is the one before again, every two hundredth has a price that is none. */
function quoteOf(n: number): object {
  const sequence = n % 100 === 99 ? n - 1 : n;
  const price = n % 200 === 50 ? "NaN" : (100 + (sequence % 977) / 100).toFixed(2);
  const quote = { kind: "spot", symbol: `S${sequence % SYMBOLS}`, currency: "USD", price, dividend_yield: "0" };
  return { ts: OPENED + sequence, source: "feed", sequence, quote };
}
