import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { type Ended, plant, repositoryRoot, runNode, temporaryCheckout, temporaryFolder } from "../support/temporary-checkout.js";

const sources: Readonly<Record<string, string>> = {
  "src/core/one.ts": "/** One. */\nexport const one: number = 1;\n",
  "src/core/index.ts": 'export { one } from "./one.js";\n',
  "src/index.ts": 'export { one } from "./core/one.js";\n',
  "src/apps/cli/main.ts": [
    'import { Command } from "commander";',
    'import { one } from "../../core/one.js";',
    "const program = new Command();",
    'program.command("demo").argument("[words...]").action((words: string[]) => console.log("one is", one, words.join(" "), process.cwd()));',
    "program.parse();",
  ].join("\n"),
  "bench/main.ts":
    'console.log("bench", process.argv.slice(2).join(" "));\nif (process.argv.includes("wait")) setInterval(() => undefined, 1000);\n',
};

function up(
  root: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly kill?: NodeJS.Signals } = {},
): Promise<Ended> {
  return runNode([join(root, "scripts/up.mjs"), ...args], {
    cwd: options.cwd ?? root,
    ...(options.kill === undefined ? {} : { kill: options.kill }),
  });
}

describe("the bootstrap script", () => {
  test("builds once, runs the program where it was called, and does not build again", async () => {
    const root = temporaryCheckout([], sources);
    const elsewhere = temporaryFolder();
    const first = await up(root, ["start", "a", "b"], { cwd: elsewhere });
    const second = await up(root, ["start", "a", "b"], { cwd: elsewhere });
    expect(first.stderr).toContain("built dist");
    expect(first.stdout).toBe(`one is 1 a b ${elsewhere}\n`);
    expect(second.stderr).toBe("");
    expect(second.stdout).toBe(first.stdout);
    expect(readdirSync(elsewhere)).toEqual([]);
  });

  test("builds again when a content changed, not when only a time did", async () => {
    const root = temporaryCheckout([], sources);
    await up(root, ["build"]);
    utimesSync(join(root, "src/core/one.ts"), 1, 1);
    expect((await up(root, ["start"])).stderr).toBe("");
    plant(root, { "src/core/one.ts": "export const one: number = 2;\n" });
    const changed = await up(root, ["start"]);
    expect(changed.stderr).toContain("built dist");
    expect(changed.stdout).toContain("one is 2");
  });

  test("does not build for a test that changed", async () => {
    const root = temporaryCheckout([], sources);
    await up(root, ["build"]);
    plant(root, { "src/core/one.test.ts": "not even TypeScript" });
    expect((await up(root, ["start"])).stderr).toBe("");
  });

  test("leaves the last build in place when a source cannot be bundled, and says where it fails", async () => {
    const root = temporaryCheckout([], sources);
    await up(root, ["build"]);
    const before = readFileSync(join(root, "dist/cli.js"));
    plant(root, { "src/core/one.ts": "export const one: number = ;\n" });
    const broken = await up(root, ["start"]);
    expect(broken.code).toBe(1);
    expect(broken.stderr).toContain("src/core/one.ts:1:27");
    expect(readFileSync(join(root, "dist/cli.js"))).toEqual(before);
  });

  test("started four times at once builds one whole dist and leaves no lock", async () => {
    const root = temporaryCheckout([], sources);
    const all = await Promise.all([1, 2, 3, 4].map((number) => up(root, ["start", String(number)])));
    expect(all.map(({ stdout }) => stdout.split(" ").slice(0, 4).join(" "))).toEqual([
      "one is 1 1",
      "one is 1 2",
      "one is 1 3",
      "one is 1 4",
    ]);
    expect(all.filter(({ stderr }) => stderr.includes("built dist"))).toHaveLength(1);
    expect(readdirSync(root).filter((name) => name.includes(".lock") || name.includes("staging"))).toEqual([]);
  });

  test("takes over the lock of a process that is gone", async () => {
    const root = temporaryCheckout([], sources);
    const gone = await runNode(["-p", "JSON.stringify({pid: process.pid, host: os.hostname(), id: 'x'})"], { cwd: root });
    writeFileSync(join(root, ".build.lock"), gone.stdout.trim());
    expect((await up(root, ["start"])).stdout).toContain("one is 1");
  });

  test("keeps the lazy parts of the last build for programs still running, and no older ones", async () => {
    const root = temporaryCheckout([], {
      ...sources,
      "src/core/lazy.ts": "export const lazy: number = 0;\n",
      "src/index.ts": 'export const load = (): Promise<object> => import("./core/lazy.js");\n',
    });
    const chunks = async (value: number): Promise<string[]> => {
      plant(root, { "src/core/lazy.ts": `export const lazy: number = ${value};\n` });
      await up(root, ["start"]);
      return readdirSync(join(root, "dist")).filter((name) => /^lazy-.*\.js$/.test(name));
    };
    expect(await chunks(1)).toHaveLength(1);
    expect(await chunks(2)).toHaveLength(2);
    expect(await chunks(3)).toHaveLength(2);
    await up(root, ["build"]);
    expect(readdirSync(join(root, "dist")).filter((name) => /^lazy-.*\.js$/.test(name))).toHaveLength(1);
  });

  test.each([
    ["SIGTERM", 143],
    ["SIGINT", 130],
  ] as const)("passes %s on and ends with %i", async (kill, code) => {
    const root = temporaryCheckout([], sources);
    await up(root, ["build"]);
    const ended = await up(root, ["bench", "wait"], { kill });
    expect({ stdout: ended.stdout, code: ended.code }).toEqual({ stdout: "bench wait\n", code });
  });

  test("writes declarations that lead back to the source", async () => {
    const root = temporaryCheckout([], sources);
    await up(root, ["build"]);
    expect(readFileSync(join(root, "dist/types/core/one.d.ts"), "utf8")).toContain("export declare const one: number;");
    const map = JSON.parse(readFileSync(join(root, "dist/types/core/one.d.ts.map"), "utf8")) as { sources: string[] };
    expect(join(root, "dist/types/core", map.sources[0] ?? "")).toBe(join(root, "src/core/one.ts"));
    expect(existsSync(join(root, "dist/types/apps"))).toBe(false);
  });

  test("refuses an export without a type in a release build, and only warns before a run", async () => {
    const root = temporaryCheckout([], { ...sources, "src/core/two.ts": "export const two = [1, 2].map((n) => n * 2);\n" });
    expect((await up(root, ["start"])).stderr).toContain("src/core/two.ts:1:14");
    const release = await up(root, ["build"]);
    expect(release.code).toBe(1);
    expect(release.stderr).toContain("src/core/two.ts:1:14");
  });

  test("names the commands it knows when it gets another", async () => {
    const ended = await up(repositoryRoot, ["strat"]);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/Known: start, test, test:chaos, bench\b.*, build, check/);
  });

  test.each([
    ["20.18.3", false],
    ["18.20.0", false],
    ["20.19.0", true],
    ["22.0.0", true],
  ])("on Node %s says %s to running", async (version, fits) => {
    const url = pathToFileURL(join(repositoryRoot, "scripts/node-version.mjs")).href;
    const ended = await runNode(
      ["--input-type=module", "-e", `import { requireNode } from "${url}"; console.log(requireNode("${version}"))`],
      {
        cwd: repositoryRoot,
      },
    );
    expect(ended.stdout.trim()).toBe(String(fits));
    expect(ended.stderr.includes(`this is Node ${version}`)).toBe(!fits);
  });
});

