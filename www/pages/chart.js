// SPDX-License-Identifier: MIT
// The clicks over time, drawn by uPlot in the colours of the page.

import UPlot from "uplot";
import { html, useEffect, useRef } from "./view.js";

const HEIGHT = 260;
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/** The columns that uPlot draws: seconds, clicks, visitors. */
const columnsOf = (series) => [
  series.map((one) => Date.parse(one.at) / 1000),
  series.map((one) => one.clicks),
  series.map((one) => one.visitors),
];

function optionsOf(width, { unit, labels, locale }) {
  const style = { hour: { hour: "numeric" }, month: { month: "short" } }[unit] ?? { day: "numeric", month: "short" };
  const ticks = new Intl.DateTimeFormat(`${locale}-u-nu-latn`, style);
  const full = new Intl.DateTimeFormat(`${locale}-u-nu-latn`, { dateStyle: "medium", timeStyle: unit === "hour" ? "short" : undefined });
  const axis = { stroke: colour("soft"), grid: { stroke: colour("line"), width: 1 }, ticks: { show: false }, font: "12px system-ui" };
  return {
    width,
    height: HEIGHT,
    cursor: { drag: { x: false, y: false } },
    scales: { y: { range: (_, low, high) => [0, Math.max(4, high * 1.1)] } },
    axes: [
      { ...axis, values: (_, at) => at.map((one) => ticks.format(one * 1000)) },
      { ...axis, size: 56, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9] },
    ],
    series: [
      { label: labels.at, value: (_, at) => (at === null ? "" : full.format(at * 1000)) },
      { label: labels.clicks, stroke: colour("accent"), fill: colour("tint"), width: 2, points: { show: false } },
      { label: labels.visitors, stroke: colour("second"), width: 2, dash: [6, 4], points: { show: false } },
    ],
  };
}

export function Chart({ series, unit, labels, locale }) {
  const place = useRef(null);
  const plot = useRef(null);
  useEffect(() => {
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    const draw = () => {
      plot.current?.destroy();
      plot.current = new UPlot(optionsOf(place.current.clientWidth, { unit, labels, locale }), columnsOf(series), place.current);
    };
    const sizes = new ResizeObserver(([{ contentRect }]) => plot.current?.setSize({ width: contentRect.width, height: HEIGHT }));
    draw();
    sizes.observe(place.current);
    scheme.addEventListener("change", draw);
    return () => {
      sizes.disconnect();
      scheme.removeEventListener("change", draw);
      plot.current.destroy();
      plot.current = null;
    };
  }, [unit, locale]);
  useEffect(() => {
    plot.current?.setData(columnsOf(series));
  }, [series]);
  return html`<div ref=${place}></div>`;
}
