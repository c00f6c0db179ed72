import type { MemoryServer, VirtualClock } from "@chicory/broker-memory";
import type { Settlement } from "@chicory/core";
import type { Random } from "../random.js";
import type { Chronicle } from "./chronicle.js";
import type { Connections } from "./connections.js";
import type { Crew } from "./crew.js";
import type { Operator } from "./operator.js";
import { LEASE_MS, type SimulatedFault, type SimulatedKind } from "./program.js";
import type { SimulatedProducer } from "./simulated-producer.js";
import type { UnderWay } from "./under-way.js";

/** Tasks that are sent at once before a fault, so that it finds something under way, and their work in milliseconds. */
const BURST: readonly SimulatedKind[] = ["plain", "once", "flaky", "failing", "flaky", "once", "failing", "flaky"];
const BURST_AT_MOST_ONCE: readonly SimulatedKind[] = Array.from({ length: 8 }, () => "once");
const BURST_OF_FAILURES: readonly SimulatedKind[] = Array.from({ length: 16 }, (_, n) => (n % 2 ? "failing" : "flaky"));
const BURST_WORK_MS = 10;

/** Fewer turns of the event loop than these are granted to a call that was caught on its way. */
const GRANTED_TURNS = 6;

/** What a nemesis strikes, and by what it notes and decides it. */
export interface NemesisOptions {
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly chronicle: Chronicle;
  readonly server: MemoryServer;
  readonly connections: Connections;
  readonly crew: Crew;
  readonly producer: SimulatedProducer;
  readonly operators: readonly Operator[];
  readonly underWay: UnderWay;
}

/** What happens to a run: strikes its processes, its connections and its server, and lets operators work. */
export class Nemesis {
  readonly #options: NemesisOptions;

  constructor(options: NemesisOptions) {
    this.#options = options;
  }

  strike(fault: SimulatedFault): void {
    const { crew, producer, operators, connections, underWay } = this.#options;
    switch (fault) {
      case "kill":
        this.#underLoad(() => crew.replace((worker) => worker.kill()));
        break;
      case "restart-worker":
        this.#underLoad(() => crew.replace((worker) => underWay.begin(worker.stop())));
        break;
      case "restart-producer":
        producer.restart();
        break;
      case "cut-sends":
        this.#burst();
        underWay.begin(this.#cut());
        break;
      case "cut-acks":
        connections.trap("ack", () => underWay.begin(this.#cut()));
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
        for (const operator of operators.slice(0, 1)) underWay.begin(operator.browse());
        break;
      case "replay":
        for (const operator of operators) underWay.begin(operator.replay());
        break;
    }
  }

  #burst(kinds = BURST, maxWorkMs = BURST_WORK_MS): void {
    const { producer, random } = this.#options;
    for (const kind of kinds) producer.send(kind, random.below(maxWorkMs));
  }

  /** Strikes when what was sent for it runs, or is about to be settled. */
  #underLoad(strike: () => void): void {
    const { clock, random } = this.#options;
    this.#burst();
    clock.schedule(clock.now() + random.below(3 * BURST_WORK_MS), strike);
  }

  /** Cuts every connection while what is on its way now has come so far, and no further. */
  async #cut(): Promise<void> {
    const { random, chronicle, server } = this.#options;
    for (let turn = random.below(GRANTED_TURNS); turn > 0; turn--) await nextTurn();
    chronicle.write({ kind: "nemesis", op: "cut", phase: "begin" });
    server.sever();
  }

  /** Cuts every connection as soon as a settlement of a kind that is drawn is on its way. */
  #cutSettlements(): void {
    const { random, connections, underWay } = this.#options;
    const kinds: readonly Settlement["kind"][] = ["ack", "retry", "retry", "deadLetter"];
    const kind = kinds[random.below(kinds.length)] ?? "ack";
    this.#underLoad(() => connections.trap(kind, () => underWay.begin(this.#cut())));
  }

  #restartServer(): void {
    const { chronicle, server, clock } = this.#options;
    chronicle.write({ kind: "nemesis", op: "restart-server", phase: "begin" });
    server.stop();
    this.#burst();
    clock.schedule(clock.now() + LEASE_MS / 8, () => {
      server.start();
      chronicle.write({ kind: "nemesis", op: "restart-server", phase: "end" });
    });
  }

  #isolate(): void {
    const { crew, clock } = this.#options;
    const heal = crew.pick()?.isolate();
    if (heal !== undefined) clock.schedule(clock.now() + LEASE_MS * 1.5, heal);
  }
}

async function nextTurn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
