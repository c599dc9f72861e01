import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

/** The folder of the repository under test. */
export const repositoryRoot: string = fileURLToPath(new URL("../..", import.meta.url));

/** Everything that the scripts and checks read, without what they make. */
const carried = [
  "bin",
  "scripts",
  "tools",
  "package.json",
  "package-lock.json",
  "tsconfig.json",
  ".npmrc",
  ".gitignore",
  "biome.json",
  ".dependency-cruiser.cjs",
];

type AtEnd = (remove: () => void) => void;

/**
 * Makes a checkout in a temporary folder that shares the installed packages.
 *
 * @param folders folders of the repository to copy as they are, for example `["src"]`.
 * @param files contents to plant, by path; a planted file replaces a copied one.
 * @param atEnd takes the function that removes the folder; by default it runs when the test ends.
 */
export function temporaryCheckout(
  folders: readonly string[],
  files: Readonly<Record<string, string>>,
  atEnd: AtEnd = onTestFinished,
): string {
  const root = temporaryFolder(atEnd);
  for (const path of [...carried, ...folders]) {
    if (existsSync(join(repositoryRoot, path))) cpSync(join(repositoryRoot, path), join(root, path), { recursive: true });
  }
  symlinkSync(realpathSync(join(repositoryRoot, "node_modules")), join(root, "node_modules"), "junction");
  plant(root, files);
  return root;
}

/** Writes files under `root`, making their folders. */
export function plant(root: string, files: Readonly<Record<string, string>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
}

/** A new empty folder. `atEnd` takes the function that removes it; by default it runs when the test ends. */
export function temporaryFolder(atEnd: AtEnd = onTestFinished): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "onetape-test-")));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs this Node with `args` to its end.
 *
 * @param options.kill sends a signal once the program has written to its standard output.
 */
export function runNode(
  args: readonly string[],
  options: { readonly cwd: string; readonly kill?: NodeJS.Signals; readonly env?: Readonly<Record<string, string>> },
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: options.cwd,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined, VITEST: undefined, ...options.env },
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      if (options.kill !== undefined) child.kill(options.kill);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}
