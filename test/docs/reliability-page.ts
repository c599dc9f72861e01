import { faultCatalogue } from "../support/fault-catalogue.js";
import type { FaultedStore, FaultRecord } from "../support/fault-record.js";

/** What the last whole run of the chaos tests did. */
export interface ReliabilityRun {
  readonly measured_on: string;
  readonly machine: string;
  readonly seed: number;
  readonly records: readonly FaultRecord[];
}

const STORES: readonly FaultedStore[] = ["SQLite", "PostgreSQL"];

/** One record for each scenario and store, by number. A scenario that ran in several tests adds up. */
export function merged(records: readonly FaultRecord[]): readonly FaultRecord[] {
  const sums = new Map<string, FaultRecord>();
  for (const record of records) {
    const key = `${record.scenario} ${record.store}`;
    const before = sums.get(key);
    const acknowledged = before?.acknowledged == null ? record.acknowledged : before.acknowledged + (record.acknowledged ?? 0);
    sums.set(key, { ...record, injected: record.injected + (before?.injected ?? 0), acknowledged });
  }
  return [...sums.values()].sort((a, b) => a.scenario - b.scenario || STORES.indexOf(a.store) - STORES.indexOf(b.store));
}

/** Scenarios that neither ran on a store nor say why they cannot. */
export function missing({ records }: ReliabilityRun): readonly string[] {
  return faultCatalogue.flatMap(({ number, not_on }) =>
    STORES.filter((store) => not_on?.[store] === undefined && !records.some((r) => r.scenario === number && r.store === store)).map(
      (store) => `scenario ${number} on ${store}`,
    ),
  );
}

export function reliabilityPage(run: ReliabilityRun): string {
  const cell = (number: number, store: FaultedStore): string => {
    const why = faultCatalogue[number - 1]?.not_on?.[store];
    if (why !== undefined) return why;
    const record = run.records.find((r) => r.scenario === number && r.store === store);
    if (record === undefined) return "not run";
    const { injected, acknowledged } = record;
    return acknowledged === null ? `${count(injected)}; lost: nothing` : `${count(injected)}; lost: 0 of ${count(acknowledged)}`;
  };
  const table = faultCatalogue.map(
    ({ number, fault, injected, held }) =>
      `| ${number} | ${fault} | ${injected} | ${held} | ${cell(number, "SQLite")} | ${cell(number, "PostgreSQL")} |`,
  );
  const struck = run.records.reduce((sum, record) => sum + record.injected, 0);
  return `# Reliability

<!-- Written by the chaos tests. Run them again instead of editing: npm run test:chaos -- --write -->

What was done to the two real stores, how often, and what it cost. ${count(struck)} faults struck in the last whole run; no acknowledged event was lost, none was doubled, and none was altered without being told.

## Method

- A record outside the store knows what was submitted and what was acknowledged. After every fault it is compared with the log:
  **I1** what was acknowledged is there, unchanged, at its position; **I2** nothing is there that was not submitted; **I3** versions and positions have no holes;
  **I4** the hash chain holds; **I5** each reader has applied each event once; **I6** the state folded from the log is the one that follows from what was submitted;
  **I7** no effect left before its event was durable.
- Processes are killed with SIGKILL, servers stopped at once, connections cut by a proxy. Disks fail in a library between the process and the system calls: SQLite and PostgreSQL
  do not know. A power cut on SQLite is every disk that the flushed and unflushed writes may leave, the last one torn at any byte.
- A seeded simulator runs the production engine, sessions, outbox and projections over a virtual clock, disk and network: random faults first, then none, and everything must come to its end.
  A failure prints its seed; \`ONETAPE_SEED=n npm run test:chaos\` does it again.
- In every suite one test injects a lie of its own and demands that the alarm rings.
- \`npm test\` runs a bounded part, \`npm run test:chaos\` all of it. A number of faults is how often they struck, not how often they were asked for.

Machine: ${run.machine}. Run on ${run.measured_on} under seed ${run.seed}.

## Scenarios

The last columns say how often the fault struck, and how many of the events that had been acknowledged were lost without the store saying so.

| # | fault | injected by | besides the invariants | SQLite | PostgreSQL |
| --- | --- | --- | --- | --- | --- |
${table.join("\n")}

What disks and networks do is limited to what these tests make them do. A disk that says that it has flushed and has not loses what it says; anchors kept elsewhere tell of it.
`;
}

/** With a comma between thousands. */
function count(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ",");
}
