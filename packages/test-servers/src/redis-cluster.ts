import { eventually } from "./eventually.js";
import { type RedisGroupOptions, type RedisNode, RedisNodes } from "./redis-node.js";
import { TestServerError } from "./test-server-error.js";

const SLOTS = 16_384;
const MASTERS = 3;

/** How far above its port a node talks to the others: Redis 6.2 cannot be told another. */
const BUS_DISTANCE = 10_000;

/** Default time after which a silent node counts as failed, in milliseconds: short, and long enough as a rule. */
const FAILURE_MS = 2_000;

/** Gossip needs a few seconds, and more on a loaded machine. */
const READY_DEADLINE_MS = 60_000;

/** Keys that one command moves. */
const MIGRATE_BATCH = 100;
const MIGRATE_TIMEOUT_MS = 5_000;

/** A Redis Cluster on the loopback: three masters and a replica of each, every one a server by itself. */
export interface RedisCluster {
  /** The three that began as masters, then their replicas in the same order. */
  readonly nodes: readonly RedisNode[];
  /** Addresses of all nodes as `host:port`. */
  readonly addresses: readonly string[];
  /** The slot of a key. */
  slotOf(key: string): Promise<number>;
  /** The master that serves a slot now, by the word of nodes that run. Rejects if none is known. */
  masterOf(slot: number): Promise<RedisNode>;
  /** The nodes that are replicas of this one now and follow it. */
  replicasOf(master: RedisNode): Promise<readonly RedisNode[]>;
  /** Begins to move a slot to another master: keys may lie on both from here on, until {@link finishMigration}. */
  beginMigration(slot: number, to: RedisNode): Promise<void>;
  /** Moves the keys of a slot, and makes it the other master's. */
  finishMigration(slot: number, to: RedisNode): Promise<void>;
  /** Resolves when every node runs and knows the others, all slots are served, and every replica follows its master. */
  healthy(): Promise<void>;
  /** Ends every node. */
  stop(): Promise<void>;
}

/**
 * Starts a cluster of the test's own and waits until it is healthy, so that it can lose a master at once. It is made of
 * local programs only, and dies with the process that started it.
 */
export async function startRedisCluster(options: RedisGroupOptions = {}): Promise<RedisCluster> {
  const { failureMs = FAILURE_MS, ...shared } = options;
  const starter = await RedisNodes.prepare("A Redis cluster", shared);
  try {
    const starting = Array.from({ length: 2 * MASTERS }, () =>
      starter.start(clusterLines(failureMs, starter.certificates !== undefined), BUS_DISTANCE),
    );
    const cluster = new LocalCluster(await settled(starting), starter);
    await cluster.form();
    await cluster.healthy();
    return cluster;
  } catch (error) {
    await starter.stop();
    throw error;
  }
}

/** Waits for all, also if one rejects: what starts later than that could not be stopped. */
async function settled<T>(promises: readonly Promise<T>[]): Promise<readonly T[]> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}

function clusterLines(failureMs: number, encrypted: boolean): readonly string[] {
  return [
    "cluster-enabled yes",
    ...(encrypted ? ["tls-cluster yes"] : []),
    "cluster-config-file nodes.conf",
    `cluster-node-timeout ${failureMs}`,
    // A replica fails over however long it was cut off, and stays with its master: tests count on both.
    "cluster-replica-validity-factor 0",
    `cluster-migration-barrier ${2 * MASTERS}`,
  ];
}

/** One line of CLUSTER NODES. */
interface NodeLine {
  readonly id: string;
  readonly port: number;
  readonly flags: readonly string[];
  readonly masterId: string;
  readonly linked: boolean;
  /** First and last slot of each range. */
  readonly ranges: readonly (readonly [number, number])[];
}

class LocalCluster implements RedisCluster {
  readonly nodes: readonly RedisNode[];
  readonly addresses: readonly string[];
  readonly #starter: RedisNodes;

  constructor(nodes: readonly RedisNode[], starter: RedisNodes) {
    this.nodes = nodes;
    this.addresses = nodes.map(({ host, port }) => `${host}:${port}`);
    this.#starter = starter;
  }

  /** Makes one cluster of nodes that do not know each other. */
  async form(): Promise<void> {
    const [first] = this.nodes;
    if (first === undefined) throw new TestServerError("A cluster has nodes");
    const share = SLOTS / MASTERS;
    for (const [index, node] of this.nodes.entries()) {
      // Different from the start, so that no two nodes must agree about it later.
      await node.command("CLUSTER", "SET-CONFIG-EPOCH", index + 1);
      if (index >= MASTERS) continue;
      const [from, to] = [Math.ceil(index * share), Math.ceil((index + 1) * share) - 1];
      // One by one, since Redis 6.2 knows no ranges.
      const slots = Array.from({ length: to - from + 1 }, (_, offset) => from + offset);
      await node.command("CLUSTER", "ADDSLOTS", ...slots);
    }
    for (const node of this.nodes.slice(1)) await first.command("CLUSTER", "MEET", node.host, node.port);
    for (const [index, node] of this.nodes.slice(MASTERS).entries()) {
      const master = this.#nodeAt(index);
      const id = String(await master.command("CLUSTER", "MYID"));
      await eventually(
        async () => {
          await node.command("CLUSTER", "REPLICATE", id);
          return true;
        },
        { what: "a node to know its master", deadlineMs: READY_DEADLINE_MS },
      );
    }
  }

