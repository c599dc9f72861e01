import type { JsonObject, UtcMillis } from "../tape/event.js";
import { ageOfLastBar, type MonitoringState } from "./monitoring-projection.js";
import { type PortfolioState, portfolioFigures } from "./portfolio-projection.js";

/** What is read off a state at a moment and is no part of it, since it would change with the clock or repeat the rest; null where there is nothing. */
export function figuresOf(name: string, state: JsonObject, now: UtcMillis): JsonObject | null {
  switch (name) {
    case "monitoring":
      return { age_of_last_bar_ms: ageOfLastBar(state as unknown as MonitoringState, now) };
    case "portfolio": {
      const portfolio = state as unknown as PortfolioState;
      return portfolio.account === null ? null : { ...portfolioFigures(portfolio) };
    }
    default:
      return null;
  }
}
