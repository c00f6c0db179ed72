import { packageConfig } from "../../tsup.base.js";

export default packageConfig({
  // Node loads the hooks by their address, in a thread of their own.
  entry: { index: "src/index.ts", bin: "src/bin.ts", "typescript-hooks": "src/typescript/hooks.ts" },
  // The other two are run, not imported.
  dts: { entry: { index: "src/index.ts" } },
});
