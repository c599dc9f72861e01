import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The program under test: this checkout's, or the one that ONETAPE_BIN names. */
export const program: string = process.env["ONETAPE_BIN"] ?? fileURLToPath(new URL("../../bin/onetape.mjs", import.meta.url));

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Text for stdin; without it stdin is closed. */
  readonly input?: string;
}

/** An environment in which nothing of this machine's user decides an outcome. */
export function cleanEnvironment(folder: string, extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const { PATH, SystemRoot } = process.env;
  return {
    PATH,
    ...(SystemRoot === undefined ? {} : { SystemRoot }),
    HOME: folder,
    XDG_CONFIG_HOME: join(folder, ".config"),
    TERM: "xterm-256color",
    ...extra,
  };
}

/** Runs `onetape ARGS` as a process of its own, through pipes. */
export function onetape(args: readonly string[], { cwd, env = {}, input }: CliOptions): Finished {
  const done = spawnSync(process.execPath, [program, ...args], {
    cwd,
    env: cleanEnvironment(cwd, env),
    input: input ?? "",
    encoding: "utf8",
    maxBuffer: 1 << 28,
    timeout: 110_000,
  });
  return { code: done.status, signal: done.signal, stdout: done.stdout, stderr: done.stderr };
}

/** The one JSON document on stdout. */
export function json({ stdout }: Finished): { readonly [key: string]: unknown } {
  if (stdout.trim().split("\n").length !== 1) throw new Error(`stdout is not one line of JSON: ${stdout}`);
  const read: unknown = JSON.parse(stdout);
  if (typeof read !== "object" || read === null) throw new Error(`stdout is no JSON object: ${stdout}`);
  return read as { readonly [key: string]: unknown };
}

/** Runs a shell line on a pseudo-terminal. @returns everything the terminal received. */
export function onTerminal(line: string, { cwd, env = {} }: CliOptions): { readonly code: number | null; readonly screen: string } {
  const done = spawnSync("script", ["-qec", line, "/dev/null"], {
    cwd,
    env: cleanEnvironment(cwd, env),
    encoding: "utf8",
    timeout: 110_000,
  });
  if (done.error !== undefined) throw done.error;
  return { code: done.status, screen: done.stdout };
}

/** Runs a shell line with pipes of its own. */
export function throughShell(line: string, { cwd, env = {} }: CliOptions): Finished {
  const done = spawnSync("sh", ["-c", line], {
    cwd,
    env: cleanEnvironment(cwd, env),
    encoding: "utf8",
    timeout: 110_000,
    maxBuffer: 1 << 26,
  });
  return { code: done.status, signal: done.signal, stdout: done.stdout, stderr: done.stderr };
}

/** Whether this machine can make a pseudo-terminal. */
export const hasTerminal: boolean = spawnSync("script", ["-qec", "true", "/dev/null"]).status === 0;

/** Starts `onetape ARGS` and hands over the child. */
export function start(args: readonly string[], { cwd, env = {} }: CliOptions): ReturnType<typeof spawn> {
  return spawn(process.execPath, [program, ...args], { cwd, env: cleanEnvironment(cwd, env), stdio: ["ignore", "pipe", "pipe"] });
}

/** A folder for one test file. */
export function scratchFolder(name: string): { readonly path: string; readonly remove: () => void } {
  const path = realpathSync(mkdtempSync(join(tmpdir(), `onetape-${name}-`)));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
