import { DeliveryMode } from "@chicory/core";
import * as fc from "fast-check";
import { Elapse, Sever } from "./commands/everybody.js";
import { Execute } from "./commands/execute.js";
import { Receive } from "./commands/receive.js";
import { Send } from "./commands/send.js";
import { Settle } from "./commands/settle.js";
import { WorkerFault } from "./commands/worker-fault.js";
import type { DeliveryModel } from "./delivery-model.js";
import type { During } from "./during.js";
import type { RealSystem } from "./real-system.js";

/** The workers: enough for an owner and a successor. */
export const WORKERS = ["A", "B"] as const;

/** Turns after which a call of the embedded broker has been answered, also one that is made of two. */
const MAX_TURNS = 12;

/** Delay of a delayed task, and a time that ends shortly before it is due, as parts of the lease. */
const DELAY = 0.4;
const JUST_BEFORE_DUE = 0.398;

const worker = fc.constantFrom(...WORKERS);
const mode = fc.constantFrom(DeliveryMode.AT_LEAST_ONCE, DeliveryMode.AT_MOST_ONCE);

// Simple cases first: a counterexample is shrunk towards them.
const during = (...faults: readonly During["fault"][]) =>
  fc.record({ fault: fc.constantFrom("nothing" as const, "nothing" as const, ...faults), turns: fc.nat(MAX_TURNS) });

/** Steps of the protocol, in any order; what cannot be done at its time is left out. */
export function commandsOf(maxCommands: number): fc.Arbitrary<Iterable<fc.AsyncCommand<DeliveryModel, RealSystem>>> {
  const send = fc
    .tuple(mode, fc.constantFrom(0, 0, DELAY), during("cut"))
    .map(([sent, delay, meanwhile]) => new Send(sent, delay, meanwhile));
  const receive = fc.tuple(worker, fc.integer({ min: 1, max: 3 })).map(([name, max]) => new Receive(name, max));
  const execute = fc
    .tuple(worker, fc.constantFrom("returned" as const, "threw" as const), during("cut", "crash"))
    .map(([name, ended, meanwhile]) => new Execute(name, ended, meanwhile));
  const settle = fc.tuple(worker, during("cut", "crash")).map(([name, meanwhile]) => new Settle(name, meanwhile));
  const fault = fc
    .tuple(
      worker,
      fc.constantFrom("stop" as const, "sleep" as const, "crash" as const, "isolate" as const, "heal" as const),
    )
    .map(([name, what]) => new WorkerFault(name, what));
  const elapse = fc.constantFrom(JUST_BEFORE_DUE, 1.2).map((leases) => new Elapse(leases));
  const sever = fc.constant(new Sever());
  // What moves a task on is listed twice: it is to happen more often than faults.
  const steps = [send, receive, execute, settle, send, receive, execute, settle, fault, elapse, sever];
  return fc.commands(steps, { maxCommands, size: "max" });
}
