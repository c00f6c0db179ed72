import { parse, type Spec, View } from "vega";

/** One bar of a chart. */
export interface Bar {
  readonly name: string;
  readonly value: number;
  /** Ends of the thin line across the bar's end: half of the rounds lie between them. */
  readonly low: number;
  readonly high: number;
  /** The figure as it stands beside the bar. */
  readonly label: string;
  /** Drawn in the strong colour. */
  readonly isOwn: boolean;
}

/** A chart of bars. */
export interface BarChart {
  readonly title: string;
  /** What the axis counts. */
  readonly unit: string;
  readonly bars: readonly Bar[];
  /** A line across all bars, at what is to be reached. */
  readonly mark?: number;
}

const OWN_COLOUR = "#c2571a";
const OTHER_COLOUR = "#9aa5b1";
const MARK_COLOUR = "#1f2933";

const BAR_HEIGHT = 26;
const WIDTH = 520;

/** Draws a chart as SVG, on white, so that it can be read on a dark page as well. */
export async function drawBars(chart: BarChart): Promise<string> {
  const view = new View(parse(specOf(chart)), { renderer: "none" });
  try {
    return `${await view.toSVG()}\n`;
  } finally {
    view.finalize();
  }
}

function specOf({ title, unit, bars, mark }: BarChart): Spec {
  const across = { scale: "name", band: 0.5 };
  return {
    background: "white",
    padding: 10,
    width: WIDTH,
    height: bars.length * BAR_HEIGHT,
    title: { text: title, anchor: "start", fontSize: 14, offset: 12 },
    data: [
      { name: "bars", values: [...bars] },
      { name: "marks", values: mark === undefined ? [] : [{ at: mark }] },
    ],
    scales: [
      { name: "name", type: "band", domain: bars.map(({ name }) => name), range: "height", padding: 0.25 },
      {
        name: "value",
        type: "linear",
        domain: [0, Math.max(mark ?? 0, ...bars.map(({ value, high }) => Math.max(value, high)))],
        range: "width",
        nice: true,
      },
    ],
    axes: [
      {
        orient: "left",
        scale: "name",
        domain: false,
        ticks: false,
        labelPadding: 8,
        labelFontSize: 12,
        labelLimit: 320,
      },
      { orient: "bottom", scale: "value", title: unit, grid: true, gridColor: "#e4e7eb", tickCount: 6, domain: false },
    ],
    marks: [
      {
        type: "rect",
        from: { data: "bars" },
        encode: {
          enter: {
            y: { scale: "name", field: "name" },
            height: { scale: "name", band: 1 },
            x: { scale: "value", value: 0 },
            x2: { scale: "value", field: "value" },
            fill: [{ test: "datum.isOwn", value: OWN_COLOUR }, { value: OTHER_COLOUR }],
          },
        },
      },
      {
        type: "rule",
        from: { data: "bars" },
        encode: {
          enter: {
            x: { scale: "value", field: "low" },
            x2: { scale: "value", field: "high" },
            y: { ...across, field: "name" },
            stroke: { value: MARK_COLOUR },
          },
        },
      },
      {
        type: "text",
        from: { data: "bars" },
        encode: {
          enter: {
            x: { scale: "value", signal: "max(datum.value, datum.high)", offset: 6 },
            y: { ...across, field: "name" },
            baseline: { value: "middle" },
            text: { field: "label" },
            fontSize: { value: 11 },
          },
        },
      },
      {
        type: "rule",
        from: { data: "marks" },
        encode: {
          enter: {
            x: { scale: "value", field: "at" },
            y: { value: 0 },
            y2: { field: { group: "height" } },
            stroke: { value: MARK_COLOUR },
            strokeDash: { value: [4, 3] },
          },
        },
      },
    ],
  };
}
