import { execFile } from "node:child_process";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { amqpAnswers } from "./amqp-probe.js";
import { ContainerRunner } from "./container-runner.js";
import { ExternalServer } from "./external-server.js";
import { freePort } from "./free-port.js";
import { type ControlledServer, ManagedServer } from "./managed-server.js";
import { startOnFreePort } from "./port-retry.js";
import { type RabbitmqPlaces, RabbitmqRunner, rabbitmqEnvironment } from "./rabbitmq-runner.js";
import { chooseSource, findBinary, type SourceQuestion } from "./server-source.js";
import { TestServerError } from "./test-server-error.js";

const VARIABLE = "CHICORY_TEST_RABBITMQ_URL";
/** Names a `rabbitmq-server` beside which `rabbitmqctl` lies. */
export const PROGRAM_VARIABLE = "CHICORY_TEST_RABBITMQ_SERVER";
const IMAGE = "rabbitmq:3.13-alpine";
const AMQP_PORT = 5672;
/** A start takes five to six seconds on an idle machine. */
const START_DEADLINE_MS = 180_000;
const CTL_DEADLINE_MS = 60_000;

/** What kind of RabbitMQ a test needs. */
export interface RabbitmqServerOptions {
  /** Lines of rabbitmq.conf: `consumer_timeout = 10000`. */
  readonly config?: readonly string[];
  /** Plugins to enable, with what they depend on: `rabbitmq_management`. */
  readonly plugins?: readonly string[];
  /** Where a local node keeps its data, such as a small disk; whoever names it removes it. Not in a container. */
  readonly dataFolder?: string;
  /** True for a test that kills, pauses or restarts its server, so that one given by URL is left alone. */
  readonly ownServer?: boolean;
}

/** A running RabbitMQ. */
export interface RabbitmqServer extends ControlledServer {
  readonly host: string;
  readonly port: number;
  /** `amqp://`, with a user who may do everything. */
  readonly url: string;
  /** Runs rabbitmqctl on the node and returns what it printed; takes a second or two. */
  ctl(...args: readonly string[]): Promise<string>;
}

/**
 * Starts a RabbitMQ of the test's own on free ports of the loopback, and waits until it answers. It dies with the
 * process that started it, however that ends. With CHICORY_TEST_RABBITMQ_URL set, and no option that asks for a special
 * server, it is that server, with whatever queues it holds. With CHICORY_TEST_RABBITMQ_SERVER set it is that program.
 */
export async function startRabbitmq(options: RabbitmqServerOptions = {}): Promise<RabbitmqServer> {
  const chosen = await chooseSource(sourceQuestion(options));
  if (chosen.source === "url") return externalRabbitmq(chosen.url);
  return startOnFreePort((port) =>
    chosen.source === "local" ? startLocal(port, chosen.binary, options) : startContainer(port, options),
  );
}

/** Whether {@link startRabbitmq} would find a server to start. */
export async function canStartRabbitmq(): Promise<boolean> {
  return chooseSource(sourceQuestion({ ownServer: true })).then(
    () => true,
    () => false,
  );
}

function sourceQuestion(options: RabbitmqServerOptions): SourceQuestion {
  return {
    product: "RabbitMQ",
    variable: VARIABLE,
    programVariable: PROGRAM_VARIABLE,
    needsOwnServer: Object.keys(options).length > 0,
    // Debian's program in PATH changes to another user first; the one behind it does not.
    binaries: ["/usr/lib/rabbitmq/bin/rabbitmq-server", "rabbitmq-server", "/opt/homebrew/sbin/rabbitmq-server"],
    debianPackage: "rabbitmq-server",
  };
}

function externalRabbitmq(url: string): RabbitmqServer {
  if (!URL.canParse(url)) throw new TestServerError(`${VARIABLE} is no URL; one is amqp://guest:guest@127.0.0.1:5672`);
  const { hostname, port } = new URL(url);
  const ctl = async () => {
    throw new TestServerError(`rabbitmqctl cannot reach the RabbitMQ of ${VARIABLE}`);
  };
  return Object.assign(new ExternalServer("RabbitMQ", VARIABLE), {
    host: hostname,
    port: Number(port || AMQP_PORT),
    url,
    ctl,
  });
}

async function startLocal(port: number, server: string, options: RabbitmqServerOptions): Promise<RabbitmqServer> {
  const epmd = await findBinary(["epmd", "/usr/lib/erlang/bin/epmd", "/opt/homebrew/opt/erlang/lib/erlang/bin/epmd"]);
  if (!epmd) throw new TestServerError("Found RabbitMQ, but not Erlang's epmd. Add the folder that holds it to PATH.");
  const folder = await mkdtemp(join(tmpdir(), "chicory-rabbitmq-"));
  const ports = { distributionPort: await freePort(), epmdPort: await freePort() };
  const { dataFolder } = options;
  const places: RabbitmqPlaces = { server, epmd, folder, port, ...ports, ...(dataFolder && { dataFolder }) };
  for (const { name, content } of files(options)) await writeFile(join(folder, name), content);
  const runner = new RabbitmqRunner(places);
  const ctl = async (...args: readonly string[]) => {
    const program = join(dirname(server), "rabbitmqctl");
    const env = { ...process.env, ...rabbitmqEnvironment(places) };
    const { stdout } = await promisify(execFile)(program, args, { env, cwd: folder, timeout: CTL_DEADLINE_MS });
    return stdout;
  };
  // The log is this node's own: a greeting alone might come from a stranger who was faster to take the port.
  const ready = async () => (await runner.saysComplete()) && (await amqpAnswers(runner.host, port));
  return started(new ManagedServer({ product: "RabbitMQ", source: "local", runner, ready, ...DEADLINE }), port, ctl);
}

async function startContainer(port: number, options: RabbitmqServerOptions): Promise<RabbitmqServer> {
  const runner = new ContainerRunner({
    image: IMAGE,
    files: files(options).map(({ name, content }) => ({
      target: name === "rabbitmq.conf" ? "/etc/rabbitmq/conf.d/99-chicory.conf" : `/etc/rabbitmq/${name}`,
      content,
    })),
    port: { container: AMQP_PORT, host: port },
  });
  const ctl = (...args: readonly string[]) => runner.execute(["rabbitmqctl", ...args]);
  const ready = () => amqpAnswers(runner.host, port);
  return started(new ManagedServer({ product: "RabbitMQ", source: "docker", runner, ready, ...DEADLINE }), port, ctl);
}

const DEADLINE = { startDeadlineMs: START_DEADLINE_MS };

async function started(server: ManagedServer, port: number, ctl: RabbitmqServer["ctl"]): Promise<RabbitmqServer> {
  await server.start();
  const { host } = server;
  return Object.assign(server, { port, url: `amqp://guest:guest@${host}:${port}`, ctl });
}

function files({ config = [], plugins = [] }: RabbitmqServerOptions): readonly { name: string; content: string }[] {
  return [
    { name: "rabbitmq.conf", content: config.map((line) => `${line}\n`).join("") },
    { name: "enabled_plugins", content: `[${plugins.join(",")}].\n` },
  ];
}
