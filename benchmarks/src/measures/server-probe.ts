import type { Round } from "../workload.js";

/** A connection that looks at the server from outside of what is measured. Whoever opens one closes it. */
export interface ServerProbe {
  /** Empties the server, and waits until that is done. */
  flush(): Promise<void>;
  /** Processor time of the server since its start, in seconds; undefined where it cannot be told. */
  cpuSeconds(): Promise<number | undefined>;
  close(): Promise<void>;
}

/** Opens a probe of the server of a round; undefined in a suite that has none. Only its own client is loaded. */
export async function openProbe({ redis, rabbitmq }: Round): Promise<ServerProbe | undefined> {
  if (redis !== undefined) return (await import("./redis-probe.js")).RedisProbe.open(redis);
  if (rabbitmq !== undefined) return (await import("./rabbitmq-probe.js")).RabbitmqProbe.open(rabbitmq);
  return undefined;
}
