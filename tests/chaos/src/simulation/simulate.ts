import { MemoryServer, VirtualClock } from "@chicory/broker-memory";
import { deadLetterEvent } from "../dead-letter-event.js";
import type { HistoryEvent } from "../history-event.js";
import { Random } from "../random.js";
import type { Defect } from "../seeded/defect.js";
import { Chronicle } from "./chronicle.js";
import { Connections } from "./connections.js";
import { Crew } from "./crew.js";
import { Nemesis } from "./nemesis.js";
import { Operator } from "./operator.js";
import { LEASE_MS, type Program } from "./program.js";
import { SimulatedProducer } from "./simulated-producer.js";
import { putForeign, putNeighbour } from "./strangers.js";
import { UnderWay } from "./under-way.js";
import { inVirtualTime } from "./virtual-time.js";

const QUEUES = ["default", "orders"] as const;

/** Time that passes between two looks at the run, in milliseconds: while it is under way, and while it comes to rest. */
const STEP_MS = 30;
const REST_STEP_MS = 100;

/** Time within which everything comes to rest once the last fault is mended, in milliseconds: several leases. */
const REST_MS = LEASE_MS * 9;

/** Longest time that the end of a run may take, in milliseconds: everything that ends has a deadline. */
const END_MS = 120_000;

/**
 * Plays a program through on the embedded broker: real sends, real workers, real settlements; the clock is virtual,
 * and processes die, lose their connection and come back by the program's seed. With a defect in it, the defect is
 * part of every process. Resolves with the history of the run.
 */
export async function simulate(program: Program, defect: Partial<Defect> = {}): Promise<readonly HistoryEvent[]> {
  // Not the present, so that a time of the machine that slipped in would show.
  const clock = new VirtualClock(Date.UTC(2030, 0, 1));
  return await inVirtualTime(clock, new Random(~program.seed), () => new Simulation(program, defect, clock).run());
}

class Simulation {
  readonly #program: Program;
  readonly #clock: VirtualClock;
  readonly #random: Random;
  readonly #server: MemoryServer;
  readonly #chronicle: Chronicle;
  readonly #connections: Connections;
  readonly #producer: SimulatedProducer;
  readonly #operators: readonly Operator[];
  readonly #crew: Crew;
  readonly #nemesis: Nemesis;
  readonly #underWay = new UnderWay();
  readonly #began: number;

