// SPDX-License-Identifier: MIT
// Reads QR codes with jsQR: node qr_reader.mjs JSQR FILE... prints a line of JSON for each PNG file, [file, text or null].

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { inflateSync } from "node:zlib";

const [jsqrPath, ...files] = process.argv.slice(2);
const required = createRequire(import.meta.url)(jsqrPath);
const jsQR = required.default ?? required;

const CHANNELS = { 0: 1, 2: 3, 3: 1, 6: 4 }; // of a colour type

/** The chunks of a PNG file by their types; those of one type are joined. */
function chunksOf(file) {
  const chunks = {};
  for (let at = 8; at < file.length;) {
    const length = file.readUInt32BE(at);
    const type = file.toString("latin1", at + 4, at + 8);
    chunks[type] = Buffer.concat([chunks[type] ?? Buffer.alloc(0), file.subarray(at + 8, at + 8 + length)]);
    at += length + 12;
  }
  return chunks;
}

function paeth(a, b, c) {
  const [pa, pb, pc] = [Math.abs(b - c), Math.abs(a - c), Math.abs(a + b - 2 * c)];
  if (pa <= pb && pa <= pc) return a;
  return pb <= pc ? b : c;
}

/** What the filter of a row adds to a byte, from those to the left, above, and left of that one. */
function predicted(filter, left, above, corner) {
  switch (filter) {
    case 1: return left;
    case 2: return above;
    case 3: return (left + above) >> 1;
    default: return paeth(left, above, corner);
  }
}

/** Takes the filters of PNG (ISO/IEC 15948, 9) back; the rows without their first byte. */
function unfilter(data, height, stride, step) {
  const rows = [];
  for (let y = 0; y < height; y += 1) {
    const filter = data[y * (stride + 1)];
    const row = Buffer.from(data.subarray(y * (stride + 1) + 1, (y + 1) * (stride + 1)));
    const above = rows[y - 1] ?? Buffer.alloc(stride);
    for (let i = 0; i < (filter ? stride : 0); i += 1) {
      const left = i >= step ? row[i - step] : 0;
      const corner = i >= step ? above[i - step] : 0;
      row[i] += predicted(filter, left, above[i], corner);
    }
    rows.push(row);
  }
  return rows;
}

/** The pixels of a PNG file as jsQR wants them: four bytes each. */
function pixelsOf(file) {
  const { IHDR, IDAT, PLTE } = chunksOf(file);
  const [width, height, depth, type] = [IHDR.readUInt32BE(0), IHDR.readUInt32BE(4), IHDR[8], IHDR[9]];
  const channels = CHANNELS[type];
  const stride = Math.ceil((width * channels * depth) / 8);
  const rows = unfilter(inflateSync(IDAT), height, stride, Math.max(1, (channels * depth) >> 3));
  const pixels = new Uint8ClampedArray(width * height * 4).fill(255);
  rows.forEach((row, y) => {
    for (let x = 0; x < width; x += 1) {
      const bit = x * depth;
      const index = depth < 8 ? (row[bit >> 3] >> (8 - depth - (bit & 7))) & ((1 << depth) - 1) : row[x * channels];
      const [colours, from] = type === 3 ? [PLTE, 3 * index] : [row, x * channels];
      for (let i = 0; i < 3; i += 1) pixels[4 * (y * width + x) + i] = type === 0 ? index : colours[from + i];
    }
  });
  return { pixels, width, height };
}

for (const file of files) {
  const { pixels, width, height } = pixelsOf(readFileSync(file));
  console.log(JSON.stringify([file, jsQR(pixels, width, height, { inversionAttempts: "dontInvert" })?.data ?? null]));
}
