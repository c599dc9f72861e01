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

const silent = { home: undefined, store: undefined, telemetry: undefined, color: undefined, quiet: undefined };

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

test("PostgreSQL is chosen by POSTGRES_DSN alone, and whoever asks for it without is refused with what to do", async () => {
  const dsn = ["postgresql", "//ann:pw-1@db.example/tapes"].join(":");
  const chosen = async (flag: "sqlite" | "postgres" | undefined, environment: NodeJS.ProcessEnv): Promise<unknown> => {
    const resolved = await resolveSettings({ ...silent, store: flag }, environment, folder);
    return resolved.kind === "resolved" ? [resolved.settings.store, resolved.origins.store.layer] : resolved.violations;
  };
  expect(await chosen(undefined, {})).toEqual(["sqlite", "default"]);
  expect(await chosen(undefined, { POSTGRES_DSN: "" })).toEqual(["sqlite", "default"]);
  expect(await chosen(undefined, { POSTGRES_DSN: dsn })).toEqual(["postgres", "environment"]);
  expect(await chosen("sqlite", { POSTGRES_DSN: dsn })).toEqual(["sqlite", "flag"]);
  expect(await chosen("postgres", {})).toMatchObject([
    {
      code: "STORE_NOT_NAMED",
      field: "POSTGRES_DSN",
      message: expect.stringContaining("--store"),
      expected: expect.stringContaining("--store sqlite"),
    },
  ]);
  await writeFile(join(folder, "onetape.yaml"), "store: postgres\n");
  expect(await chosen(undefined, {})).toMatchObject([{ code: "STORE_NOT_NAMED", message: expect.stringContaining("onetape.yaml:1") }]);
  expect(await chosen(undefined, { ONETAPE_STORE: "mysql" })).toMatchObject([{ code: "CONFIG_VALUE", field: "ONETAPE_STORE" }]);
});

test("a POSTGRES_DSN that is none is refused without being repeated", async () => {
  const resolved = await resolveSettings(silent, { POSTGRES_DSN: "host=db password=hunter2" }, folder);
  expect(resolved).toMatchObject({ kind: "invalid", violations: [{ code: "CONFIG_VALUE", field: "POSTGRES_DSN" }] });
  expect(JSON.stringify(resolved)).not.toContain("hunter2");
});

test("anchors are merged part by part, and every fault of them is told with its code", async () => {
  await writeFile(join(folder, "onetape.yaml"), "anchors: { file: kept/anchors.ndjson, every: 500 }\n");
  const resolved = await resolveSettings(silent, { ONETAPE_ANCHOR_EVERY: "7" }, folder);
  expect(resolved.kind === "resolved" && resolved.settings.anchors).toEqual({
    file: join(folder, "kept/anchors.ndjson"),
    every: 7,
    key: null,
  });
  expect(resolved.kind === "resolved" && resolved.origins.anchors).toEqual({
    layer: "project file",
    place: `${join(folder, "onetape.yaml")}:1`,
  });

  await writeFile(join(folder, "key.pem"), "no key\n");
  const faulty = { ONETAPE_ANCHORS: "a.ndjson", ONETAPE_ANCHOR_KEY: "key.pem", ONETAPE_ANCHOR_EVERY: "often", ONETAPE_QUIET: "maybe" };
  const refused = await resolveSettings(silent, faulty, folder);
  expect(refused).toMatchObject({
    kind: "invalid",
    violations: [
      { code: "CONFIG_VALUE", field: "ONETAPE_QUIET" },
      { code: "CONFIG_VALUE", field: "ONETAPE_ANCHOR_EVERY", value: "often" },
    ],
  });
  const unsigned = await resolveSettings(silent, { ONETAPE_ANCHOR_KEY: "key.pem" }, folder);
  expect(unsigned).toMatchObject({ kind: "invalid", violations: [{ code: "ANCHOR_KEY_UNUSABLE", field: "ONETAPE_ANCHOR_KEY" }] });
  await writeFile(join(folder, "onetape.yaml"), "anchors: { file: a.ndjson, every: 0, where: here }\n");
  const schema = await resolveSettings(silent, {}, folder);
  expect(schema.kind === "invalid" && schema.violations.map(({ field }) => field)).toEqual(
    expect.arrayContaining(["/anchors/every", "/anchors/where"]),
  );
});

test("a key that is not there yet is no fault of the settings: a command makes it", async () => {
  const resolved = await resolveSettings(silent, { ONETAPE_ANCHORS: "a.ndjson", ONETAPE_ANCHOR_KEY: "none.pem" }, folder);
  expect(resolved.kind === "resolved" && resolved.settings.anchors.key).toBe(join(folder, "none.pem"));
});
