/* SPDX-License-Identifier: MIT */
/* Reads the Idempotency-Key header. */
#include "web/idempotency_header.h"

int idempotency_header_read(struct exchange *x, struct slice *out)
{
    *out = slice_trim(http_variable(x->request, "HTTP_IDEMPOTENCY_KEY"));
    bool is_fine = out->len <= IDEMPOTENCY_KEY_MAX;
    for (size_t i = 0; i < out->len; i++)
        is_fine = is_fine && out->at[i] > ' ' && out->at[i] < 0x7f;
    if (is_fine)
        return 0;
    return refuse_field(x, PROBLEM_INVALID_FIELD, "Idempotency-Key",
                        "This must be 1 to 255 characters of visible ASCII.");
}
