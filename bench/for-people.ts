/** The lines that a person reads while it runs. */
import type { TrialLine } from "./trial.js";
import type { BenchLine } from "./workload.js";

export function forPeople(line: BenchLine | TrialLine): string {
  return "trial" in line ? trialForPeople(line) : rateForPeople(line);
}

/** Thousands and millions in three digits or so. */
export function rateText(n: number): string {
  return n >= 1e6 ? `${(n / 1e6).toFixed(2)} M` : n >= 1e4 ? `${(n / 1e3).toFixed(0)} k` : n.toFixed(0);
}

/** Two digits; whole from a hundred on. */
export function ratioText(n: number): string {
  return n >= 100 ? n.toFixed(0) : n.toPrecision(2);
}

function trialForPeople({ trial, of, figures, output_hash }: TrialLine): string {
  const found = Object.entries(figures).map(([name, value]) => `${name.replaceAll("_", " ")} ${value}`);
  const hash = output_hash === null ? "" : `, output ${output_hash.slice(0, 12)}`;
  return `${trial.padEnd(11)} ${of === null ? "" : `${of}: `}${found.join(", ")}${hash}`;
}

function rateForPeople(line: BenchLine): string {
  const ratios = Object.entries(line.ratios).map(([name, value]) => `${name} ${ratioText(value)}`);
  const { p50, p90, worst } = line.pass_ms;
  return [
    line.workload.padEnd(11),
    `tape ${line.tape}`.padEnd(9),
    `${rateText(line.bars_per_s)} bars/s`.padEnd(15),
    `${rateText(line.events_per_s)} events/s`.padEnd(17),
    `${rateText(line.orders_per_s)} orders/s`.padEnd(16),
    `${line.orders} orders${line.events_per_order === null ? "" : ` of ${line.events_per_order.toFixed(2)} events`}`.padEnd(32),
    `p50 ${p50.toFixed(0)} p90 ${p90.toFixed(0)} worst ${worst.toFixed(0)} ms of ${line.passes}`.padEnd(40),
    `${line.peak_rss_mb} MB`.padEnd(8),
    `output ${line.output_hash.slice(0, 12)}`,
    ratios.join(", "),
  ].join(" ");
}
