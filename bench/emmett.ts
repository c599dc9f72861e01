/** Emmett's PostgreSQL store, in an environment of its own below `.bench-peers`, made on first use: it is no dependency of the product. */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { AppendPass } from "./append-callers.js";

const VERSION = "0.42.0";
const FOLDER = join(process.env["ONETAPE_BENCH_PEERS"] ?? ".bench-peers", "emmett");
const SCRIPT = "bench/peers/emmett-peer.mjs";
const PATIENCE_MS = 5 * 60_000;

/** Callers in a process of their own that append one event at a time and wait for each answer, whenever they are asked to. */
export class EmmettCallers {
  readonly version: string = VERSION;
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #answers: AsyncIterator<string>;
  #said = "";

  private constructor(process: ChildProcessWithoutNullStreams) {
    this.#process = process;
    this.#answers = createInterface({ input: process.stdout })[Symbol.asyncIterator]();
    process.stderr.on("data", (text) => {
      this.#said += String(text);
    });
  }

  /** @returns why it could not run, as text. */
  static async start(connection: string, callers: number): Promise<EmmettCallers | string> {
    const missing = install();
    if (missing !== null) return missing;
    copyFileSync(SCRIPT, join(FOLDER, "peer.mjs"));
    const peer = new EmmettCallers(spawn(process.execPath, [join(FOLDER, "peer.mjs"), connection, String(callers)]));
    const ready = await peer.#answers.next();
    return ready.done === true ? (peer.#said.split("\n").find((line) => /^\w*Error: /.test(line)) ?? lastLine(peer.#said)) : peer;
  }

  /** @throws {Error} with its last words where it ended. */
  async pass(milliseconds: number): Promise<AppendPass> {
    this.#process.stdin.write(`${milliseconds}\n`);
    const { done, value } = await this.#answers.next();
    if (done === true) throw new Error(`emmett ended: ${this.#said}`);
    // Written by the script beside this file.
    return JSON.parse(value) as AppendPass;
  }

  /** @throws {Error} where its store does not hold what it acknowledged. */
  async end(): Promise<void> {
    this.#process.stdin.end();
    if (this.#process.exitCode === null) await once(this.#process, "exit");
    if (this.#process.exitCode !== 0) throw new Error(`emmett ended: ${this.#said}`);
  }
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
