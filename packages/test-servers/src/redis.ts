import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Certificates, createCertificates } from "./certificates.js";
import { ContainerRunner } from "./container-runner.js";
import { ExternalServer } from "./external-server.js";
import { LocalRunner } from "./local-runner.js";
import { type ControlledServer, ManagedServer } from "./managed-server.js";
import { startOnFreePort } from "./port-retry.js";
import { certificateKind, type RedisServerOptions, redisConfig } from "./redis-config.js";
import { redisAnswers } from "./redis-ping.js";
import type { ServerRunner } from "./server-runner.js";
import { type ChosenSource, chooseSource, findBinary, namedProgram } from "./server-source.js";
import { TestServerError } from "./test-server-error.js";

const VARIABLE = "CHICORY_TEST_REDIS_URL";
/** Names a `redis-server`, or a server that takes its options, such as `valkey-server`. */
const PROGRAM_VARIABLE = "CHICORY_TEST_REDIS_SERVER";
/** Has functions, consumer groups and everything newer that the driver may use. */
const IMAGE = "redis:7.4-alpine";
const PROGRAMS = ["redis-server", "/usr/local/bin/redis-server", "/opt/homebrew/bin/redis-server"];
const CONTAINER_PORT = 6379;
const CONTAINER_FOLDER = "/etc/chicory";
const START_DEADLINE_MS = 60_000;

/** A running Redis. */
export interface RedisServer extends ControlledServer {
  readonly host: string;
  readonly port: number;
  /** `redis://` or `rediss://`, with the default user's password if there is one. */
  readonly url: string;
  /** The authority that signed the server's certificate, as PEM and as a file; undefined without TLS. */
  readonly tls: { readonly ca: string; readonly caFile: string } | undefined;
}

/**
 * Starts a Redis of the test's own on a free port of the loopback, and waits until it answers. It dies with the
 * process that started it, however that ends. With CHICORY_TEST_REDIS_URL set, and no option that asks for a special
 * server, it is that server, with whatever data it holds.
 */
export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  const chosen = await chooseSource({
    product: "Redis",
    variable: VARIABLE,
    programVariable: PROGRAM_VARIABLE,
    needsOwnServer: Object.keys(options).length > 0,
    binaries: PROGRAMS,
    debianPackage: "redis-server",
  });
  if (chosen.source === "url") return externalRedis(chosen.url);
  return startOnFreePort((port) => startRedisOn(port, chosen, options));
}

/** The `redis-server` to start as a local program, for what cannot be made of one container; undefined if there is none. */
export async function localRedisProgram(): Promise<string | undefined> {
  if (process.env.CHICORY_TEST_SERVERS === "docker") return undefined;
  return (await namedProgram(PROGRAM_VARIABLE)) ?? (await findBinary(PROGRAMS));
}

function externalRedis(url: string): RedisServer {
  const { hostname, port } = parseUrl(url);
  const server = new ExternalServer("Redis", VARIABLE);
  return Object.assign(server, { host: hostname, port: Number(port || CONTAINER_PORT), url, tls: undefined });
}

function parseUrl(url: string): URL {
  if (!URL.canParse(url)) throw new TestServerError(`${VARIABLE} is not a URL; it looks like redis://127.0.0.1:6379`);
  return new URL(url);
}

/** Starts a Redis on that port. With TLS it has a certificate of these, or of an authority of its own. */
export async function startRedisOn(
  port: number,
  chosen: Exclude<ChosenSource, { source: "url" }>,
  options: RedisServerOptions,
  shared?: Certificates,
): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), "chicory-redis-"));
  const kind = certificateKind(options);
  const certificates = kind && (shared ?? createCertificates());
  const files: { name: string; content: string }[] = [];
  if (certificates) {
    files.push(
      { name: "ca.pem", content: certificates.ca },
      { name: "server.pem", content: certificates.server[kind].cert },
      { name: "server.key", content: certificates.server[kind].key },
    );
  }
  const local = chosen.source === "local";
  const places = local
    ? { bind: "127.0.0.1", port, dataFolder: join(folder, "data"), certificateFolder: folder }
    : { bind: "0.0.0.0", port: CONTAINER_PORT, dataFolder: "/data", certificateFolder: CONTAINER_FOLDER };
  files.push({ name: "redis.conf", content: redisConfig(options, places) });
  for (const { name, content } of files) await writeFile(join(folder, name), content, { mode: 0o600 });

  const runner: ServerRunner = local
    ? new LocalRunner({ command: chosen.binary, args: [join(folder, "redis.conf")], folder, env: options.env ?? {} })
    : new ContainerRunner({
        image: IMAGE,
        command: ["redis-server", `${CONTAINER_FOLDER}/redis.conf`],
        files: files.map(({ name, content }) => ({ target: `${CONTAINER_FOLDER}/${name}`, content })),
        port: { container: CONTAINER_PORT, host: port },
        folder,
      });
  // The log is this server's own: an answer alone might come from a stranger who was faster to take the port.
  const listens = async () => !local || (await runner.log()).includes("Ready to accept connections");
  const server = new ManagedServer({
    product: "Redis",
    source: chosen.source,
    runner,
    ready: async () => (await listens()) && (await redisAnswers(runner.host, port, kind !== undefined)),
    startDeadlineMs: START_DEADLINE_MS,
  });
  await server.start();
  const { host } = server;
  const login = options.password === undefined ? "" : `:${encodeURIComponent(options.password)}@`;
  return Object.assign(server, {
    port,
    url: `${kind ? "rediss" : "redis"}://${login}${host}:${port}`,
    tls: certificates && { ca: certificates.ca, caFile: join(folder, "ca.pem") },
  });
}
