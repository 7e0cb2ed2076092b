// SPDX-License-Identifier: MIT
// What is managed beside links: tags, API keys, and for admins users.

import { session } from "./api.js";
import { t } from "./text.js";
import { Heading } from "./parts.js";
import { Tags } from "./manage-tags.js";
import { Keys } from "./manage-keys.js";
import { Users } from "./manage-users.js";
import { html } from "./view.js";
import { useStore } from "./store.js";

export function Manage() {
  const user = useStore(session);
  if (!user) return null;
  return html`<main id="main" class="manage">
    <${Heading}>${t("manage")}<//>
    <${Tags} user=${user} />
    <${Keys} user=${user} />
    ${user.role === "admin" && html`<${Users} user=${user} />`}
  </main>`;
}