  async slotOf(key: string): Promise<number> {
    const [running] = this.#running();
    return Number(await running?.command("CLUSTER", "KEYSLOT", key));
  }

  async masterOf(slot: number): Promise<RedisNode> {
    for (const node of this.#running()) {
      const lines = await linesOf(node).catch(() => []);
      const owner = lines.find(({ flags, ranges }) => isUp(flags) && ranges.some(([a, b]) => a <= slot && slot <= b));
      const master = owner && this.nodes.find(({ port }) => port === owner.port);
      if (master !== undefined && this.#running().includes(master)) return master;
    }
    throw new TestServerError(`No node that runs knows a master of slot ${slot}`);
  }

  async replicasOf(master: RedisNode): Promise<readonly RedisNode[]> {
    const [self] = (await linesOf(master)).filter(({ flags }) => flags.includes("myself"));
    const following = (await linesOf(master)).filter(({ masterId }) => masterId === self?.id).map(({ port }) => port);
    return this.nodes.filter(({ port }) => following.includes(port));
  }

  async beginMigration(slot: number, to: RedisNode): Promise<void> {
    const from = await this.masterOf(slot);
    const [fromId, toId] = [await from.command("CLUSTER", "MYID"), await to.command("CLUSTER", "MYID")];
    await to.command("CLUSTER", "SETSLOT", slot, "IMPORTING", String(fromId));
    await from.command("CLUSTER", "SETSLOT", slot, "MIGRATING", String(toId));
  }

  async finishMigration(slot: number, to: RedisNode): Promise<void> {
    const from = await this.masterOf(slot);
    const toId = String(await to.command("CLUSTER", "MYID"));
    const { password } = this.#starter.options;
    const login = password === undefined ? [] : ["AUTH", password];
    for (;;) {
      const keys = (await from.command("CLUSTER", "GETKEYSINSLOT", slot, MIGRATE_BATCH)) as string[];
      if (keys.length === 0) break;
      await from.command("MIGRATE", to.host, to.port, "", 0, MIGRATE_TIMEOUT_MS, ...login, "KEYS", ...keys);
    }
    // The new owner first, so that nobody sends others to a node that does not know that it serves the slot.
    const masters = (await linesOf(to)).filter(({ flags }) => flags.includes("master") && isUp(flags));
    const others = this.nodes.filter((node) => node !== to && masters.some(({ port }) => port === node.port));
    for (const node of [to, ...others]) await node.command("CLUSTER", "SETSLOT", slot, "NODE", toId);
  }

  async healthy(): Promise<void> {
    await eventually(async () => (await Promise.all(this.nodes.map((node) => this.#isHealthy(node)))).every(Boolean), {
      what: "every node of the cluster to be well",
      deadlineMs: READY_DEADLINE_MS,
      intervalMs: 50,
    });
  }

  async stop(): Promise<void> {
    await this.#starter.stop();
  }

  async #isHealthy(node: RedisNode): Promise<boolean> {
    const [lines, state, replication] = await Promise.all([
      linesOf(node),
      node.command("CLUSTER", "INFO"),
      node.command("INFO", "replication"),
    ]);
    const replicas = lines.filter(({ flags }) => flags.includes("slave"));
    return (
      lines.length === this.nodes.length &&
      lines.every(({ flags, linked }) => isUp(flags) && linked) &&
      replicas.length === this.nodes.length - MASTERS &&
      String(state).includes("cluster_state:ok") &&
      isReplicated(String(replication))
    );
  }

  /** Those that run, as far as is known; one that hangs is found out by asking it. */
  #running(): readonly RedisNode[] {
    return this.nodes.filter(({ pid }) => pid !== undefined);
  }

  #nodeAt(index: number): RedisNode {
    const node = this.nodes[index];
    if (node === undefined) throw new TestServerError(`The cluster has no node ${index}`);
    return node;
  }
}

/** A replica that follows its master, or a master that somebody follows. */
function isReplicated(replication: string): boolean {
  if (replication.includes("role:slave")) return replication.includes("master_link_status:up");
  return /slave0:.*state=online/.test(replication);
}

function isUp(flags: readonly string[]): boolean {
  return !flags.some((flag) => ["fail", "fail?", "handshake", "noaddr"].includes(flag));
}

async function linesOf(node: RedisNode): Promise<readonly NodeLine[]> {
  const text = String(await node.command("CLUSTER", "NODES"));
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line): NodeLine => {
      const [id = "", address = "", flags = "", masterId = "", , , , link = "", ...slots] = line.split(" ");
      const [, port = ""] = /:(\d+)@/.exec(address) ?? [];
      return {
        id,
        port: Number(port),
        flags: flags.split(","),
        masterId,
        linked: link === "connected",
        ranges: slots.filter((slot) => !slot.startsWith("[")).map(rangeOf),
      };
    });
}

function rangeOf(text: string): readonly [number, number] {
  const [from, to] = text.split("-").map(Number);
  return [from ?? 0, to ?? from ?? 0];
}
