/** Emmett's PostgreSQL store, in an environment of its own below `.bench-peers`, made on first use: it is no dependency of the product. */
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const VERSION = "0.42.0";
const FOLDER = join(process.env["ONETAPE_BENCH_PEERS"] ?? ".bench-peers", "emmett");
const SCRIPT = "bench/peers/emmett-peer.mjs";
const PATIENCE_MS = 5 * 60_000;

export interface EmmettRate {
  readonly version: string;
  readonly events_per_s: number;
  readonly p50_ms: number;
}

/** Callers that append one event at a time and wait for each answer. @returns why it could not run, as text. */
export function emmettAppends(connection: string, seconds: number, callers: number): EmmettRate | string {
  const missing = install();
  if (missing !== null) return missing;
  copyFileSync(SCRIPT, join(FOLDER, "peer.mjs"));
  const done = spawnSync(process.execPath, [join(FOLDER, "peer.mjs"), connection, String(seconds), String(callers)], {
    encoding: "utf8",
    timeout: PATIENCE_MS,
  });
  if (done.status !== 0) return done.error?.message ?? lastLine(done.stderr);
  const printed: unknown = JSON.parse(lastLine(done.stdout));
  if (typeof printed !== "object" || printed === null) throw new Error(`emmett printed ${done.stdout}`);
  // Written by the script beside this file.
  return { version: VERSION, ...(printed as Omit<EmmettRate, "version">) };
}

function install(): string | null {
  const stamp = join(FOLDER, `installed-${VERSION}`);
  if (existsSync(stamp)) return null;
  process.stderr.write(`making an environment for emmett in ${FOLDER}\n`);
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  const dependencies = { "@event-driven-io/emmett": VERSION, "@event-driven-io/emmett-postgresql": VERSION };
  writeFileSync(join(FOLDER, "package.json"), JSON.stringify({ private: true, type: "module", dependencies }));
  const done = spawnSync("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts"], {
    cwd: FOLDER,
    encoding: "utf8",
    timeout: PATIENCE_MS,
  });
  if (done.status !== 0) return done.error?.message ?? lastLine(done.stderr);
  writeFileSync(stamp, "");
  return null;
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}
