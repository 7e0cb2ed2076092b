// SPDX-License-Identifier: MIT
// Templates: htm over Preact. Values become text nodes and attributes, never HTML.

import { Fragment, h, render } from "preact";
import { useEffect, useId, useMemo, useRef, useState } from "preact/hooks";
import htm from "htm";

export const html = htm.bind(h);
export { Fragment, render, useEffect, useId, useMemo, useRef, useState };
