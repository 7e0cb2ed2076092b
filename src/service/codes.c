/* SPDX-License-Identifier: MIT */
/* Takes ids from the sequence and makes codes of them; codes that contain a reserved word are
 * skipped. */
#include "service/codes.h"

bool codes_prepare(struct codes *codes, struct error *err)
{
    const struct code_key_source source = { codes->db, codes->sequence.segment };
    unsigned char key[BIJECTION_KEY_BYTES];
    if (codes->ready)
        return true;
    if (!code_key_read(&source, key, err))
        return false;
    codes->scheme.length = codes->length;
    bijection_init(&codes->scheme.bijection, key);
    codes->ready = true;
    return true;
}

enum outcome codes_next_id(struct codes *codes, uint64_t *id, struct error *err)
{
    enum db_result result = sequence_next(&codes->sequence, id, err);
    return result == DB_MISSING || result == DB_STALE ? OUTCOME_EXHAUSTED : outcome_of(result);
}

enum outcome codes_next(struct codes *codes, uint64_t *id, char out[CODE_MAX + 1],
                        struct error *err)
{
    enum outcome outcome = codes_prepare(codes, err) ? OUTCOME_OK : OUTCOME_UNAVAILABLE;
    while (outcome == OUTCOME_OK) {
        outcome = codes_next_id(codes, id, err);
        if (outcome == OUTCOME_OK && !code_from_id(&codes->scheme, *id, out)) {
            error_set(err, "the id is past the last code of %d digits", CODE_LENGTH_MAX);
            outcome = OUTCOME_EXHAUSTED;
        }
        if (outcome == OUTCOME_OK && !code_spells_listed_word(slice_of(out), codes->reserved))
            break;
    }
    return outcome;
}
