// npm run check: everything about the code that can be seen without running it.
import { main } from "./lib/main.mjs";
import { install, turbo } from "./lib/pnpm.mjs";

await main(async () => {
  await install();
  await turbo(
    "check:format", // Biome: format and lint
    "typecheck", // TypeScript, every package
    "check:promises", // typescript-eslint: promises that nobody awaits
    "check:arrows", // dependency-cruiser: every arrow points to core, no circles, no deep imports
    "check:unused", // knip: files, exports and dependencies that nobody uses
    "check:versions", // sherif: one version of each dependency
    "--continue",
  );
});
