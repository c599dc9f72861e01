// Which way imports may go. Tests may import what they need; the rules hold for everything else.

const notATest = "\\.test\\.ts$";

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: "core-imports-nothing-outside",
      comment: "The core is pure: it imports only itself, and typebox for schemas. Whatever else it needs is handed in.",
      severity: "error",
      from: { path: "^src/core/", pathNot: notATest },
      to: { pathNot: ["^src/core/", "(^|/)node_modules/typebox/"] },
    },
    {
      name: "ports-only-core",
      comment: "A port is a type that the world must fit. It knows the core's words and nothing that implements it.",
      severity: "error",
      from: { path: "^src/ports/", pathNot: notATest },
      to: { pathNot: ["^src/ports/", "^src/core/"] },
    },
    {
      name: "usecases-and-adapters-not-apps",
      comment: "Use cases and adapters are put together by apps and must not know them.",
      severity: "error",
      from: { path: "^src/(usecases|adapters)/", pathNot: notATest },
      to: { path: "^src/apps/" },
    },
    {
      name: "usecases-not-adapters",
      comment: "A use case speaks to ports, so that a store or a broker can be changed without touching it.",
      severity: "error",
      from: { path: "^src/usecases/", pathNot: notATest },
      to: { path: "^src/adapters/" },
    },
    {
      name: "adapters-not-usecases",
      comment: "An adapter fits one technology to one port; what is done with it is not its business.",
      severity: "error",
      from: { path: "^src/adapters/", pathNot: notATest },
      to: { path: "^src/usecases/" },
    },
    {
      name: "apps-are-roots",
      comment: "Apps are composition roots: nothing imports them but the package's entry, which names one.",
      severity: "error",
      from: { pathNot: ["^src/apps/", "^src/index\\.ts$", "^bench/", notATest, "^test/"] },
      to: { path: "^src/apps/" },
    },
    {
      name: "risk-cannot-reach-a-broker",
      comment: "Code that measures risk must be unable to trade, not even through a chain of imports.",
      severity: "error",
      from: { path: "^src/core/(risk|calc)/", pathNot: notATest },
      to: { path: "^src/(ports/[^/]*broker|adapters/[^/]*(broker|venue)|core/venue/)", reachable: true },
    },
    {
      name: "only-gate-makes-approvals",
      comment: "An approved order can come from the risk gate alone: one file makes the mark, and one file calls it.",
      severity: "error",
      from: { pathNot: ["^src/core/gate/approvals\\.ts$", notATest] },
      to: { path: "^src/core/gate/mint-approval\\.ts$" },
    },
    {
      name: "only-a-decision-is-approved",
      comment: "Approvals are owed by who decided on an order, the two gates, and by who read such a decision from a verified tape.",
      severity: "error",
      from: { pathNot: ["^src/core/gate/(gate|policy-gate|remint-approval|remint-change)\\.ts$", notATest] },
      to: { path: "^src/core/gate/approvals\\.ts$" },
    },
    {
      name: "engine-knows-no-report",
      comment: "Reports read finished runs. They are no part of a run's identity, so nothing that decides a run may depend on them.",
      severity: "error",
      from: { path: "^src/core/", pathNot: ["^src/core/report/", notATest] },
      to: { path: "^src/core/report/" },
    },
    {
      name: "pages-only-core",
      comment: "Components draw what they are given. They know the core's documents and words, and no store, use case or port.",
      severity: "error",
      from: { path: "^web/", pathNot: notATest },
      to: { path: "^src/", pathNot: "^src/core/" },
    },
    {
      name: "pages-are-loaded-by-apps",
      comment: "Only a composition root chooses how a page is made.",
      severity: "error",
      from: { pathNot: ["^web/", "^src/apps/", notATest, "^test/"] },
      to: { path: "^web/" },
    },
    {
      name: "no-circular",
      comment: "A circle of imports has no order in which it can be loaded. A circle that types close is none at run time.",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "no-orphans",
      comment: "A file that nothing imports and that imports nothing is dead, or its entry was forgotten.",
      severity: "error",
      from: { orphan: true, pathNot: [notATest, "\\.d\\.ts$", "^src/(index|core/index|core/strategy/index)\\.ts$"] },
      to: {},
    },
    {
      name: "not-to-dev-dep",
      comment: "The published package has no development dependencies.",
      severity: "error",
      from: { path: "^src/", pathNot: notATest },
      to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["type-only"], pathNot: "(^|/)node_modules/@types/" },
    },
    {
      name: "not-to-unresolvable",
      comment: "An import that leads nowhere breaks at run time. The page's own script and style are made by the build.",
      severity: "error",
      from: {},
      to: { couldNotResolve: true, pathNot: "^onetape:page-assets$" },
    },
    {
      name: "not-to-tests",
      comment: "The product does not depend on its tests.",
      severity: "error",
      from: { path: "^(src|bench)/", pathNot: notATest },
      to: { path: [notATest, "^test/"] },
    },
  ],
  options: {
    doNotFollow: { path: "(^|/)node_modules/" },
    exclude: { path: "^(dist|bench/strategies)/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "types", "node", "default"],
      mainFields: ["main", "types"],
    },
  },
};
