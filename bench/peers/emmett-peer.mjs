// Appends one order event after the other to Emmett's PostgreSQL store: CONNECTION, seconds, then how many callers, each on a stream of its own. Prints a line of JSON.
import { getPostgreSQLEventStore } from "@event-driven-io/emmett-postgresql";

const [connection = "", seconds = "5", callers = "1"] = process.argv.slice(2);
const store = getPostgreSQLEventStore(connection);
const orderEvent = (caller, n) => ({
  type: "order.submitted",
  data: {
    order_id: `orders/${caller}-${n}`,
    symbol: "DEMO",
    side: "buy",
    type: "limit",
    qty: "100",
    limit_price: "97.15",
    tif: "day",
    account: "desk-7",
    note: "as large as an order usually is, so that hashing and storing cost what they cost",
    n,
  },
});

const versions = Array.from({ length: Number(callers) }, () => 0n);
async function drive(milliseconds) {
  const times = [];
  const end = performance.now() + milliseconds;
  const caller = async (_, n) => {
    while (performance.now() < end) {
      const version = versions[n];
      const start = performance.now();
      const expectedStreamVersion = version === 0n ? "STREAM_DOES_NOT_EXIST" : version;
      const answer = await store.appendToStream(`orders-${n}`, [orderEvent(n, Number(version))], { expectedStreamVersion });
      versions[n] = answer.nextExpectedStreamVersion;
      times.push(performance.now() - start);
    }
  };
  await Promise.all(versions.map(caller));
  return times;
}
const stored = async () => {
  let events = 0;
  for (const n of versions.keys()) events += (await store.readStream(`orders-${n}`)).events.length;
  return events;
};

// Streams of an earlier run are gone on with.
for (const n of versions.keys()) versions[n] = (await store.readStream(`orders-${n}`)).currentStreamVersion;
await drive(1_000);
const before = await stored();
const times = await drive(1_000 * Number(seconds));
const events = (await stored()) - before;
if (events !== times.length) throw new Error(`holds ${events} of ${times.length} acknowledged events`);
times.sort((a, b) => a - b);
await store.close();
process.stdout.write(`${JSON.stringify({ events_per_s: times.length / Number(seconds), p50_ms: times[Math.floor(times.length / 2)] })}\n`);
