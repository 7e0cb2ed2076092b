/* SPDX-License-Identifier: MIT */
/* UTS #46. Its mapping table is not needed: section 7 derives the table from properties that
 * libunistring has, but for the few exceptions that are listed here. */
#include "text/idna.h"

#include <stdlib.h>
#include <string.h>

#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>

#include "base/ascii.h"
#include "base/buf.h"
#include "text/punycode.h"
#include "text/utf8.h"

enum {
    SHARP_S = 0xDF,
    CAPITAL_SHARP_S = 0x1E9E,
    FINAL_SIGMA = 0x3C2,
    NON_JOINER = 0x200C,
    JOINER = 0x200D,
    IDEOGRAPHIC_STOP = 0x3002,
    FULLWIDTH_STOP = 0xFF0E,
    HALFWIDTH_STOP = 0xFF61,
    MAPPED_MAX = 32, /* code points that one is mapped to: 18 for U+FDFA */
};

struct range {
    uint32_t first, last;
};

/* The default-ignorable code points that are mapped to nothing; the others are disallowed. */
static const struct range idna_ignored[] = {
    { 0xAD, 0xAD },     { 0x34F, 0x34F },     { 0x180B, 0x180D },   { 0x180F, 0x180F },
    { 0x200B, 0x200B }, { 0x2060, 0x2060 },   { 0x2064, 0x2064 },   { 0xFE00, 0xFE0F },
    { 0xFEFF, 0xFEFF }, { 0x1BCA0, 0x1BCA3 }, { 0xE0100, 0xE01EF },
};

/* Disallowed although no property says so: a soft hyphen that is seen, ideographic description
 * characters, and replacements. */
static const struct range idna_excluded[] = {
    { 0x1806, 0x1806 },
    { 0x2FF0, 0x2FFF },
    { 0x31EF, 0x31EF },
    { 0xFFFC, 0xFFFD },
};

/* Code points, at most IDNA_POINTS_MAX. */
struct points {
    uint32_t at[IDNA_POINTS_MAX];
    size_t n;
};

static bool idna_is_in(uint32_t point, const struct range *ranges, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (point >= ranges[i].first && point <= ranges[i].last)
            return true;
    }
    return false;
}

static bool idna_is_ignored(uint32_t point)
{
    return idna_is_in(point, idna_ignored, sizeof idna_ignored / sizeof *idna_ignored);
}

/* Symbols, some of them of a version of Unicode that libunistring may not have yet. None of these
 * blocks has compatibility forms. */
static bool idna_is_pictograph(uint32_t point)
{
    return point >= 0x1F300 && point <= 0x1FAFF;
}

/* Whether no mapping saves the code point: unassigned, private, a control, white space, excluded.
 */
static bool idna_is_disallowed(uint32_t point)
{
    const uint32_t never = UC_CATEGORY_MASK_C | UC_CATEGORY_MASK_Z;
    return (uc_is_general_category_withtable(point, never) && !idna_is_pictograph(point)) ||
           uc_is_property_default_ignorable_code_point(point) ||
           idna_is_in(point, idna_excluded, sizeof idna_excluded / sizeof *idna_excluded);
}

/* Deviation characters: IDNA2003 mapped them, non-transitional processing keeps them. */
static bool idna_is_deviation(uint32_t point)
{
    return point == SHARP_S || point == FINAL_SIGMA || point == NON_JOINER || point == JOINER;
}

/* NFKC_Casefold without default-ignorable code points. A compatibility form with a full stop in it,
 * such as U+2488 ("1."), is disallowed. */
static enum url_verdict idna_fold(uint32_t point, uint32_t *mapped, size_t *n)
{
    size_t length = MAPPED_MAX, kept = 0;
    uint32_t *folded = u32_casefold(&point, 1, NULL, UNINORM_NFKC, mapped, &length);
    if (folded != mapped) {
        free(folded);
        return folded ? URL_INVALID : URL_NO_MEMORY;
    }
    for (size_t i = 0; i < length; i++) {
        if (mapped[i] == '.' || mapped[i] == IDEOGRAPHIC_STOP)
            return URL_INVALID;
        if (!uc_is_property_default_ignorable_code_point(mapped[i]))
            mapped[kept++] = mapped[i];
    }
    *n = kept;
    return URL_OK;
}

