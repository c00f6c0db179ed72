import { jestPreset } from "../../jest.preset.js";

export default {
  ...jestPreset,
  // A test starts several processes one after the other, each of which takes seconds on a busy machine.
  testTimeout: 180_000,
  globalTeardown: "<rootDir>/teardown.mjs",
};
