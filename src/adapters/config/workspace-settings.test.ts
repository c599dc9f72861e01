import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { resolveSettings } from "./workspace-settings.js";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "onetape-settings-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const silent = { home: undefined, color: undefined, quiet: undefined };

test("the highest layer that says something decides, whatever the others say", async () => {
  const layers = ["flag", "environment", "project file", "user file"] as const;
  await mkdir(join(folder, "user", "onetape"), { recursive: true });
  await fc.assert(
    fc.asyncProperty(fc.subarray([...layers]), async (speaking) => {
      const says = (layer: (typeof layers)[number]): boolean => speaking.includes(layer);
      await writeFile(join(folder, "onetape.yaml"), says("project file") ? "home: of-project\n" : "color: auto\n");
      await writeFile(join(folder, "user/onetape/config.yaml"), says("user file") ? "home: of-user\n" : "quiet: true\n");
      const environment = { XDG_CONFIG_HOME: join(folder, "user"), ...(says("environment") ? { ONETAPE_HOME: "of-environment" } : {}) };
      const resolved = await resolveSettings({ ...silent, home: says("flag") ? "of-flag" : undefined }, environment, folder);
      if (resolved.kind === "invalid") throw new Error("was refused");
      const homes = { flag: "of-flag", environment: "of-environment", "project file": "of-project", "user file": "user/onetape/of-user" };
      const winner = layers.find(says);
      expect(resolved.origins.home.layer).toBe(winner ?? "default");
      expect(resolved.settings.home).toBe(join(folder, winner === undefined ? ".onetape" : homes[winner]));
    }),
    { numRuns: 40 },
  );
});

test("a value is traced to the line of its file", async () => {
  await writeFile(join(folder, "onetape.yaml"), "quiet: true\ncolor: never\n");
  const resolved = await resolveSettings(silent, {}, folder);
  expect(resolved.kind === "resolved" && resolved.origins.color).toEqual({
    layer: "project file",
    place: `${join(folder, "onetape.yaml")}:2`,
  });
});

test("NO_COLOR counts when it holds something, an empty one does not", async () => {
  const full = await resolveSettings(silent, { NO_COLOR: "1" }, folder);
  const empty = await resolveSettings(silent, { NO_COLOR: "" }, folder);
  expect([full, empty].map((resolved) => resolved.kind === "resolved" && resolved.settings.color)).toEqual(["never", "auto"]);
});

test("faults of all layers are told at once", async () => {
  await writeFile(join(folder, "onetape.yaml"), "hom: x\ncolor: blue\n");
  const resolved = await resolveSettings(silent, { ONETAPE_QUIET: "yes" }, folder);
  expect(resolved.kind === "invalid" && resolved.violations.map(({ code, field }) => [code, field])).toEqual([
    ["CONFIG_VALUE", "ONETAPE_QUIET"],
    ["CONFIG_UNKNOWN_KEY", "/hom"],
    ["CONFIG_VALUE", "/color"],
  ]);
});
