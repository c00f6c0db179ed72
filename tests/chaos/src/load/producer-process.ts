// A producer of the load as a process of its own, which kills itself in the middle of a send. Argument: its settings.
import { DelegatingDriver } from "@chicory/mutants";
import { Ledger } from "../ledger.js";
import { Random } from "../random.js";
import { driverOf } from "../stages/broker-spec.js";
import { fileLogger } from "./file-logger.js";
import { createLoad } from "./load.js";
import { Producer } from "./producer.js";
import type { ProducerSettings } from "./producer-settings.js";

const STDERR = 2;
const ABANDONED = 3;

const [json] = process.argv.slice(2);
if (json === undefined) throw new Error("usage: SETTINGS");
const { broker, folder, name, epoch, seed, mix, perSecond, dies, nth }: ProducerSettings = JSON.parse(json);
process.once("disconnect", () => process.exit(ABANDONED));
const sound = driverOf(broker);
const driver = new DelegatingDriver(sound);
let published = 0;
driver.publish = async (messages) => {
  published += 1;
  if (published !== nth) return sound.publish(messages);
  if (dies === "before") die();
  const answer = sound.publish(messages);
  // What the driver writes in this turn of the event loop is on its way in the next.
  if (dies === "during") setImmediate(die);
  await answer;
  die();
};
const ledger = new Ledger(folder, name, epoch);
const load = createLoad({ driver, ledger, name, logger: fileLogger(STDERR) });
const { capabilities } = await load.app.broker.driver();
await load.app.broker.connect();
const producer = new Producer(load, ledger, new Random(seed), {
  mix,
  perSecond,
  priorityLevels: 1,
  dedupe: capabilities.dedupe,
});
producer.start();

function die(): void {
  process.kill(process.pid, "SIGKILL");
}
