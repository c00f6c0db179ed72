import { AccessError, ConfigError, type Logger } from "@chicory/core";
import type { Channel } from "rabbitmq-client";
import type { RabbitmqConfig } from "../config.js";
import { ask } from "../connection/ask.js";
import { within } from "../connection/deadline.js";
import type { Link } from "../connection/link.js";
import { codeOf, fromChannel, isNodeDown, unanswered } from "../errors.js";
import { type ConsumerTimeout, consumerTimeout } from "./consumer-timeout.js";
import { type Arguments, type DelayStep, delayEndPattern, delaySteps } from "./delay-levels.js";
import { adopt, type Difference, driftError, parseDifference } from "./drift.js";
import type { DelayFamily, Names } from "./names.js";
import {
  deadLetterDeclaration,
  type QueueDeclaration,
  type QueueSettings,
  queueSettings,
  registryDeclaration,
} from "./queue-settings.js";

/** A queue has fewer arguments than this; more differences mean that the server's complaint was misread. */
const MAX_DIFFERENCES = 20;

/**
 * How long a node may take to answer for a queue that it alone keeps, in milliseconds. From 4.0 on a cluster says
 * nothing at all for one that is down.
 */
const NODE_PATIENCE_MS = 2_000;

/** What a {@link Topology} needs. */
export interface TopologyOptions {
  readonly config: RabbitmqConfig;
  readonly names: Names;
  readonly link: Link;
  readonly logger: Logger;
}

/**
 * Sees to it that queues and exchanges are there before they are used: declares them, only looks for them, or trusts
 * that they are, as the option `topology` says. What was done is remembered as long as the connection lasts.
 */
export class Topology {
  readonly #options: TopologyOptions;
  readonly #done = new Map<string, Promise<void>>();
  readonly #ready = new Set<string>();
  /** Queues that were not there before. */
  readonly #created = new Set<string>();
  #generation = -1;

  constructor(options: TopologyOptions) {
    this.#options = options;
  }

