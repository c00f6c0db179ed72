/** An app whose tasks tell on stdout what happens to them. With SEED it sends that many tasks that fail. */
export const TASKS = `
import { setTimeout as sleep } from "node:timers/promises";
import { Chicory, currentTask, type TaskContext } from "@chicory/core";

export const app = new Chicory();

const positive = {
  "~standard": {
    version: 1,
    vendor: "test",
    validate: (value: unknown) =>
      typeof value === "object" && value !== null && Reflect.get(value, "a") > 0
        ? { value: value as { a: number; b: number } }
        : { issues: [{ message: "Expected a number above 0", path: ["a"] }] },
  },
} as const;

app.task("add", { queue: "math", input: positive }, async ({ a, b }) => {
  console.log("ADDED", a + b, "in", currentTask()?.name);
});
app.task("slow", { queue: "math" }, async (ms: number, { signal, attempt }: TaskContext) => {
  console.log("SLOW", process.pid, "begins");
  try {
    await sleep(ms, undefined, { signal });
    console.log("SLOW", process.pid, "ends");
  } catch (error) {
    console.log("SLOW", process.pid, "aborted");
    throw error;
  }
});
const fail = app.task("fail", { queue: "math", retry: { maxRetries: 0 } }, async (secret: string) => {
  throw new Error("No user 17 at redis://me:pa55@db");
});
app.task("reject", { queue: "math" }, async () => {
  void Promise.reject(new Error("nobody handles this"));
});
app.task("die", { queue: "math" }, async () => {
  process.kill(process.pid, "SIGKILL");
  await sleep(60_000);
});
for (let sent = 0; sent < Number(process.env["SEED"] ?? 0); sent++) await fail.send("s3cret", { id: "m" + sent });
`;
