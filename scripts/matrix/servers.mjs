import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { capture } from "../lib/command.mjs";
import { SERVERS } from "../lib/servers.mjs";
import { ensureTree, programOf, treeIsImpossible } from "./debian-tree.mjs";

/** Names further programs to try, as paths with colons between: a redis-server of another version, say. */
const FURTHER = "CHICORY_MATRIX_SERVERS";

const REDIS = { broker: "redis", variable: SERVERS.redis.programVariable, versionArgs: ["--version"] };
const RABBITMQ = { broker: "rabbitmq", variable: SERVERS.rabbitmq.programVariable, versionArgs: ["version"] };

/** Servers of this machine, also where Docker answers. */
const LOCAL = { CHICORY_TEST_SERVERS: "local" };

/**
 * The servers to try, each with the environment that makes the tests start it: `{ name, broker, version, from, env }`;
 * and what cannot be tried, with the reason.
 */
export async function serversToTry() {
  const servers = [];
  const left = [];
  for (const { binaries, name } of Object.values(SERVERS)) {
    const program = findProgram(binaries);
    if (program === undefined) left.push({ name, reason: "it is not installed as a program on this machine" });
    // The tests find it by themselves; the name in the path may stand for a script that changes the user.
    else servers.push({ ...(await describe(program, "installed")), env: LOCAL });
  }
  const reason = await treeIsImpossible();
  const fromTree = ["redis-server", "valkey-server", "rabbitmq-server"];
  if (reason === undefined) {
    await ensureTree();
    for (const name of fromTree) servers.push(await describe(programOf(name), "Debian 13"));
  } else {
    left.push({ name: `${fromTree.join(", ")} of Debian 13`, reason });
  }
  const further = (process.env[FURTHER] ?? "").split(delimiter).filter(Boolean);
  for (const program of further) servers.push(await describe(program, "built from source"));
  return { servers, left };
}

async function describe(program, from) {
  const { broker, variable, versionArgs } = program.endsWith("rabbitmq-server") ? RABBITMQ : REDIS;
  const asked = broker === "rabbitmq" ? join(dirname(program), "rabbitmqctl") : program;
  const { stdout, stderr } = await capture(asked, versionArgs);
  const version = /\d+\.\d+\.\d+/.exec(stdout)?.[0];
  if (version === undefined) throw new Error(`${asked} does not tell its version: ${stderr || stdout}`);
  const name = broker === "rabbitmq" ? "RabbitMQ" : /valkey/i.test(stdout) ? "Valkey" : "Redis";
  return { name, broker, version, from, env: { ...LOCAL, [variable]: program } };
}

function findProgram(binaries) {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const paths = binaries.flatMap((name) => (name.includes("/") ? [name] : folders.map((folder) => join(folder, name))));
  return paths.find((path) => existsSync(path));
}
