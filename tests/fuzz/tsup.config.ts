import { packageConfig } from "../../tsup.base.js";

export default packageConfig({ entry: { main: "src/main.ts" }, dts: false });
