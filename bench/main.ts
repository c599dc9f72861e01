/**
 * `npm run bench [-- --json] [-- --quick] [-- --tape=on|off] [-- WORKLOAD …]`: runs the workloads, asserts the work done, prints rates
 * and ratios. With `--write` it also runs what stands on docs/benchmarks.md, peers included, and writes that page and its figures.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { forPeople } from "./for-people.js";
import { load, machine } from "./machine.js";
import { measure } from "./passes.js";
import { record } from "./record.js";
import type { Trial } from "./trial.js";
import type { BenchOptions, Workload } from "./workload.js";
import { known, PEERS, workloads } from "./workloads.js";

type Measurement = Workload | Trial;

const FLAGS = ["--json", "--quick", "--tape=on", "--tape=off", "--write", "--here"];

async function main(args: readonly string[]): Promise<number> {
  const flags = args.filter((a) => a.startsWith("--"));
  const wanted = args.filter((a) => !a.startsWith("--")).map((a) => a.toUpperCase());
  const strange = flags.filter((f) => !FLAGS.includes(f));
  const unknown = wanted.filter((w) => w !== PEERS && !workloads.some((x) => x.id === w));
  if (strange.length > 0 || unknown.length > 0) {
    const choices = workloads.map(({ id, says }) => `  ${id.padEnd(12)} ${says}`).join("\n");
    process.stderr.write(`unknown: ${[...strange, ...unknown].join(", ")}; there are ${FLAGS.slice(0, -1).join(", ")} and\n${choices}\n`);
    return 3;
  }
  const chosen = workloads.filter(({ id, onRequest }) => (wanted.length === 0 ? onRequest !== true : wanted.includes(id)));
  if (flags.includes("--here")) return runHere(chosen, flags.includes("--json"), optionsOf(flags));
  if (flags.includes("--write")) return record(wanted.length === 0 ? known : wanted, flags);
  if (!flags.includes("--json")) process.stdout.write(`${machine()}, load ${load()} before the first workload\n`);
  // A process each: what one leaves on the heap neither slows the next nor counts as its memory.
  let worst = 0;
  for (const { id } of chosen) {
    const { status } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), "--here", ...flags, id], { stdio: "inherit" });
    worst = Math.max(worst, status ?? 1);
  }
  return worst;
}

function optionsOf(flags: readonly string[]): BenchOptions {
  const tape = (["on", "off"] as const).find((side) => flags.includes(`--tape=${side}`));
  return { quick: flags.includes("--quick"), ...(tape === undefined ? {} : { tape }) };
}

async function runHere(chosen: readonly Measurement[], json: boolean, options: BenchOptions): Promise<number> {
  let skipped = 0;
  let missed = 0;
  for (const one of chosen) {
    const missing = one.missing();
    if (missing !== null) {
      process.stderr.write(`SKIPPED ${one.id}: ${missing}\n`);
      skipped += 1;
      continue;
    }
    if ("measure" in one) {
      for (const line of await one.measure(options)) {
        process.stdout.write(json ? `${JSON.stringify(line)}\n` : `${forPeople(line)}\n`);
        for (const bound of line.missed ?? []) process.stderr.write(`MISSED ${line.trial}: ${bound}\n`);
        missed += line.missed?.length ?? 0;
      }
      continue;
    }
    const prepared = await one.prepare(options);
    const { on, off } = prepared.passes;
    const passes = { on: options.tape === "off" ? 0 : on, off: options.tape === "on" ? 0 : off };
    for await (const line of measure({ ...prepared, passes })) {
      process.stdout.write(json ? `${JSON.stringify(line)}\n` : `${forPeople(line)}\n`);
      one.check?.(line);
    }
  }
  if (missed > 0) return 1;
  return skipped > 0 ? 2 : 0;
}

process.exitCode = await main(process.argv.slice(2));
