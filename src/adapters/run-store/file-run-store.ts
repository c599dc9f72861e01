import { createHash, randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { JsonObject } from "../../core/tape/event.js";
import type { FindRun, RunDraft, RunManifest, RunStore, StoredRun } from "../../ports/run-store.js";

const MANIFEST = "manifest.json";
const MANIFEST_SCHEMA = "onetape.manifest/1";
const PROVENANCE = "provenance.json";
const INPUTS = "inputs";

/**
 * Runs as folders below `runs/` of a workspace. A run is written below `tmp/` and renamed when it is complete, so that a folder
 * with a run's name is always a whole run.
 */
export class FileRunStore implements RunStore {
  readonly #runs: string;
  readonly #tmp: string;
  readonly #sweep: (tmp: string) => Promise<void>;

  /** @param sweep removes what killed processes left below `tmp` under the name `run-PID-…`. */
  constructor(home: string, sweep: (tmp: string) => Promise<void> = () => Promise.resolve()) {
    this.#runs = join(home, "runs");
    this.#tmp = join(home, "tmp");
    this.#sweep = sweep;
  }

  async begin(): Promise<RunDraft> {
    await mkdir(this.#runs, { recursive: true });
    await mkdir(this.#tmp, { recursive: true });
    await this.#sweep(this.#tmp);
    const dir = join(this.#tmp, `run-${process.pid}-${randomBytes(6).toString("hex")}`);
    await mkdir(join(dir, INPUTS), { recursive: true });
    return new FileRunDraft(dir, this.#runs);
  }

  async find(name: string): Promise<FindRun> {
    const names = await this.#names();
    if (name === "latest") {
      const newest = (await this.list())[0];
      return newest === undefined ? { kind: "not_found", known: [] } : { kind: "found", run: newest };
    }
    const matches = names.includes(name) ? [name] : names.filter((n) => n.startsWith(name));
    const only = matches[0];
    if (only === undefined || name === "") return { kind: "not_found", known: names };
    if (matches.length > 1) return { kind: "ambiguous", matches };
    const run = await this.#read(only);
    return typeof run === "string" ? { kind: "unreadable", name: only, why: run } : { kind: "found", run };
  }

  async list(): Promise<readonly StoredRun[]> {
    const found = await Promise.all(
      (await this.#names()).map(async (name) => ({ run: await this.#read(name), at: await this.#storedAt(name) })),
    );
    return found
      .filter((f): f is { run: StoredRun; at: number } => typeof f.run !== "string")
      .sort((a, b) => b.at - a.at || (a.run.name < b.run.name ? -1 : 1))
      .map((f) => f.run);
  }

  async input(run: StoredRun, sha256: string): Promise<string | null> {
    const text = await readFile(join(run.dir, INPUTS, sha256), "utf8").catch(absent);
    return text !== null && sha256Of(text) === sha256 ? text : null;
  }

  async file(run: StoredRun, path: string): Promise<string | null> {
    return readFile(join(run.dir, path), "utf8").catch(absent);
  }

  async changedFiles(run: StoredRun): Promise<readonly { readonly path: string; readonly problem: "missing" | "changed" }[]> {
    const found: { path: string; problem: "missing" | "changed" }[] = [];
    for (const { path, sha256 } of [...keptTexts(run.manifest), ...writtenFiles(run.manifest)]) {
      const bytes = await readFile(join(run.dir, path)).catch(absent);
      if (bytes === null) found.push({ path, problem: "missing" });
      else if (createHash("sha256").update(bytes).digest("hex") !== sha256) found.push({ path, problem: "changed" });
    }
    return found;
  }

  async unreadable(): Promise<readonly { readonly name: string; readonly why: string }[]> {
    const found: { name: string; why: string }[] = [];
    for (const name of await this.#names()) {
      const run = await this.#read(name);
      if (typeof run === "string") found.push({ name, why: run });
    }
    return found;
  }

  async freeName(prefix: string): Promise<string> {
    const taken = new Set(await this.#names());
    for (let n = 1; ; n++) if (!taken.has(`${prefix}-${n}`)) return `${prefix}-${n}`;
  }

  async #names(): Promise<string[]> {
    const entries = await readdir(this.#runs, { withFileTypes: true }).catch(absent);
    return (entries ?? [])
      .filter((e) => e.isDirectory())
      .map((e) => e.name)
      .sort();
  }

  async #storedAt(name: string): Promise<number> {
    return (await stat(join(this.#runs, name, PROVENANCE)).catch(absent))?.mtimeMs ?? 0;
  }

  /** A run, or why its manifest is none. */
  async #read(name: string): Promise<StoredRun | string> {
    const dir = join(this.#runs, name);
    const text = await readFile(join(dir, MANIFEST), "utf8").catch(absent);
    if (text === null) return `it has no ${MANIFEST}`;
    const manifest = parsed(text);
    if (isRecord(manifest) && typeof manifest["schema"] === "string" && manifest["schema"] !== MANIFEST_SCHEMA)
      return `its ${MANIFEST} is ${manifest["schema"]}, this Onetape reads ${MANIFEST_SCHEMA}`;
    if (!isManifest(manifest)) return `its ${MANIFEST} is no manifest of a run`;
    const provenance = parsed((await readFile(join(dir, PROVENANCE), "utf8").catch(absent)) ?? "");
    return { name, dir, manifest, provenance: isRecord(provenance) ? (provenance as JsonObject) : {} };
  }
}

class FileRunDraft implements RunDraft {
  readonly dir: string;
  readonly #runs: string;

  constructor(dir: string, runs: string) {
    this.dir = dir;
    this.#runs = runs;
  }

  async putInput(text: string): Promise<string> {
    const sha256 = sha256Of(text);
    await writeFile(join(this.dir, INPUTS, sha256), text);
    return sha256;
  }

  async commit(name: string, manifest: RunManifest, provenance: JsonObject): Promise<StoredRun | null> {
    await writeFile(join(this.dir, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
    await writeFile(join(this.dir, PROVENANCE), `${JSON.stringify(provenance, null, 2)}\n`);
    const dir = join(this.#runs, name);
    await mkdir(dirname(dir), { recursive: true });
    try {
      await rename(this.dir, dir);
    } catch (error) {
      // Renaming onto a folder that holds files fails: a name is given once.
      if (isTaken(error)) return null;
      throw error;
    }
    return { name, dir, manifest, provenance };
  }

  async discard(): Promise<void> {
    await rm(this.dir, { recursive: true, force: true });
  }
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOTEMPTY" || error.code === "EEXIST");
}

function sha256Of(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** The texts that a run keeps for its replay, by their own hash. */
function keptTexts({ config_sha256, strategy }: RunManifest): { readonly path: string; readonly sha256: string }[] {
  const hashes = [config_sha256, strategy.bundle_sha256, strategy.source_map_sha256];
  return [...new Set(hashes)].sort().map((sha256) => ({ path: `${INPUTS}/${sha256}`, sha256 }));
}

/** The files of results that a manifest names, ascending by path. */
function writtenFiles(manifest: RunManifest): { readonly path: string; readonly sha256: string }[] {
  const files: { path: string; sha256: string }[] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    if ("path" in value && typeof value.path === "string" && "sha256" in value && typeof value.sha256 === "string") {
      files.push({ path: value.path, sha256: value.sha256 });
      return;
    }
    for (const inner of Object.values(value)) visit(inner);
  };
  visit(manifest.files);
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function isManifest(value: unknown): value is RunManifest {
  if (!isRecord(value) || value["schema"] !== MANIFEST_SCHEMA) return false;
  const { engine, strategy, tape, totals, artifacts, files, inputs } = value;
  const texts = (record: unknown, ...keys: string[]): boolean => isRecord(record) && keys.every((key) => typeof record[key] === "string");
  const counts = (record: unknown, ...keys: string[]): boolean =>
    isRecord(record) && keys.every((key) => Number.isSafeInteger(record[key]));
  return (
    texts(value, "run_id", "status", "config_sha256") &&
    texts(engine, "version", "build") &&
    texts(strategy, "name", "version", "source_sha256", "bundle_sha256", "source_map_sha256") &&
    texts(tape, "log", "layout", "head_hash", "content_hash") &&
    counts(tape, "head_position") &&
    counts(totals, "events", "bars", "sessions", "signals", "orders", "fills", "trades") &&
    isRecord(artifacts) &&
    isRecord(files) &&
    Array.isArray(inputs)
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Null for text that is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Turns "there is no such file" into null and lets every other error through. */
function absent(error: NodeJS.ErrnoException): null {
  if (error.code === "ENOENT") return null;
  throw error;
}
