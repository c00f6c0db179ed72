// npm run demo: installs, builds, and runs an app, a producer and a worker on the embedded broker.
import { run } from "./lib/command.mjs";
import { main } from "./lib/main.mjs";
import { install, turbo } from "./lib/pnpm.mjs";
import { root } from "./lib/workspace.mjs";

await main(async () => {
  await install();
  await turbo("build", "--filter=./packages/*", "--output-logs=errors-only");
  await run(process.execPath, ["examples/demo/run.mjs", ...process.argv.slice(2)], { cwd: root });
});
