import { admit, conclude, DeliveryMode, type Settlement, SettlementError } from "@chicory/core";
import type { DeliveryModel, Hold } from "./delivery-model.js";
import { cutAfter, type During, grant, inWords } from "./during.js";
import type { RealSystem } from "./real-system.js";

/** Rules of the workers: hand-outs are not limited, since every task here is innocent. */
const POLICY = { maxDeliveries: Number.MAX_SAFE_INTEGER, unknownTask: { maxRetries: 0, delayMs: 0 } };

/** How a settlement ended: it took, the delivery was lost, or nobody knows. */
type Settled = "took" | "lost" | "unknown" | "died";

/** A worker asks for deliveries, and buries what it must not run. */
export async function receive(model: DeliveryModel, system: RealSystem, worker: string, max: number): Promise<number> {
  const deliveries = await system.receive(worker, max);
  const names: string[] = [];
  const buried: { readonly hold: Hold; readonly settlement: Settlement }[] = [];
  for (const delivery of deliveries) {
    const now = await system.harness.now();
    const { id } = JSON.parse(Buffer.from(delivery.body).toString("utf8")) as { readonly id: string };
    names.push(id);
    const admission = admit(delivery, system.findTask, { ...POLICY, worker }, now);
    // Told before the model looks, so that a broken promise is the last thing in the story.
    if (delivery === deliveries.at(-1)) model.tell(`${worker} is handed ${names.join(" and ")}`);
    const task = model.received(worker, id, delivery, now);
    if (admission.kind === "run") {
      const attempt = admission.message.retries + 1;
      model.held(worker, { task, delivery, run: admission, attempt, ended: undefined, safe: true });
    } else {
      const hold = { task, delivery, run: undefined as never, attempt: 1, ended: undefined, safe: true };
      buried.push({ hold, settlement: admission.settlement });
    }
  }
  for (const { hold, settlement } of buried) {
    const nothing = { fault: "nothing", turns: 0 } as const;
    await settle(model, system, worker, hold, settlement, nothing, "buries, since it may have been executed,");
  }
  return deliveries.length;
}

/** A worker executes what it holds: at most once after an ack that took, at least once before. */
export async function execute(
  model: DeliveryModel,
  system: RealSystem,
  worker: string,
  hold: Hold,
  ended: "returned" | "threw",
  during: During,
): Promise<void> {
  const { task, delivery } = hold;
  if (task.mode === DeliveryMode.AT_MOST_ONCE) {
    const settled = await settle(model, system, worker, hold, { kind: "ack", delivery }, during, "acks");
    if (settled !== "took" && !(system.trustsAcks && settled !== "died")) return;
  }
  model.tell(`${worker} executes ${task.id}${ended === "threw" ? ", which fails" : ""}`);
  model.executed(hold, ended);
}

/** A worker settles what it has executed, by the rules of every worker. */
export async function settleEnded(
  model: DeliveryModel,
  system: RealSystem,
  worker: string,
  hold: Hold,
  during: During,
): Promise<void> {
  const now = await system.harness.now();
  const result =
    hold.ended === "returned"
      ? ({ kind: "returned", value: undefined } as const)
      : ({ kind: "threw", error: new Error("It fails") } as const);
  const { settlement } = conclude(hold.run, result, { worker, now, random: 0 });
  await settle(model, system, worker, hold, settlement, during, VERBS[settlement.kind]);
}

const VERBS: Readonly<Record<Settlement["kind"], string>> = {
  ack: "acks",
  requeue: "gives back",
  retry: "retries",
  deadLetter: "buries",
};

async function settle(
  model: DeliveryModel,
  system: RealSystem,
  worker: string,
  hold: Hold,
  settlement: Settlement,
  during: During,
  verb: string,
): Promise<Settled> {
  const { task, delivery } = hold;
  const settled = await trySettle(system, worker, settlement, during);
  model.tell(`${worker} ${verb} ${task.id}${inWords(during)}: ${OUTCOMES[settled]}`);
  if (during.fault === "cut") model.struck();
  if (settled === "died") {
    model.doubted(worker);
    model.gone(worker);
    return settled;
  }
  if (settled === "took") model.took(worker, hold, settlement.kind);
  if (settled === "unknown") {
    hold.safe = false;
    task.struck = true;
  }
  if (settled !== "unknown" || task.mode === DeliveryMode.AT_MOST_ONCE || system.isLost(delivery)) {
    model.dropped(worker, hold);
  }
  return settled;
}

const OUTCOMES: Readonly<Record<Settled, string>> = {
  took: "it took",
  lost: "it was not its own any more",
  unknown: "whether it took is not known",
  died: "nobody hears of it",
};

async function trySettle(system: RealSystem, worker: string, settlement: Settlement, during: During): Promise<Settled> {
  const settling = system.consumer(worker).settle([settlement]);
  if (during.fault === "crash") {
    settling.catch(() => undefined);
    if (during.turns > 0) await grant(during.turns);
    await system.crash(worker);
    return "died";
  }
  if (during.fault === "cut") await cutAfter(during.turns, system);
  try {
    const { lost } = await settling;
    return lost.length > 0 ? "lost" : "took";
  } catch (error) {
    if (error instanceof SettlementError && error.lost.length > 0) return "lost";
    return "unknown";
  }
}
