import { createHash, randomBytes } from "node:crypto";
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { SessionInputs } from "../../ports/session-inputs.js";

/** Texts below one folder: `texts/HASH` by their own hash, `strategies/HASH` with the hash of the text that sources were made into. */
export class FileSessionInputs implements SessionInputs {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async keepStrategy(source_sha256: string, bundle: string): Promise<void> {
    await this.keepText(bundle);
    const path = this.#strategy(source_sha256);
    const bundle_sha256 = sha256Of(bundle);
    if ((await readFile(path, "utf8").catch(absent)) !== bundle_sha256) await write(path, bundle_sha256);
  }

  async strategy(source_sha256: string): Promise<string | null> {
    const bundle_sha256 = await readFile(this.#strategy(source_sha256), "utf8").catch(absent);
    return bundle_sha256 !== null && SHA256.test(bundle_sha256) ? this.text(bundle_sha256) : null;
  }

  async keepText(text: string): Promise<void> {
    const sha256 = sha256Of(text);
    if ((await this.text(sha256)) === null) await write(this.#text(sha256), text);
  }

  async text(sha256: string): Promise<string | null> {
    const text = await readFile(this.#text(sha256), "utf8").catch(absent);
    return text !== null && sha256Of(text) === sha256 ? text : null;
  }

  #strategy(source_sha256: string): string {
    return join(this.#folder, "strategies", source_sha256);
  }

  #text(sha256: string): string {
    return join(this.#folder, "texts", sha256);
  }
}

const SHA256 = /^[0-9a-f]{64}$/;

function sha256Of(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Whole, or not at all: a reader never sees half a text. */
async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}-${randomBytes(6).toString("hex")}.tmp`;
  try {
    const file = await open(temporary, "wx");
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
}

function absent(error: NodeJS.ErrnoException): null {
  if (error.code === "ENOENT") return null;
  throw error;
}
