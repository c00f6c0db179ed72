import { connect } from "node:net";
import { join } from "node:path";
import { eventually } from "./eventually.js";
import { LocalRunner } from "./local-runner.js";
import { TestServerError } from "./test-server-error.js";

const EPMD_DEADLINE_MS = 20_000;

/**
 * By its log, or beside it: a node that recovers a thousand queues logs more at once than its logger takes, which then
 * drops lines, this one among them.
 */
const COMPLETE = /Server startup complete|completed with \d+ plugins/;

/** The programs, ports and folder of a RabbitMQ node. */
export interface RabbitmqPlaces {
  readonly server: string;
  readonly epmd: string;
  readonly folder: string;
  readonly port: number;
  readonly distributionPort: number;
  readonly epmdPort: number;
  /** Where the node keeps its data; in its own folder if not given. A restart without data leaves another one alone. */
  readonly dataFolder?: string;
  /** Folder that holds the Erlang cookie; nodes of one cluster share it. The node's own folder if not given. */
  readonly home?: string;
  /** True for a node of a cluster that uses the port mapper of another one. */
  readonly borrowsEpmd?: boolean;
}

/**
 * A RabbitMQ node with a port mapper of its own. Left to itself, a node starts Erlang's port mapper as a daemon that
 * all nodes of the machine share, and that nobody ends.
 */
export class RabbitmqRunner extends LocalRunner {
  readonly #epmd: LocalRunner;
  readonly #epmdPort: number;
  readonly #borrowsEpmd: boolean;

  constructor(places: RabbitmqPlaces) {
    const env = rabbitmqEnvironment(places);
    super({ command: places.server, args: [], env, folder: places.folder });
    this.#epmdPort = places.epmdPort;
    this.#borrowsEpmd = places.borrowsEpmd === true;
    this.#epmd = new LocalRunner({
      command: places.epmd,
      args: ["-port", String(places.epmdPort), "-address", "127.0.0.1"],
      folder: join(places.folder, "epmd"),
    });
  }

  override async start(): Promise<void> {
    if (!this.#borrowsEpmd && !(await this.#epmd.isRunning())) await this.#startEpmd();
    await super.start();
  }

  /** Whether the node has said that it is up, since it was started last. */
  async saysComplete(): Promise<boolean> {
    return COMPLETE.test(await this.log());
  }

  override async dispose(): Promise<void> {
    await super.dispose();
    await this.#epmd.dispose();
  }

  async #startEpmd(): Promise<void> {
    await this.#epmd.start();
    await eventually(async () => !(await this.#epmd.isRunning()) || (await accepts(this.#epmdPort)), {
      what: "Erlang's port mapper to listen",
      deadlineMs: EPMD_DEADLINE_MS,
    });
    if (!(await this.#epmd.isRunning()))
      throw new TestServerError(`Erlang's port mapper ended: ${await this.#epmd.log()}`);
  }
}

/** Name of the node that listens on this port. */
export function nodeName(port: number): string {
  return `chicory${port}@localhost`;
}

/** The environment in which a node shares nothing with other nodes of this machine; rabbitmqctl needs the same. */
export function rabbitmqEnvironment(places: RabbitmqPlaces): Record<string, string> {
  const { folder, port, distributionPort, epmdPort, home = folder } = places;
  return {
    // The Erlang cookie is made there.
    HOME: home,
    RABBITMQ_NODENAME: nodeName(port),
    RABBITMQ_NODE_IP_ADDRESS: "127.0.0.1",
    RABBITMQ_NODE_PORT: String(port),
    RABBITMQ_DIST_PORT: String(distributionPort),
    ERL_EPMD_PORT: String(epmdPort),
    ERL_EPMD_ADDRESS: "127.0.0.1",
    RABBITMQ_MNESIA_BASE: places.dataFolder ?? join(folder, "data"),
    RABBITMQ_LOG_BASE: join(folder, "log"),
    RABBITMQ_LOGS: "-",
    RABBITMQ_PID_FILE: join(folder, "pid"),
    RABBITMQ_CONFIG_FILE: join(folder, "rabbitmq.conf"),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, "enabled_plugins"),
    // The machine's own settings are for the machine's own node.
    RABBITMQ_CONF_ENV_FILE: "/dev/null",
    RABBITMQ_ADVANCED_CONFIG_FILE: join(folder, "advanced.config"),
    // Makes the start script become the node, so that signals reach it and its process id is ours.
    RUNNING_UNDER_SYSTEMD: "true",
    // Idle schedulers must not spin: the tests have few cores.
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS:
      "-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none",
  };
}

/** Whether somebody listens on a port of the loopback. */
export function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true));
    socket.once("error", () => resolve(false));
    socket.once("close", () => resolve(false));
    socket.on("connect", () => socket.destroy());
  });
}
