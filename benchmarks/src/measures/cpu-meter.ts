import type { Sample } from "../workload.js";
import type { ServerProbe } from "./server-probe.js";

const MICROS_PER_SECOND = 1e6;

/**
 * Begins to measure the processor time of this process and of the server: what a message costs whoever else is busy.
 * The returned function tells the time since then for each of `count` messages, in microseconds; nothing where the
 * server's cannot be told.
 */
export async function startCpuMeter(probe: ServerProbe): Promise<(count: number) => Promise<Sample>> {
  const serverBefore = await probe.cpuSeconds();
  const clientBefore = process.cpuUsage();
  return async (count) => {
    const { user, system } = process.cpuUsage(clientBefore);
    const serverAfter = await probe.cpuSeconds();
    if (serverBefore === undefined || serverAfter === undefined) return {};
    const serverUs = (serverAfter - serverBefore) * MICROS_PER_SECOND;
    return { clientUs: (user + system) / count, serverUs: serverUs / count };
  };
}
