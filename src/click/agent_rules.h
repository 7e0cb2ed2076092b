/* SPDX-License-Identifier: MIT */
/* The browser, operating system and device for the tokens of a user agent. `tokens` is a set of
 * AGENT_BIT(enum agent_token). */
#pragma once

#include <stdint.h>

#include "click/agent.h"

enum agent_browser agent_rule_browser(uint32_t tokens);
enum agent_os agent_rule_os(uint32_t tokens);
enum agent_device agent_rule_device(uint32_t tokens);
