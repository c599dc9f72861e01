import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { configReference, policyReference, publishedSchemas } from "../../src/adapters/config/published-schemas.js";
import { commandReference } from "../../src/apps/cli/command-reference.js";

const files = new Map([...publishedSchemas()].map(([name, text]) => [`schemas/${name}.schema.json`, text]));
files.set("docs/reference/config.md", configReference());
files.set("docs/reference/policy.md", policyReference());
files.set("docs/reference/cli.md", commandReference());

test.each([...files])("%s says what the code declares", (path, text) => {
  const file = fileURLToPath(new URL(`../../${path}`, import.meta.url));
  if (process.env["ONETAPE_WRITE_DOCS"] === "1") {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  expect(readFileSync(file, "utf8")).toBe(text);
});
