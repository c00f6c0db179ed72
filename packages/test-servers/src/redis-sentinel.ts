import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "./eventually.js";
import { LocalRunner } from "./local-runner.js";
import { ManagedServer } from "./managed-server.js";
import { startOnFreePort } from "./port-retry.js";
import { commandOf, PEER_USER, type RedisGroupOptions, type RedisNode, RedisNodes } from "./redis-node.js";
import { redisAnswers } from "./redis-ping.js";
import { TestServerError } from "./test-server-error.js";

const NAME = "chicory";
const SENTINELS = 3;
const QUORUM = 2;

/** Default time after which a silent server counts as down, in milliseconds. */
const FAILURE_MS = 1_000;

/** Until twice this long after a failover began, Sentinel begins no other one. In milliseconds. */
const FAILOVER_TIMEOUT_MS = 3_000;

const START_DEADLINE_MS = 60_000;

/**
 * Sentinels learn of each other within a few seconds. They tell a master that came back that it is a replica now after
 * some ten, and do not begin a failover within twice their failover time-out.
 */
const HEALTHY_DEADLINE_MS = 90_000;

/** What a group looks like. */
export interface RedisSentinelOptions extends RedisGroupOptions {
  /** How many servers follow the master; 1 if not given. */
  readonly replicas?: number;
  /** Password of the sentinels themselves. */
  readonly sentinelPassword?: string;
}

/** A master with its replicas, watched by three sentinels, on the loopback; every one a server by itself. */
export interface RedisSentinelGroup {
  /** Name of the master, as the sentinels know it. */
  readonly name: string;
  /** The servers; the first began as master. */
  readonly servers: readonly RedisNode[];
  readonly sentinels: readonly RedisNode[];
  /** Addresses of the sentinels as `host:port`. */
  readonly addresses: readonly string[];
  /** The master by the word of a sentinel that runs. */
  master(): Promise<RedisNode>;
  /** Resolves when all run, know each other, and every server but one follows the master: then it can lose it again. */
  healthy(): Promise<void>;
  /**
   * Cuts the master off from its replicas and the sentinels, while clients reach it as before: to the others it is down,
   * and it takes commands. Resolves with what mends it. The group must have a password.
   */
  isolate(master: RedisNode): Promise<() => Promise<void>>;
  /** Ends all of them. */
  stop(): Promise<void>;
}

/**
 * Starts a group of the test's own and waits until it is healthy. It is made of local programs only, and dies with the
 * process that started it.
 */
export async function startRedisSentinel(options: RedisSentinelOptions = {}): Promise<RedisSentinelGroup> {
  const { replicas = 1, sentinelPassword, failureMs = FAILURE_MS, ...shared } = options;
  const starter = await RedisNodes.prepare("A Sentinel group", shared);
  const sentinels: RedisNode[] = [];
  const group = { sentinels, stop: () => stopAll(sentinels, starter) };
  try {
    const master = await starter.start([]);
    const servers = [master];
    for (let index = 0; index < replicas; index++) {
      servers.push(await starter.start([`replicaof ${master.host} ${master.port}`]));
    }
    await eventually(async () => isFollowedBy(master, replicas), { what: "the replicas to follow their master" });
    const watched = { master, starter, sentinelPassword, failureMs };
    for (let index = 0; index < SENTINELS; index++) sentinels.push(await startSentinel(watched));
    const started: RedisSentinelGroup = {
      ...group,
      name: NAME,
      servers,
      addresses: sentinels.map(({ host, port }) => `${host}:${port}`),
      master: () => masterOf(servers, sentinels),
      healthy: () => healthy(servers, sentinels),
      isolate: (cutOff) => isolate(cutOff, shared.password),
    };
    await started.healthy();
    return started;
  } catch (error) {
    await group.stop();
    throw error;
  }
}

async function isolate(master: RedisNode, password: string | undefined): Promise<() => Promise<void>> {
  if (password === undefined) throw new TestServerError("Only in a group with a password a server can be cut off");
  await master.command("ACL", "SETUSER", PEER_USER, "off");
  await master.command("CLIENT", "KILL", "USER", PEER_USER);
  return async () => {
    await master.command("ACL", "SETUSER", PEER_USER, "on");
    // Sentinels keep a connection on which they were refused, and do not log in on it again. Those have no name yet.
    const clients = String(await master.command("CLIENT", "LIST", "TYPE", "normal")).split("\n");
    const nameless = clients.flatMap((line) => (/ name= /.test(line) ? (/^id=(\d+)/.exec(line)?.[1] ?? []) : []));
    // The one that asks is nameless too, and gone by now.
    for (const id of nameless) await master.command("CLIENT", "KILL", "ID", id);
  };
}

async function stopAll(sentinels: readonly RedisNode[], starter: RedisNodes): Promise<void> {
  await Promise.all([...sentinels.map((sentinel) => sentinel.stop()), starter.stop()]);
}

interface Watched {
  readonly master: RedisNode;
  readonly starter: RedisNodes;
  readonly sentinelPassword: string | undefined;
  readonly failureMs: number;
}

