/** Where a workspace keeps what, and how files come to be there whole. */
import { randomBytes } from "node:crypto";
import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

export interface WorkspacePaths {
  /** The workspace itself: `ONETAPE_HOME`, or `.onetape` in the current folder. */
  readonly home: string;
  /** Event logs. */
  readonly store: string;
  /** Stored data, by content. */
  readonly objects: string;
  /** Raw columns; can be deleted at any time. */
  readonly column_cache: string;
  readonly runs: string;
  /** Rows of calculations, their files, and the sources they were made of. */
  readonly calculations: string;
  /** Tapes of sessions, a file each. */
  readonly sessions: string;
  /** What sessions need beside their tapes to be run again. */
  readonly session_inputs: string;
  /** What gates found of data, a file per decision's subject. */
  readonly quality: string;
  /** Work in progress; each process has folders of its own here and removes them. */
  readonly tmp: string;
}

/** The paths below a workspace's folder. */
export function workspacePaths(home: string): WorkspacePaths {
  const root = resolve(home);
  return {
    home: root,
    store: join(root, "store"),
    objects: join(root, "objects"),
    column_cache: join(root, "cache", "columns"),
    runs: join(root, "runs"),
    calculations: join(root, "calculations"),
    sessions: join(root, "sessions"),
    session_inputs: join(root, "session-inputs"),
    quality: join(root, "quality"),
    tmp: join(root, "tmp"),
  };
}

/** The workspace's folder: `ONETAPE_HOME` where it is set, else `.onetape` below `folder`. */
export function workspaceHome(environment: Readonly<Record<string, string | undefined>>, folder: string): string {
  const stated = environment["ONETAPE_HOME"] ?? "";
  return resolve(folder, stated === "" ? ".onetape" : stated);
}

/**
 * Gives work a folder of its own below `tmp` and removes it afterwards, whatever happens. Folders that killed processes left behind are
 * removed first.
 */
export async function withScratch<T>(tmp: string, purpose: string, work: (folder: string) => Promise<T>): Promise<T> {
  await mkdir(tmp, { recursive: true });
  await removeOrphans(tmp, purpose);
  const folder = join(tmp, `${purpose}-${process.pid}-${randomBytes(6).toString("hex")}`);
  await mkdir(folder);
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Removes folders below `tmp` that processes which no longer live made for a purpose. */
export async function removeOrphans(tmp: string, purpose: string): Promise<void> {
  for (const name of await readdir(tmp)) {
    const pid = new RegExp(`^${purpose}-(\\d+)-[0-9a-f]+$`).exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) await rm(join(tmp, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** Writes a file under a temporary name beside its own and renames it: it is there whole, or not at all. */
export async function writeFileAtomically(path: string, write: (temporary: string) => Promise<void>): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = join(dirname(path), `.${process.pid}-${randomBytes(6).toString("hex")}.tmp`);
  try {
    await write(temporary);
    const file = await open(temporary, "r+");
    try {
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
}
