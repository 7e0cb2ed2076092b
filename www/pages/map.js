// SPDX-License-Identifier: MIT
// The world, with the countries that clicks came from: the more of them, the stronger. A table beside it says the same.

import { height, shapes, width } from "world-map";
import { html } from "./view.js";

const FAINTEST = 0.25;

/** `rows` are {value, clicks} by codes of two letters; `titleOf` says what a country is called, and its clicks. */
export function WorldMap({ rows, titleOf }) {
  if (Object.keys(shapes).length === 0) return null; // built without the atlas
  const clicks = new Map(rows.map((row) => [row.value, row.clicks]));
  const most = Math.max(1, ...Object.keys(shapes).map((code) => clicks.get(code) ?? 0));
  const strength = (n) => (FAINTEST + (1 - FAINTEST) * (Math.log1p(n) / Math.log1p(most))).toFixed(2);
  return html`<svg class="map" viewBox=${`0 0 ${width} ${height}`}>
    ${Object.entries(shapes).map(([code, path]) => {
      const n = clicks.get(code) ?? 0;
      return html`<g key=${code}><path d=${path} />
        ${n > 0 && html`<path class="hit" d=${path} fill-opacity=${strength(n)} data-country=${code}><title>${titleOf(code, n)}</title></path>`}</g>`;
    })}
  </svg>`;
}
