import { AccessError, ConfigError, type Logger } from "@chicory/core";
import type { Channel } from "rabbitmq-client";
import { ask } from "./ask.js";
import type { RabbitmqConfig } from "./config.js";
import { type Arguments, type DelayStep, delayEndPattern, delaySteps } from "./delay-levels.js";
import { adopt, type Difference, driftError, parseDifference } from "./drift.js";
import { codeOf, fromChannel, isNodeDown } from "./errors.js";
import type { Link } from "./link.js";
import type { DelayFamily, Names } from "./names.js";
import { deadLetterDeclaration, type QueueDeclaration, queueSettings, registryDeclaration } from "./queue-settings.js";

/** A queue has fewer arguments than this; more differences mean that the server's complaint was misread. */
const MAX_DIFFERENCES = 20;

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
  #generation = -1;

  constructor(options: TopologyOptions) {
    this.#options = options;
  }

  /** A queue, its dead letters, its bindings. Rejects with a `ConfigError` that names each difference if it drifted. */
  ensureQueue(queue: string): Promise<void> {
    return this.#once(`queue ${queue}`, async () => {
      await this.#queue(queue);
      this.#ready.add(queue);
    });
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

  async #queue(queue: string): Promise<void> {
    const { config, names } = this.#options;
    const settings = queueSettings(config, names, queue);
    const work = { queue: names.queue(queue), arguments: settings.arguments };
    const exists = await this.#exists(work.queue);
    if (config.topology === "verify") {
      await this.#verify(exists, work.queue, work.arguments);
      return;
    }
    if (!exists) await this.#register(queue);
    const letters = deadLetterDeclaration(names, queue);
    await this.#declareOnOneNode(letters);
    await this.#declare(work.queue, work.arguments);
    for (const { exchange, type, routingKey, headers } of settings.bindings) {
      await this.#with(`bind queue "${work.queue}" to exchange "${exchange}"`, async (channel) => {
        if (type !== undefined) await channel.exchangeDeclare({ exchange, type, durable: true });
        await channel.queueBind({ queue: work.queue, exchange, routingKey, arguments: headers ?? {} });
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
    try {
      await this.#declare(queue, args);
      return true;
    } catch (error) {
      if (!isNodeDown(error)) throw error;
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

  async #verify(exists: boolean, serverQueue: string, args: Arguments): Promise<void> {
    if (!exists) {
      throw new ConfigError(
        `Queue "${serverQueue}" does not exist on RabbitMQ and topology is verify: declare it with the arguments ${JSON.stringify(args)}, or set topology to declare`,
      );
    }
    try {
      await this.#declare(serverQueue, args);
    } catch (error) {
      // Who may not declare cannot compare either.
      if (!(error instanceof AccessError)) throw error;
      this.#options.logger.debug({ queue: serverQueue }, "The user may not compare this queue's arguments");
    }
  }

  /** Declares a durable queue. If it differs, asks again and again with what is known corrected, to name everything. */
  async #declare(serverQueue: string, wanted: Arguments): Promise<void> {
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
    if (differences.length > 0) throw driftError(serverQueue, differences);
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
