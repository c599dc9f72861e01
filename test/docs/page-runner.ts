/**
 * Runs the marked blocks of a page, in order, in one temporary folder, with `onetape` on the path and no registry to be reached.
 *
 * Marks follow the language of a block:
 * `run` and `setup` execute it (`exit=N` for a code other than 0, `needs=PROGRAM` where the machine may lack one);
 * `file=NAME` writes it, and checks the types of TypeScript unless `untyped`; `output` and `stderr` are lines that the block before
 * printed, with `…` for what varies and one space for any number of them; `covered-by=TEST` names the test that runs it elsewhere.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { transform } from "esbuild";
import { cleanEnvironment } from "../e2e/cli-process.js";
import { type Block, root } from "./markdown-page.js";
import { typeFaults } from "./type-check.js";

/** Languages whose blocks a reader would run or copy: each must be marked. */
const EXECUTABLE: ReadonlySet<string> = new Set(["sh", "bash", "shell", "ts", "typescript", "js", "py", "python", "yaml"]);

/** A port that nothing listens on: a request to the registry fails at once. */
const NO_REGISTRY = "http://127.0.0.1:9/";

/** What a block is for; null for one that only shows something. */
export type BlockUse =
  | { readonly kind: "run"; readonly exit: number; readonly needs: string | null }
  | { readonly kind: "file"; readonly name: string; readonly typed: boolean }
  | { readonly kind: "expect"; readonly stream: "output" | "stderr" }
  | { readonly kind: "covered"; readonly by: string };

/** Reads a block's marks. @throws {Error} for an executable block without one, and for a mark that is not known. */
export function useOf({ page, line, lang, words }: Block): BlockUse | null {
  const [mark, ...rest] = words;
  if (mark === undefined) {
    if (EXECUTABLE.has(lang)) throw new Error(`${page}:${line}: a block of ${lang} says neither run, nor file=, nor covered-by=`);
    return null;
  }
  const value = (key: string): string | null => words.find((word) => word.startsWith(`${key}=`))?.slice(key.length + 1) ?? null;
  const allowed = (...known: readonly RegExp[]): void => {
    const strange = rest.find((word) => !known.some((pattern) => pattern.test(word)));
    if (strange !== undefined) throw new Error(`${page}:${line}: the mark ${strange} is not known here`);
  };
  if (mark === "run" || mark === "setup") {
    allowed(/^exit=\d+$/, /^needs=\S+$/);
    return { kind: "run", exit: Number(value("exit") ?? 0), needs: value("needs") };
  }
  if (mark.startsWith("file=")) {
    allowed(/^untyped$/);
    return { kind: "file", name: mark.slice(5), typed: lang === "ts" && !rest.includes("untyped") };
  }
  if (mark === "output" || mark === "stderr") return { kind: "expect", stream: mark };
  if (mark.startsWith("covered-by=")) return { kind: "covered", by: mark.slice(11) };
  throw new Error(`${page}:${line}: the mark ${mark} is not known`);
}

/** Whether a program is there. */
export function hasProgram(name: string): boolean {
  return spawnSync(name, ["--version"], { stdio: "ignore" }).status === 0;
}

interface Ran {
  readonly code: number | null;
  readonly output: string;
  readonly stderr: string;
}

/** Runs one page. @throws {Error} with page, line and what was printed, at the first block that does not do what the page says. */
export class PageRunner {
  readonly #skipped: ReadonlySet<string>;
  readonly #folder: string;
  readonly #environment: NodeJS.ProcessEnv;
  #cwd: string;
  #last: Ran | null = null;
  #passedOver = false;

