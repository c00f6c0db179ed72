import { jestPreset } from "../../jest.preset.js";

export default { ...jestPreset, globalTeardown: "<rootDir>/teardown.mjs" };
