import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";

/** Writes files into a new temporary folder, which goes when the test ends. @returns the folder's path. */
export function writeFolder(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "onetape-strategy-"));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

/** The text of a strategy whose `onBar` holds the given lines, and what stands before it. */
export function strategyText(onBar: string, before: string = ""): string {
  return `import { defineStrategy } from "onetape/strategy";
${before}
export default defineStrategy({
  meta: { name: "probe", version: "1.0.0", universe: ["DEMO"], timeframe: "1m", required_fields: ["close"], session: "all" },
  params: {},
  state: () => ({ out: null as unknown }),
  onBar(bar, ctx) {
    ${onBar}
  },
});
`;
}
