/** PostgreSQL servers for tests that stop and start them, and standbys. */
import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  dsnOf,
  findPostgresBinaries,
  freePort,
  halt,
  initialise,
  launch,
  SERVER_USER,
  type ServerState,
  unprivileged,
} from "../../bench/scratch-postgres.js";

/** A server that this process may stop. */
export interface TestPostgres {
  /** Folder of the server's own, data in `data`; the server's user may write to it. */
  readonly root: string;
  /** Connection string of the administrator to a database. */
  dsn(database: string): string;
  readonly port: number;
  readonly version: string;
  /** Stops it, as `pg_ctl -m` would, and starts it again over the same data. @param between what is done while it is down. */
  restart(mode: "fast" | "immediate", between?: () => void): Promise<void>;
  /** Name of a program that came with the server, or null where it did not. */
  program(name: string): string | null;
  stop(): Promise<void>;
}

interface PostgresOptions {
  /** What the server's environment has besides, given its folder before it starts. */
  readonly env?: (root: string) => NodeJS.ProcessEnv;
}

/** A server of the caller's own, for tests that stop it. @param settings lines of `postgresql.conf`. */
export async function startPostgres(settings: readonly string[] = [], options: PostgresOptions = {}): Promise<TestPostgres> {
  const state = await initialise(settings);
  return run(state, options.env?.(state.root) ?? {});
}

/**
 * A standby that follows a server, from a copy of it. Its name as a follower is `standby`.
 *
 * @param copy makes the copy in a folder that is not there yet.
 */
export async function startStandby(primary: TestPostgres, copy: (data: string) => void): Promise<TestPostgres> {
  const bin = findPostgresBinaries();
  if (bin === null) throw new Error("no PostgreSQL on this machine");
  const root = mkdtempSync(join(tmpdir(), "onetape-standby-"));
  const user = unprivileged();
  chmodSync(root, 0o700);
  if (user !== null) chownSync(root, user.uid, user.gid);
  const data = join(root, "data");
  copy(data);
  const port = await freePort();
  const config = join(data, "postgresql.conf");
  const dsn = new URL(primary.dsn("postgres"));
  const following = `host=127.0.0.1 port=${primary.port} user=${SERVER_USER} password=${dsn.password} application_name=standby`;
  writeFileSync(config, `${readFileSync(config, "utf8")}\nport = ${port}\nprimary_conninfo = '${following}'\nhot_standby = on\n`);
  writeFileSync(join(data, "standby.signal"), "");
  if (user !== null) chownSync(join(data, "standby.signal"), user.uid, user.gid);
  return run({ bin, root, port, password: dsn.password, version: primary.version }, {});
}

/** Runs a program of the server's as the user who runs it. */
export function runAsServer(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): string {
  return execFileSync(program, args, {
    ...(unprivileged() ?? {}),
    cwd: tmpdir(),
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
}

async function run(state: ServerState, env: NodeJS.ProcessEnv): Promise<TestPostgres> {
  await launch(state, process.pid, env);
  return {
    root: state.root,
    dsn: (database) => dsnOf(state, database),
    port: state.port,
    version: state.version,
    program(name) {
      const path = join(state.bin, name);
      return existsSync(path) ? path : null;
    },
    async restart(mode, between) {
      await halt(state, mode);
      between?.();
      await launch(state, process.pid, env);
    },
    async stop() {
      await halt(state, "immediate");
      rmSync(state.root, { recursive: true, force: true });
    },
  };
}
