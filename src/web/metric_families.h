/* SPDX-License-Identifier: MIT */
/* How the metrics of the store are called in the open: names, help, and what the numbers in their
 * labels stand for. */
#pragma once

#include "base/slice.h"
#include "shm/breaker.h"
#include "shm/metrics.h"

enum {
    FAMILY_LABELS = 3,
    LABEL_TEXT_MAX = 16,
};

enum family_type {
    FAMILY_COUNTER,
    FAMILY_GAUGE,
    FAMILY_HISTOGRAM, /* kept in microseconds, told in seconds */
};

/* How a value that is kept becomes the one that is told. */
enum family_unit {
    UNIT_AS_IT_IS,
    UNIT_MILLISECONDS, /* told in seconds */
    UNIT_SINCE,        /* a time that is told as how long ago it is; 0, never: told as 0 */
};

/* Names that are not known when the program is built. */
struct label_names {
    struct slice backends[BREAKERS_MAX]; /* by the slots of their breakers; empty: none there */
    char number[LABEL_TEXT_MAX];         /* the one written last */
};

/* What number `value` of a label stands for, until the next one is asked for. An empty slice when
 * it stands for nothing. */
typedef struct slice label_text(struct label_names *names, unsigned value);

struct metric_label {
    const char *name; /* NULL: there is no such label */
    label_text *text;
};

/* A series of every number from `first` to `last` of label a is told even where nobody has touched
 * it, so that a query finds a 0 and not nothing; without labels both are 0. None where `first` is
 * above `last`. */
struct metric_family {
    const char *name;
    const char *help; /* has neither '\\' nor a line break in it */
    enum family_type type;
    enum family_unit unit;
    struct metric_label labels[FAMILY_LABELS]; /* a, b, c */
    unsigned first;
    unsigned last;
};

/* Of METRIC_NONE + 1 to METRIC_N - 1; never NULL. */
const struct metric_family *family_of(enum metric metric);
