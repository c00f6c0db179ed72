import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { amqpAnswers } from "./amqp-probe.js";
import { eventually } from "./eventually.js";
import { freePort } from "./free-port.js";
import { ManagedServer } from "./managed-server.js";
import { PROGRAM_VARIABLE, type RabbitmqServer } from "./rabbitmq.js";
import { isolateNode, wholeCluster } from "./rabbitmq-partition.js";
import { accepts, nodeName, type RabbitmqPlaces, RabbitmqRunner, rabbitmqEnvironment } from "./rabbitmq-runner.js";
import { findBinary, namedProgram } from "./server-source.js";
import { TestServerError } from "./test-server-error.js";

/** Three nodes on one busy machine take some twenty seconds. */
const START_DEADLINE_MS = 240_000;
const CTL_DEADLINE_MS = 60_000;

const SERVERS = ["/usr/lib/rabbitmq/bin/rabbitmq-server", "/opt/homebrew/sbin/rabbitmq-server"];
const EPMDS = ["epmd", "/usr/lib/erlang/bin/epmd", "/opt/homebrew/opt/erlang/lib/erlang/bin/epmd"];

/** A RabbitMQ cluster on the loopback. Each node is a server that can be killed, paused and restarted by itself. */
export interface RabbitmqCluster {
  readonly nodes: readonly RabbitmqServer[];
  /** Addresses of the nodes as `host:port`. */
  readonly hosts: readonly string[];
  /** The node that leads a quorum queue of the default virtual host. */
  leaderOf(queue: string): Promise<RabbitmqServer>;
  /**
   * Cuts one node off from the other two, in both directions; clients still reach all three. What is returned joins
   * them again, and resolves once the node takes part.
   */
  isolate(node: RabbitmqServer): Promise<() => Promise<void>>;
  /** Waits until all three take part: a node that was out of reach for long leaves the cluster, and joins it anew. */
  healthy(): Promise<void>;
  /** Ends every node. */
  stop(): Promise<void>;
}

/** Whether {@link startRabbitmqCluster} can work here: clusters are made of local programs only. */
export async function canStartRabbitmqCluster(): Promise<boolean> {
  return process.env.CHICORY_TEST_SERVERS !== "docker" && (await serverProgram()) !== undefined;
}

async function serverProgram(): Promise<string | undefined> {
  return (await namedProgram(PROGRAM_VARIABLE)) ?? (await findBinary(SERVERS));
}

/** What kind of cluster a test needs. */
export interface RabbitmqClusterOptions {
  /** More lines of every node's rabbitmq.conf: `net_ticktime = 5`. */
  readonly config?: readonly string[];
}

/** Starts three nodes that form a cluster, and waits until all of them answer. */
export async function startRabbitmqCluster({ config = [] }: RabbitmqClusterOptions = {}): Promise<RabbitmqCluster> {
  const [server, epmd] = [await serverProgram(), await findBinary(EPMDS)];
  if (server === undefined || epmd === undefined) {
    throw new TestServerError(
      "A RabbitMQ cluster needs the server as a local program: apt-get install rabbitmq-server",
    );
  }
  const home = await mkdtemp(join(tmpdir(), "chicory-rabbitmq-cluster-"));
  await writeFile(join(home, ".erlang.cookie"), "CHICORYTESTCLUSTER", { mode: 0o400 });
  const ports = [await freePort(), await freePort(), await freePort()];
  const epmdPort = await freePort();
  const nodes: RabbitmqServer[] = [];
  const starting: Promise<void>[] = [];
  for (const [index, port] of ports.entries()) {
    const folder = join(home, `node${index}`);
    await mkdir(folder);
    await writeFile(join(folder, "rabbitmq.conf"), clusterConfig(ports, config));
    await writeFile(join(folder, "enabled_plugins"), "[].\n");
    const places: RabbitmqPlaces = {
      server,
      epmd,
      folder,
      home,
      port,
      epmdPort,
      distributionPort: await freePort(),
      borrowsEpmd: index > 0,
    };
    const { managed, node } = nodeAt(places);
    nodes.push(node);
    // The first brings the port mapper, which the others need from their first moment on.
    starting.push(managed.start());
    if (index === 0) await eventually(() => accepts(epmdPort), { what: "Erlang's port mapper to listen" });
  }
  const stop = async (): Promise<void> => {
    await Promise.all([...nodes].reverse().map((node) => node.stop()));
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    await Promise.all(starting);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    nodes,
    hosts: ports.map((port) => `127.0.0.1:${port}`),
    leaderOf: (queue) => leaderOf(nodes, queue),
    isolate: (node) => isolateNode(node, nodes),
    healthy: () => wholeCluster(nodes),
    stop,
  };
}

function clusterConfig(ports: readonly number[], config: readonly string[]): string {
  const lines = [
    "cluster_formation.peer_discovery_backend = classic_config",
    ...ports.map((port, index) => `cluster_formation.classic_config.nodes.${index + 1} = ${nodeName(port)}`),
    "cluster_formation.discovery_retry_limit = 60",
    "cluster_formation.discovery_retry_interval = 500",
    "cluster_partition_handling = pause_minority",
    ...config,
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function nodeAt(places: RabbitmqPlaces): { readonly managed: ManagedServer; readonly node: RabbitmqServer } {
  const runner = new RabbitmqRunner(places);
  const { port, server, folder } = places;
  const ready = async () => (await runner.saysComplete()) && (await amqpAnswers(runner.host, port));
  const managed = new ManagedServer({
    product: "RabbitMQ",
    source: "local",
    runner,
    ready,
    startDeadlineMs: START_DEADLINE_MS,
  });
  const ctl = async (...args: readonly string[]) => {
    const env = { ...process.env, ...rabbitmqEnvironment(places) };
    const program = join(dirname(server), "rabbitmqctl");
    const { stdout } = await promisify(execFile)(program, args, { env, cwd: folder, timeout: CTL_DEADLINE_MS });
    return stdout;
  };
  const { host } = runner;
  return { managed, node: Object.assign(managed, { port, url: `amqp://guest:guest@${host}:${port}`, ctl }) };
}

async function leaderOf(nodes: readonly RabbitmqServer[], queue: string): Promise<RabbitmqServer> {
  const living = nodes.find(({ pid }) => pid !== undefined);
  if (living === undefined) throw new TestServerError("No node of the cluster is running");
  const code = `{ok, Q} = rabbit_amqqueue:lookup(rabbit_misc:r(<<"/">>, queue, <<"${queue}">>)),
    {_, _, {_, Leader}} = ra:members(amqqueue:get_pid(Q)), Leader.`;
  const name = (await living.ctl("eval", code)).trim().replaceAll("'", "");
  const leader = nodes.find(({ port }) => nodeName(port) === name);
  if (leader === undefined)
    throw new TestServerError(`Queue ${queue} is led by ${name}, which is no node of the cluster`);
  return leader;
}
