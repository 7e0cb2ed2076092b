/* SPDX-License-Identifier: MIT */
/* Dividing the local cache's memory among its classes. */
#include "shm/local_layout.h"

#include <assert.h>

/* An entry with a URL of 100 bytes and a generated code fits a slot of the first class. The shares
 * are thousandths of the memory that is left after each class has one set per stripe. */
static const struct {
    size_t slot_bytes;
    size_t share;
} CLASSES[LOCAL_CLASSES] = {
    { 224, 740 },
    { 384, 160 },
    { 1024, 80 },
    { LOCAL_SLOT_MAX, 20 },
};

static_assert(sizeof(struct local_set) == 64, "a set's tags share one cache line");

static size_t stripe_bytes(size_t slot_bytes)
{
    return LOCAL_STRIPES * (sizeof(struct local_set) + LOCAL_WAYS * slot_bytes);
}

bool local_layout_of(size_t bytes, struct local_layout *out)
{
    size_t least = sizeof(struct local_head);
    for (unsigned i = 0; i < LOCAL_CLASSES; i++)
        least += stripe_bytes(CLASSES[i].slot_bytes);
    if (bytes < least)
        return false;
    size_t at = sizeof(struct local_head);
    for (unsigned i = 0; i < LOCAL_CLASSES; i++) {
        struct local_class *class = &out->classes[i];
        size_t more = (bytes - least) / 1000 * CLASSES[i].share;
        class->slot_bytes = CLASSES[i].slot_bytes;
        class->sets_per_stripe = 1 + more / stripe_bytes(class->slot_bytes);
        class->sets_at = at;
        at += LOCAL_STRIPES * class->sets_per_stripe * sizeof(struct local_set);
        class->slots_at = at;
        at += LOCAL_STRIPES * class->sets_per_stripe * LOCAL_WAYS * class->slot_bytes;
    }
    out->bytes = at;
    return at <= bytes;
}
