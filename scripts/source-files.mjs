import { readdirSync } from "node:fs";
import { join } from "node:path";

/** Every file under `root/folder` whose name ends in `.ts` and is no test, as sorted paths relative to `root` with forward slashes. */
export function listSources(root, folder) {
  const found = [];
  const visit = (path) => {
    for (const entry of entriesOf(join(root, path))) {
      const child = `${path}/${entry.name}`;
      if (entry.isDirectory()) visit(child);
      else if (entry.name.endsWith(".ts") && !entry.name.endsWith(".test.ts")) found.push(child);
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
