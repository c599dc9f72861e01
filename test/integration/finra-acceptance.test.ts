/** What a first user of the weekly files does, with rows in memory. */
import "./finra-acceptance.scenarios.js";
