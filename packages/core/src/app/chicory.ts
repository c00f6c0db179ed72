import { Broker } from "../broker/broker.js";
import { chooseBroker } from "../broker/broker-choice.js";
import { loadBroker } from "../broker/load-broker.js";
import { type AppOptions, appSection, type ChicoryConfig } from "../config/app-config.js";
import { brokerSection } from "../config/config-section.js";
import { readEnvironment } from "../config/environment.js";
import { type ResolvedOption, resolveSection } from "../config/resolve-section.js";
import type { DeliveryMode } from "../delivery-mode.js";
import type { BrokerDriver } from "../driver/driver.js";
import { ConfigError } from "../errors/config-error.js";
import { type Logger, silentLogger } from "../logging/logger.js";
import type { Middleware } from "../tasks/middleware.js";
import type { InferInput, InferOutput, StandardSchema } from "../tasks/standard-schema.js";
import { Task } from "../tasks/task.js";
import { defineTask, type TaskHandler, type TaskOptions } from "../tasks/task-definition.js";
import { TaskRegistry } from "../tasks/task-registry.js";
import { callerDirectory } from "./caller.js";

/** Options of an app; every one may be left out. */
export interface ChicoryOptions extends AppOptions {
  /**
   * A driver (`redis({ host })`), a name (`BrokerType.REDIS`, "redis"), or a third party's package name. Default:
   * `CHICORY_BROKER`, then the only broker package among the project's dependencies.
   */
  readonly broker?: BrokerDriver | string;
  readonly config?: ChicoryConfig;
  /** Anything like pino. Default: silent. */
  readonly logger?: Logger;
}

/**
 * An app: its tasks and its broker. Producers and workers share one definition of it; neither connects before it must.
 */
export class Chicory {
  /** The app's broker: low-level publishing, dead letters, queue depths. */
  readonly broker: Broker;
  /** The config object that was passed, for the worker's section. */
  readonly config: ChicoryConfig;
  /** Delivery mode of tasks that name none. */
  readonly deliveryMode: DeliveryMode;
  /** The tasks by name, for workers. */
  readonly tasks: TaskRegistry = new TaskRegistry();
  readonly #middleware: Middleware[] = [];
  readonly #options: ChicoryOptions;
  #logger: Logger;
  readonly #appDirectory: string | undefined;
  readonly #appOptions: readonly ResolvedOption[];

  /** Reads config and connects to nothing. Throws a {@link ConfigError} that names a value that is not acceptable. */
  constructor(options: ChicoryOptions = {}) {
    const { broker, config = {}, logger = silentLogger, ...explicit } = options;
    const { broker: _sections, worker: _worker, ...configured } = config;
    const { values, options: resolved } = resolveSection(appSection, { explicit, configured });
    this.#options = options;
    this.#appOptions = resolved;
    this.#appDirectory = callerDirectory(2);
    this.config = config;
    this.#logger = logger;
    this.deliveryMode = values.deliveryMode;
    this.broker = new Broker({
      openDriver: () => this.#openDriver(broker),
      maxMessageBytes: values.maxMessageBytes,
      publishTimeoutMs: values.publishTimeoutMs,
      defaultMode: values.deliveryMode,
    });
  }

  /**
   * Defines a task and returns it for producers; workers find it by its name. Throws a {@link ConfigError} if the
   * name is taken or an option is not acceptable.
   */
  task<TSchema extends StandardSchema, TResult>(
    name: string,
    options: Omit<TaskOptions, "input"> & { readonly input: TSchema },
    handler: TaskHandler<InferOutput<TSchema>, TResult>,
  ): Task<InferInput<TSchema>, Awaited<TResult>>;
  task<TInput = undefined, TResult = unknown>(
    name: string,
    options: Omit<TaskOptions, "input"> & { readonly input?: undefined },
    handler: TaskHandler<TInput, TResult>,
  ): Task<TInput, Awaited<TResult>>;
  task<TInput = undefined, TResult = unknown>(
    name: string,
    handler: TaskHandler<TInput, TResult>,
  ): Task<TInput, Awaited<TResult>>;
  task(name: string, first: TaskOptions | TaskHandler<never>, second?: TaskHandler<never>): unknown {
    const [options, handler] = typeof first === "function" ? [{}, first] : [first, second];
    // Only the schema knows the type of its output: the overloads above tie it to the handler's.
    const definition = defineTask(name, options, handler as TaskHandler, this.deliveryMode);
    this.tasks.add(definition);
    return new Task(definition, this.broker);
  }

  /** Adds code around every execution in workers of this app; the first added is the outermost. */
  use(middleware: Middleware): this {
    this.#middleware.push(middleware);
    return this;
  }

  /** Where the app, its broker and its workers log. */
  get logger(): Logger {
    return this.#logger;
  }

  /**
   * Gives an app that was made without a logger this one; a logger of its own stays. The broker's driver takes the
   * logger when it is opened, so this comes before the first send.
   */
  useLogger(logger: Logger): this {
    if (this.#options.logger === undefined) this.#logger = logger;
    return this;
  }

  /** Middleware in the order of {@link use}. */
  get middleware(): readonly Middleware[] {
    return this.#middleware;
  }

  /** Connects now instead of at the first send, so that a wrong address or password shows early. */
  async connect(signal?: AbortSignal): Promise<void> {
    await this.broker.connect(signal);
  }

  /** Waits for sends under way and gives up every connection. May be called twice. */
  async close(): Promise<void> {
    await this.broker.close();
  }

  /**
   * Every option of the app and of its broker with value and origin, for `chicory config`. Secrets are marked, not
   * hidden: whoever prints must look at `secret`.
   */
  async describeConfig(): Promise<readonly ResolvedOption[]> {
    if (typeof this.#options.broker === "object") return this.#appOptions;
    const { options } = await this.#resolveBroker(this.#options.broker);
    return [...this.#appOptions, ...options];
  }

  async #openDriver(broker: BrokerDriver | string | undefined): Promise<BrokerDriver> {
    if (typeof broker === "object") {
      if (this.config.broker?.[broker.name] !== undefined) {
        throw new ConfigError(
          `The app has a ${broker.name} driver and config.broker.${broker.name}, which would be ignored: pass the options to the driver, or its name as broker`,
        );
      }
      return broker;
    }
    const { driver } = await this.#resolveBroker(broker);
    return driver();
  }

  async #resolveBroker(
    option: string | undefined,
  ): Promise<{ driver: () => BrokerDriver; options: readonly ResolvedOption[] }> {
    const choice = chooseBroker({
      option,
      environment: readEnvironment(),
      appDirectory: this.#appDirectory,
      workingDirectory: process.cwd(),
    });
    const broker = await loadBroker(choice);
    const section = brokerSection(broker.brokerName, broker.configSchema);
    const { values, options } = resolveSection(section, { configured: this.config.broker?.[broker.brokerName] });
    const logger = this.logger.child({ broker: broker.brokerName });
    return { driver: () => broker.createDriver(values, { logger }), options };
  }
}
