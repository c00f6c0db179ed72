import { setTimeout as sleep, setImmediate as turn } from "node:timers/promises";
import { type BrokerDriver, Chicory, createMessage, type OutgoingMessage, PublishError } from "@chicory/core";
import {
  canStartRabbitmqCluster,
  type RabbitmqCluster,
  type RabbitmqServer,
  startRabbitmqCluster,
} from "@chicory/test-servers";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { Fixture, textOf, until } from "./fixture.js";

/** What a send may wait for another leader: it takes less than a second, and a stall lasted until the node was back. */
const LONGEST_STALL_MS = 20_000;

// A cluster is made of local programs; where they are not installed there is none.
const describeCluster = (await canStartRabbitmqCluster()) ? describe : describe.skip;

describeCluster("a cluster of three nodes", () => {
  let cluster: RabbitmqCluster;
  beforeAll(async () => {
    cluster = await startRabbitmqCluster();
  }, 300_000);
  afterAll(() => cluster.stop(), 60_000);

  /** Publishes one after the other until told to stop; returns what was confirmed. */
  async function publishUntil(stop: AbortSignal, fixture: Fixture, driver: BrokerDriver): Promise<Set<string>> {
    const confirmed = new Set<string>();
    for (let next = 0; !stop.aborted; next += 1) {
      const message: OutgoingMessage = fixture.message(`m${next}`);
      try {
        await driver.publish([message]);
        confirmed.add(`m${next}`);
      } catch (error) {
        if (!(error instanceof PublishError)) throw error;
      }
    }
    return confirmed;
  }

  /**
   * Senders whose channels have never met the queue, connected to the nodes that stay. What is returned sends with each
   * of them, a while apart, and rejects if one is held up for long: a channel that met the election of a leader is
   * refused until the dead node is back.
   */
  async function newcomers(fixture: Fixture, leaving: RabbitmqServer): Promise<() => Promise<readonly string[]>> {
    const hosts = cluster.hosts.filter((host) => !host.endsWith(`:${leaving.port}`));
    const apps = Array.from({ length: 8 }, () => {
      const broker = fixture.driver({ hosts });
      return new Chicory({ broker, publishTimeoutMs: LONGEST_STALL_MS });
    });
    await Promise.all(apps.map((app) => app.connect()));
    return () =>
      Promise.all(
        apps.map(async (app, index) => {
          await sleep(index * 60);
          const message = createMessage({ name: `newcomer-${index}` });
          await app.broker.publish(message, { queue: fixture.queue });
          return message.id;
        }),
      );
  }

  /** Works while a node is killed, and asserts that nothing that was confirmed is missing. */
  async function workThrough(victim: (fixture: Fixture) => Promise<RabbitmqServer>): Promise<void> {
    const [first] = cluster.nodes;
    const fixture = new Fixture(first!, { hosts: [...cluster.hosts], commandTimeoutMs: 3_000 });
    let killed: RabbitmqServer | undefined;
    const [stop, working] = [new AbortController(), new AbortController()];
    try {
      const producer = fixture.driver();
      await producer.publish([fixture.message("warm")]);
      const publishing = publishUntil(stop.signal, fixture, producer);
      const done = new Set<string>();
      const consumer = await fixture.consumer(fixture.driver(), 20);
      const work = (async () => {
        while (!working.signal.aborted) {
          const deliveries = await consumer.receive(20, working.signal).catch(() => []);
          if (deliveries.length === 0) await turn();
          for (const delivery of deliveries) done.add(textOf(delivery));
          await consumer.settle(deliveries.map((delivery) => ({ kind: "ack", delivery })));
        }
      })();
      await until("work to be under way", () => done.size > 100);
      killed = await victim(fixture);
      const sendNow = await newcomers(fixture, killed);
      await killed.kill();
      const before = done.size;
      const sent = await sendNow();
      await until("work to go on without help", () => done.size > before + 200);
      stop.abort();
      const confirmed = await publishing;
      await until("every confirmed message to be worked off", () => [...confirmed].every((text) => done.has(text)));
      await until("those of newcomers too", () => sent.every((id) => [...done].some((text) => text.includes(id))));
      expect(confirmed.size).toBeGreaterThan(200);
      working.abort();
      await work;
    } finally {
      stop.abort();
      working.abort();
      await killed?.restart();
      await fixture.close();
    }
  }

  it("loses nothing when the node that leads the queue is killed, again and again", async () => {
    for (let kill = 1; kill <= 2; kill += 1) {
      await workThrough((fixture) => cluster.leaderOf(fixture.names.queue(fixture.queue)));
    }
  }, 480_000);

  it("loses nothing when the nodes that clients are connected to are killed one by one", async () => {
    for (const node of cluster.nodes) await workThrough(async () => node);
  }, 480_000);
});
