import { packageConfig } from "../../../../tsup.base.js";

// A thread's program is loaded by its file name, so it has to be built as for users: with it a consumer to be blocked.
export default packageConfig({
  entry: {
    "blocking-consumer": "test/threaded/blocking-consumer.ts",
    "lease-thread-program": "src/leases/lease-thread-program.ts",
  },
  outDir: ".jest/threaded",
  dts: false,
  // From their sources, so that no other package has to be built.
  noExternal: [/^@chicory\//],
  esbuildOptions: (options) => {
    options.conditions = ["source"];
  },
});