  /**
   * A queue, its dead letters, its bindings. Rejects with a `ConfigError` that names each difference if it drifted.
   * `longestTaskMs` is how long a task may take of a worker who is going to consume it.
   */
  ensureQueue(queue: string, longestTaskMs?: number): Promise<void> {
    return this.#once(`queue ${queue}`, async () => {
      await this.#queue(queue, longestTaskMs);
      this.#ready.add(queue);
    });
  }

  /** How long the server waits for acknowledgements of a consumer of this queue, as far as it can be told to. */
  consumerTimeout(queue: string, longestTaskMs: number | undefined): ConsumerTimeout {
    const { version } = this.#options.link;
    const exists = !this.#created.has(queue);
    return consumerTimeout({ queue, settings: this.#settings(queue), version, longestTaskMs, exists });
  }

  /** The way of delayed messages to a queue. */
  async ensureDelay(family: DelayFamily, queue: string): Promise<void> {
    await this.ensureQueue(queue);
    await this.#once(`delay ${family}`, () => this.#levels(family));
    await this.#once(`delay ${family} ${queue}`, () => this.#delayEnd(family, queue));
  }

  /** Whether a queue was found to be there on this very connection, so that nothing needs to be waited for. */
  isReady(queue: string): boolean {
    const { config, link } = this.#options;
    return config.topology === "none" || (this.#generation === link.generation && this.#ready.has(queue));
  }

  /** Looks again at everything when it is next used: something turned out to be missing. */
  forget(): void {
    this.#done.clear();
    this.#ready.clear();
  }

  async #once(key: string, step: () => Promise<void>): Promise<void> {
    if (this.#options.config.topology === "none") return;
    const { link } = this.#options;
    await link.connection();
    if (this.#generation !== link.generation) {
      this.forget();
      this.#generation = link.generation;
    }
    let doing = this.#done.get(key);
    if (doing === undefined) {
      doing = step();
      this.#done.set(key, doing);
      doing.catch(() => {
        if (this.#done.get(key) === doing) this.#done.delete(key);
      });
    }
    await doing;
  }

  #settings(queue: string): QueueSettings {
    const { config, names, link } = this.#options;
    return queueSettings(config, names, queue, link.version);
  }

  async #queue(queue: string, longestTaskMs: number | undefined): Promise<void> {
    const { config, names } = this.#options;
    const serverQueue = names.queue(queue);
    const exists = await this.#exists(serverQueue);
    if (!exists) this.#created.add(queue);
    const settings = this.#settings(queue);
    const { queueArgument } = this.consumerTimeout(queue, longestTaskMs);
    const forms = [settings.arguments, ...settings.olderArguments].map(
      (args): Arguments => (queueArgument === undefined ? args : { "x-consumer-timeout": queueArgument, ...args }),
    );
    if (config.topology === "verify") {
      await this.#verify(exists, serverQueue, forms);
      return;
    }
    if (!exists) await this.#register(queue);
    const letters = deadLetterDeclaration(names, queue);
    await this.#declareOnOneNode(letters);
    await this.#declare(serverQueue, forms);
    for (const { exchange, type, routingKey, headers } of settings.bindings) {
      await this.#with(`bind queue "${serverQueue}" to exchange "${exchange}"`, async (channel) => {
        if (type !== undefined) await channel.exchangeDeclare({ exchange, type, durable: true });
        await channel.queueBind({ queue: serverQueue, exchange, routingKey, arguments: headers ?? {} });
      });
    }
  }

  async #levels(family: DelayFamily): Promise<void> {
    const { config, names } = this.#options;
    const steps = delaySteps(names, family);
    await this.#with("declare the delay levels", async (channel) => {
      for (const step of steps) {
        if (config.topology === "declare") await declareStep(channel, step);
        else if (step.kind === "exchange") await channel.exchangeDeclare({ exchange: step.exchange, passive: true });
        else if (step.kind === "queue") await channel.queueDeclare({ queue: step.queue, passive: true });
      }
    });
  }

  async #delayEnd(family: DelayFamily, queue: string): Promise<void> {
    const { config, names } = this.#options;
    if (config.topology === "verify") return;
    await this.#with(`bind queue "${names.queue(queue)}" to the delay levels`, async (channel) => {
      await channel.queueBind({
        queue: names.queue(queue),
        exchange: names.delayEnd(family),
        routingKey: delayEndPattern(queue),
      });
    });
  }

  /** Before the queue is there: a name too many is looked for in vain, a missing one is never found. */
  async #register(queue: string): Promise<void> {
    const registry = registryDeclaration(this.#options.names);
    if (!(await this.#declareOnOneNode(registry))) return;
    await this.#with(`add "${queue}" to the names of queues`, async (channel) => {
      await channel.confirmSelect();
      await channel.basicPublish({ routingKey: registry.queue, durable: true }, Buffer.from(queue));
    });
  }

  /**
   * Declares a classic queue, which lives on one node of a cluster. Returns false while that node is down: what needs
   * the queue waits for it, and nothing else does.
   */
  async #declareOnOneNode({ queue, arguments: args }: QueueDeclaration): Promise<boolean> {
    const silent = unanswered(`answer for queue "${queue}"`, NODE_PATIENCE_MS);
    try {
      await within(this.#declare(queue, [args]), NODE_PATIENCE_MS, () => silent);
      return true;
    } catch (error) {
      if (error !== silent && !isNodeDown(error)) throw error;
      this.#options.logger.warn({ queue }, "The node that keeps this queue is down");
      return false;
    }
  }

  async #exists(serverQueue: string): Promise<boolean> {
    try {
      await this.#with(`look for queue "${serverQueue}"`, async (channel) => {
        await channel.queueDeclare({ queue: serverQueue, passive: true });
      });
      return true;
    } catch (error) {
      if (error instanceof Error && codeOf(error.cause) === "NOT_FOUND") return false;
      throw error;
    }
  }

  async #verify(exists: boolean, serverQueue: string, forms: readonly Arguments[]): Promise<void> {
    if (!exists) {
      throw new ConfigError(
        `Queue "${serverQueue}" does not exist on RabbitMQ and topology is verify: declare it with the arguments ${JSON.stringify(forms[0])}, or set topology to declare`,
      );
    }
    try {
      await this.#declare(serverQueue, forms);
    } catch (error) {
      // Who may not declare cannot compare either.
      if (!(error instanceof AccessError)) throw error;
      this.#options.logger.debug({ queue: serverQueue }, "The user may not compare this queue's arguments");
    }
  }

  /** Declares a durable queue in the first of these forms. One that is there may have any of them. */
  async #declare(serverQueue: string, forms: readonly Arguments[]): Promise<void> {
    let nearest: readonly Difference[] | undefined;
    for (const args of forms) {
      const differences = await this.#differences(serverQueue, args);
      if (differences.length === 0) {
        const older = "This queue was declared by an older server, and keeps what that could do";
        if (nearest !== undefined) this.#options.logger.info({ queue: serverQueue, arguments: args }, older);
        return;
      }
      if (nearest === undefined || differences.length < nearest.length) nearest = differences;
    }
    if (nearest !== undefined) throw driftError(serverQueue, nearest);
  }

  /** Declares a queue. If it differs, asks again and again with what is known corrected, to name everything. */
  async #differences(serverQueue: string, wanted: Arguments): Promise<readonly Difference[]> {
    const what = `declare queue "${serverQueue}"`;
    const differences: Difference[] = [];
    let args = wanted;
    while (differences.length < MAX_DIFFERENCES) {
      try {
        await this.#with(what, async (channel) => {
          await channel.queueDeclare({ queue: serverQueue, durable: true, arguments: { ...args } });
        });
        break;
      } catch (error) {
        const difference = parseDifference(error instanceof Error ? error.cause : error, wanted);
        if (difference === undefined) {
          if (differences.length > 0) break;
          throw error;
        }
        differences.push(difference);
        args = adopt(args, difference);
      }
    }
    return differences;
  }

  /** Runs commands on a channel of their own, since a refused one closes it. */
  async #with(what: string, commands: (channel: Channel) => Promise<void>): Promise<void> {
    const { link, config } = this.#options;
    const channel = await link.channel();
    try {
      await ask(commands(channel), what, config.commandTimeoutMs);
    } catch (error) {
      throw fromChannel(error, what);
    } finally {
      void channel.close();
    }
  }
}

async function declareStep(channel: Channel, step: DelayStep): Promise<void> {
  switch (step.kind) {
    case "exchange":
      return await channel.exchangeDeclare({ exchange: step.exchange, type: "topic", durable: true });
    case "queue":
      await channel.queueDeclare({ queue: step.queue, durable: true, arguments: { ...step.arguments } });
      return;
    case "bindQueue":
      return await channel.queueBind({ queue: step.queue, exchange: step.exchange, routingKey: step.routingKey });
    case "bindExchange":
      return await channel.exchangeBind({
        source: step.source,
        destination: step.destination,
        routingKey: step.routingKey,
      });
  }
}
