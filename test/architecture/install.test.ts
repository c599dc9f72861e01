import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { type Ended, plant, repositoryRoot, runNode, temporaryFolder } from "../support/temporary-checkout.js";

const entry = { version: "1.0.0", integrity: "sha512-AAAA" };

function lockOf(packages: Readonly<Record<string, object>>): string {
  return JSON.stringify({
    name: "it",
    version: "1.0.0",
    lockfileVersion: 3,
    packages: { "": { name: "it", version: "1.0.0" }, ...packages },
  });
}

const withoutPackages = { "package.json": '{ "name": "it", "version": "1.0.0" }', "package-lock.json": lockOf({}) };

/** Runs the install step alone, with an empty cache and a registry that refuses every connection. */
function install(root: string): Promise<Ended> {
  const url = pathToFileURL(join(repositoryRoot, "scripts/install.mjs")).href;
  const program = `import { ensureInstalled } from "${url}"; ensureInstalled(process.argv[1]).catch((e) => { console.error(e.message); process.exitCode = 1; });`;
  return runNode(["--input-type=module", "-e", program, root], {
    cwd: root,
    env: { npm_config_registry: "http://127.0.0.1:1/", npm_config_cache: join(root, ".cache"), npm_config_fetch_retries: "0" },
  });
}

describe("the install step", () => {
  test("runs npm ci once, and again only when the lock file or the Node version changed", async () => {
    const root = temporaryFolder();
    plant(root, withoutPackages);
    expect((await install(root)).stderr).toContain("nothing is installed yet");
    expect((await install(root)).stderr).toBe("");
    plant(root, { "package-lock.json": `${lockOf({})}\n` });
    expect((await install(root)).stderr).toContain("package-lock.json changed");
    const stamp = join(root, "node_modules/.onetape-install.json");
    writeFileSync(stamp, readFileSync(stamp, "utf8").replace(process.versions.node, "1.2.3"));
    expect((await install(root)).stderr).toContain(`Node changed from 1.2.3 to ${process.versions.node}`);
    expect((await install(root)).stderr).toBe("");
  });

  test("takes a node_modules that npm made by hand from the same lock file as it is", async () => {
    const root = temporaryFolder();
    plant(root, {
      ...withoutPackages,
      "package-lock.json": lockOf({ "node_modules/a": entry, "node_modules/b": { ...entry, optional: true, os: ["no-such-system"] } }),
      "node_modules/.package-lock.json": lockOf({ "node_modules/a": entry }),
      "node_modules/a/package.json": "{}",
    });
    expect(await install(root)).toMatchObject({ code: 0, stderr: "" });
  });

  test.each([
    ["of another version", { "node_modules/a": { ...entry, version: "0.9.0" } }],
    ["that lacks a package", {}],
  ])("does not take a node_modules %s", async (_, recorded) => {
    const root = temporaryFolder();
    plant(root, {
      ...withoutPackages,
      "package-lock.json": lockOf({ "node_modules/a": entry }),
      "node_modules/.package-lock.json": lockOf(recorded),
      "node_modules/a/package.json": "{}",
    });
    expect((await install(root)).stderr).toContain("installing dependencies with npm ci");
  });

  test("says that the registry is out of reach, and gives back the packages that were there", async () => {
    const root = temporaryFolder();
    const manifest = { name: "it", version: "1.0.0", dependencies: { a: "1.0.0" } };
    plant(root, {
      "package.json": JSON.stringify(manifest),
      "package-lock.json": lockOf({ "": manifest, "node_modules/a": { version: "1.0.0" } }),
      "node_modules/.onetape-install.json": "{}",
      "node_modules/kept/package.json": "{}",
    });
    const ended = await install(root);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain("npm ci could not reach the package registry");
    expect(existsSync(join(root, "node_modules/kept/package.json"))).toBe(true);
    expect(existsSync(join(root, ".node_modules.previous"))).toBe(false);
  });

  test("gives back the packages of an install that was killed half-way", async () => {
    const root = temporaryFolder();
    plant(root, {
      ...withoutPackages,
      "node_modules/half/package.json": "{}",
      ".node_modules.previous/.onetape-install.json": "{}",
      ".node_modules.previous/whole/package.json": "{}",
      "package.json": "not JSON, so that npm ci fails",
    });
    expect((await install(root)).code).toBe(1);
    expect(existsSync(join(root, "node_modules/whole/package.json"))).toBe(true);
    expect(existsSync(join(root, "node_modules/half"))).toBe(false);
  });
});
