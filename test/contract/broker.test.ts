import { PaperBroker } from "../../src/adapters/paper-venue/paper-broker.js";
import { brokerContract } from "./broker.contract.js";

brokerContract("paper", () => {
  const broker = new PaperBroker();
  return { broker, reopen: () => new PaperBroker(broker.orders, broker.requests) };
});
