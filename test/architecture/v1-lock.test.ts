import { execFileSync } from "node:child_process";
import { appendFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { plant, repositoryRoot, runNode, temporaryFolder } from "../support/temporary-checkout.js";

const PAGE = "docs/v1/LOCKS.md";
const LOCKED = "src/core/risk/v1/historical-var.ts";

async function lock(root: string, ...args: string[]): Promise<{ readonly code: number | null; readonly stdout: string }> {
  return await runNode(["tools/v1-lock.mjs", root, ...args], { cwd: repositoryRoot });
}

/** A folder with every file that the page names, as a repository with one commit. */
function lockedRepository(): string {
  const root = temporaryFolder();
  const page = readFileSync(join(repositoryRoot, PAGE), "utf8");
  const paths = [...page.matchAll(/^\| `([^`]+)` \|/gm)].map(([, path]) => path ?? "");
  const files = Object.fromEntries([...paths, PAGE].map((path) => [path, readFileSync(join(repositoryRoot, path), "utf8")]));
  plant(root, { ...files, "docs/adr/099-other-rank.md": "# ADR-099\n" });
  git(root, "init", "-q");
  commit(root, "feat: the lock");
  return root;
}

function git(root: string, ...args: readonly string[]): void {
  const who = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false", "-c", "core.hooksPath="];
  execFileSync("git", [...who, ...args], { cwd: root, stdio: "pipe" });
}

function commit(root: string, message: string): void {
  git(root, "add", "-A");
  git(root, "commit", "-q", "-m", message);
}

describe("the lock on version 1 of the risk measures", () => {
  test("holds in this repository", async () => {
    const { code, stdout } = await lock(repositoryRoot);
    expect(stdout).toMatch(/^21 locked files, 0 violations; history: /m);
    expect(code).toBe(0);
  });

  test("D.3 16: fails on a changed file, on a missing one and on one that was added beside them", async () => {
    const root = lockedRepository();
    appendFileSync(join(root, LOCKED), "// changed\n");
    rmSync(join(root, "test/golden/risk-v1.golden.json"));
    writeFileSync(join(root, "src/core/risk/v1/another.ts"), "export {};\n");
    const { code, stdout } = await lock(root);
    expect(stdout).toMatch(/historical-var\.ts is locked as [0-9a-f]{64}, but is [0-9a-f]{64}/);
    expect(stdout).toContain("risk-v1.golden.json is locked and missing");
    expect(stdout).toContain("another.ts stands among the locked files and is not in");
    expect(stdout).toContain("3 violations");
    expect(code).toBe(1);
  });

  test.each([
    ["fix: a rank", "lacks the label v1-lock-change and the number of an ADR"],
    ["fix: a rank\n\nADR-099", "lacks the label v1-lock-change"],
    ["fix: a rank\n\nv1-lock-change", "lacks the number of an ADR"],
    ["fix: a rank\n\nADR-098, v1-lock-change", "lacks an ADR that exists"],
  ])("fails on a commit with new hashes that says %j", async (message, complaint) => {
    const root = lockedRepository();
    appendFileSync(join(root, LOCKED), "// changed\n");
    await lock(root, "--write");
    commit(root, message);
    const { code, stdout } = await lock(root);
    expect(stdout).toContain(complaint);
    expect(stdout).toContain("1 violations; history: commits");
    expect(code).toBe(1);
  });

  test("lets a commit pass that names its ADR and the label", async () => {
    const root = lockedRepository();
    appendFileSync(join(root, LOCKED), "// changed\n");
    await lock(root, "--write");
    commit(root, "fix: a rank\n\nADR-099, v1-lock-change");
    const { code, stdout } = await lock(root);
    expect(stdout).toContain("0 violations; history: commits");
    expect(code).toBe(0);
  });

  test("compares the hashes alone where there is no history", async () => {
    const root = lockedRepository();
    rmSync(join(root, ".git"), { recursive: true });
    expect((await lock(root)).stdout).toContain("0 violations; history: no");
    appendFileSync(join(root, LOCKED), "// changed\n");
    expect((await lock(root)).code).toBe(1);
  });
});
