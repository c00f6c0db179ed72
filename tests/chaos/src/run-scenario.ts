import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Chicory } from "@chicory/core";
import { eventually, startRedis } from "@chicory/test-servers";
import { check, type Verdict, type Violation } from "./checker.js";
import { Ledger, measureEpoch } from "./ledger.js";
import { createLoad, QUEUE } from "./load.js";
import { type LoadSize, produce } from "./producer.js";
import type { Random } from "./random.js";
import { readHistory } from "./read-history.js";
import type { Scenario } from "./scenario.js";
import { WorkerPool } from "./worker-pool.js";

/** Load of a quick run; a full one has five times as much, over five times as long. */
const QUICK: LoadSize = { "at-least-once": 3_000, "at-most-once": 1_000, "always-fails": 200, delayed: 400 };
const FULL_FACTOR = 5;
const WORKERS = 3;

/** Longest time from the last fault until everything has come to rest. */
const DRAIN_DEADLINE_MS = 60_000;

/** How a scenario ended. */
export interface ScenarioResult extends Verdict {
  readonly name: string;
  readonly faults: number;
  /** Time from the last fault until nothing waited any more, in milliseconds. */
  readonly recoveryMs: number;
}

/** Runs one scenario against a server and workers of its own, and checks the ledger. */
export async function runScenario(scenario: Scenario, full: boolean, random: Random): Promise<ScenarioResult> {
  const factor = full ? FULL_FACTOR : 1;
  const folder = mkdtempSync(join(tmpdir(), "chicory-chaos-"));
  const server = await startRedis(scenario.server);
  const epoch = measureEpoch();
  const ledger = new Ledger(folder, "producer", epoch);
  const load = createLoad({ port: server.port, ledger, name: "producer" });
  const workers = new WorkerPool(server.port, folder, epoch, WORKERS);
  try {
    await workers.ready();
    const faults = scenario.faults * factor;
    const loadSize = scaled(QUICK, factor);
    const sending = produce(load, ledger, loadSize, faults * scenario.everyMs, random);
    const sent = sending.then(
      () => undefined,
      () => undefined,
    );
    const pause = async (ms: number) => {
      await new Promise((resolve) => setTimeout(resolve, ms));
    };
    for (let fault = 0; fault < faults; fault++) {
      await Promise.race([pause(scenario.everyMs), sent.then(() => pause(scenario.everyMs))]);
      await scenario.strike({ server, workers, random, pause });
    }
    const healedAt = performance.now();
    await sending;
    const stuck = await comeToRest(load.app);
    const recoveryMs = performance.now() - healedAt;
    await workers.stop();
    await noteRemains(load.app, ledger);
    const verdict = check(readHistory(folder));
    const violations = [...verdict.violations, ...stuck, ...exits(workers)];
    return { ...verdict, name: scenario.name, faults, recoveryMs, violations };
  } finally {
    await workers.stop();
    await load.app.close();
    await server.stop();
    ledger.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function scaled(size: LoadSize, factor: number): LoadSize {
  return {
    "at-least-once": size["at-least-once"] * factor,
    "at-most-once": size["at-most-once"] * factor,
    "always-fails": size["always-fails"] * factor,
    delayed: size.delayed * factor,
  };
}

async function comeToRest(app: Chicory): Promise<readonly Violation[]> {
  try {
    await eventually(() => atRest(app), { deadlineMs: DRAIN_DEADLINE_MS, intervalMs: 100 });
    return [];
  } catch {
    // What is left is told by the check of what remains; this says that it is not on its way any more.
    return [{ promise: `everything comes to rest within ${DRAIN_DEADLINE_MS} ms`, ids: [] }];
  }
}

async function atRest(app: Chicory): Promise<boolean> {
  const { ready, delayed = 0, inFlight = 0 } = await app.broker.depth(QUEUE);
  return ready + delayed + inFlight === 0;
}

async function noteRemains(app: Chicory, ledger: Ledger): Promise<void> {
  const { ready, delayed = 0, inFlight = 0 } = await app.broker.depth(QUEUE);
  ledger.write({ kind: "waiting", queue: QUEUE, ready, delayed, inFlight });
  const letters = app.broker.deadLetters(QUEUE);
  let after: string | undefined;
  do {
    const page = await letters.list(after === undefined ? {} : { after });
    for (const { record, id } of page.letters) {
      ledger.write({ kind: "dead", id: record.taskId ?? id, queue: QUEUE, reason: record.reason });
    }
    after = page.next;
  } while (after !== undefined);
}

function exits(workers: WorkerPool): readonly Violation[] {
  const { unexpectedExits } = workers;
  return unexpectedExits.length === 0
    ? []
    : [{ promise: `no worker ends by itself (${unexpectedExits.join("; ")})`, ids: [] }];
}
