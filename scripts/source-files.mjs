import { readdirSync } from "node:fs";
import { join } from "node:path";

/** Every file under `root/folder` of these endings that is no test, as sorted paths relative to `root` with forward slashes. */
export function listSources(root, folder, endings = [".ts"]) {
  const found = [];
  const visit = (path) => {
    for (const entry of entriesOf(join(root, path))) {
      const child = `${path}/${entry.name}`;
      if (entry.isDirectory()) visit(child);
      else if (endings.some((ending) => entry.name.endsWith(ending)) && !entry.name.endsWith(".test.ts")) found.push(child);
    }
  };
  visit(folder);
  return found.sort();
}

function entriesOf(path) {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch (error) {
    if (error.code === "ENOENT") return [];
    throw error;
  }
}
