// SPDX-License-Identifier: MIT
// Tools: a bookmarklet, and the pages as an app that other apps share with.

import { operatorName } from "./site.js";
import { bookmarklet } from "./shared.js";
import { t } from "./text.js";
import { Copy, Heading, say } from "./parts.js";
import { html } from "./view.js";

/** It belongs into the bookmarks; on this page it would open this page. */
function explainDrag(event) {
  event.preventDefault();
  say(t("bookmarklet-drag"));
}

export function Tools() {
  const script = bookmarklet();
  return html`<main id="main" class="tools">
    <${Heading}>${t("tools")}<//>
    <h2>${t("bookmarklet-title")}</h2>
    <p>${t("bookmarklet-hint")}</p>
    <div class="row">
      <a class="button primary" href=${script} onClick=${explainDrag}>${
        t("bookmarklet", { name: operatorName || t("short-links") })}</a>
      <${Copy} text=${script} label=${t("bookmarklet-copy")} copied=${t("bookmarklet-copied")} />
    </div>
    <h2>${t("install-title")}</h2>
    <p>${t("install-hint")}</p>
  </main>`;
}
