import { type MemoryDriver, MemoryServer, memory, VirtualClock } from "@chicory/broker-memory";
import type { BrokerDriver, Settlement } from "@chicory/core";
import type { HistoryEvent } from "../history-event.js";
import { Random } from "../random.js";
import type { Defect } from "../seeded/defect.js";
import { Chronicle } from "./chronicle.js";
import { Operator } from "./operator.js";
import { LEASE_MS, type Program, type SimulatedFault, type SimulatedKind, WORKERS } from "./program.js";
import { SimulatedProducer } from "./simulated-producer.js";
import { SimulatedWorker } from "./simulated-worker.js";
import { inVirtualTime } from "./virtual-time.js";

const QUEUES = ["default", "orders"] as const;

/** Queues of another app on the same broker begin with this. */
export const NEIGHBOUR_PREFIX = "neighbour.";

/** Time that passes between two looks at the run, in milliseconds: while it is under way, and while it comes to rest. */
const STEP_MS = 30;
const REST_STEP_MS = 100;

/** Time within which everything comes to rest once the last fault is mended, in milliseconds: several leases. */
const REST_MS = LEASE_MS * 9;

/** Times that a task which kills its process may do so, when nothing stops it. */
const MAX_POISONED = 9;

/** Tasks that are sent at once before a fault, so that it finds something under way, and their work in milliseconds. */
const BURST: readonly SimulatedKind[] = ["plain", "once", "flaky", "failing", "flaky", "once", "failing", "flaky"];
const BURST_AT_MOST_ONCE: readonly SimulatedKind[] = Array.from({ length: 8 }, () => "once");
const BURST_OF_FAILURES: readonly SimulatedKind[] = Array.from({ length: 16 }, (_, n) => (n % 2 ? "failing" : "flaky"));
const BURST_WORK_MS = 10;

