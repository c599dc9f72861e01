import type { TearSheet } from "../../src/core/report/tear-sheet.js";
import type { ChartView } from "../charts/chart-view.js";
import { equityView, exposureView, underwaterView } from "./views/account-views.js";
import { dailyView, histogramView, quantileView, yearlyView } from "./views/return-views.js";
import { rollingSharpeView, rollingVolatilityView } from "./views/rolling-views.js";
import { contributionView, costView, excursionView, holdingView } from "./views/trade-views.js";

/** Every chart of a sheet but the candles, by section. */
export interface SheetViews {
  readonly account: readonly ChartView[];
  readonly returns: readonly ChartView[];
  readonly trades: readonly ChartView[];
}

export function sheetViews(sheet: TearSheet): SheetViews {
  const { contribution, header } = sheet;
  const { currency } = header;
  return {
    account: [equityView(sheet), underwaterView(sheet), exposureView(sheet)],
    returns: [
      dailyView(sheet),
      yearlyView(sheet),
      histogramView(sheet),
      quantileView(sheet),
      rollingSharpeView(sheet),
      rollingVolatilityView(sheet),
    ],
    trades: [
      holdingView(sheet),
      excursionView(sheet),
      contributionView(
        "by-symbol",
        "Net profit by symbol",
        contribution.by_symbol,
        "Each symbol's whole profit, open positions included.",
        currency,
      ),
      contributionView("by-hour", "Net profit by hour", contribution.by_hour, "Finished trades by the UTC hour of their entry.", currency),
      contributionView(
        "by-weekday",
        "Net profit by weekday",
        contribution.by_weekday,
        "Finished trades by the UTC weekday of their entry.",
        currency,
      ),
      costView(sheet),
    ],
  };
}