/* What UTS #46 maps a code point to. */
static enum url_verdict idna_map(uint32_t point, uint32_t mapped[MAPPED_MAX], size_t *n)
{
    *n = 1;
    if (point < 0x80)
        mapped[0] = (unsigned char)ascii_to_lower((char)point);
    else if (idna_is_deviation(point))
        mapped[0] = point;
    else if (point == CAPITAL_SHARP_S)
        mapped[0] = SHARP_S;
    else if (point == IDEOGRAPHIC_STOP || point == FULLWIDTH_STOP || point == HALFWIDTH_STOP)
        mapped[0] = '.';
    else if (idna_is_ignored(point))
        *n = 0;
    else if (idna_is_disallowed(point))
        return URL_INVALID;
    else
        return idna_fold(point, mapped, n);
    return URL_OK;
}

/* Whether a code point may be in a label: one that is mapped to itself. */
static bool idna_is_valid(uint32_t point)
{
    uint32_t mapped[MAPPED_MAX];
    size_t n;
    return point != '.' && idna_map(point, mapped, &n) == URL_OK && n == 1 && mapped[0] == point;
}

static enum url_verdict idna_map_name(struct slice name, struct points *out, struct error *why)
{
    uint32_t point = 0, mapped[MAPPED_MAX];
    size_t n;
    for (size_t length; (length = utf8_first(name, &point)) > 0; name = slice_from(name, length)) {
        enum url_verdict verdict = idna_map(point, mapped, &n);
        if (verdict == URL_INVALID)
            error_set(why, "U+%04X is not allowed in host names", (unsigned)point);
        if (verdict != URL_OK)
            return verdict;
        if (n > IDNA_POINTS_MAX - out->n) {
            error_set(why, "the host is longer than any host name");
            return URL_INVALID;
        }
        for (size_t i = 0; i < n; i++)
            out->at[out->n++] = mapped[i];
    }
    return URL_OK;
}

/* To NFC; false when there is no memory. */
static bool idna_compose(const struct points *in, struct points *out)
{
    out->n = IDNA_POINTS_MAX;
    uint32_t *composed = u32_normalize(UNINORM_NFC, in->at, in->n, out->at, &out->n);
    if (composed && composed != out->at)
        free(composed);
    return composed == out->at;
}

/* --- validity of a label (UTS #46, 4.1) --- */

/* RFC 5892, A.1: between letters of which the first joins to the left and the second to the
 * right. */
static bool idna_non_joiner_breaks(const struct points *label, size_t at)
{
    size_t before = at, after = at + 1;
    while (before > 0 && uc_joining_type(label->at[before - 1]) == UC_JOINING_TYPE_T)
        before--;
    while (after < label->n && uc_joining_type(label->at[after]) == UC_JOINING_TYPE_T)
        after++;
    if (before == 0 || after == label->n)
        return false;
    int left = uc_joining_type(label->at[before - 1]), right = uc_joining_type(label->at[after]);
    return (left == UC_JOINING_TYPE_L || left == UC_JOINING_TYPE_D) &&
           (right == UC_JOINING_TYPE_R || right == UC_JOINING_TYPE_D);
}

static bool idna_joiners_fit(const struct points *label)
{
    for (size_t i = 0; i < label->n; i++) {
        if (label->at[i] != JOINER && label->at[i] != NON_JOINER)
            continue;
        bool after_virama = i > 0 && uc_combining_class(label->at[i - 1]) == UC_CCC_VR;
        if (!after_virama && (label->at[i] == JOINER || !idna_non_joiner_breaks(label, i)))
            return false;
    }
    return true;
}

/* The bidirectional classes of a label, each as a bit. */
static uint32_t idna_bidi_bit(uint32_t point)
{
    return 1U << uc_bidi_class(point);
}

#define BIDI(name)      (1U << UC_BIDI_##name)
#define BIDI_ANY_WAY    (BIDI(EN) | BIDI(ES) | BIDI(CS) | BIDI(ET) | BIDI(ON) | BIDI(BN) | BIDI(NSM))
#define BIDI_RIGHT      (BIDI(R) | BIDI(AL))
#define BIDI_RIGHT_ONLY (BIDI_RIGHT | BIDI(AN))

/* RFC 5893, 2: the Bidi Rule. */
static bool idna_bidi_fits(const struct points *label)
{
    if (label->n == 0)
        return true;
    uint32_t first = idna_bidi_bit(label->at[0]), all = 0;
    size_t end = label->n;
    while (end > 1 && uc_bidi_class(label->at[end - 1]) == UC_BIDI_NSM)
        end--;
    uint32_t last = idna_bidi_bit(label->at[end - 1]);
    for (size_t i = 0; i < label->n; i++)
        all |= idna_bidi_bit(label->at[i]);
    if (first & BIDI_RIGHT)
        return !(all & ~(BIDI_RIGHT_ONLY | BIDI_ANY_WAY)) &&
               (last & (BIDI_RIGHT_ONLY | BIDI(EN))) && !((all & BIDI(EN)) && (all & BIDI(AN)));
    return (first & BIDI(L)) && !(all & ~(BIDI(L) | BIDI_ANY_WAY)) && (last & (BIDI(L) | BIDI(EN)));
}