/** Fewer turns of the event loop than these are granted to a call that was caught on its way. */
const GRANTED_TURNS = 6;

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
  readonly #defect: Partial<Defect>;
  readonly #clock: VirtualClock;
  readonly #random: Random;
  readonly #server: MemoryServer;
  readonly #chronicle: Chronicle;
  readonly #producer: SimulatedProducer;
  readonly #operators: readonly Operator[];
  readonly #workers: SimulatedWorker[] = [];
  readonly #began: number;
  /** What faults have set in motion. */
  readonly #underWay = new Set<Promise<unknown>>();
  #started = 0;
  /** What happens at the next settlements of some kinds. */
  #traps: { readonly kind: Settlement["kind"]; readonly spring: () => void }[] = [];
  #poisoned = 0;

  constructor(program: Program, defect: Partial<Defect>, clock: VirtualClock) {
    this.#program = program;
    this.#defect = defect;
    this.#clock = clock;
    this.#began = clock.now();
    this.#random = new Random(program.seed);
    this.#server = new (defect.server ?? MemoryServer)({ clock, seed: program.seed });
    this.#chronicle = new Chronicle(clock);
    this.#producer = new SimulatedProducer({
      queues: QUEUES,
      chronicle: this.#chronicle,
      random: this.#random,
      openDriver: () => this.#wrap(this.#connect()),
      publishTimeoutMs: defect.publishTimeoutMs,
    });
    this.#operators = ["one", "another"].map(
      (name) => new Operator(name, this.#wrap(this.#connect()), QUEUES, this.#chronicle),
    );
  }

  async run(): Promise<readonly HistoryEvent[]> {
    for (let index = 0; index < WORKERS; index++) this.#startWorker();
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
    while (this.#clock.now() < end && !isDone()) {
      await this.#clock.advance(stepMs);
    }
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

  #schedule(): void {
    const {
      tasks: { poison = 0, ...tasks },
      burst,
      foreign,
      neighbours,
      faults,
      spreadMs,
    } = this.#program;
    const kinds = this.#random.shuffle(
      (Object.entries(tasks) as [SimulatedKind, number][]).flatMap(([kind, count]) =>
        Array.from({ length: count }, () => kind),
      ),
    );
    this.#spread(kinds, (kind) => this.#producer.send(kind));
    this.#at(spreadMs / 2, () => {
      for (let count = 0; count < burst; count++) this.#producer.send("plain");
    });
    this.#spread(Array.from({ length: foreign }), (_, index) => this.#putForeign(index));
    this.#spread(Array.from({ length: neighbours }), (_, index) => this.#putNeighbour(index));
    // By itself: what runs beside it dies with it, and is handed out as often.
    for (let count = 0; count < poison; count++) this.#at(spreadMs + 2 * LEASE_MS, () => this.#producer.send("poison"));
    const strokes = this.#random.shuffle(
      (Object.entries(faults) as [SimulatedFault, number][]).flatMap(([fault, count]) =>
        Array.from({ length: count }, () => fault),
      ),
    );
    this.#spread(strokes, (fault) => this.#strike(fault));
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

  #strike(fault: SimulatedFault): void {
    switch (fault) {
      case "kill":
        this.#underLoad(() => this.#replace((worker) => worker.kill()));
        break;
      case "restart-worker":
        this.#underLoad(() => this.#replace((worker) => this.#begin(worker.stop())));
        break;
      case "restart-producer":
        this.#producer.restart();
        break;
      case "cut-sends":
        this.#burst();
        this.#begin(this.#cut());
        break;
      case "cut-acks":
        this.#cutAt("ack");
        this.#burst(BURST_AT_MOST_ONCE);
        break;
      case "cut-settlements":
        this.#cutSettlements();
        break;
      case "restart-server":
        this.#restartServer();
        break;
      case "isolate":
        // Some end while their worker is cut off, and some just after that.
        this.#burst(BURST_OF_FAILURES, LEASE_MS * 1.8);
        this.#underLoad(() => this.#isolate());
        break;
      case "browse":
        this.#begin(this.#operators[0]?.browse());
        break;
      case "replay":
        this.#begin(Promise.all(this.#operators.map((operator) => operator.replay())));
        break;
    }
  }

  #burst(kinds = BURST, maxWorkMs = BURST_WORK_MS): void {
    for (const kind of kinds) this.#producer.send(kind, this.#random.below(maxWorkMs));
  }

  /** Strikes when what was sent for it runs, or is about to be settled. */
  #underLoad(strike: () => void): void {
    this.#burst();
    this.#clock.schedule(this.#clock.now() + this.#random.below(3 * BURST_WORK_MS), strike);
  }

  #begin(work: Promise<unknown> | undefined): void {
    if (work === undefined) return;
    const watched = work.finally(() => this.#underWay.delete(watched));
    this.#underWay.add(watched);
  }

  #replace(end: (worker: SimulatedWorker) => void): void {
    const worker = this.#pickWorker();
    if (worker === undefined) return;
    this.#startWorker();
    end(worker);
  }

  #pickWorker(): SimulatedWorker | undefined {
    const alive = this.#workers.filter((worker) => worker.connected);
    // The oldest, so that a version that is to be replaced goes.
    return this.#random.next() < 0.5 ? alive[0] : alive[this.#random.below(alive.length)];
  }

  /** Cuts every connection as soon as a settlement of a kind is on its way. */
  #cutAt(kind: Settlement["kind"]): void {
    this.#traps.push({ kind, spring: () => this.#begin(this.#cut()) });
  }

  /** Cuts every connection while what is on its way now has come so far, and no further. */
  async #cut(): Promise<void> {
    for (let turn = this.#random.below(GRANTED_TURNS); turn > 0; turn--) await nextTurn();
    this.#chronicle.write({ kind: "nemesis", op: "cut", phase: "begin" });
    this.#server.sever();
  }

  #cutSettlements(): void {
    const kind = (["ack", "retry", "retry", "deadLetter"] as const)[this.#random.below(4)] ?? "ack";
    this.#underLoad(() => this.#cutAt(kind));
  }

  #restartServer(): void {
    this.#chronicle.write({ kind: "nemesis", op: "restart-server", phase: "begin" });
    this.#server.stop();
    this.#burst();
    this.#clock.schedule(this.#clock.now() + LEASE_MS / 8, () => {
      this.#server.start();
      this.#chronicle.write({ kind: "nemesis", op: "restart-server", phase: "end" });
    });
  }

  #isolate(): void {
    const heal = this.#pickWorker()?.isolate();
    if (heal !== undefined) this.#clock.schedule(this.#clock.now() + LEASE_MS * 1.5, heal);
  }

  #startWorker(): void {
    this.#started += 1;
    const connection = this.#connectWatched();
    const worker = new SimulatedWorker({
      name: `worker-${this.#started}`,
      queues: QUEUES,
      connection,
      driver: this.#wrap(connection),
      chronicle: this.#chronicle,
      knowsFresh: this.#started > WORKERS || this.#program.tasks.fresh === undefined,
      mendedAt: this.#began + this.#program.spreadMs / 2,
      settings: this.#defect.worker ?? {},
      extraRetries: this.#defect.extraRetries ?? 0,
      stopsAtOnce: this.#defect.stopsAtOnce ?? false,
      onPoison: (poisoned) => this.#poison(poisoned),
    });
    this.#workers.push(worker);
    this.#begin(worker.start().catch(() => undefined));
  }

  #poison(worker: SimulatedWorker): void {
    this.#poisoned += 1;
    if (this.#poisoned > MAX_POISONED) return;
    this.#startWorker();
    worker.kill();
  }

  #connect(): MemoryDriver {
    return memory({ server: this.#server, leaseMs: LEASE_MS });
  }

  /** A connection whose settlements are seen on their way, below whatever a defect makes of them. */
  #connectWatched(): MemoryDriver {
    const connection = this.#connect();
    const consume = connection.consume.bind(connection);
    connection.consume = async (queue, options) => {
      const consumer = await consume(queue, options);
      const settle = consumer.settle.bind(consumer);
      consumer.settle = async (settlements) => {
        const answer = settle(settlements);
        const sprung = this.#traps.filter((trap) => settlements.some(({ kind }) => kind === trap.kind));
        this.#traps = this.#traps.filter((trap) => !sprung.includes(trap));
        for (const { spring } of sprung) spring();
        return await answer;
      };
      return consumer;
    };
    return connection;
  }

  #wrap(connection: MemoryDriver): BrokerDriver {
    const { driver, anyDriver } = this.#defect;
    return driver?.(connection, {}) ?? anyDriver?.(connection) ?? connection;
  }

  /** Bytes that nobody can read: they belong into the dead letters, under their own text. */
  #putForeign(index: number): void {
    const id = `foreign-${index}`;
    const [queue] = QUEUES;
    const mode = "at-least-once";
    const send = { mode, queue, priority: 0, dedupe: true, maxRetries: 0, expected: "dead" } as const;
    this.#chronicle.write({ kind: "pub-call", id, task: "foreign", ...send });
    this.#server.publish([{ id, queue, body: id, mode, priority: 0 }], undefined);
    this.#chronicle.write({ kind: "pub-ok", id });
  }

  #putNeighbour(index: number): void {
    const body = JSON.stringify({
      v: 1,
      id: `neighbour-${index}`,
      name: "plain",
      input: {},
      retries: 0,
      enqueuedAt: 0,
    });
    const message = { id: `neighbour-${index}`, queue: `${NEIGHBOUR_PREFIX}orders`, body, priority: 0 };
    const driver = this.#wrap(this.#connect());
    driver.publish([{ ...message, mode: "at-least-once" }]).catch(() => undefined);
  }

  /** Ends every process well. */
  async #end(): Promise<void> {
    // One after the other: what one of them gives back, another one may run.
    for (const worker of this.#workers) {
      await this.#settle(worker.stop());
      await this.#clock.advance(REST_STEP_MS);
    }
    await this.#settle(Promise.all(this.#workers.map((worker) => worker.gone())));
    await this.#settle(Promise.all([...this.#underWay]));
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
        const id = record.taskId ?? Buffer.from(body).toString("utf8");
        this.#chronicle.write({ kind: "dead", id, queue, reason: record.reason });
      }
    }
  }
}

async function nextTurn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
