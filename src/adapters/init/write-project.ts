import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { type ProjectInputs, projectFiles } from "./project-template.js";

export type WrittenProject =
  | { readonly kind: "written"; readonly files: readonly string[] }
  | { readonly kind: "not_empty"; readonly entries: readonly string[] }
  | { readonly kind: "not_a_folder" };

/**
 * Makes a project in `folder`, with the installed package linked into its `node_modules`: no network, no npm.
 *
 * A new folder appears whole or not at all. In a folder that exists, what was made is removed again when a step fails;
 * files that were there stay, and only `force` overwrites those of the template.
 */
export async function writeProject(folder: string, inputs: ProjectInputs, force: boolean): Promise<WrittenProject> {
  const files = projectFiles(inputs);
  const present = await contentOf(folder);
  if (present === "file") return { kind: "not_a_folder" };
  if (present !== null && present.length > 0 && !force) return { kind: "not_empty", entries: present };
  if (present === null) await writeNew(folder, files, inputs.packageRoot);
  else await writeInto(folder, files, inputs.packageRoot);
  return { kind: "written", files: [...files.keys()] };
}

async function contentOf(folder: string): Promise<readonly string[] | "file" | null> {
  try {
    if (!(await stat(folder)).isDirectory()) return "file";
    return (await readdir(folder)).sort();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

async function writeNew(folder: string, files: ReadonlyMap<string, string>, packageRoot: string): Promise<void> {
  const staging = join(dirname(folder), `.${basename(folder)}-${process.pid}.part`);
  await mkdir(staging, { recursive: true });
  try {
    await writeAll(staging, files, () => undefined);
    await link(staging, packageRoot);
    await rename(staging, folder);
  } catch (error) {
    await rm(staging, { recursive: true, force: true });
    throw error;
  }
}

async function writeInto(folder: string, files: ReadonlyMap<string, string>, packageRoot: string): Promise<void> {
  const made: string[] = [];
  if (!existsSync(join(folder, "node_modules"))) made.push(join(folder, "node_modules"));
  if (!existsSync(join(folder, "data"))) made.push(join(folder, "data"));
  try {
    await writeAll(folder, files, (path) => made.push(path));
    await link(folder, packageRoot);
  } catch (error) {
    for (const path of made.reverse()) await rm(path, { recursive: true, force: true });
    throw error;
  }
}

/** Each file appears by rename, so that one that was there is never half overwritten. */
async function writeAll(folder: string, files: ReadonlyMap<string, string>, onMade: (path: string) => void): Promise<void> {
  for (const [name, content] of files) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    const fresh = !existsSync(path);
    const partial = `${path}.${process.pid}.part`;
    try {
      await writeFile(partial, content);
      await rename(partial, path);
    } finally {
      await rm(partial, { force: true });
    }
    if (fresh) onMade(path);
  }
}

/** What `npm install` would make of the `file:` dependency. */
async function link(folder: string, packageRoot: string): Promise<void> {
  const modules = join(folder, "node_modules");
  const bin = join(modules, ".bin");
  await mkdir(bin, { recursive: true });
  await replaceLink(packageRoot, join(modules, "onetape"), process.platform === "win32" ? "junction" : "dir");
  if (process.platform === "win32") {
    await writeFile(join(bin, "onetape.cmd"), '@node "%~dp0\\..\\onetape\\bin\\onetape.mjs" %*\r\n');
  } else {
    await replaceLink(relative(bin, join(modules, "onetape", "bin", "onetape.mjs")), join(bin, "onetape"), "file");
  }
}

async function replaceLink(target: string, path: string, type: "dir" | "file" | "junction"): Promise<void> {
  await rm(path, { recursive: true, force: true });
  await symlink(target, path, type);
}
