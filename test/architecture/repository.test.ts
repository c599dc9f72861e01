import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { repositoryRoot } from "../support/temporary-checkout.js";

const forbidden: readonly { readonly what: string; readonly pattern: RegExp; readonly sample: string }[] = [
  {
    what: "a registry host",
    pattern: /registry\.(?:npmjs|yarnpkg)\.(?:org|com)/,
    sample: ["https://registry", "npmjs", "org/a"].join("."),
  },
  { what: "a resolved URL in a lock file", pattern: /"resolved": *"https?:/, sample: ['"resolved"', '"https://a"'].join(": ") },
  { what: "a registry token", pattern: /:_auth(?:Token)? *=/, sample: ["//host/:_auth", "Token=x"].join("") },
  {
    what: "a connection string with a password",
    pattern: /\b(?:mysql|mongodb|redis|amqp|nats):\/\/[^\s:/@"'`]+:[^\s@"'`]+@/,
    sample: ["redis", "//user:secret@host/db"].join(":"),
  },
  {
    what: "a connection string of PostgreSQL but the one that says what it looks like",
    pattern: /\bpostgres(?:ql)?:\/\/(?!USER:PASSWORD@HOST:PORT\/DATABASE)[^\s"'`/]/,
    sample: ["postgresql", "//host/db"].join(":"),
  },
  { what: "a private key", pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----/, sample: ["-----BEGIN RSA", "PRIVATE KEY-----"].join(" ") },
  { what: "a cloud access key", pattern: /\bAKIA[0-9A-Z]{16}\b/, sample: `AKIA${"A".repeat(16)}` },
  { what: "a GitHub token", pattern: /\bgh[pousr]_[A-Za-z0-9]{36}/, sample: `ghp_${"a".repeat(36)}` },
  { what: "a path of somebody's machine", pattern: /(?:^|["'`\s(=:])\/(?:work|home|Users|root)\/[\w.-]+/, sample: `"/${"home"}/someone"` },
];

function trackedFiles(): readonly string[] {
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: repositoryRoot,
    encoding: "utf8",
  });
  return listed.split("\0").filter((path) => path !== "");
}

function textOf(path: string): string {
  try {
    return readFileSync(join(repositoryRoot, path), "utf8");
  } catch {
    // Deleted in the working tree, or a link.
    return "";
  }
}

describe("the tracked files", () => {
  test.each(forbidden)("hold no $what", ({ pattern }) => {
    const offenders = trackedFiles().flatMap((path) =>
      textOf(path)
        .split("\n")
        .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}`] : [])),
    );
    expect(offenders).toEqual([]);
  });

  test.each(forbidden)("would be caught with $what in them", ({ pattern, sample }) => {
    expect(sample).toMatch(pattern);
  });

  test("hold no market data", () => {
    const data = trackedFiles().filter((path) => /\.(?:parquet|arrow|feather)$|_(?:trade|quote)\.zip$/.test(path));
    expect(data.filter((path) => !path.startsWith("test/"))).toEqual([]);
  });
});

describe("the package", () => {
  const manifest = JSON.parse(textOf("package.json")) as { version: string; scripts: Record<string, string> };

  test("has the version of the changelog's newest entry", () => {
    const newest = /^## \[?(\d+\.\d+\.\d+[^\]\s]*)/m.exec(textOf("CHANGELOG.md"))?.[1];
    expect(newest).toBe(manifest.version);
  });

  test("runs nothing on the machine of the one who installs it", () => {
    expect(Object.keys(manifest.scripts).filter((name) => /^(?:pre|post)?(?:install|prepare)$/.test(name))).toEqual([]);
  });

  test("holds the program, its types, sources, examples and licence, and nothing else", () => {
    const listed = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts", "--loglevel=error"], {
      cwd: repositoryRoot,
      encoding: "utf8",
      shell: process.platform === "win32",
    });
    const packed: unknown = JSON.parse(listed);
    // npm 10 prints a list, npm 11 and later an object by package name.
    const [first] = Object.values(packed as Record<string, { files: { path: string }[] }>);
    const paths = first?.files.map(({ path }) => path) ?? [];
    const welcome = [
      /^(?:package\.json|README\.md|LICENSE|CHANGELOG\.md)$/,
      /^bin\/onetape\.mjs$/,
      /^dist\/[\w-]+\.js(?:\.map)?$/,
      /^dist\/(?:build\.json|THIRD-PARTY-NOTICES\.txt)$/,
      /^dist\/types\/[\w/-]+\.d\.ts(?:\.map)?$/,
      /^src\/[\w/-]+\.ts$/,
      /^schemas\/[\w.-]+\.json$/,
      /^examples\/[\w./-]+\.(?:ts|yaml|csv|md|json)$/,
      /^docs\/[\w./-]+\.(?:md|svg|png|json)$/,
    ];
    expect(paths.filter((path) => !welcome.some((pattern) => pattern.test(path)))).toEqual([]);
    expect(paths).toEqual(expect.arrayContaining(["LICENSE", "bin/onetape.mjs", "CHANGELOG.md"]));
  });
});
