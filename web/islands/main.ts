/** What a script adds to a tear sheet: a cursor on charts, a window on candles, pages of trades, definitions in place. */
import { mount } from "svelte";
import CandleExplorer from "../charts/candle-explorer.svelte";
import { type PageData, unpackCandles, unpackTimes, unpackTrades } from "../report/page-data.js";
import TradeTable from "../tables/trade-table.svelte";
import { attachCursor } from "./cursor.js";
import { attachDefinitionCards } from "./definition-card.js";

function start(): void {
  const text = document.getElementById("page-data")?.textContent;
  if (text === null || text === undefined) return;
  // Written into this page by the same build.
  const data = JSON.parse(text) as PageData;
  for (const [id, { ts, series, decimals }] of Object.entries(data.cursors)) {
    const figure = document.getElementById(`chart-${id}`);
    if (figure !== null) attachCursor(figure, { ts: unpackTimes(ts), series, decimals });
  }
  for (const place of document.querySelectorAll<HTMLElement>("[data-island=candles]")) {
    const packed = data.candles[Number(place.dataset["index"])];
    if (packed === undefined) continue;
    place.replaceChildren();
    mount(CandleExplorer, {
      target: place,
      props: { series: unpackCandles(packed), number: Number(place.dataset["index"]), interactive: true },
    });
  }
  const trades = document.querySelector("[data-island=trades]");
  if (trades !== null) {
    trades.replaceChildren();
    const props = { trades: unpackTrades(data), currency: data.currency, leftOut: data.trades_left_out, interactive: true };
    mount(TradeTable, { target: trades, props });
  }
  attachDefinitionCards(document);
}

start();
