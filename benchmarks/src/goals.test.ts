import { describe, expect, it } from "@jest/globals";
import { goals, outcomeOf } from "./goals.js";
import { conclude } from "./run/results.js";
import { suites } from "./suites.js";

const workloads = suites.flatMap((suite) => suite.workloads);

describe("goals", () => {
  it.each(goals)("finds the ratio of $title against $against, which has a target", (goal) => {
    const workload = workloads.find(({ name }) => name === goal.workload);
    if (workload === undefined) throw new Error(`There is no workload "${goal.workload}"`);
    const metrics = [workload.metric, ...(workload.columns ?? []).map(({ metric }) => metric)];
    const sample = Object.fromEntries(metrics.map((metric) => [metric, 1]));
    const result = conclude(
      workload,
      workload.contenders.map(({ name }) => ({ name, samples: [sample] })),
    );
    expect(outcomeOf(goal, [result])?.target).toBeDefined();
  });

  it("knows nothing of a ratio that was not drawn", () => {
    const [goal] = goals;
    expect(goal && outcomeOf(goal, [])).toBeUndefined();
  });
});
