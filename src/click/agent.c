/* SPDX-License-Identifier: MIT */
/* Reads a user agent with the automaton of agent_table.h, and classifies it by the tokens found. */
#include "click/agent.h"

#include <stdint.h>

#include "click/agent_rules.h"
#include "click/agent_table.h"

struct reader {
    unsigned state;
    unsigned last; /* the class of the previous byte */
    uint32_t tokens;
    uint32_t begun;
};

/* Adds the tokens of the state's output; returns true for a bot. */
static bool take_output(struct reader *reader)
{
    const struct agent_output *output =
        &agent_outputs[agent_entries[reader->state + AGENT_OUTPUT_CLASS].next];
    if (reader->begun & output->ends)
        return true;
    reader->tokens |= output->tokens;
    reader->begun |= output->begins;
    return false;
}

static inline bool read_class(struct reader *reader, unsigned c)
{
    struct agent_entry entry = agent_entries[reader->state + c];
    unsigned pair = agent_pairs[reader->last][c];
    unsigned next = entry.check == reader->state ? entry.next : pair;
    reader->last = c;
    reader->state = next & ~(unsigned)AGENT_HAS_OUTPUT;
    if (!(next & AGENT_HAS_OUTPUT))
        return false;
    return next == AGENT_BOT || take_output(reader);
}

static bool agent_read_bytes(struct reader *reader, struct slice bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        if (read_class(reader, agent_classes[(unsigned char)bytes.at[i]]))
            return true;
    }
    return false;
}

static struct agent classify(struct slice text)
{
    static const struct agent BOT = { .is_bot = true };
    struct reader reader = { .state = agent_start, .last = agent_begin_class };
    bool whole = text.len <= AGENT_BYTES_MAX;
    if (!whole)
        text.len = AGENT_BYTES_MAX;
    if (text.len == 0 || agent_read_bytes(&reader, text))
        return BOT;
    if (whole && read_class(&reader, agent_end_class))
        return BOT;
    if (!reader.tokens) /* every browser names itself, its engine, its system or its device */
        return BOT;
    return (struct agent){
        .browser = agent_rule_browser(reader.tokens),
        .os = agent_rule_os(reader.tokens),
        .device = agent_rule_device(reader.tokens),
    };
}

void agent_classify(struct slice user_agent, struct agent *out)
{
    *out = classify(slice_trim(user_agent));
}

const char *agent_list(void)
{
    return agent_list_name;
}
