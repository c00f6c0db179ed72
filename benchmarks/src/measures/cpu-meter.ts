import type { RedisProbe } from "./redis-probe.js";

const MICROS_PER_SECOND = 1e6;

/** Processor time of this process and of the server, in microseconds: what a message costs whoever else is busy. */
export interface CpuTime {
  readonly clientUs: number;
  readonly serverUs: number;
}

/** Begins to measure; the returned function tells the time since then. */
export async function startCpuMeter(probe: RedisProbe): Promise<() => Promise<CpuTime>> {
  const serverBefore = await probe.cpuSeconds();
  const clientBefore = process.cpuUsage();
  return async () => {
    const { user, system } = process.cpuUsage(clientBefore);
    const serverSeconds = (await probe.cpuSeconds()) - serverBefore;
    return { clientUs: user + system, serverUs: serverSeconds * MICROS_PER_SECOND };
  };
}
