import { createHash, randomBytes } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { SweepGrid } from "../../core/sweep/sweep-grid.js";
import type { SweepPoint } from "../../core/sweep/sweep-point.js";
import type { JsonObject } from "../../core/tape/event.js";
import type { Sha256Fn } from "../../core/tape/hash.js";
import type { FindSweep, PointJournal, StoredPoints, StoredSweep, SweepManifest, SweepStore } from "../../ports/sweep-store.js";
import { inUse } from "./in-use.js";
import { FilePointJournal } from "./point-journal.js";
import { JOURNAL, readPoints, SEALED_POINTS, sealedText } from "./read-points.js";

const MANIFEST = "manifest.json";
const PROVENANCE = "provenance.json";
const INPUTS = "inputs";
const STAGE = /^\.stage-(\d+)-[0-9a-f]+$/;

/**
 * Sweeps as folders below `sweeps/` of a workspace, named by their content.
 *
 * Every process appends to a journal of its own, so that several may work on one sweep and a killed one leaves at most a cut last line. The
 * end of a sweep replaces the journals by one file in grid order; the manifest is written last.
 */
export class FileSweepStore implements SweepStore {
  readonly #sweeps: string;
  readonly #hash: Sha256Fn;

  constructor(home: string, hash: Sha256Fn) {
    this.#sweeps = join(home, "sweeps");
    this.#hash = hash;
  }

  async begin(manifest: SweepManifest, inputs: readonly string[], provenance: JsonObject): Promise<StoredSweep> {
    const dir = join(this.#sweeps, manifest.sweep_id);
    const known = await this.#read(manifest.sweep_id);
    if (known !== null) return known;
    await mkdir(join(dir, INPUTS), { recursive: true });
    for (const text of inputs) await replace(join(dir, INPUTS, this.#hash(text)), text);
    await replace(join(dir, PROVENANCE), jsonText(provenance));
    await replace(join(dir, MANIFEST), jsonText(manifest));
    return { sweep_id: manifest.sweep_id, dir, manifest, provenance };
  }

  async find(name: string): Promise<FindSweep> {
    const all = await this.list();
    if (name === "latest") return all[0] === undefined ? { kind: "not_found", known: [] } : { kind: "found", sweep: all[0] };
    const matches = name === "" ? [] : all.filter(({ sweep_id }) => sweep_id.startsWith(name));
    const [only, second] = matches;
    if (only === undefined) return { kind: "not_found", known: all.map(({ sweep_id }) => sweep_id) };
    return second === undefined ? { kind: "found", sweep: only } : { kind: "ambiguous", matches: matches.map(({ sweep_id }) => sweep_id) };
  }

  async list(): Promise<readonly StoredSweep[]> {
    const entries = await readdir(this.#sweeps, { withFileTypes: true }).catch(absent);
    const names = (entries ?? []).filter((entry) => entry.isDirectory()).map(({ name }) => name);
    const found = await Promise.all(names.map(async (name) => ({ sweep: await this.#read(name), at: await this.#workedAt(name) })));
    return found
      .filter((each): each is { sweep: StoredSweep; at: number } => each.sweep !== null)
      .sort((a, b) => b.at - a.at || (a.sweep.sweep_id < b.sweep.sweep_id ? -1 : 1))
      .map(({ sweep }) => sweep);
  }

  points({ dir, manifest }: StoredSweep): Promise<StoredPoints> {
    return readPoints(dir, gridOf(manifest), this.#hash);
  }

  async journal({ dir }: StoredSweep): Promise<PointJournal> {
    return new FilePointJournal(join(dir, `points-${process.pid}-${randomBytes(6).toString("hex")}.ndjson`), this.#hash);
  }

  async seal(
    { dir, sweep_id }: StoredSweep,
    points: readonly SweepPoint[],
    files: (folder: string) => Promise<void>,
    manifest: (files: SweepManifest["files"]) => SweepManifest,
    provenance: JsonObject,
  ): Promise<StoredSweep> {
    for (const name of await readdir(dir)) if (isOrphan(STAGE, dir, name)) await rm(join(dir, name), { recursive: true, force: true });
    const stage = join(dir, `.stage-${process.pid}-${randomBytes(6).toString("hex")}`);
    inUse.add(stage);
    try {
      await mkdir(stage);
      await files(stage);
      await writeFile(join(stage, SEALED_POINTS), sealedText(points, this.#hash));
      const written: Record<string, { sha256: string; bytes: number }> = {};
      for (const name of (await readdir(stage)).sort()) {
        const bytes = await readFile(join(stage, name));
        written[name] = { sha256: createHash("sha256").update(bytes).digest("hex"), bytes: bytes.length };
        await sync(join(stage, name));
        await rename(join(stage, name), join(dir, name));
      }
      const sealed = manifest(written);
      await replace(join(dir, PROVENANCE), jsonText(provenance));
      await replace(join(dir, MANIFEST), jsonText(sealed));
      // What is in the sealed file is safe; a journal that another process still writes to may hold more.
      for (const name of await readdir(dir)) if (isOrphan(JOURNAL, dir, name)) await rm(join(dir, name), { force: true });
      return { sweep_id, dir, manifest: sealed, provenance };
    } finally {
      await rm(stage, { recursive: true, force: true });
      inUse.delete(stage);
    }
  }

  async input({ dir }: StoredSweep, sha256: string): Promise<string | null> {
    const text = await readFile(join(dir, INPUTS, sha256), "utf8").catch(absent);
    return text !== null && this.#hash(text) === sha256 ? text : null;
  }

  async #workedAt(name: string): Promise<number> {
    const times = await Promise.all([name, join(name, PROVENANCE)].map((path) => stat(join(this.#sweeps, path)).catch(absent)));
    return Math.max(...times.map((found) => found?.mtimeMs ?? 0));
  }

  async #read(name: string): Promise<StoredSweep | null> {
    const dir = join(this.#sweeps, name);
    const text = await readFile(join(dir, MANIFEST), "utf8").catch(absent);
    if (text === null) return null;
    const manifest: unknown = JSON.parse(text);
    if (!isManifest(manifest)) return null;
    const provenance = await readFile(join(dir, PROVENANCE), "utf8").catch(absent);
    return { sweep_id: name, dir, manifest, provenance: provenance === null ? {} : (JSON.parse(provenance) as JsonObject) };
  }
}

/** The grid that a manifest states. */
function gridOf({ axes, points }: SweepManifest): SweepGrid {
  return { axes, points };
}

function isManifest(value: unknown): value is SweepManifest {
  return typeof value === "object" && value !== null && "schema" in value && value.schema === "onetape.sweep-manifest/1" && "axes" in value;
}

function jsonText(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Writes a file under another name and renames it: it is there whole, or as it was. */
async function replace(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}-${randomBytes(6).toString("hex")}.tmp`;
  try {
    await writeFile(temporary, text);
    await sync(temporary);
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
}

async function sync(path: string): Promise<void> {
  const file = await open(path, "r+");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Whether nobody works on a file any more: this process, where it made it, or another one that still lives. */
function isOrphan(pattern: RegExp, dir: string, name: string): boolean {
  const pid = Number(pattern.exec(name)?.[1] ?? Number.NaN);
  if (pid === process.pid) return !inUse.has(join(dir, name));
  return !Number.isNaN(pid) && !isAlive(pid);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

function absent(error: NodeJS.ErrnoException): null {
  if (error.code === "ENOENT") return null;
  throw error;
}
