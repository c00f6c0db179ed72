// npm run build: installs, and builds every package.
import { main } from "./lib/main.mjs";
import { install, turbo } from "./lib/pnpm.mjs";

await main(async () => {
  await install();
  await turbo("build");
});
