/* SPDX-License-Identifier: MIT */
/* The automaton that reads user agents, as compile-agents writes it (Aho and Corasick 1975; its
 * rows laid over one another as in Tarjan and Yao 1979), and the tokens it finds.
 *
 * A state is where its row begins in agent_entries. On a byte of class c:
 *
 *   entry = agent_entries[state + c]
 *   entry is of this state?   the transition is entry.next
 *   otherwise                 it is agent_pairs[class of the byte before][c]
 *
 * since most transitions depend on the last two bytes alone. */
#pragma once

#include <stdint.h>

enum {
    AGENT_CLASSES = 96, /* at most; class 0 is no byte's, there a row has its output's number */
    AGENT_OUTPUT_CLASS = 0,
    AGENT_HAS_OUTPUT = 0x8000, /* a bit of a transition: the state has an output */
    AGENT_BOT = 0xffff,        /* a transition: a bot, whatever comes */
};

/* What agent_words.txt calls by these names. */
enum agent_token {
    /* browsers */
    TOKEN_APP,
    TOKEN_OTHER_BROWSER,
    TOKEN_SAMSUNG,
    TOKEN_OPERA,
    TOKEN_EDGE,
    TOKEN_IE,
    TOKEN_FIREFOX,
    TOKEN_CHROME,
    TOKEN_SAFARI,
    TOKEN_VERSION,
    TOKEN_VERSION_4,
    TOKEN_WEBKIT,
    /* operating systems */
    TOKEN_WINDOWS,
    TOKEN_WINDOWS_PHONE,
    TOKEN_IPHONE,
    TOKEN_IPAD,
    TOKEN_MAC,
    TOKEN_ANDROID,
    TOKEN_CHROMEOS,
    TOKEN_LINUX,
    /* devices */
    TOKEN_X11,
    TOKEN_MOBILE,
    TOKEN_TABLET,
    TOKEN_TV,
    TOKEN_CONSOLE,
};

#define AGENT_BIT(token) (UINT32_C(1) << (token))

struct agent_entry {
    uint16_t check; /* the state it is of */
    uint16_t next;  /* the transition */
};

struct agent_output {
    uint32_t tokens; /* found here: set of AGENT_BIT */
    uint32_t begins; /* patterns of two parts of which the first ends here, */
    uint32_t ends;   /* and the second: a bot, if the first came before */
};

extern const char agent_list_name[];
extern const uint16_t agent_start; /* the state before the first byte */
extern const uint8_t agent_begin_class;
extern const uint8_t agent_end_class; /* of what comes after the last byte */
extern const uint8_t agent_classes[256];
extern const uint16_t agent_pairs[AGENT_CLASSES][AGENT_CLASSES];
extern const struct agent_entry agent_entries[];
extern const struct agent_output agent_outputs[];
