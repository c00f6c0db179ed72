import { randomUUID } from "node:crypto";
import { rabbitmq } from "@chicory/broker-rabbitmq";
import { type RabbitmqServer, startRabbitmq } from "@chicory/test-servers";
import fc from "fast-check";
import { AmqpClient, RefusedError } from "./amqp-client.js";
import { type AmqpCase, amqpCase } from "./amqp-messages.js";
import { FuzzedWorker, ODD_QUEUES, QUEUE } from "./fuzzed-worker.js";
import type { Letter, Target } from "./target.js";

/** The kinds of queue whose messages the server treats in different ways. */
export type QueueKind = "quorum" | "classic";

/** Messages that one connection publishes, of which a refused one makes the rest unsure. */
const BATCH = 50;

/** A RabbitMQ with a worker, and a client beside it that writes whatever it likes. */
export class RabbitmqTarget implements Target<AmqpCase> {
  readonly name: string;
  readonly worker: FuzzedWorker;
  readonly #server: RabbitmqServer;
  readonly #prefix = `fuzz-${randomUUID().slice(0, 8)}`;
  #client: AmqpClient | undefined;
  #letters: Letter[] = [];

  private constructor(server: RabbitmqServer, kind: QueueKind) {
    this.name = `rabbitmq-${kind}`;
    this.#server = server;
    const { host, port } = server;
    const priorities = kind === "classic" ? { queueType: kind, maxPriority: 9 } : {};
    this.worker = new FuzzedWorker({ broker: rabbitmq({ host, port, prefix: this.#prefix, ...priorities }) });
  }

  static async start(kind: QueueKind): Promise<RabbitmqTarget> {
    const target = new RabbitmqTarget(await startRabbitmq({ ownServer: true }), kind);
    await target.worker.start();
    target.#client = await AmqpClient.open(target.#server);
    for (const queue of [QUEUE, ...ODD_QUEUES]) {
      await target.#client.take(`${target.#prefix}.dlq.${queue}`, ({ header, body }) =>
        target.#letters.push({ body, reason: reasonIn(header) }),
      );
    }
    return target;
  }

  generate(count: number, seed: number): readonly AmqpCase[] {
    return fc.sample(amqpCase, { seed, numRuns: count });
  }

  good(_id: string, body: Buffer): AmqpCase {
    return { body, properties: {} };
  }

  async put(cases: readonly AmqpCase[]): Promise<ReadonlySet<number>> {
    const unsure = new Set<number>();
    for (let at = 0; at < cases.length; at += BATCH) {
      const batch = cases.slice(at, at + BATCH);
      for (const index of await this.#putBatch(batch)) unsure.add(at + index);
    }
    return unsure;
  }

  async #putBatch(cases: readonly AmqpCase[]): Promise<readonly number[]> {
    // A connection of its own: the server ends it when it does not like a message.
    const client = await AmqpClient.open(this.#server);
    try {
      for (const { properties, body } of cases) client.publish(`${this.#prefix}.queue.${QUEUE}`, properties, body);
      await client.confirmed();
      return [];
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      return client.unconfirmed.map((tag) => tag - 1);
    } finally {
      client.close();
    }
  }

  async takeLetters(): Promise<readonly Letter[]> {
    const letters = this.#letters;
    this.#letters = [];
    return letters;
  }

  async leftovers(): Promise<string> {
    const waiting = await this.#open.waiting(`${this.#prefix}.queue.${QUEUE}`);
    return waiting === 0 ? "" : `${waiting} messages wait`;
  }

  async close(): Promise<void> {
    await this.worker.stop();
    this.#client?.close();
    await this.#server.stop();
  }

  get #open(): AmqpClient {
    if (this.#client === undefined) throw new Error("the client is there once the target has started");
    return this.#client;
  }
}

/** The reason in the record that a worker wrote; empty where the server itself buried the message. */
function reasonIn(header: Buffer): string {
  const name = Buffer.from("chicory-letterS");
  const at = header.indexOf(name);
  if (at < 0) return "";
  const begin = at + name.length + 4;
  const length = header.readUInt32BE(at + name.length);
  const record = JSON.parse(header.subarray(begin, begin + length).toString()) as { readonly reason?: unknown };
  return String(record.reason);
}
