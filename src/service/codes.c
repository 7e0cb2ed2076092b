/* SPDX-License-Identifier: MIT */
/* Takes ids from the sequence and makes codes of them; codes that contain a reserved word are
 * skipped. */
#include "service/codes.h"

enum codes_result codes_prepare(struct codes *codes, struct error *err)
{
    const struct code_key_source source = { codes->db, codes->sequence.segment };
    unsigned char key[BIJECTION_KEY_BYTES];
    if (codes->ready)
        return CODES_OK;
    if (!code_key_read(&source, key, err))
        return CODES_UNAVAILABLE;
    codes->scheme.length = codes->length;
    bijection_init(&codes->scheme.bijection, key);
    codes->ready = true;
    return CODES_OK;
}

enum codes_result codes_next_id(struct codes *codes, uint64_t *id, struct error *err)
{
    switch (sequence_next(&codes->sequence, id, err)) {
    case SEQUENCE_OK:
        return CODES_OK;
    case SEQUENCE_EXHAUSTED:
        return CODES_EXHAUSTED;
    case SEQUENCE_UNAVAILABLE:
        break;
    }
    return CODES_UNAVAILABLE;
}

enum codes_result codes_next(struct codes *codes, uint64_t *id, char out[CODE_MAX + 1],
                             struct error *err)
{
    enum codes_result result = codes_prepare(codes, err);
    while (result == CODES_OK) {
        result = codes_next_id(codes, id, err);
        if (result == CODES_OK && !code_from_id(&codes->scheme, *id, out)) {
            error_set(err, "the id is past the last code of %d digits", CODE_LENGTH_MAX);
            result = CODES_EXHAUSTED;
        }
        if (result == CODES_OK && !code_spells_listed_word(slice_of(out), codes->reserved))
            break;
    }
    return result;
}
