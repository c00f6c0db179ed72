import { openProbe } from "../measures/open-probe.js";
import type { Suite } from "../suites.js";
import type { Workload } from "../workload.js";
import { type BenchServer, startServer } from "./bench-server.js";
import type { WorkloadResult } from "./results.js";
import { runWorkload } from "./run-workload.js";

/** How suites are run. */
export interface SuiteOptions {
  readonly quick: boolean;
  /** Rounds of every workload that count; undefined for its own number. */
  readonly rounds: number | undefined;
  readonly profileFolder: string | undefined;
  /** Told what the suite runs on, before its first workload. */
  readonly onServer: (description: string) => void;
  /** Told what begins, since it takes a while. */
  readonly onBegin: (workload: Workload) => void;
  /** Told what a workload came to, as soon as it is known. */
  readonly onResult: (result: WorkloadResult) => void;
}

/** What a suite came to. */
export interface SuiteResult {
  readonly suite: string;
  /** Undefined if the suite needs no server. */
  readonly server: string | undefined;
  readonly workloads: readonly WorkloadResult[];
}

async function clear({ address }: BenchServer): Promise<void> {
  const probe = await openProbe(address);
  try {
    await probe?.flush();
  } finally {
    await probe?.close();
  }
}

/** Runs the workloads of a suite one after another, on a server that is started for them. */
export async function runSuite(suite: Suite, options: SuiteOptions): Promise<SuiteResult> {
  const { quick, rounds, profileFolder, onServer, onBegin, onResult } = options;
  const server = await startServer(suite.server);
  try {
    if (server.description !== undefined) onServer(server.description);
    const workloads: WorkloadResult[] = [];
    for (const workload of suite.workloads) {
      onBegin(workload);
      const result = await runWorkload(workload, { round: { ...server.address, quick }, rounds, profileFolder });
      workloads.push(result);
      onResult(result);
      // What a workload leaves behind must not be the next one's burden.
      await clear(server);
    }
    return { suite: suite.name, server: server.description, workloads };
  } finally {
    await server.stop();
  }
}
