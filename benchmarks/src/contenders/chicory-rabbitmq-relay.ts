import { rabbitmq } from "@chicory/broker-rabbitmq";
import { rabbitmqOf } from "../workload.js";
import { openAppRelay } from "./app-relay.js";
import type { OpenRelay } from "./relay.js";

/** Chicory on RabbitMQ. */
export const openChicoryRabbitmqRelay: OpenRelay = (round, task, options) =>
  openAppRelay(rabbitmq({ url: rabbitmqOf(round).url }), task, options);
