/** `npm run bench [-- --json] [-- --quick] [-- WORKLOAD …]`: runs the workloads, asserts the work done, prints rates and ratios. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { emaCrossWorkload } from "./ema-cross.js";
import { emptyWorkload } from "./empty-strategy.js";
import { longShortWorkload } from "./long-short.js";
import { machine } from "./machine.js";
import { onScheduleWorkload } from "./on-schedule.js";
import { measure } from "./passes.js";
import { rebalanceWorkload } from "./rebalance.js";
import { streamingWorkload } from "./streaming.js";
import type { BenchLine, Workload } from "./workload.js";

const workloads: readonly Workload[] = [
  emaCrossWorkload({
    id: "W1",
    says: "EMA 10/20 on 10,000 BTC minutes, flat at the end",
    rows: 10_000,
    passes: 20,
    orders: 902,
    cash: "9999954.943133",
    flatten: true,
  }),
  emaCrossWorkload({
    id: "W2",
    says: "EMA 10/20 on 45,031 BTC minutes",
    rows: 45_031,
    passes: 20,
    orders: 4_135,
    cash: "9999855.828364",
    flatten: false,
  }),
  rebalanceWorkload(),
  onScheduleWorkload({
    id: "W6-SPARSE",
    says: "8 symbols x 1,000,000 bars, 1,388 orders each",
    bars: { symbols: 8, rows: 1_000_000, timeframe: "1m" },
    every: 720,
    passes: { off: 2, on: 2 },
  }),
  onScheduleWorkload({
    id: "W6-DENSE",
    says: "8 symbols x 50,000 bars, an order on every bar",
    bars: { symbols: 8, rows: 50_000, timeframe: "1m" },
    every: 1,
    passes: { off: 2, on: 2 },
  }),
  onScheduleWorkload({
    id: "W6-DENSE-8M",
    says: "8 symbols x 1,000,000 bars, an order on every bar, without a tape",
    onRequest: true,
    bars: { symbols: 8, rows: 1_000_000, timeframe: "1m" },
    every: 1,
    passes: { off: 1, on: 0 },
  }),
  longShortWorkload({
    id: "W7",
    says: "500 symbols x 2,520 days, long 25 and short 25 of them every other day: 63,000 trades",
    symbols: 500,
    days: 2_520,
    trades: 63_000,
  }),
  emptyWorkload({ id: "W8", says: "100 symbols x 20,000 bars, a strategy that does nothing", symbols: 100, rows: 20_000 }),
  streamingWorkload(),
];

async function main(args: readonly string[]): Promise<number> {
  const flags = args.filter((a) => a.startsWith("--"));
  const wanted = args.filter((a) => !a.startsWith("--")).map((a) => a.toUpperCase());
  const strange = flags.filter((f) => !["--json", "--quick", "--here"].includes(f));
  const unknown = wanted.filter((w) => !workloads.some((x) => x.id === w));
  if (strange.length > 0 || unknown.length > 0) {
    const known = workloads.map(({ id, says }) => `  ${id.padEnd(12)} ${says}`).join("\n");
    process.stderr.write(`unknown: ${[...strange, ...unknown].join(", ")}; there are --json, --quick and\n${known}\n`);
    return 3;
  }
  const json = flags.includes("--json");
  const chosen = workloads.filter(({ id, onRequest }) => (wanted.length === 0 ? onRequest !== true : wanted.includes(id)));
  if (flags.includes("--here")) return runHere(chosen, json, flags.includes("--quick"));
  if (!json) process.stdout.write(`${machine()}\n`);
  // A process each: what one leaves on the heap neither slows the next nor counts as its memory.
  let worst = 0;
  for (const { id } of chosen) {
    const { status } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), "--here", ...flags, id], { stdio: "inherit" });
    worst = Math.max(worst, status ?? 1);
  }
  return worst;
}

async function runHere(chosen: readonly Workload[], json: boolean, quick: boolean): Promise<number> {
  let skipped = 0;
  for (const workload of chosen) {
    const missing = workload.missing();
    if (missing !== null) {
      process.stderr.write(`SKIPPED ${workload.id}: ${missing}\n`);
      skipped += 1;
      continue;
    }
    for await (const line of measure(await workload.prepare({ quick }))) {
      process.stdout.write(json ? `${JSON.stringify(line)}\n` : `${forPeople(line)}\n`);
      workload.check?.(line);
    }
  }
  return skipped > 0 ? 2 : 0;
}

function forPeople(line: BenchLine): string {
  const rate = (n: number): string => (n >= 1e6 ? `${(n / 1e6).toFixed(2)} M` : n >= 1e4 ? `${(n / 1e3).toFixed(0)} k` : n.toFixed(0));
  const ratios = Object.entries(line.ratios).map(([name, value]) => `${name} ${value.toPrecision(2)}`);
  const { p50, p90, worst } = line.pass_ms;
  return [
    line.workload.padEnd(11),
    `tape ${line.tape}`.padEnd(9),
    `${rate(line.bars_per_s)} bars/s`.padEnd(15),
    `${rate(line.events_per_s)} events/s`.padEnd(17),
    `${rate(line.orders_per_s)} orders/s`.padEnd(16),
    `${line.orders} orders${line.events_per_order === null ? "" : ` of ${line.events_per_order.toFixed(2)} events`}`.padEnd(32),
    `p50 ${p50.toFixed(0)} p90 ${p90.toFixed(0)} worst ${worst.toFixed(0)} ms of ${line.passes}`.padEnd(40),
    `${line.peak_rss_mb} MB`.padEnd(8),
    `output ${line.output_hash.slice(0, 12)}`,
    ratios.join(", "),
  ].join(" ");
}

process.exitCode = await main(process.argv.slice(2));
