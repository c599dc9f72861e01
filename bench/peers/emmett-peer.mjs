// Appends one order event after the other to Emmett's PostgreSQL store: CONNECTION, then seconds. Prints a line of JSON.
import { getPostgreSQLEventStore } from "@event-driven-io/emmett-postgresql";

const [connection = "", seconds = "5"] = process.argv.slice(2);
const store = getPostgreSQLEventStore(connection);
const orderEvent = (n) => ({
  type: "order.submitted",
  data: {
    order_id: `orders/0-${n}`,
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

let version = 0n;
async function drive(milliseconds) {
  const times = [];
  for (const end = performance.now() + milliseconds; performance.now() < end; ) {
    const start = performance.now();
    const expectedStreamVersion = version === 0n ? "STREAM_DOES_NOT_EXIST" : version;
    const answer = await store.appendToStream("orders-0", [orderEvent(Number(version))], { expectedStreamVersion });
    version = answer.nextExpectedStreamVersion;
    times.push(performance.now() - start);
  }
  return times;
}

await drive(1_000);
const before = version;
const times = await drive(1_000 * Number(seconds));
const { events } = await store.readStream("orders-0");
if (BigInt(events.length) !== version || version - before !== BigInt(times.length))
  throw new Error(`holds ${events.length} of ${version} events`);
times.sort((a, b) => a - b);
await store.close();
process.stdout.write(`${JSON.stringify({ events_per_s: times.length / Number(seconds), p50_ms: times[Math.floor(times.length / 2)] })}\n`);
