import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, test } from "vitest";

const repositoryRoot = fileURLToPath(new URL("../..", import.meta.url));

function configuredRoot(): string {
  const fromEnvironment = process.env["ONETAPE_SHARED"];
  return fromEnvironment === undefined || fromEnvironment === "" ? resolve(repositoryRoot, "../shared/data") : resolve(fromEnvironment);
}

/**
 * The folder of real market data that the repository does not carry: `ONETAPE_SHARED`, or `../shared/data` beside the repository.
 *
 * @returns its absolute path, or null where it is absent.
 */
export function sharedRoot(): string | null {
  const root = configuredRoot();
  return existsSync(root) ? root : null;
}

/**
 * The absolute path of one file or folder of the market data, for example `sharedPath("lean", "equity")`.
 *
 * @throws {Error} where the market data is absent; call it inside {@link describeShared}.
 */
export function sharedPath(...parts: readonly string[]): string {
  const root = sharedRoot();
  if (root === null) throw new Error(absence());
  return join(root, ...parts);
}

/**
 * A `describe` whose tests need the market data. Where the data is absent, one skipped test stands in its place and says so loudly;
 * with `CI` set, that stand-in fails.
 */
export function describeShared(name: string, body: () => void): void {
  if (sharedRoot() !== null) {
    describe(name, body);
    return;
  }
  describe(name, () => {
    test("needs the market data", (context) => {
      if (process.env["CI"] === "true") throw new Error(absence());
      context.skip(absence());
    });
  });
}

function absence(): string {
  return `the market data is absent: ${configuredRoot()} does not exist. Set ONETAPE_SHARED to the folder that holds it.`;
}
