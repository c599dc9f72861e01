import { cpus, loadavg, totalmem } from "node:os";

/** What figures are measured on. */
export function machine(): string {
  const [first] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} x ${first?.model ?? "unknown processor"}, ${memory} GB, Node ${process.version}, ${process.platform} ${process.arch}`;
}

/** Programs that wanted a processor over the last minute, one decimal. What is above 0 before a measurement is others' work. */
export function load(): number {
  return Math.round((loadavg()[0] ?? 0) * 10) / 10;
}
