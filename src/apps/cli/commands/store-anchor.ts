import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { ed25519Signer, newEd25519Keys } from "../../../adapters/anchors/ed25519.js";
import { renderTable } from "../../../adapters/terminal/table.js";
import { counted, grouped } from "../../../core/numeric/grouped.js";
import type { AnchorSigner, PublishedAnchor } from "../../../ports/anchor-book.js";
import { anchorOf } from "../../../usecases/published-anchors.js";
import { listLogs, openToRead } from "../../../usecases/workspace-logs.js";
import { type AnchorOptions, anchorOptions, keyRefused } from "../anchor-options.js";
import type { CommandResult, Invocation } from "../command.js";
import { failureOf } from "../failure.js";
import { findLog, unreadable, withLogStores } from "../with-logs.js";

export function run(invocation: Invocation): Promise<CommandResult> {
  const { args, flags, io, settings } = invocation;
  return withLogStores(invocation, async (stores) => {
    const options = anchorOptions(invocation);
    if (options === null) {
      const where = { field: "--anchors", expected: "a file, best where who can change the store cannot" };
      return { kind: "failed", failure: failureOf("USAGE", "no file for the anchors was named", "onetape store anchor --help", where) };
    }
    let signer: { readonly signer: AnchorSigner | null; readonly made: string | null };
    try {
      signer = signerOf(options);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      return { kind: "failed", failure: keyRefused(options.key?.path ?? "", error.message) };
    }
    let logs = await listLogs(stores);
    const [word] = args;
    if (word !== undefined) {
      const found = await findLog(stores, settings.home, word);
      if (found.kind === "failed") return found;
      logs = [found.placed];
    }
    const anchors: PublishedAnchor[] = [];
    for (const { log, store, kind } of logs) {
      const opened = await openToRead(store, log);
      if (opened.session === null) return { kind: "failed", failure: unreadable(log, opened.why) };
      anchors.push(anchorOf(log, await opened.session.refresh(), Date.now(), signer.signer));
      await opened.session.close();
      if (kind === "run") await store.close();
    }
    await options.book.append(anchors);
    const { made } = signer;
    if (made !== null) io.note(`made a key: ${made} signs, ${made}.pub checks; keep the first where nobody else reads it`);
    return {
      kind: "done",
      json: { schema: "onetape.store-anchor/1", file: options.path, signed: signer.signer !== null, items: anchors },
      human: async () => {
        const shown = await renderTable(
          [{ title: "log" }, { title: "position", numeric: true }, { title: "hash" }],
          anchors.map(({ log, position, hash }) => [log, grouped(position), hash.slice(0, 16)]),
          io.out,
        );
        const signed = signer.signer === null ? "not signed" : "signed";
        return `${anchors.length === 0 ? "" : `${shown}\n`}published ${counted(anchors.length, "anchor")}, ${signed}, in ${io.out.bold(options.path)}\n`;
      },
      next: [`onetape store verify --anchors ${flags.text("anchors") ?? options.path}${checkedBy(options)}`],
    };
  });
}

/** The flag of the public half where it lies beside the key: it is all that checking takes. */
function checkedBy({ key }: AnchorOptions): string {
  if (key === null) return "";
  return ` --key ${existsSync(`${key.path}.pub`) ? `${key.path}.pub` : key.path}`;
}

/** @throws {TypeError} where the file holds no key. */
function signerOf({ key }: AnchorOptions): { readonly signer: AnchorSigner | null; readonly made: string | null } {
  if (key === null) return { signer: null, made: null };
  if (key.pem !== null) return { signer: ed25519Signer(key.pem), made: null };
  const { private_pem, public_pem } = newEd25519Keys();
  mkdirSync(dirname(key.path), { recursive: true });
  writeFileSync(key.path, private_pem, { mode: 0o600, flag: "wx" });
  writeFileSync(`${key.path}.pub`, public_pem);
  return { signer: ed25519Signer(private_pem), made: key.path };
}