function startSentinel({ master, starter, sentinelPassword, failureMs }: Watched): Promise<RedisNode> {
  const { password } = starter.options;
  const { certificates } = starter;
  return startOnFreePort(async (port) => {
    const folder = await mkdtemp(join(tmpdir(), "chicory-sentinel-"));
    const file = join(folder, "sentinel.conf");
    const tls = ["port 0", `tls-port ${port}`, "tls-auth-clients no", "tls-replication yes"];
    const lines = [
      "bind 127.0.0.1",
      "protected-mode no",
      `dir ${folder}`,
      ...(certificates === undefined ? [`port ${port}`] : tls),
      `sentinel monitor ${NAME} ${master.host} ${master.port} ${QUORUM}`,
      `sentinel down-after-milliseconds ${NAME} ${failureMs}`,
      `sentinel failover-timeout ${NAME} ${FAILOVER_TIMEOUT_MS}`,
      ...(password === undefined
        ? []
        : [`sentinel auth-user ${NAME} ${PEER_USER}`, `sentinel auth-pass ${NAME} ${password}`]),
      ...(sentinelPassword === undefined ? [] : [`requirepass ${JSON.stringify(sentinelPassword)}`]),
    ];
    if (certificates !== undefined) {
      await writeFile(join(folder, "ca.pem"), certificates.ca);
      await writeFile(join(folder, "server.pem"), certificates.server.valid.cert);
      await writeFile(join(folder, "server.key"), certificates.server.valid.key, { mode: 0o600 });
      lines.push(`tls-ca-cert-file ${folder}/ca.pem`, `tls-cert-file ${folder}/server.pem`);
      lines.push(`tls-key-file ${folder}/server.key`);
    }
    // The sentinel writes what it learns into this file, and finds it there after a restart.
    await writeFile(file, `${lines.join("\n")}\n`, { mode: 0o600 });
    const runner = new LocalRunner({ command: starter.program, args: [file, "--sentinel"], folder });
    const encrypted = certificates !== undefined;
    const listens = async () => (await runner.log()).includes("+monitor master");
    const managed = new ManagedServer({
      product: "Redis Sentinel",
      source: "local",
      runner,
      ready: async () => (await listens()) && (await redisAnswers(runner.host, port, encrypted)),
      startDeadlineMs: START_DEADLINE_MS,
    });
    await managed.start();
    const server = Object.assign(managed, {
      port,
      url: `${encrypted ? "rediss" : "redis"}://${runner.host}:${port}`,
      tls: certificates && { ca: certificates.ca, caFile: join(folder, "ca.pem") },
    });
    return Object.assign(server, { command: commandOf(server, sentinelPassword) });
  });
}

async function masterOf(servers: readonly RedisNode[], sentinels: readonly RedisNode[]): Promise<RedisNode> {
  for (const sentinel of sentinels.filter(({ pid }) => pid !== undefined)) {
    const answer = await sentinel.command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", NAME).catch(() => undefined);
    const port = Array.isArray(answer) ? Number(answer[1]) : undefined;
    const master = servers.find((server) => server.port === port);
    if (master !== undefined) return master;
  }
  throw new TestServerError("No sentinel that runs names a master");
}

async function healthy(servers: readonly RedisNode[], sentinels: readonly RedisNode[]): Promise<void> {
  await eventually(
    async () => {
      const master = await masterOf(servers, sentinels);
      const views = await Promise.all(sentinels.map((sentinel) => viewOf(sentinel)));
      const agreed = views.every(
        (view) =>
          Number(view.get("port")) === master.port &&
          view.get("flags") === "master" &&
          Number(view.get("num-slaves")) >= servers.length - 1 &&
          Number(view.get("num-other-sentinels")) === sentinels.length - 1,
      );
      return agreed && (await isFollowedBy(master, servers.length - 1)) && (await mayFailOver(sentinels));
    },
    { what: "the Sentinel group to be well", deadlineMs: HEALTHY_DEADLINE_MS, intervalMs: 100 },
  );
}

/** What a sentinel knows of the master. */
async function viewOf(sentinel: RedisNode): Promise<ReadonlyMap<string, string>> {
  const fields = ((await sentinel.command("SENTINEL", "MASTER", NAME)) as unknown[]).map(String);
  const view = new Map<string, string>();
  for (let at = 0; at < fields.length; at += 2) view.set(fields[at] ?? "", fields[at + 1] ?? "");
  return view;
}

async function isFollowedBy(master: RedisNode, count: number): Promise<boolean> {
  const replication = String(await master.command("INFO", "replication"));
  const online = [...replication.matchAll(/^slave\d+:.*state=online/gm)].length;
  return replication.includes("role:master") && online >= count;
}

/** Whether every sentinel holds at least one replica for fit to take over: one that it does not know well is not chosen. */
async function mayFailOver(sentinels: readonly RedisNode[]): Promise<boolean> {
  const known = await Promise.all(sentinels.map((sentinel) => sentinel.command("SENTINEL", "REPLICAS", NAME)));
  return known.every((replicas) => {
    const texts = (replicas as unknown[][]).map((fields) => fields.map(String));
    return texts.some((fields) => {
      const at = (name: string) => fields[fields.indexOf(name) + 1];
      return at("flags") === "slave" && at("master-link-status") === "ok";
    });
  });
}
