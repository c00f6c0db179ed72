import { packageConfig } from "../tsup.base.js";

export default packageConfig({
  entry: {
    main: "src/main.ts",
    "contender-process": "src/processes/contender-process.ts",
    "worker-process": "src/processes/worker-process.ts",
  },
  // What a contender runs must be the package as it is published, not a copy in this build.
  external: ["amqplib", "bee-queue", "bullmq", "groupmq", "rascal"],
  dts: false,
});
