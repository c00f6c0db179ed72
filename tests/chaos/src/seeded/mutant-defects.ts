import { type Mutant, mutants } from "@chicory/mutants";
import type { RuleName } from "../checker/rule-name.js";
import type { ProgramName } from "../simulation/program.js";
import type { Defect } from "./defect.js";

/** Drivers that the conformance suite catches call by call, and what they lead to in a system as a whole. */
const CONSEQUENCES: readonly (readonly [name: string, mutant: string, program: ProgramName, caughtBy: RuleName])[] = [
  ["drops-the-buried", "drops what should be buried", "peace", "at-least-once"],
  [
    "keeps-the-retried",
    "stores the replacement and forgets to remove the original",
    "peace",
    "no-duplicates-without-cause",
  ],
  ["never-renews", "never renews a lease", "peace", "leases-kept"],
  ["loses-with-the-dead", "loses what a dead consumer held", "deaths", "at-least-once"],
  ["takes-over-too-late", "takes nothing over from a dead consumer for ten leases", "deaths", "nothing-waits"],
  ["forgets-hand-outs", "counts every hand-out as the first", "deaths", "hand-outs-bounded"],
  ["deaf-after-a-cut", "does not receive any more after its connection was cut", "cuts", "nothing-waits"],
  ["one-for-each-time", "keeps one message for each time", "peace", "at-least-once"],
  ["early", "hands delayed messages out a tenth of a second early", "peace", "not-before-its-time"],
  ["waits-behind-the-longest", "lets a short delay wait behind a long one", "peace", "on-time"],
  ["delays-in-memory", "keeps delayed messages in the memory of the sender", "deaths", "at-least-once"],
  ["stored-before-it-is", "says that a message is stored before it is", "cuts", "at-least-once"],
  ["confirms-the-unknown", "says that a message is stored which may not be", "cuts", "at-least-once"],
  ["repeats-the-unknown", "sends a message again that may be stored already", "cuts", "at-most-once"],
  ["forgets-dedupe", "ignores dedupeMs", "cuts", "no-duplicates-without-cause"],
  ["forgets-the-delayed", "has forgotten delayed messages after a restart", "cuts", "at-least-once"],
  ["peeking-removes", "removes dead letters when they are looked at", "operation", "at-least-once"],
  ["unfenced-retry", "lets an owner retry whose lease is gone", "isolation", "no-duplicates-without-cause"],
  ["unfenced-burial", "lets an owner bury whose lease is gone", "isolation", "one-dead-letter"],
  ["forks-repeated-retries", "forks a message when its retry is repeated", "cuts", "no-duplicates-without-cause"],
  ["two-owners", "hands one message to two consumers", "peace", "no-duplicates-without-cause"],
  ["loses-one-in-forty", "loses one message in forty", "peace", "at-least-once"],
];

function mutantNamed(name: string): Mutant {
  const mutant = mutants.find((one) => one.name === name);
  if (mutant === undefined) throw new Error(`There is no mutant that ${name}`);
  return mutant;
}

/** Mistakes that the mutants of the conformance suite make. */
export const mutantDefects: readonly Defect[] = CONSEQUENCES.map(([name, mutant, program, caughtBy]) => {
  const { server, driver } = mutantNamed(mutant);
  return {
    name,
    sentence: mutant,
    program,
    caughtBy,
    ...(server === undefined ? {} : { server }),
    ...(driver === undefined ? {} : { driver }),
  };
});
