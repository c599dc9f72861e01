import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Gives columns to a script of `bench/peers`, and returns what it prints: a line of JSON per peer. A peer that Python lacks is skipped aloud, and so
 * are all of them where there is no Python; `ONETAPE_PYTHON` names the one to use.
 */
export function pythonPeers<Found>(
  trial: string,
  script: string,
  terms: object,
  columns: { readonly [name: string]: NodeJS.ArrayBufferView },
): readonly Found[] {
  const folder = mkdtempSync(join(tmpdir(), "onetape-bench-"));
  try {
    writeFileSync(join(folder, "terms.json"), JSON.stringify(terms));
    for (const [name, column] of Object.entries(columns)) writeFileSync(join(folder, `${name}.bin`), column);
    const done = spawnSync(process.env["ONETAPE_PYTHON"] ?? "python3", [join("bench/peers", script), folder], {
      encoding: "utf8",
      maxBuffer: 1 << 24,
    });
    if (done.status !== 0) {
      process.stderr.write(`SKIPPED ${trial} peers: ${done.error?.message ?? done.stderr.trim().split("\n").at(-1)}\n`);
      return [];
    }
    return done.stdout
      .split("\n")
      .filter((text) => text !== "")
      .flatMap((text) => {
        // Written by the script beside this file.
        const found = JSON.parse(text) as Found | { readonly peer: string; readonly unsupported: string };
        if (typeof found !== "object" || found === null || !("unsupported" in found)) return [found as Found];
        process.stderr.write(`SKIPPED ${trial} beside ${found.peer}: ${found.unsupported}\n`);
        return [];
      });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
