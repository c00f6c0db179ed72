import { memory } from "@chicory/broker-memory";
import { openAppDrainer } from "./app-drainer.js";
import type { OpenDrainer } from "./drainer.js";

/** Chicory on its embedded broker. */
export const openMemoryDrainer: OpenDrainer = (_round, task) => openAppDrainer(memory(), task);
