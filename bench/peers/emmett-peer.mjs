// Appends one order event after the other to Emmett's PostgreSQL store: CONNECTION, then how many callers, each on a stream of its own.
// Says `ready`, then appends for as many milliseconds as each line of its input says, and answers with a line of JSON.
import { createInterface } from "node:readline";
import { getPostgreSQLEventStore } from "@event-driven-io/emmett-postgresql";

const [connection = "", callers = "1"] = process.argv.slice(2);
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
async function pass(milliseconds) {
  const times = [];
  const begun = performance.now();
  const end = begun + milliseconds;
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
  return { times, ms: performance.now() - begun };
}
const stored = async () => {
  let events = 0;
  for (const n of versions.keys()) events += (await store.readStream(`orders-${n}`)).events.length;
  return events;
};

// Streams of an earlier run are gone on with.
for (const n of versions.keys()) versions[n] = (await store.readStream(`orders-${n}`)).currentStreamVersion;
await pass(1_000);
const before = await stored();
let acknowledged = 0;
process.stdout.write("ready\n");
for await (const line of createInterface({ input: process.stdin })) {
  const measured = await pass(Number(line));
  acknowledged += measured.times.length;
  process.stdout.write(`${JSON.stringify(measured)}\n`);
}
const events = (await stored()) - before;
if (events !== acknowledged) throw new Error(`holds ${events} of ${acknowledged} acknowledged events`);
await store.close();
