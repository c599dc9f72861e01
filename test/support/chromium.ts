import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { describe, test } from "vitest";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const absence = "there is no Chromium on this machine (Debian: apt-get install chromium), so no page was looked at";

/** The system's Chromium, or null where there is none. `CHROMIUM` names one that is not on the path. */
function findChromium(): string | null {
  const stated = process.env["CHROMIUM"];
  if (stated !== undefined && stated !== "") return stated;
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  for (const name of names) for (const folder of folders) if (existsSync(join(folder, name))) return join(folder, name);
  return null;
}

/** Path of the system's Chromium. @throws {Error} where there is none; call it inside {@link describeChromium}. */
export function chromiumProgram(): string {
  const found = findChromium();
  if (found === null) throw new Error(absence);
  return found;
}

/**
 * A `describe` whose tests need Chromium. Where it is absent, one skipped test stands in its place and says so loudly; with `CI` set,
 * that stand-in fails.
 */
export function describeChromium(name: string, body: () => void): void {
  if (findChromium() !== null) {
    describe(name, body);
    return;
  }
  describe(name, () => {
    test("needs Chromium", (context) => {
      if (process.env["CI"] === "true") throw new Error(absence);
      context.skip(absence);
    });
  });
}
