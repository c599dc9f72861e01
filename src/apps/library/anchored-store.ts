import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { anchorBookFile } from "../../adapters/anchors/anchor-book-file.js";
import { ed25519Signer } from "../../adapters/anchors/ed25519.js";
import type { EventStore } from "../../ports/event-store.js";
import { anchoringStore } from "../../usecases/published-anchors.js";

const EVERY = 10_000;

/**
 * A store whose writers publish anchors where the environment asks for it: `ONETAPE_ANCHORS` names the file, `ONETAPE_ANCHOR_EVERY` the
 * events between two, `ONETAPE_ANCHOR_KEY` the key that signs.
 *
 * @throws {TypeError} for a key or a number that is none: a log is not written without the anchors that were asked for.
 */
export function anchoredStore<S extends EventStore>(store: S, environment: NodeJS.ProcessEnv): S {
  const path = environment["ONETAPE_ANCHORS"] ?? "";
  if (path === "") return store;
  const stated = environment["ONETAPE_ANCHOR_EVERY"] || String(EVERY);
  const every = Number(stated);
  if (!Number.isSafeInteger(every) || every < 1) throw new TypeError(`ONETAPE_ANCHOR_EVERY is ${stated}, and a count of events is needed`);
  const key = environment["ONETAPE_ANCHOR_KEY"] ?? "";
  const signer = key === "" ? null : ed25519Signer(readFileSync(resolve(key), "utf8"));
  const onFailure = (log: string, why: string): void => {
    process.stderr.write(`an anchor of ${log} was not published: ${why}\n`);
  };
  return anchoringStore(store, { book: anchorBookFile(resolve(path)), signer, every, now: Date.now, onFailure });
}
