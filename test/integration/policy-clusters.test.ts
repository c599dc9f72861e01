/** Correlation groups that name a computed cluster: the files that state them, and runs that are judged by them. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { loadPolicies } from "../../src/adapters/config/load-policies.js";
import { sha256 } from "../../src/adapters/node-hash/sha256.js";
import { Engine } from "../../src/core/engine/engine.js";
import { runCatalogue } from "../../src/core/engine/run-event-schemas.js";
import { describeChecks } from "../../src/core/gate/describe-checks.js";
import type { RiskPolicy } from "../../src/core/gate/policy.js";
import { policyFingerprint } from "../../src/core/gate/policy-fingerprint.js";
import { type ClusterSet, clusterSet, clusterSetId } from "../../src/core/index.js";
import { MemoryTapeWriter } from "../../src/core/tape/memory-tape-writer.js";
import { driveBacktest } from "../../src/usecases/drive-backtest.js";
import { columnsOf, flatMinutes, ofType, plainEvents, specOf } from "../support/engine-fixture.js";
import { must } from "../support/risk-cases.js";

/** AAA and BBB move together, CCC by itself. */
function computed(capture_id: string): ClusterSet {
  const values = [
    [1, 0.9, 0],
    [0.9, 1, 0],
    [0, 0, 1],
  ];
  return must(clusterSet({ capture_id, correlation: { names: ["AAA", "BBB", "CCC"], values }, linkage: "single", cut_distance: 0.3 }));
}

const REFERENCE = { calc_version: "v1", capture_id: "cap-7", cluster_id: "cluster:AAA" };

function folderWith(set: unknown, cluster: object = {}, comparison: string = "exceeds", more: object = {}): string {
  const folder = mkdtempSync(join(tmpdir(), "onetape-clusters-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "clusters.json"), typeof set === "string" ? set : JSON.stringify(set));
  const group = { name: "TWINS", cluster: { file: "clusters.json", ...REFERENCE, ...cluster }, ...more };
  const limit = { amount: 2000, currency: "USD" };
  writeFileSync(join(folder, "desk.yaml"), JSON.stringify({ limits: { correlation_groups: [{ ...group, limit, comparison }] } }));
  return folder;
}

async function policyOf(folder: string): Promise<RiskPolicy> {
  const loaded = await loadPolicies(["./desk.yaml"], folder);
  if (loaded.kind === "invalid") throw new Error(JSON.stringify(loaded.violations));
  return loaded.policy;
}

async function faultsOf(folder: string): Promise<readonly (readonly [code: string, field: string | undefined])[]> {
  const loaded = await loadPolicies(["./desk.yaml"], folder);
  return loaded.kind === "loaded" ? [] : loaded.violations.map(({ code, field }) => [code, field]);
}

/** Codes of the decisions on an order for ten AAA, and then one for so many of another symbol, all at 100. */
function decided(risk: RiskPolicy, symbol: string, qty: number): readonly string[] {
  const tape = new MemoryTapeWriter(runCatalogue);
  const spec = specOf({
    instruments: ["AAA", "BBB", "CCC"].map((name) => ({ columns: columnsOf(name, flatMinutes([100, 100, 100, 100])) })),
    strategy: {
      onBar: (bar, ctx) => {
        const minute = (bar.ts / 60_000) % 1440;
        if (bar.symbol === "AAA" && minute % 4 === 1) ctx.enterLong({ qty: 10 });
        if (bar.symbol === symbol && minute % 4 === 2) ctx.enterLong({ qty });
      },
    },
    cash: "100000",
    risk,
  });
  driveBacktest(new Engine(spec), tape);
  return ofType(plainEvents(tape), "risk.decided").map(({ payload }) => payload.code ?? "approved");
}

describe("a correlation group that names a computed cluster", () => {
  test("has the cluster's members, and says where they come from", async () => {
    const policy = await policyOf(folderWith(computed("cap-7")));
    expect(policy.limits.correlation_groups).toEqual([
      {
        name: "TWINS",
        symbols: ["AAA", "BBB"],
        cluster: { calc_name: "risk.correlation_clusters", ...REFERENCE, set_sha256: clusterSetId(computed("cap-7"), sha256) },
        limits: [{ limit: { amount: "2000", currency: "USD" }, comparison: "exceeds" }],
      },
    ]);
    expect(JSON.stringify(describeChecks(policy))).toContain("TWINS (cluster:AAA of v1 on cap-7: AAA, BBB)");
  });

  test.each([
    ["just below the limit", "BBB", 9, "exceeds", "approved"],
    ["at a limit that may not be exceeded", "BBB", 10, "exceeds", "approved"],
    ["at a limit that may not be reached", "BBB", 10, "reaches", "CORRELATED_EXPOSURE_EXCEEDED"],
    ["above the limit", "BBB", 11, "exceeds", "CORRELATED_EXPOSURE_EXCEEDED"],
    ["above it in a symbol of another cluster", "CCC", 11, "exceeds", "approved"],
  ])("judges the exposure of its members together: %s", async (_says, symbol, qty, comparison, verdict) => {
    const policy = await policyOf(folderWith(computed("cap-7"), {}, comparison));
    expect(decided(policy, symbol, qty)).toEqual(["approved", verdict]);
  });

  test("has version, capture, cluster and the set's hash in the policy's fingerprint, even where the members are the same", async () => {
    const prints = await Promise.all([
      policyOf(folderWith(computed("cap-7"))),
      policyOf(folderWith(computed("cap-8"), { capture_id: "cap-8" })),
      policyOf(folderWith({ ...computed("cap-7"), cut_distance: 0.25 })),
    ]);
    expect(prints.map(({ limits }) => limits.correlation_groups[0]?.symbols)).toEqual(Array(3).fill(["AAA", "BBB"]));
    expect(new Set(prints.map((policy) => policyFingerprint(policy, sha256))).size).toBe(3);
  });

  test("is refused where the set does not hold exactly what it names", async () => {
    const at = "/limits/correlation_groups/0/cluster";
    const set = computed("cap-7");
    for (const other of [{ calc_version: "v2" }, { capture_id: "cap-6" }, { cluster_id: "cluster:BBB" }])
      expect(await faultsOf(folderWith(set, other))).toEqual([["UNKNOWN_CLUSTER", at]]);
    const [first = { cluster_id: "", members: [] }] = set.clusters;
    const broken: readonly unknown[] = [
      "no json",
      "[]",
      { ...set, calc_version: "v9" },
      { ...set, clusters: [] },
      { ...set, clusters: [first, { ...first, members: ["ZZZ"] }] },
      { ...set, clusters: [...set.clusters, { cluster_id: "cluster:X", members: ["AAA"] }] },
    ];
    for (const one of broken) expect(await faultsOf(folderWith(one))).toEqual([["CLUSTER_FILE", `${at}/file`]]);
    expect(await faultsOf(folderWith(set, { file: "missing.json" }))).toEqual([["CLUSTER_FILE", `${at}/file`]]);
  });

  test("states symbols or a cluster, never both and never neither", async () => {
    const both = folderWith(computed("cap-7"), {}, "exceeds", { symbols: ["AAA"] });
    expect(await faultsOf(both)).toEqual([["CONFIG_VALUE", "/limits/correlation_groups/0"]]);
    const neither = folderWith(computed("cap-7"), {}, "exceeds", { cluster: undefined });
    expect(await faultsOf(neither)).toEqual([["CONFIG_VALUE", "/limits/correlation_groups/0"]]);
  });
});