  constructor(program: Program, defect: Partial<Defect>, clock: VirtualClock) {
    this.#program = program;
    this.#clock = clock;
    this.#began = clock.now();
    this.#random = new Random(program.seed);
    this.#server = new (defect.server ?? MemoryServer)({ clock, seed: program.seed });
    this.#chronicle = new Chronicle(clock);
    this.#connections = new Connections(this.#server, defect);
    const shared = { queues: QUEUES, chronicle: this.#chronicle, random: this.#random };
    this.#producer = new SimulatedProducer({
      ...shared,
      openDriver: () => this.#connections.openDriver(),
      publishTimeoutMs: defect.publishTimeoutMs,
    });
    this.#operators = ["one", "another"].map(
      (name) => new Operator(name, this.#connections.openDriver(), QUEUES, this.#chronicle),
    );
    this.#crew = new Crew({
      ...shared,
      connections: this.#connections,
      defect,
      underWay: this.#underWay,
      knowsFreshFromTheBeginning: program.tasks.fresh === undefined,
      mendedAt: this.#began + program.spreadMs / 2,
    });
    this.#nemesis = new Nemesis({
      ...shared,
      clock,
      server: this.#server,
      connections: this.#connections,
      crew: this.#crew,
      producer: this.#producer,
      operators: this.#operators,
      underWay: this.#underWay,
    });
  }

  async run(): Promise<readonly HistoryEvent[]> {
    this.#crew.startAll();
    this.#schedule();
    await this.#advanceUntil(() => false, this.#program.spreadMs, STEP_MS);
    await this.#advanceUntil(() => false, 2 * LEASE_MS + STEP_MS, REST_STEP_MS);
    await this.#advanceUntil(() => this.#atRest, REST_MS, REST_STEP_MS);
    await this.#end();
    this.#noteRemains();
    return this.#chronicle.events;
  }

  get #atRest(): boolean {
    if (this.#producer.underWay + this.#underWay.size > 0) return false;
    return QUEUES.every((queue) => this.#waiting(queue) === 0);
  }

  #waiting(queue: string): number {
    const { ready, delayed = 0, inFlight = 0 } = this.#server.depth(queue);
    return ready + delayed + inFlight;
  }

  /** Lets time pass until something is so, or for so long. */
  async #advanceUntil(isDone: () => boolean, longestMs: number, stepMs: number): Promise<void> {
    const end = this.#clock.now() + longestMs;
    while (this.#clock.now() < end && !isDone()) await this.#clock.advance(stepMs);
  }

  /** Resolves when a promise is settled, while time passes. */
  async #settle(promise: Promise<unknown>): Promise<void> {
    let settled = false;
    const watched = promise.finally(() => {
      settled = true;
    });
    await this.#advanceUntil(() => settled, END_MS, REST_STEP_MS);
    await watched;
  }

  /** Sets the times of everything that is sent and of every fault. */
  #schedule(): void {
    const { tasks, burst, foreign, neighbours, faults, spreadMs } = this.#program;
    const { poison = 0, ...mixed } = tasks;
    this.#spread(this.#random.shuffle(repeated(mixed)), (kind) => this.#producer.send(kind));
    this.#at(spreadMs / 2, () => {
      for (let count = 0; count < burst; count++) this.#producer.send("plain");
    });
    const [queue] = QUEUES;
    this.#spread(Array.from({ length: foreign }), (_, index) =>
      putForeign(index, queue, this.#server, this.#chronicle),
    );
    this.#spread(Array.from({ length: neighbours }), (_, index) => putNeighbour(index, this.#connections));
    // By itself: what runs beside it dies with it, and is handed out as often.
    for (let count = 0; count < poison; count++) this.#at(spreadMs + 2 * LEASE_MS, () => this.#producer.send("poison"));
    this.#spread(this.#random.shuffle(repeated(faults)), (fault) => this.#nemesis.strike(fault));
  }

  /** Does something with each item, one after the other over the run. */
  #spread<T>(items: readonly T[], run: (item: T, index: number) => void): void {
    const { spreadMs } = this.#program;
    for (const [index, item] of items.entries()) {
      this.#at(((index + 0.5) / items.length) * spreadMs, () => run(item, index));
    }
  }

  #at(ms: number, run: () => void): void {
    this.#clock.schedule(Math.round(this.#began + ms), run);
  }

  /** Ends every process well. */
  async #end(): Promise<void> {
    // One after the other: what one of them gives back, another one may run.
    for (const worker of this.#crew.workers) {
      await this.#settle(worker.stop());
      await this.#clock.advance(REST_STEP_MS);
    }
    await this.#settle(this.#crew.gone());
    await this.#settle(this.#underWay.over());
    await this.#settle(this.#producer.close());
    await this.#settle(Promise.all(this.#operators.map((operator) => operator.close())));
  }

  /** Looked up in the server itself: what a driver says is what is in question. */
  #noteRemains(): void {
    for (const queue of QUEUES) {
      const { ready, delayed = 0, inFlight = 0 } = this.#server.depth(queue);
      this.#chronicle.write({ kind: "waiting", queue, ready, delayed, inFlight });
      const letters = this.#server.letters(queue)?.page({ limit: Number.MAX_SAFE_INTEGER }).letters ?? [];
      for (const { record, body } of letters) {
        this.#chronicle.write(deadLetterEvent(record, queue, Buffer.from(body).toString("utf8")));
      }
    }
  }
}

/** Each name as often as its number says. */
function repeated<TName extends string>(counts: Readonly<Partial<Record<TName, number>>>): TName[] {
  return (Object.entries(counts) as [TName, number][]).flatMap(([name, count]) =>
    Array.from({ length: count }, () => name),
  );
}
