import type { Round, Sample, Workload } from "../workload.js";
import { ContenderHost } from "./contender-host.js";
import { type ContenderResult, conclude, type WorkloadResult } from "./results.js";

/** What every contender is made of that is Chicory. */
const OWN_PACKAGE = "@chicory/core";

/** How a workload is run. */
export interface RunOptions {
  readonly round: Round;
  /** Rounds that count; undefined for the workload's own number. */
  readonly rounds: number | undefined;
  /** Where CPU profiles of the contenders go; undefined for none. */
  readonly profileFolder: string | undefined;
}

/**
 * Runs a workload: all contenders take turns, round by round, and the order is reversed each time, so that neither a
 * machine that gets busier nor the place in the row favours one. A contender that breaks takes no further part.
 */
export async function runWorkload(
  workload: Workload,
  { round, rounds, profileFolder }: RunOptions,
): Promise<WorkloadResult> {
  const contenders = workload.contenders.filter(({ onlyFull = false }) => !(round.quick && onlyFull));
  const hosts = contenders.map(({ name }) => new ContenderHost(workload.name, name, profileFolder));
  const samples = new Map<string, Sample[]>(hosts.map(({ name }) => [name, []]));
  const broken = new Map<string, string>();
  const size = round.quick ? "quick" : "full";
  const warmUps = workload.warmUps[size];
  const turns = warmUps + (rounds ?? workload.rounds[size]);
  try {
    for (let turn = 0; turn < turns; turn++) {
      for (const host of turn % 2 === 0 ? hosts : hosts.toReversed()) {
        if (broken.has(host.name)) continue;
        const reply = await host.measure(round);
        if (reply.kind === "broken") broken.set(host.name, reply.reason);
        else if (turn >= warmUps) samples.get(host.name)?.push(reply.sample);
      }
    }
  } finally {
    await Promise.all(hosts.map((host) => host.close()));
  }
  const results = contenders.map(({ name, packages }): ContenderResult => {
    const reason = broken.get(name);
    const isOwn = packages.includes(OWN_PACKAGE);
    return { name, isOwn, samples: samples.get(name) ?? [], ...(reason === undefined ? {} : { broken: reason }) };
  });
  return conclude(workload, results);
}
