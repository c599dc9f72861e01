/** Sees every bar and does nothing. */
import { defineStrategy } from "onetape/strategy";

const symbols = ["DEMO"];

export default defineStrategy({
  meta: { name: "empty", version: "1.0.0", universe: symbols, timeframe: "1m", required_fields: ["close"], session: "all" },
  params: {},
  onBar() {
    // Nothing: the cost of a bar alone.
  },
});
