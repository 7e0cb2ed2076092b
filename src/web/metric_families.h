/* SPDX-License-Identifier: MIT */
/* The metrics as Prometheus sees them: names, help texts, types, and the texts of their labels. */
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
    FAMILY_HISTOGRAM, /* stored in microseconds, exposed in seconds */
};

/* How a stored value is converted. */
enum family_unit {
    UNIT_AS_IT_IS,
    UNIT_MILLISECONDS, /* exposed in seconds */
    UNIT_SINCE,        /* a time, exposed as its age; 0, never: exposed as 0 */
};

/* Label texts that are only known at run time. */
struct label_names {
    struct slice backends[BREAKERS_MAX]; /* by their breakers' slots; empty: none */
    char number[LABEL_TEXT_MAX];         /* the number written last */
};

/* The text of label value `value`, valid until the next call. Empty when the value has none. */
typedef struct slice label_text(struct label_names *names, unsigned value);

struct metric_label {
    const char *name; /* NULL: no label */
    label_text *text;
};

/* For each value of label a from `first` to `last` a series is exposed even before it is counted,
 * so that a query finds 0; a family without labels has 0 for both. None where `first` is above
 * `last`. */
struct metric_family {
    const char *name;
    const char *help; /* without '\\' and line breaks */
    enum family_type type;
    enum family_unit unit;
    struct metric_label labels[FAMILY_LABELS]; /* a, b, c */
    unsigned first;
    unsigned last;
};

/* The family of a metric from METRIC_NONE + 1 to METRIC_N - 1; never NULL. */
const struct metric_family *family_of(enum metric metric);
