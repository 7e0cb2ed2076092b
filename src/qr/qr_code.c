/* SPDX-License-Identifier: MIT */
/* Encodes a text with libqrencode. */
#include <errno.h>
#include <qrencode.h>
#include <string.h>

#include "qr/qr_private.h"

#define SONAME "libqrencode.so.4"

struct encoder {
    struct qr_library library;
    __typeof__(&QRcode_encodeString8bit) encode;
    __typeof__(&QRcode_free) release;
};

static bool encoder_open(struct encoder *encoder, struct error *err)
{
    return qr_library_open(&encoder->library, SONAME, err) &&
           qr_library_find(&encoder->library, "QRcode_encodeString8bit", &encoder->encode, err) &&
           qr_library_find(&encoder->library, "QRcode_free", &encoder->release, err);
}

bool qr_level_read(struct slice text, enum qr_level *out)
{
    static const char LETTERS[] = "LMQHlmqh";
    const char *found = text.len == 1 ? memchr(LETTERS, text.at[0], sizeof(LETTERS) - 1) : NULL;
    if (!found)
        return false;
    *out = (enum qr_level)((found - LETTERS) % 4);
    return true;
}

/* Copies the modules, of which the library's lowest bit is the colour. */
static bool copy_modules(const QRcode *symbol, struct arena *arena, struct qr_code *out)
{
    size_t n = (size_t)symbol->width * (size_t)symbol->width;
    unsigned char *modules = arena_alloc(arena, n);
    for (size_t i = 0; modules && i < n; i++)
        modules[i] = symbol->data[i] & 1;
    *out = (struct qr_code){ (unsigned)symbol->width, modules };
    return modules;
}

static bool encode(const struct encoder *encoder, const char *text, enum qr_level level,
                   struct arena *arena, struct qr_code *out)
{
    static const QRecLevel levels[] = {
        [QR_LEVEL_L] = QR_ECLEVEL_L,
        [QR_LEVEL_M] = QR_ECLEVEL_M,
        [QR_LEVEL_Q] = QR_ECLEVEL_Q,
        [QR_LEVEL_H] = QR_ECLEVEL_H,
    };
    QRcode *symbol = encoder->encode(text, 0, levels[level]);
    bool encoded = symbol && copy_modules(symbol, arena, out);
    if (symbol)
        encoder->release(symbol);
    return encoded;
}

bool qr_encode(struct slice text, enum qr_level level, struct arena *arena, struct qr_code *out,
               struct error *err)
{
    struct encoder encoder = { .encode = NULL };
    const char *copy = arena_copy(arena, text);
    bool encoded = false;
    if (!copy) {
        error_set(err, "out of memory");
    } else if (encoder_open(&encoder, err)) {
        errno = 0;
        encoded = encode(&encoder, copy, level, arena, out);
        if (!encoded)
            error_set(err,
                      errno == ERANGE ? "the text is too long for a QR code" : "out of memory");
    }
    qr_library_close(&encoder.library);
    return encoded;
}

unsigned qr_size_least(const struct qr_code *code, unsigned margin)
{
    return code->width + 2 * margin;
}

unsigned qr_logo_modules(unsigned width)
{
    return (width * QR_LOGO_PERCENT / 100 - 1) | 1;
}
