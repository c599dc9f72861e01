import { MemoryCalcStore } from "../../src/adapters/memory/memory-calc-store.js";
import { openCalcStore } from "../support/calc-stores.js";
import { describeCalcStore } from "./calc-store.contract.js";

describeCalcStore("memory", async () => ({ store: new MemoryCalcStore(), reopen: null, dispose: async () => {} }));

describeCalcStore("SQLite and Parquet", () => openCalcStore());
