import { describeBrokerConformance } from "@chicory/conformance";
import { startRabbitmqHarness } from "./rabbitmq-harness.js";

describeBrokerConformance("RabbitMQ, quorum queues", () => startRabbitmqHarness());
