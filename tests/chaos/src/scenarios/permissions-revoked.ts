import type { Scenario } from "../scenario.js";
import type { Stage } from "../stages/stage.js";
import { rabbitmqOf, redisOf } from "../stages/stage-of.js";

/** How long nobody may do anything, in milliseconds: some repeated attempts long. */
const REVOKED_MS = 3_000;
const USER = "guest";

export const permissionsRevoked: Scenario = {
  name: "permissions-revoked",
  sentence:
    "The right to write is taken from everybody and given back: sends are refused with the reason, nothing confirmed is lost, and all goes on.",
  stages: ["redis", "rabbitmq"],
  tier: "default",
  faults: 2,
  everyMs: 1_000,
  sparesWorkers: true,
  async strike({ stage, pause }) {
    await permit(stage, false);
    await pause(REVOKED_MS);
    await permit(stage, true);
  },
};

async function permit(stage: Stage, allowed: boolean): Promise<void> {
  if (stage.name === "redis") {
    await redisOf(stage).command("ACL", "SETUSER", "default", allowed ? "+@all" : "-@write");
    return;
  }
  const { server } = rabbitmqOf(stage);
  const what = allowed ? ".*" : "^$";
  await server.ctl("set_permissions", USER, what, what, what);
  // A server remembers for a channel what it permitted; a new one asks again.
  if (!allowed) await server.ctl("close_all_user_connections", USER, "revoked");
}
