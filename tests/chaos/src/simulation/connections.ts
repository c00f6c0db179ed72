import { type Lease, type MemoryDriver, type MemoryServer, memory } from "@chicory/broker-memory";
import { type BrokerDriver, decodeEnvelope, type Settlement } from "@chicory/core";
import type { Defect } from "../seeded/defect.js";
import { LEASE_MS } from "./program.js";

/** What happens at the next settlement of a kind. */
interface Trap {
  readonly kind: Settlement["kind"];
  readonly spring: () => void;
}

/** How the processes of a run come by their connections to its server, with the run's defect around each of them. */
export class Connections {
  readonly #server: MemoryServer;
  readonly #defect: Partial<Defect>;
  /** Priorities of messages by the envelope's id, as the server handed them out last. */
  readonly #priorities = new Map<string, number>();
  #traps: readonly Trap[] = [];

  constructor(server: MemoryServer, defect: Partial<Defect>) {
    this.#server = server;
    this.#defect = defect;
    const take = server.take.bind(server);
    server.take = (...request) => {
      const leases = take(...request);
      for (const { message } of leases) this.#notePriority(message);
      return leases;
    };
  }

  /** The priority under which the server handed a task out last. */
  priorityOf(id: string): number | undefined {
    return this.#priorities.get(id);
  }

  /** What a process has for a driver that does nothing but use it. */
  openDriver(): BrokerDriver {
    return this.wrap(this.#connect());
  }

  /** A connection that can be made to crash. Its settlements are seen on their way, below whatever a defect makes of them. */
  openWatched(): MemoryDriver {
    const connection = this.#connect();
    const consume = connection.consume.bind(connection);
    connection.consume = async (queue, options) => {
      const consumer = await consume(queue, options);
      const settle = consumer.settle.bind(consumer);
      consumer.settle = async (settlements) => {
        const answer = settle(settlements);
        this.#spring(settlements);
        return await answer;
      };
      return consumer;
    };
    return connection;
  }

  /** The defect around a connection; the connection itself where the run has none. */
  wrap(connection: MemoryDriver): BrokerDriver {
    const { driver, anyDriver } = this.#defect;
    return driver?.(connection, {}) ?? anyDriver?.(connection) ?? connection;
  }

  /** Calls `spring` once, as soon as a settlement of a kind is on its way. */
  trap(kind: Settlement["kind"], spring: () => void): void {
    this.#traps = [...this.#traps, { kind, spring }];
  }

  #spring(settlements: readonly Settlement[]): void {
    const sprung = this.#traps.filter((trap) => settlements.some(({ kind }) => kind === trap.kind));
    this.#traps = this.#traps.filter((trap) => !sprung.includes(trap));
    for (const { spring } of sprung) spring();
  }

  #notePriority({ body, priority }: Lease["message"]): void {
    try {
      this.#priorities.set(decodeEnvelope(body).id, priority);
    } catch {
      // Bytes that nobody can read are no task, and nobody asks for their priority.
    }
  }

  #connect(): MemoryDriver {
    return memory({ server: this.#server, leaseMs: LEASE_MS });
  }
}
