/* SPDX-License-Identifier: MIT */
/* User agents: any text is classified, always in the same way, and by numbers that have names. */
#include <string.h>

#include "click/agent.h"
#include "fuzz.h"

static struct agent classify(struct slice text)
{
    struct agent agent;
    memset(&agent, 0xff, sizeof(agent));
    agent_classify(text, &agent);
    return agent;
}

static int same(struct agent a, struct agent b)
{
    return a.is_bot == b.is_bot && a.browser == b.browser && a.os == b.os && a.device == b.device;
}

/* Whoever calls himself a bot is one, whatever he says before and after. */
static void check_bot(struct slice text)
{
    char said[AGENT_BYTES_MAX];
    const struct slice bot = SLICE(" bot/1 ");
    size_t before = text.len / 2 < 400 ? text.len / 2 : 400;
    size_t after = text.len - before < 400 ? text.len - before : 400;
    if (before)
        memcpy(said, text.at, before);
    memcpy(said + before, bot.at, bot.len);
    if (after)
        memcpy(said + before + bot.len, text.at + before, after);
    MUST(classify((struct slice){ said, before + bot.len + after }).is_bot);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = fuzz_slice(data, size);
    struct agent agent = classify(text);
    MUST(agent.browser < BROWSER_N && agent.os < OS_N && agent.device < DEVICE_N);
    MUST(!agent.is_bot || !(agent.browser || agent.os || agent.device));
    MUST(size != 0 || agent.is_bot);
    MUST(same(agent, classify(text)));
    check_bot(text);
    return 0;
}
