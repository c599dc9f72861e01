import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the installed package: where the package.json of the name `onetape` stands, from this file upwards. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const path = join(folder, "package.json");
    if (existsSync(path) && manifestOf(path).name === "onetape") return folder;
    const parent = dirname(folder);
    if (parent === folder) throw new Error("the package.json of onetape cannot be found: the installation is incomplete");
    folder = parent;
  }
}

export function programVersion(): string {
  return manifestOf(join(packageRoot(), "package.json")).version ?? "unknown";
}

function manifestOf(path: string): { readonly name?: string; readonly version?: string } {
  const read: unknown = JSON.parse(readFileSync(path, "utf8"));
  return typeof read === "object" && read !== null ? read : {};
}
