import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { EngineBuild } from "../../ports/engine-build.js";

/** Where this module's bundled neighbours are: beside it in the package, in `dist/` when it runs from source. */
const CANDIDATES: readonly URL[] = [new URL("./", import.meta.url), new URL("../../../dist/", import.meta.url)];

/** Finds a file of the built package. @throws {Error} naming the command that builds it. */
function builtFile(name: string): URL {
  const found = CANDIDATES.map((base) => new URL(name, base)).find((url) => existsSync(fileURLToPath(url)));
  if (found === undefined) throw new Error(`${name} is not built; run "npm run build" in the Onetape folder`);
  return found;
}

/** Version and content hash of the engine in use. */
export function engineBuild(): EngineBuild {
  const parsed: unknown = JSON.parse(readFileSync(builtFile("build.json"), "utf8"));
  if (typeof parsed === "object" && parsed !== null && "version" in parsed && "engine_build_hash" in parsed) {
    return { version: String(parsed.version), build: String(parsed.engine_build_hash) };
  }
  throw new Error(`build.json does not say what was built; run "npm run build" in the Onetape folder`);
}

/** The engine worker's bundled file. */
export function engineWorkerEntry(): URL {
  return builtFile("engine-worker.js");
}

/** The bundled file of a sweep's workers. */
export function sweepWorkerEntry(): URL {
  return builtFile("sweep-worker.js");
}

/** The bundled file of the threads that read weekly files. */
export function weekWorkerEntry(): URL {
  return builtFile("week-worker.js");
}

/** The bundled file of the threads that verify logs. */
export function verifyWorkerEntry(): URL {
  return builtFile("verify-worker.js");
}

/** The bundled file of the threads that measure books. */
export function riskWorkerEntry(): URL {
  return builtFile("risk-worker.js");
}
