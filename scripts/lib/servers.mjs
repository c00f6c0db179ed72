import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { aptInstall, hasApt } from "./apt.mjs";
import { capture } from "./command.mjs";
import { root } from "./workspace.mjs";

const REDIS = {
  name: "Redis",
  variable: "CHICORY_TEST_REDIS_URL",
  programVariable: "CHICORY_TEST_REDIS_SERVER",
  example: "redis://127.0.0.1:6379",
  binaries: ["redis-server"],
  debian: "redis-server",
  brew: "redis",
};
const RABBITMQ = {
  name: "RabbitMQ",
  variable: "CHICORY_TEST_RABBITMQ_URL",
  programVariable: "CHICORY_TEST_RABBITMQ_SERVER",
  example: "amqp://guest:guest@127.0.0.1:5672",
  binaries: ["rabbitmq-server", "/usr/lib/rabbitmq/bin/rabbitmq-server", "/usr/sbin/rabbitmq-server"],
  debian: "rabbitmq-server",
  brew: "rabbitmq",
};

/** The servers by the broker's name on the command line. */
export const SERVERS = { redis: REDIS, rabbitmq: RABBITMQ };

/** What the tests need: a server for each broker that there is a driver for. */
export const TEST_SERVERS = Object.entries(SERVERS)
  .filter(([broker]) => existsSync(join(root, "packages", `broker-${broker}`)))
  .map(([, server]) => server);

/** A Docker client without an engine may hang. */
const DOCKER_DEADLINE_MS = 10_000;

/**
 * Makes sure that each of these servers can be started: one is given by URL or as a program, or Docker answers, or the
 * program is there, or it can be installed; else an error that says what to do.
 */
export async function ensureServers(servers) {
  const given = ({ variable, programVariable }) => process.env[variable] || process.env[programVariable];
  const open = servers.filter((server) => !given(server) && !hasBinary(server));
  if (open.length === 0 || (await dockerAnswers())) return;
  const names = open.map(({ name }) => name).join(" and ");
  if (process.getuid?.() !== 0 || !hasApt()) throw new Error(advice(names, open));
  console.log(
    `The tests start real servers, and this machine has neither ${names} nor Docker. ` +
      `Installing from the system's packages: ${open.map(({ debian }) => debian).join(" ")}`,
  );
  await aptInstall(open.map(({ debian }) => debian));
  const missing = open.filter((server) => !hasBinary(server));
  if (missing.length > 0) throw new Error(advice(missing.map(({ name }) => name).join(" and "), missing));
}

function hasBinary({ binaries }) {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return binaries.some((name) =>
    name.includes("/") ? existsSync(name) : folders.some((folder) => existsSync(join(folder, name))),
  );
}

async function dockerAnswers() {
  return (await capture("docker", ["info"], { timeoutMs: DOCKER_DEADLINE_MS })).code === 0;
}

function advice(names, servers) {
  const debian = servers.map((server) => server.debian).join(" ");
  return [
    `The tests need ${names}, and found no program and no Docker engine that answers. Do one of these and try again:`,
    `  Debian, Ubuntu: sudo apt-get update && sudo apt-get install -y ${debian}`,
    `  macOS:          brew install ${servers.map(({ brew }) => brew).join(" ")}`,
    "  anywhere:       start Docker",
    ...servers.map(({ variable, example }) => `  a running one:  export ${variable}=${example}`),
  ].join("\n");
}
