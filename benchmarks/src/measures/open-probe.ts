import type { Round } from "../workload.js";
import type { ServerProbe } from "./server-probe.js";

/** Opens a probe of the server of a round; undefined in a suite that has none. Only its own client is loaded. */
export async function openProbe({
  redis,
  rabbitmq,
}: Pick<Round, "redis" | "rabbitmq">): Promise<ServerProbe | undefined> {
  if (redis !== undefined) return (await import("./redis-probe.js")).RedisProbe.open(redis);
  if (rabbitmq !== undefined) return (await import("./rabbitmq-probe.js")).RabbitmqProbe.open(rabbitmq);
  return undefined;
}
