import { mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { check, type Verdict, type Violation } from "./checker.js";
import { Flow } from "./flow.js";
import type { HistoryEvent } from "./history-event.js";
import { HistoryTail } from "./history-tail.js";
import { Ledger, measureEpoch } from "./ledger.js";
import { fileLogger } from "./load/file-logger.js";
import { createLoad } from "./load/load.js";
import { MortalProducers } from "./load/mortal-producers.js";
import { Producer } from "./load/producer.js";
import { Random } from "./random.js";
import { readHistory } from "./read-history.js";
import { comesToRest, noteRemains } from "./rest.js";
import { DEFAULT_MIX, type Preparation, type Scenario, type Targets } from "./scenario.js";
import { driverOf } from "./stages/broker-spec.js";
import { openStage } from "./stages/open-stage.js";
import type { Stage, StageName } from "./stages/stage.js";
import { termsOf } from "./terms-of.js";
import { piledUp } from "./workers/holdings.js";
import { WorkerPool } from "./workers/worker-pool.js";

const DEFAULT_PER_SECOND = 200;
const DEFAULT_WORKERS = 3;
const DEFAULT_CONCURRENCY = 16;
/** Handlers of the load end well before, save those that never do. */
const SHUTDOWN_TIMEOUT_MS = 12_000;
/** After a fault the load flows again within this, or within two leases where that is longer. */
const RECOVERY_LIMIT_MS = 10_000;
/** The first tasks wait for workers that compile themselves and connect. */
const WARM_UP_LIMIT_MS = 30_000;

/** Where the folder of a run keeps what the run was held to. */
export const TERMS_FILE = "terms.json";

/** How one run of a scenario is played. */
export interface RunOptions {
  readonly stage: StageName;
  readonly seed: number;
  /** How many times as many faults as the scenario names. */
  readonly factor: number;
  /** Whether histories and logs are kept although no promise was broken. */
  readonly keep?: boolean;
  /** Name of a defect that every worker's driver is to have, so that the run must break a promise. */
  readonly seeded?: string | undefined;
}

/** How a run ended. */
export interface RunResult extends Omit<Verdict, "violations"> {
  readonly scenario: string;
  readonly stage: StageName;
  readonly seed: number;
  readonly version: string;
  readonly faults: number;
  /** From the end of each fault until the load flowed again, in milliseconds. */
  readonly recoveriesMs: readonly number[];
  readonly seconds: number;
  /** What the scenario itself has to say. */
  readonly notes: readonly string[];
  readonly violations: readonly Violation[];
  /** Where histories and logs are kept, of a run that broke a promise. */
  readonly artifacts: string | undefined;
}

/** A run without a result: it could not be played here, or ended in an error of its own. */
export interface SkippedRun {
  readonly scenario: string;
  readonly stage: StageName;
  /** Why. */
  readonly skipped: string;
  /** Whether that is a failure. */
  readonly failed: boolean;
}

/**
 * Plays one scenario on servers and with workers of its own, and checks the history. An error of the run itself, such as
 * a server that does not come up, is told by the result.
 */
export async function runScenario(scenario: Scenario, options: RunOptions): Promise<RunResult | SkippedRun> {
  try {
    return await prepareAndPlay(scenario, options);
  } catch (error) {
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { scenario: scenario.name, stage: options.stage, skipped: reason, failed: true };
  }
}

async function prepareAndPlay(scenario: Scenario, options: RunOptions): Promise<RunResult | SkippedRun> {
  const preparation = await prepare(scenario);
  if (typeof preparation === "string") {
    return { scenario: scenario.name, stage: options.stage, skipped: preparation, failed: false };
  }
  try {
    const stage = await openStage(options.stage, preparation.needs ?? {});
    try {
      return await play(scenario, preparation, stage, options);
    } finally {
      await stage.close();
    }
  } finally {
    await preparation.dispose();
  }
}

async function prepare(scenario: Scenario): Promise<Preparation | string> {
  if ("prepare" in scenario) return scenario.prepare();
  const { needs = {}, strike } = scenario;
  return { needs, strike, dispose: () => undefined };
}

async function play(
  scenario: Scenario,
  preparation: Preparation,
  stage: Stage,
  { seed, factor, keep = false, seeded }: RunOptions,
): Promise<RunResult> {
  const startedAt = performance.now();
  const { name, mix = DEFAULT_MIX, perSecond = DEFAULT_PER_SECOND, concurrency = DEFAULT_CONCURRENCY } = scenario;
  const folder = mkdtempSync(join(tmpdir(), `chicory-chaos-${name}-${stage.name}-`));
  const epoch = measureEpoch();
  const ledger = new Ledger(folder, "runner", epoch);
  const producerLog = openSync(join(folder, "producer.log"), "a");
  const load = createLoad({
    driver: driverOf(stage.producerBroker),
    ledger,
    name: "producer",
    logger: fileLogger(producerLog),
  });
  const { capabilities } = await load.app.broker.driver();
  const producer = new Producer(load, ledger, new Random(seed), {
    mix,
    perSecond,
    priorityLevels: Math.min(capabilities.priorityLevels, 3),
    dedupe: capabilities.dedupe,
  });
  const workers = new WorkerPool({
    settings: {
      broker: stage.workersBroker,
      folder,
      epoch,
      concurrency,
      shutdownTimeoutMs: SHUTDOWN_TIMEOUT_MS,
      seeded,
      lacks: scenario.lacks ?? [],
    },
    size: scenario.workers ?? DEFAULT_WORKERS,
    spared: scenario.sparedWorkers ?? 0,
    env: preparation.workerEnv,
    ledger,
  });
  const mortalProducers = new MortalProducers({
    settings: { broker: stage.producerBroker, folder, epoch, mix, perSecond },
    ledger,
  });
  const tail = new HistoryTail(folder);
  const flow = new Flow(tail, ledger, perSecond);
  const violations: Violation[] = [];
  const broken = (promise: string) => void violations.push({ promise, ids: [] });
  const random = new Random(seed + 1);
  const recoveriesMs: number[] = [];
  const notes: string[] = [];
  const limitMs = Math.max(RECOVERY_LIMIT_MS, 2 * stage.silenceMs);
  let forgotAt: number | undefined;
  const targets = (round: number): Targets => ({
    stage,
    workers,
    producer,
    mortalProducers,
    app: load.app,
    ledger,
    random,
    round,
    pause: (ms) => sleep(ms),
    flows: async () => (await flow.isBack(limitMs)) !== undefined,
    lose: () => {
      forgotAt = ledger.now();
    },
    broken,
    note: (line) => void notes.push(line),
  });
  const awaitFlow = async (what: string, limitMs: number): Promise<void> => {
    const tookMs = await flow.isBack(limitMs);
    if (tookMs === undefined) broken(`the load flows again within ${limitMs} ms ${what}`);
    else if (what !== BEGIN) recoveriesMs.push(tookMs);
  };
  let failed = true;
  try {
    await workers.ready();
    const heldBefore = await workers.holdings();
    producer.start();
    await awaitFlow(BEGIN, WARM_UP_LIMIT_MS);
    const faults = Math.round(scenario.faults * factor);
    const endsAt = performance.now() + (scenario.forMs ?? Number.POSITIVE_INFINITY);
    let round = 0;
    for (; round < faults && violations.length === 0 && performance.now() < endsAt; round++) {
      await sleep(scenario.everyMs * (0.5 + random.next()));
      if (scenario.sparesOthers !== true) ledger.write({ kind: "nemesis", op: name, phase: "begin" });
      await preparation.strike(targets(round));
      if (scenario.sparesOthers !== true) ledger.write({ kind: "nemesis", op: name, phase: "end" });
      const last = round === faults - 1;
      if (scenario.storm !== true || last) await awaitFlow(`after fault ${round + 1}`, limitMs);
    }
    await producer.stop();
    if (!(await comesToRest(stage, tail, ledger))) broken("everything comes to rest when the load ends");
    for (const [worker, held] of await workers.holdings()) {
      const before = heldBefore.get(worker);
      for (const what of before === undefined ? [] : piledUp(before, held)) {
        broken(`a worker at rest holds no more than before the load: ${worker} has ${what}`);
      }
    }
    await scenario.verify?.(targets(round));
    await workers.stop();
    await noteRemains(load.app, stage, ledger);
    await load.app.close();
    const { connections, consumers } = await stage.leftovers();
    if (connections > 0) broken(`nobody is connected when all have left: ${connections} connections are`);
    if (consumers > 0 && scenario.sparesWorkers === true) broken(`no consumer is left behind: ${consumers} are`);
    for (const stop of workers.badStops) broken(`a worker that is asked to stop ends with 0: ${stop}`);
    if (workers.exits.some(({ status }) => status === 0))
      broken("a worker that cannot go on ends with another code than 0");
    const history = readHistory(folder);
    const terms = termsOf(scenario, capabilities, stage, concurrency, forgotAt !== undefined);
    writeFileSync(join(folder, TERMS_FILE), JSON.stringify(terms, undefined, 2));
    const verdict = check(history, terms);
    violations.push(...verdict.violations, ...lostWithoutExcuse(verdict, history, forgotAt));
    failed = violations.length > 0;
    if (failed) writeFileSync(join(folder, "violations.json"), JSON.stringify(violations, undefined, 2));
    if (failed) writeFileSync(join(folder, "server.log"), await stage.logs());
    return {
      ...verdict,
      scenario: name,
      stage: stage.name,
      seed,
      version: stage.version,
      faults: round,
      recoveriesMs,
      notes,
      seconds: (performance.now() - startedAt) / 1_000,
      violations,
      artifacts: failed || keep ? folder : undefined,
    };
  } finally {
    await producer.stop();
    await workers.stop();
    await load.app.close();
    tail.close();
    ledger.close();
    if (!failed && !keep) rmSync(folder, { recursive: true, force: true });
  }
}

/** What was sent after the broker had forgotten everything is promised as ever. */
function lostWithoutExcuse(
  { allowed }: Verdict,
  history: readonly HistoryEvent[],
  forgotAt: number | undefined,
): readonly Violation[] {
  if (forgotAt === undefined) return [];
  const later = new Set(history.flatMap((event) => (event.kind === "pub-call" && event.t > forgotAt ? event.id : [])));
  return allowed
    .filter(({ rule }) => rule === "at-least-once")
    .map((violation) => ({ ...violation, ids: violation.ids.filter((id) => later.has(id)) }))
    .filter(({ ids }) => ids.length > 0);
}

const BEGIN = "of its begin";
