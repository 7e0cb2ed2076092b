/* SPDX-License-Identifier: MIT */
/* Takes ids from the sequence and makes codes of them; codes that contain a reserved word are
 * skipped. */
#include "service/codes.h"

enum sequence_result codes_prepare(struct codes *codes, struct error *err)
{
    const struct code_key_source source = { codes->db, codes->sequence.segment };
    unsigned char key[BIJECTION_KEY_BYTES];
    if (codes->ready)
        return SEQUENCE_OK;
    if (!code_key_read(&source, key, err))
        return SEQUENCE_UNAVAILABLE;
    codes->scheme.length = codes->length;
    bijection_init(&codes->scheme.bijection, key);
    codes->ready = true;
    return SEQUENCE_OK;
}

enum sequence_result codes_next_id(struct codes *codes, uint64_t *id, struct error *err)
{
    return sequence_next(&codes->sequence, id, err);
}

enum sequence_result codes_next(struct codes *codes, uint64_t *id, char out[CODE_MAX + 1],
                                struct error *err)
{
    enum sequence_result result = codes_prepare(codes, err);
    while (result == SEQUENCE_OK) {
        result = codes_next_id(codes, id, err);
        if (result == SEQUENCE_OK && !code_from_id(&codes->scheme, *id, out)) {
            error_set(err, "the id is past the last code of %d digits", CODE_LENGTH_MAX);
            result = SEQUENCE_EXHAUSTED;
        }
        if (result == SEQUENCE_OK && !code_spells_listed_word(slice_of(out), codes->reserved))
            break;
    }
    return result;
}
