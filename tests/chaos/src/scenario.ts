import type { Chicory } from "@chicory/core";
import type { Allowance } from "./checker/terms.js";
import type { Ledger } from "./ledger.js";
import type { MortalProducers } from "./load/mortal-producers.js";
import type { Mix, Producer } from "./load/producer.js";
import type { TaskKindName } from "./load/task-kinds.js";
import type { Random } from "./random.js";
import type { Stage, StageName, StageNeeds } from "./stages/stage.js";
import type { WorkerPool } from "./workers/worker-pool.js";

/** Tiers from the shortest, which `npm test` plays, to the longest; each contains those before it. */
export const TIERS = ["quick", "default", "all"] as const;

/** Which runs a scenario belongs to. */
export type Tier = (typeof TIERS)[number];

/** How many times as many faults as its scenario names a run of a tier has. */
export const FACTORS: Readonly<Record<Tier, number>> = { quick: 0.5, default: 1, all: 3 };

/** What a scenario may break while the load runs, and with what. */
export interface Targets {
  readonly stage: Stage;
  readonly workers: WorkerPool;
  readonly producer: Producer;
  readonly mortalProducers: MortalProducers;
  /** An operator's app, which reaches the broker as producers do. */
  readonly app: Chicory;
  readonly ledger: Ledger;
  readonly random: Random;
  /** How many faults came before this one. */
  readonly round: number;
  /** Resolves after so many milliseconds. */
  pause(ms: number): Promise<void>;
  /** Whether the load flows, or does so within the limit for it. */
  flows(): Promise<boolean>;
  /** Adds a line to what the run reports. */
  note(line: string): void;
  /** Says that the broker has just forgotten all that it held: what was sent before is not promised any more. */
  lose(): void;
  /** Reports a promise of the scenario's own that was broken. */
  broken(promise: string): void;
}

/** What a scenario made before its run. */
export interface Preparation {
  readonly needs?: StageNeeds;
  /** More environment of every worker. */
  readonly workerEnv?: Readonly<Record<string, string>>;
  strike(targets: Targets): Promise<void> | void;
  /** Removes what it made. */
  dispose(): Promise<void> | void;
}

/** What the load does when a scenario says nothing else. */
export const DEFAULT_MIX: Mix = { steady: 12, once: 4, failing: 1, flaky: 1, delayed: 2 };

/** One kind of fault. */
interface ScenarioBase {
  readonly name: string;
  /** What breaks, and what must hold. */
  readonly sentence: string;
  readonly stages: readonly StageName[];
  /** The shortest tier that plays it; a stage may have one of its own. */
  readonly tier: Tier | Partial<Readonly<Record<StageName, Tier>>>;
  readonly mix?: Mix;
  /** Tasks per second. */
  readonly perSecond?: number;
  readonly workers?: number;
  readonly concurrency?: number;
  /** Kinds of tasks that workers do not know until the scenario upgrades them. */
  readonly lacks?: readonly TaskKindName[];
  /** Workers that no fault ends, so that something of a long run lives through all of it. */
  readonly sparedWorkers?: number;
  /** Number of faults; the longest tier has more. */
  readonly faults: number;
  /** Ends the run after so many milliseconds, with whatever number of faults. */
  readonly forMs?: number;
  /** Milliseconds between two faults, each cut or stretched by up to a half at random. */
  readonly everyMs: number;
  /** Whether the next fault does not wait until the load flows again after the one before. */
  readonly storm?: boolean;
  /** Whether the faults strike single workers, which the pool notes, so that the others are still held to everything. */
  readonly sparesOthers?: boolean;
  /** Whether no worker is ever killed, so that each can say goodbye to the broker. */
  readonly sparesWorkers?: boolean;
  /** Whether not even the faults cost a worker what it holds: they are such that it can keep it. */
  readonly keepsLeases?: boolean;
  /** Whether workers may end by themselves, non-zero and with a reason: a task or the fault makes them. */
  readonly workersMayEnd?: boolean;
  /** Most milliseconds between the time of a delayed task and its start; by default what a fault may hold up. */
  readonly lateMs?: number;
  /** Findings of the checker that are no defect here, with the reason. */
  readonly allows?: readonly StageAllowance[];
  /** Whether the fault may be struck at any time among others: part of the soak. */
  readonly soak?: boolean;
  /** Looks at what the broker holds when everything has come to rest. */
  verify?(targets: Targets): Promise<void>;
}

/** An allowance for runs on these stages; on all if none is named. */
export interface StageAllowance extends Allowance {
  readonly stages?: readonly StageName[];
}

interface PlainScenario extends ScenarioBase {
  readonly needs?: StageNeeds;
  /** Causes one fault and mends it. */
  strike(targets: Targets): Promise<void> | void;
}

interface PreparedScenario extends ScenarioBase {
  /** Makes what is not there on every machine; a string says why it cannot, and the scenario is skipped. */
  prepare(): Promise<Preparation | string>;
}

/** A scenario, which is a file of its own. */
export type Scenario = PlainScenario | PreparedScenario;

/** The shortest tier in which a scenario is played on a stage. */
export function tierOf({ tier }: Scenario, stage: StageName): Tier {
  return typeof tier === "string" ? tier : (tier[stage] ?? "default");
}
