import { activityProjection } from "./activity-projection.js";
import { analyticsProjection } from "./analytics-projection.js";
import { capturesProjection } from "./captures-projection.js";
import { monitoringProjection } from "./monitoring-projection.js";
import { ordersProjection } from "./orders-projection.js";
import { portfolioProjection } from "./portfolio-projection.js";
import type { Projection } from "./projection.js";
import { riskProjection } from "./risk-projection.js";
import { runsProjection } from "./runs-projection.js";

/** Projections of the log of a run or session, by name. */
export const runProjections: readonly Projection[] = [
  ...[activityProjection, analyticsProjection, monitoringProjection, ordersProjection],
  ...[portfolioProjection, riskProjection, runsProjection],
];

/** Projections of a workspace's data catalogue. */
export const catalogueProjections: readonly Projection[] = [capturesProjection];
