import { packageConfig } from "../../tsup.base.js";

// The thread's program is loaded by its file name, beside the driver's.
export default packageConfig({
  entry: { index: "src/index.ts", "lease-thread-program": "src/leases/lease-thread-program.ts" },
  dts: { entry: "src/index.ts" },
});
