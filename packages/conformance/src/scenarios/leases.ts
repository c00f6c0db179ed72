import assert from "node:assert/strict";
import type { Consumer, Delivery } from "@chicory/core";
import { type Scenario, scenarioGroup } from "../scenario.js";
import type { ScenarioContext } from "../scenario-context.js";
import { letterOf } from "../steps/dead-letter.js";
import { expectDepth } from "../steps/depth.js";
import { elapseUntil } from "../steps/eventually.js";
import {
  receiveExactly,
  receiveNothing,
  receiveOne,
  receiveOverTime,
  SLACK_MS,
  textOf,
  textsOf,
} from "../steps/receive.js";
import { ack, settleThroughFaults } from "../steps/settle.js";
import { takeoverMs } from "../steps/takeover.js";

/** Where there are no leases, a time in which a broker that took a slow worker for a dead one would show it. */
const WITHOUT_LEASES_MS = 300;

/** A consumer that was cut off for so long that another one took its messages over, and is back. */
interface Stalled {
  readonly owner: Consumer;
  readonly held: readonly Delivery[];
  /** Deliveries that the owner's driver reported as lost. */
  readonly reported: readonly Delivery[];
  readonly successor: Consumer;
  readonly taken: readonly Delivery[];
}

async function stalled(t: ScenarioContext, count: number): Promise<Stalled> {
  const driver = t.driver();
  const reported: Delivery[] = [];
  const owner = await t.consumer({ driver, onLost: (deliveries) => reported.push(...deliveries) });
  const successor = await t.consumer();
  await t.driver().publish(t.batch(count));
  const held = await receiveExactly(t, owner, count);
  const heal = await t.isolate(driver);
  const received = await receiveOverTime(t, successor, count, takeoverMs(t));
  const taken = received.map(({ delivery }) => delivery);
  assert.deepEqual(new Set(textsOf(taken)), new Set(textsOf(held)));
  await heal();
  return { owner, held, reported, successor, taken };
}

/** Who owns a delivery, and for how long. */
export const leases: readonly Scenario[] = scenarioGroup("leases", {
  "deliveries stay with a consumer that lives, however long it takes": async (t) => {
    const driver = t.driver();
    const lost: Delivery[] = [];
    const consumer = await t.consumer({ driver, onLost: (deliveries) => lost.push(...deliveries) });
    const other = await t.consumer();
    await driver.publish(t.batch(50));
    const deliveries = await receiveExactly(t, consumer, 50);
    await receiveNothing(t, other, 2.5 * (t.harness.leaseMs ?? WITHOUT_LEASES_MS));
    assert.deepEqual(lost, []);
    await ack(consumer, deliveries);
    await expectDepth(t, driver, {});
  },

  "a consumer that was idle for long keeps what it takes then": async (t) => {
    const driver = t.driver();
    const consumer = await t.consumer({ driver });
    const other = await t.consumer();
    const leaseMs = t.harness.leaseMs ?? WITHOUT_LEASES_MS;
    await receiveNothing(t, consumer, 1.5 * leaseMs);
    await driver.publish([t.message()]);
    const delivery = await receiveOne(t, consumer);
    await receiveNothing(t, other, 1.5 * leaseMs);
    await ack(consumer, [delivery]);
  },

  "the crash of one consumer takes nothing from those that live": async (t) => {
    const crashing = t.driver();
    const [living, survivor] = [await t.consumer(), await t.consumer()];
    const driver = t.driver();
    await driver.publish([t.message({ body: "of the living" })]);
    const held = await receiveOne(t, living);
    await driver.publish([t.message({ body: "of the dead" })]);
    await receiveOne(t, await t.consumer({ driver: crashing }));
    await t.crash(crashing);
    const [taken] = await receiveOverTime(t, survivor, 1, takeoverMs(t));
    assert.equal(taken && textOf(taken.delivery), "of the dead");
    await receiveNothing(t, survivor, (t.harness.leaseMs ?? WITHOUT_LEASES_MS) / 2);
    await ack(living, [held]);
  },

  "being cut off for less than a lease costs nothing": {
    needs: ["isolate"],
    run: async (t) => {
      const driver = t.driver();
      const reported: Delivery[] = [];
      const consumer = await t.consumer({ driver, onLost: (deliveries) => reported.push(...deliveries) });
      const other = await t.consumer();
      await t.driver().publish([t.message()]);
      const delivery = await receiveOne(t, consumer);
      const heal = await t.isolate(driver);
      await t.harness.elapse((t.harness.leaseMs ?? WITHOUT_LEASES_MS) / 4);
      await heal();
      await receiveNothing(t, other, 1.5 * (t.harness.leaseMs ?? WITHOUT_LEASES_MS));
      assert.deepEqual(reported, []);
      assert.deepEqual(await settleThroughFaults(t, consumer, [{ kind: "ack", delivery }]), []);
    },
  },

  "an owner that was taken for dead is told what it lost, once": {
    needs: ["isolate"],
    run: async (t) => {
      const { owner, held, reported } = await stalled(t, 2);
      await elapseUntil(t, () => reported.length >= 2, (t.harness.leaseMs ?? 0) + SLACK_MS);
      assert.deepEqual(new Set(reported), new Set(held));
      const settlements = held.map((delivery) => ({ kind: "ack", delivery }) as const);
      assert.deepEqual(await settleThroughFaults(t, owner, settlements), held);
      await t.harness.elapse((t.harness.leaseMs ?? WITHOUT_LEASES_MS) / 2);
      assert.equal(reported.length, 2, "the same loss was reported again");
    },
  },

  "an owner that was taken for dead can neither retry, bury nor give back": {
    needs: ["isolate"],
    run: async (t) => {
      const { owner, held, successor, taken } = await stalled(t, 3);
      const [first, second, third] = held;
      assert.ok(first && second && third);
      const lost = await settleThroughFaults(t, owner, [
        { kind: "retry", delivery: first, replacement: t.message({ body: "fork" }) },
        { kind: "deadLetter", delivery: second, letter: letterOf(second) },
        { kind: "requeue", delivery: third },
      ]);
      assert.deepEqual(lost, held);
      await owner.close();
      // Nothing was stored, and nothing was taken from the successor.
      await expectDepth(t, t.driver(), { inFlight: 3 });
      await ack(successor, taken);
      await expectDepth(t, t.driver(), {});
    },
  },

  "of the acks of an owner that was taken for dead and of its successor one takes": {
    needs: ["isolate"],
    run: async (t) => {
      const { owner, held, successor, taken } = await stalled(t, 2);
      const [mine, yours] = held;
      const [theirs] = taken.filter((delivery) => yours && textOf(delivery) === textOf(yours));
      const [other] = taken.filter((delivery) => delivery !== theirs);
      assert.ok(mine && yours && theirs && other);
      // Once the successor is first, once the owner.
      await ack(successor, [theirs]);
      assert.deepEqual(await settleThroughFaults(t, owner, [{ kind: "ack", delivery: yours }]), [yours]);
      const lost = [
        ...(await settleThroughFaults(t, owner, [{ kind: "ack", delivery: mine }])),
        ...(await settleThroughFaults(t, successor, [{ kind: "ack", delivery: other }])),
      ];
      assert.equal(lost.length, 1, "a message was acked twice, so a task at most once would have run twice");
      await expectDepth(t, t.driver(), {});
    },
  },
});
