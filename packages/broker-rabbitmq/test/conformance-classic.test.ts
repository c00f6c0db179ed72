import { describeBrokerConformance } from "@chicory/conformance";
import { startRabbitmqHarness } from "./rabbitmq-harness.js";

describeBrokerConformance("RabbitMQ, classic queues with priorities", () =>
  startRabbitmqHarness({ maxPriority: 9, queueType: "classic" }),
);
