/** Clusters with an identity, so that a limit or a policy can name one and an auditor finds the same members a year later. */
import { calcKey } from "../../calc/identity.js";
import { canonicalJson } from "../../tape/canonical-json.js";
import type { Sha256Fn, Sha256Hex } from "../../tape/hash.js";
import { type ClusterInput, correlationClusters, type Linkage } from "../correlation-clusters.js";
import { measured, type RiskOutcome, refused } from "../risk-outcome.js";

const IDENTITY = { calc_name: "risk.correlation_clusters", calc_version: "v1" } as const;

/** Clusters computed from one capture by one version. */
export interface ClusterSet {
  readonly calc_name: typeof IDENTITY.calc_name;
  readonly calc_version: typeof IDENTITY.calc_version;
  /** What the correlations were taken from. */
  readonly capture_id: string;
  readonly linkage: Linkage;
  readonly cut_distance: number;
  /** In the order of their first members. */
  readonly clusters: readonly Cluster[];
}

/** Names that move together. */
export interface Cluster {
  /** `cluster:` and the first member's name. */
  readonly cluster_id: string;
  readonly members: readonly string[];
}

/** How a policy or a limit names a cluster. */
export interface ClusterReference {
  readonly calc_version: string;
  readonly capture_id: string;
  readonly cluster_id: string;
}

/** Terms of a set of clusters. */
export interface ClusterSetInput extends ClusterInput {
  readonly capture_id: string;
}

/** Clusters a correlation matrix and stamps the result with what it came from. @returns refused as {@link correlationClusters} */
export function clusterSet({ capture_id, ...input }: ClusterSetInput): RiskOutcome<ClusterSet> {
  const found = correlationClusters(input);
  if (!found.ok) return found;
  return measured({
    ...IDENTITY,
    capture_id,
    linkage: input.linkage,
    cut_distance: input.cut_distance,
    clusters: found.value.clusters.map((members) => ({ cluster_id: `cluster:${members[0] ?? ""}`, members })),
  });
}

/**
 * The members that a reference means.
 *
 * @returns refused with `UNKNOWN_NAME` where version, capture or cluster is another: a group of other members must not stand in for it.
 */
export function clusterMembers(set: ClusterSet, reference: ClusterReference): RiskOutcome<readonly string[]> {
  const { calc_version, capture_id, cluster_id } = reference;
  const asked = `${calc_version} ${capture_id} ${cluster_id}`;
  const found = set.clusters.find((cluster) => cluster.cluster_id === cluster_id);
  if (calc_version !== set.calc_version || capture_id !== set.capture_id || found === undefined)
    return refused("UNKNOWN_NAME", { field: "cluster", value: asked, expected: `a cluster of ${calcKey(set)} on ${set.capture_id}` });
  return measured(found.members);
}

/** SHA-256 of the canonical form of a set. @throws {RangeError} for a set that {@link clusterSet} did not make. */
export function clusterSetId(set: ClusterSet, sha256: Sha256Fn): Sha256Hex {
  const text = canonicalJson(set);
  if (!text.ok) throw new RangeError("a set of clusters has no canonical form");
  return sha256(text.text);
}