  /** @param skipped programs that this machine lacks; blocks that need them, and what those print, are passed over. */
  constructor(skipped: ReadonlySet<string>) {
    this.#skipped = skipped;
    this.#folder = realpathSync(mkdtempSync(join(tmpdir(), "onetape-docs-")));
    this.#cwd = join(this.#folder, "page");
    const prefix = join(this.#folder, "global");
    mkdirSync(this.#cwd);
    mkdirSync(join(prefix, "bin"), { recursive: true });
    mkdirSync(join(prefix, "lib/node_modules"), { recursive: true });
    // What `npm install --global` would make of this checkout.
    symlinkSync(root, join(prefix, "lib/node_modules/onetape"), "dir");
    symlinkSync("../lib/node_modules/onetape/bin/onetape.mjs", join(prefix, "bin/onetape"), "file");
    this.#environment = {
      ...cleanEnvironment(this.#folder),
      PATH: `${join(prefix, "bin")}:${dirname(process.execPath)}:${process.env["PATH"] ?? ""}`,
      npm_config_prefix: prefix,
      npm_config_registry: NO_REGISTRY,
      npm_config_cache: join(this.#folder, "npm-cache"),
      npm_config_fetch_retries: "0",
      npm_config_update_notifier: "false",
      NO_COLOR: "1",
    };
  }

  async run(block: Block): Promise<void> {
    const use = useOf(block);
    if (use === null) return;
    switch (use.kind) {
      case "run":
        this.#passedOver = use.needs !== null && this.#skipped.has(use.needs);
        if (!this.#passedOver) await this.#execute(block, use.exit);
        return;
      case "file":
        writeFileSync(join(this.#cwd, use.name), block.text);
        if (use.typed) this.#checkTypes(block, use.name);
        return;
      case "expect":
        if (!this.#passedOver) this.#compare(block, use.stream);
        return;
      case "covered":
        checkCovered(block, use.by);
        return;
    }
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #execute(block: Block, exit: number): Promise<void> {
    const ran = block.lang === "ts" ? await this.#runTypeScript(block) : await this.#runShell(block);
    this.#last = ran;
    if (ran.code !== exit) {
      throw new Error(`${block.page}:${block.line}: ended with ${ran.code} where ${exit} was said\n${ran.output}\n${ran.stderr}`);
    }
  }

  /** The folder in which a block ends is where the next one begins. */
  async #runShell({ text }: Block): Promise<Ran> {
    const place = join(this.#folder, "cwd");
    const script = `set -eo pipefail\ntrap 'pwd > "${place}"' EXIT\n${text}`;
    const ran = await this.#process("bash", ["-c", script]);
    this.#cwd = readFileSync(place, "utf8").trim();
    return ran;
  }

  async #runTypeScript(block: Block): Promise<Ran> {
    const name = `block-${block.line}.mts`;
    writeFileSync(join(this.#cwd, name), block.text);
    this.#checkTypes(block, name);
    const { code } = await transform(block.text, { loader: "ts", format: "esm", target: "node20" });
    const compiled = join(this.#cwd, `block-${block.line}.mjs`);
    writeFileSync(compiled, code);
    return this.#process(process.execPath, [compiled]);
  }

  #checkTypes({ page, line }: Block, name: string): void {
    this.#linkPackage();
    const faults = typeFaults(join(this.#cwd, name));
    if (faults.length > 0) throw new Error(`${page}:${line}: does not type-check\n${faults.join("\n")}`);
  }

  /** A page's TypeScript sees the package as an installed one. */
  #linkPackage(): void {
    const target = join(this.#cwd, "node_modules/onetape");
    if (existsSync(target)) return;
    mkdirSync(dirname(target), { recursive: true });
    symlinkSync(root, target, "dir");
  }

  #compare({ page, line, text }: Block, stream: "output" | "stderr"): void {
    if (this.#last === null) throw new Error(`${page}:${line}: nothing ran before that could have printed this`);
    const printed = this.#last[stream];
    const missing = firstMissing(text, printed);
    if (missing !== null) throw new Error(`${page}:${line}: the line "${missing}" was not printed, but\n${printed}`);
  }

  #process(command: string, args: readonly string[]): Promise<Ran> {
    return new Promise((resolve, reject) => {
      const child = spawn(command, [...args], { cwd: this.#cwd, env: this.#environment, stdio: ["ignore", "pipe", "pipe"] });
      let output = "";
      let stderr = "";
      child.stdout.on("data", (chunk: Buffer) => {
        output += chunk.toString();
      });
      child.stderr.on("data", (chunk: Buffer) => {
        stderr += chunk.toString();
      });
      child.on("error", reject);
      child.on("close", (code) => resolve({ code, output, stderr }));
    });
  }
}

/** The first expected line that does not follow, in order, in what was printed; `…` stands for anything. */
export function firstMissing(expected: string, printed: string): string | null {
  const lines = printed.split("\n");
  let from = 0;
  for (const line of expected.split("\n").filter((text) => text.trim() !== "")) {
    const pattern = new RegExp(`^${line.trim().split("…").map(escaped).join(".*").replaceAll(/ +/g, " +")}$`);
    const at = lines.findIndex((text, index) => index >= from && pattern.test(text.trim()));
    if (at === -1) return line;
    from = at + 1;
  }
  return null;
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

function checkCovered({ page, line, text }: Block, by: string): void {
  const path = join(root, by);
  if (!existsSync(path)) throw new Error(`${page}:${line}: there is no ${by}`);
  const test = readFileSync(path, "utf8");
  for (const command of text.split("\n").filter((each) => /^npm /.test(each))) {
    if (!test.includes(command.trim())) throw new Error(`${page}:${line}: ${by} does not run "${command.trim()}"`);
  }
}
