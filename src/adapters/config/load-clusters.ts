/** Computed clusters that a policy's correlation groups name: read, and asked for exactly the version, capture and cluster that the policy states. */
import { dirname, resolve } from "node:path";
import * as Type from "typebox";
import type { NamedCluster } from "../../core/gate/policy.js";
import { type ClusterSet, clusterMembers, clusterSetId } from "../../core/risk/portfolio/cluster-set.js";
import { sha256 } from "../node-hash/sha256.js";
import type { Report } from "./load-account-files.js";
import type { GroupFields } from "./policy-schema.js";
import { readTextFile } from "./read-text-file.js";

/** What a group's reference came to. */
export interface ResolvedCluster {
  readonly cluster: NamedCluster;
  readonly members: readonly string[];
}

const closed = { additionalProperties: false } as const;
const Name = Type.String({ minLength: 1 });
const ClusterSetSchema = Type.Object(
  {
    calc_name: Type.Literal("risk.correlation_clusters"),
    calc_version: Type.Literal("v1"),
    capture_id: Name,
    linkage: Type.Union([Type.Literal("single"), Type.Literal("complete")]),
    cut_distance: Type.Number({ minimum: 0 }),
    clusters: Type.Array(Type.Object({ cluster_id: Name, members: Type.Array(Name, { minItems: 1 }) }, closed), { minItems: 1 }),
  },
  closed,
);

/**
 * Members of every group that names a cluster, by the group's place; null for one that lists its symbols.
 *
 * A file that is missing or no set of clusters, and a version, capture or cluster that it does not hold, is a fault: no group is ever judged by other
 * members, or by none.
 *
 * @param policyPath the policy's own file, which paths of sets are relative to
 */
export async function loadClusters(
  groups: readonly GroupFields[],
  policyPath: string,
  report: Report,
): Promise<readonly (ResolvedCluster | null)[]> {
  const found: (ResolvedCluster | null)[] = [];
  for (const [g, { cluster }] of groups.entries()) {
    if (cluster === undefined) {
      found.push(null);
      continue;
    }
    const at = `/limits/correlation_groups/${g}/cluster`;
    const { file, ...reference } = cluster;
    const set = await readSet(resolve(dirname(policyPath), file), (message, expected) =>
      report("CLUSTER_FILE", `${at}/file`, message.replace(resolve(dirname(policyPath), file), file), file, expected),
    );
    const members = set === null ? null : clusterMembers(set, reference);
    if (set !== null && members !== null && !members.ok) {
      const asked = `${reference.cluster_id} of ${reference.calc_version} on ${reference.capture_id}`;
      const message = `${file} does not hold ${asked}: it is ${set.calc_version} on ${set.capture_id}`;
      const held = set.clusters.map(({ cluster_id }) => cluster_id).join(", ");
      report("UNKNOWN_CLUSTER", at, message, asked, `${held}; of ${set.calc_version} on ${set.capture_id}`);
    }
    found.push(
      set !== null && members?.ok === true
        ? { cluster: { calc_name: set.calc_name, ...reference, set_sha256: clusterSetId(set, sha256) }, members: members.value }
        : null,
    );
  }
  return found;
}

async function readSet(path: string, fail: (message: string, expected: string) => void): Promise<ClusterSet | null> {
  const read = await readTextFile(path);
  if (read.kind === "unreadable") {
    fail(read.violation.message, read.violation.expected ?? "a set of clusters");
    return null;
  }
  let set: unknown;
  try {
    set = JSON.parse(read.text);
  } catch {
    fail(`${path} is no JSON`, "a set of clusters as clusterSet makes it");
    return null;
  }
  // Few policies name a set, and the checker is a hundred files' worth of code.
  const { Value } = await import("typebox/value");
  if (!Value.Check(ClusterSetSchema, set)) {
    const [first] = Value.Errors(ClusterSetSchema, set);
    fail(`${path} is no set of clusters: ${first?.instancePath ?? ""} ${first?.message ?? ""}`, "a set of clusters as clusterSet makes it");
    return null;
  }
  const twice = repeated(set.clusters.map(({ cluster_id }) => cluster_id)) ?? repeated(set.clusters.flatMap(({ members }) => members));
  if (twice === null) return set;
  fail(`${path} names ${twice} twice`, "every cluster, and every member, once");
  return null;
}

function repeated(names: readonly string[]): string | null {
  return names.find((name, n) => names.indexOf(name) < n) ?? null;
}
