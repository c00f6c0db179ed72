import { packageConfig } from "../../tsup.base.js";

export default packageConfig({
  entry: {
    main: "src/main.ts",
    "worker-process": "src/workers/worker-process.ts",
    "producer-process": "src/load/producer-process.ts",
  },
  dts: false,
});
