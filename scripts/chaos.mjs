import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runToEnd } from "./child.mjs";

/** Half an hour for one test: a whole run does everything that a usual one does a part of. */
const TIMEOUT_MS = 1_800_000;

/** Runs every chaos test in full. `--write` makes docs/reliability.md of what was injected; other arguments go to vitest. */
export async function chaos(root, args) {
  const scratch = mkdtempSync(join(tmpdir(), "onetape-chaos-run-"));
  const record = join(scratch, "faults.ndjson");
  writeFileSync(record, "");
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  const run = (rest, env) =>
    runToEnd(process.execPath, [vitest, "run", ...rest], { cwd: root, stdio: "inherit", env: { ...process.env, ...env } });
  try {
    const passed = args.filter((arg) => arg !== "--write");
    const where = passed.some((arg) => !arg.startsWith("-")) ? [] : ["test/chaos"];
    const env = { ONETAPE_CHAOS: "all", ONETAPE_FAULT_RECORD: record };
    const code = await run([...where, `--testTimeout=${TIMEOUT_MS}`, `--hookTimeout=${TIMEOUT_MS}`, ...passed], env);
    if (code !== 0 || !args.includes("--write")) return code;
    return await run(["test/docs/reliability.test.ts"], { ONETAPE_WRITE_RELIABILITY: record });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
