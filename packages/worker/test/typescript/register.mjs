// Lets a child process of a test import TypeScript: node --conditions=source --import ./register.mjs file.ts
import { register } from "node:module";

register("./hooks.mjs", import.meta.url);