/* Checks a label with code points that are not ASCII. */
static bool idna_label_is_valid(const struct points *label)
{
    if (label->n > 0 && uc_is_general_category_withtable(label->at[0], UC_CATEGORY_MASK_M))
        return false;
    return idna_joiners_fit(label);
}

/* --- names --- */

/* What is known of a name once all its labels have been read. */
struct idna_name {
    struct buf ascii;
    bool is_bidi;     /* a label has a character of writing from right to left */
    bool breaks_bidi; /* a label does not fit the Bidi Rule */
};

static bool idna_is_ascii(const struct points *label)
{
    for (size_t i = 0; i < label->n; i++) {
        if (label->at[i] >= 0x80)
            return false;
    }
    return true;
}

static bool idna_is_encoded(const struct points *label)
{
    static const char prefix[] = "xn--";
    for (size_t i = 0; i < sizeof prefix - 1; i++) {
        if (label->n <= i || label->at[i] != (unsigned char)prefix[i])
            return false;
    }
    return true;
}

/* Reads a label that begins with "xn--", which must stand for what could be written plainly. Like
 * browsers, and against UTS #46, it may stand for ASCII. */
static bool idna_decode(struct slice code, struct points *label)
{
    struct points composed;
    if (!punycode_decode(code, label->at, IDNA_POINTS_MAX, &label->n) || label->n == 0 ||
        idna_is_encoded(label))
        return false;
    for (size_t i = 0; i < label->n; i++) {
        if (!idna_is_valid(label->at[i]))
            return false;
    }
    return idna_compose(label, &composed) && composed.n == label->n &&
           memcmp(composed.at, label->at, label->n * sizeof *label->at) == 0;
}

static void idna_note_bidi(const struct points *label, struct idna_name *name)
{
    for (size_t i = 0; i < label->n; i++)
        name->is_bidi |= (idna_bidi_bit(label->at[i]) & BIDI_RIGHT_ONLY) != 0;
    name->breaks_bidi |= !idna_bidi_fits(label);
}

/* Appends a label to the name; false when it is refused. */
static bool idna_add_label(struct points *label, struct idna_name *name)
{
    size_t start = name->ascii.len;
    bool is_encoded = idna_is_encoded(label), is_ascii = idna_is_ascii(label);
    if (is_ascii) {
        for (size_t i = 0; i < label->n; i++)
            buf_add_byte(&name->ascii, (char)label->at[i]);
    } else {
        buf_add_text(&name->ascii, "xn--");
        if (is_encoded || !punycode_encode(label->at, label->n, &name->ascii))
            return false;
    }
    if (is_encoded && !name->ascii.failed &&
        !idna_decode(slice_from(buf_slice(&name->ascii), start + 4), label))
        return false;
    idna_note_bidi(label, name);
    return (is_ascii && !is_encoded) || idna_label_is_valid(label);
}

static enum url_verdict idna_add_labels(const struct points *points, struct idna_name *name)
{
    struct points label;
    for (size_t i = 0; i <= points->n; i++) {
        label.n = 0;
        for (; i < points->n && points->at[i] != '.'; i++)
            label.at[label.n++] = points->at[i];
        if (!idna_add_label(&label, name))
            return URL_INVALID;
        if (i < points->n)
            buf_add_byte(&name->ascii, '.');
    }
    if (name->ascii.failed)
        return URL_NO_MEMORY;
    return name->is_bidi && name->breaks_bidi ? URL_INVALID : URL_OK;
}

enum url_verdict idna_to_ascii(struct slice name, struct arena *arena, struct slice *ascii,
                               struct error *why)
{
    struct points mapped = { .n = 0 }, composed;
    struct idna_name out = { .ascii = buf_in(arena, 8 * IDNA_POINTS_MAX) };
    enum url_verdict verdict = idna_map_name(name, &mapped, why);
    if (verdict != URL_OK)
        return verdict;
    if (!idna_compose(&mapped, &composed))
        return URL_NO_MEMORY;
    verdict = idna_add_labels(&composed, &out);
    if (verdict == URL_INVALID)
        error_set(why, "the host is not a valid internationalised name");
    *ascii = buf_slice(&out.ascii);
    return verdict;
}
