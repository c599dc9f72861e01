import { readFileSync } from "node:fs";
import { anchorBookFile } from "../../adapters/anchors/anchor-book-file.js";
import { ed25519Signer } from "../../adapters/anchors/ed25519.js";
import { type AnchorSettings, anchorKeyFault, anchorsOfEnvironment, mergedAnchors } from "../../adapters/config/anchor-settings.js";
import type { Violation } from "../../core/quality/violation.js";
import type { EventStore } from "../../ports/event-store.js";
import { overlaid } from "../../usecases/overlaid.js";
import { anchoringStore } from "../../usecases/published-anchors.js";

/** Anchors were asked for and cannot be published as asked: a log is not written without them. */
export class AnchorsUnusable extends Error {
  override readonly name = "AnchorsUnusable";
  readonly violations: readonly Violation[];

  constructor(violations: readonly Violation[]) {
    super(violations.map(({ message }) => message).join("; "));
    this.violations = violations;
  }
}

/** The anchors that an environment asks for by itself. @throws {AnchorsUnusable} */
export function anchorsFrom(environment: NodeJS.ProcessEnv): AnchorSettings {
  const { stated, violations } = anchorsOfEnvironment(environment, process.cwd());
  if (violations.length > 0) throw new AnchorsUnusable(violations);
  return mergedAnchors([stated]);
}

/** A store whose writers publish anchors where the settings name a file. Opening one to write throws {@link AnchorsUnusable} for a key that is none. */
export function anchoredStore<S extends EventStore>(store: S, settings: AnchorSettings): S {
  const { file, every, key } = settings;
  if (file === null) return store;
  let writers: S | null = null;
  const open: EventStore["open"] = (options) => {
    if (options.mode === "read") return store.open(options);
    writers ??= publishing();
    return writers.open(options);
  };
  return overlaid(store, { open } as Partial<S>);

  function publishing(): S {
    const fault = anchorKeyFault(settings, "anchors.key", "refused");
    if (fault !== null) throw new AnchorsUnusable([fault]);
    const signer = key === null ? null : ed25519Signer(readFileSync(key, "utf8"));
    const onFailure = (log: string, why: string): void => {
      process.stderr.write(`an anchor of ${log} was not published: ${why}\n`);
    };
    return anchoringStore(store, { book: anchorBookFile(file as string), signer, every, now: Date.now, onFailure });
  }
}