describe("the engine's build hash", () => {
  const engine = {
    "src/core/tape/a.ts": "export const a: number = 1;\n",
    "src/apps/worker/w.ts": "export const w: number = 2;\n",
  };

  async function buildHash(files: Readonly<Record<string, string>>): Promise<string> {
    const root = temporaryFolder();
    plant(root, files);
    const url = pathToFileURL(join(repositoryRoot, "scripts/engine-build-hash.mjs")).href;
    const program = `import { engineBuildHash } from "${url}"; console.log(engineBuildHash(${JSON.stringify(root)}))`;
    return (await runNode(["--input-type=module", "-e", program], { cwd: root })).stdout.trim();
  }

  test("is SHA-256 over the sorted paths and contents, each ended by NUL", async () => {
    // printf 'src/apps/worker/w.ts\0export const w: number = 2;\n\0src/core/tape/a.ts\0export const a: number = 1;\n\0' | sha256sum
    expect(await buildHash(engine)).toBe("ceb1ce941ec001cc3e3f1c13b5920617e07465fe3addd7b6c1cf08b9ca3fdd6a");
  });

  test("is the same in another folder, with CRLF line ends, with tests and with files outside the engine", async () => {
    const crlf = Object.fromEntries(Object.entries(engine).map(([path, text]) => [path, text.replaceAll("\n", "\r\n")]));
    const noise = { "src/core/tape/a.test.ts": "1", "src/usecases/x.ts": "2", "src/core/notes.md": "3" };
    expect(await buildHash({ ...noise, ...crlf })).toBe(await buildHash(engine));
  });

  test("changes with a name or a content of the engine", async () => {
    const hash = await buildHash(engine);
    expect(await buildHash({ ...engine, "src/core/tape/a.ts": "export const a: number = 2;\n" })).not.toBe(hash);
    expect(
      await buildHash({ "src/core/tape/b.ts": engine["src/core/tape/a.ts"], "src/apps/worker/w.ts": engine["src/apps/worker/w.ts"] }),
    ).not.toBe(hash);
  });
});
