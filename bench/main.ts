/** `npm run bench [-- --json] [-- WORKLOAD …]`: runs the workloads, asserts the work done, prints rates and ratios. */
import { cpus } from "node:os";
import { emaCrossWorkload } from "./ema-cross.js";
import type { BenchLine, Workload } from "./workload.js";

const workloads: readonly Workload[] = [
  emaCrossWorkload({ id: "W1", rows: 10_000, passes: 20, orders: 902, flatten: true }),
  emaCrossWorkload({ id: "W2", rows: 45_031, passes: 20, orders: 4_135, flatten: false }),
];

async function main(args: readonly string[]): Promise<number> {
  const json = args.includes("--json");
  const wanted = args.filter((a) => !a.startsWith("--")).map((a) => a.toUpperCase());
  const unknown = wanted.filter((w) => !workloads.some((x) => x.id === w));
  if (unknown.length > 0) {
    process.stderr.write(`unknown workload ${unknown.join(", ")}; there are ${workloads.map((w) => w.id).join(", ")}\n`);
    return 3;
  }
  if (!json) process.stdout.write(`${machine()}\n`);
  let skipped = 0;
  for (const workload of workloads) {
    if (wanted.length > 0 && !wanted.includes(workload.id)) continue;
    const missing = workload.missing();
    if (missing !== null) {
      process.stderr.write(`SKIPPED ${workload.id}: ${missing}\n`);
      skipped += 1;
      continue;
    }
    for await (const line of workload.run()) process.stdout.write(json ? `${JSON.stringify(line)}\n` : `${forPeople(line)}\n`);
  }
  return skipped > 0 ? 2 : 0;
}

function machine(): string {
  const [first] = cpus();
  return `${cpus().length} x ${first?.model ?? "unknown processor"}, Node ${process.version}, ${process.platform}`;
}

function forPeople(line: BenchLine): string {
  const rate = (n: number): string => (n >= 1e6 ? `${(n / 1e6).toFixed(2)} M` : `${(n / 1e3).toFixed(0)} k`);
  const ratios = Object.entries(line.ratios).map(([name, value]) => `${name} ${value.toFixed(2)}`);
  return [
    line.workload.padEnd(4),
    `tape ${line.tape}`.padEnd(9),
    `${rate(line.bars_per_s)} bars/s`.padEnd(16),
    `${rate(line.events_per_s)} events/s`.padEnd(18),
    `${line.orders} orders, ${line.events_per_order.toFixed(2)} events an order`.padEnd(40),
    `${line.peak_rss_mb} MB`.padEnd(8),
    ratios.join(", "),
  ].join(" ");
}

process.exitCode = await main(process.argv.slice(2));
