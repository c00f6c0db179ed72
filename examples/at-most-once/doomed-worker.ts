import { Worker } from "@chicory/worker";
import { app } from "./tasks.js";

await new Worker(app).run();
