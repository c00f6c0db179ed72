// Runs the demo, which is TypeScript, on any Node that Chicory runs on.
import { register } from "tsx/esm/api";

register();
await import("./main.ts");
