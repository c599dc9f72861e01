import { cpus, loadavg, totalmem } from "node:os";

/** What a figure was measured on, and how busy it was. */
export function machine(): string {
  const [first] = cpus();
  const load = (loadavg()[0] ?? 0).toFixed(1);
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} x ${first?.model ?? "unknown processor"}, ${memory} GB, Node ${process.version}, ${process.platform}, load ${load} before the first workload`;
}
