/* SPDX-License-Identifier: MIT */
/* Draws a code as PNG, row by row, and decodes logos, with libpng. */
#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qr/qr_private.h"

#define SONAME "libpng16.so.16"

enum {
    RGB = 3,
    RGBA = 4,
    OPAQUE = 255,
    COLOURS = 2, /* of the colour map: light, dark */
    QUICK = 1,   /* zlib's level for all colours: half the time, in a file of twice the size */
    THOROUGH = 6,
};

/* The functions of libpng, by name. */
#define FUNCTIONS(F)                    \
    F(png_create_write_struct)          \
    F(png_create_info_struct)           \
    F(png_set_longjmp_fn)               \
    F(png_init_io)                      \
    F(png_set_IHDR)                     \
    F(png_set_PLTE)                     \
    F(png_set_packing)                  \
    F(png_set_filter)                   \
    F(png_set_compression_level)        \
    F(png_write_info)                   \
    F(png_write_row)                    \
    F(png_write_end)                    \
    F(png_destroy_write_struct)         \
    F(png_image_begin_read_from_memory) \
    F(png_image_finish_read)            \
    F(png_image_free)

struct codec {
    struct qr_library library;
// NOLINTNEXTLINE(bugprone-macro-parentheses): a member cannot stand in parentheses
#define MEMBER(name) __typeof__(&(name)) name;
    FUNCTIONS(MEMBER)
#undef MEMBER
};

static bool codec_open(struct codec *codec, struct error *err)
{
    bool found = qr_library_open(&codec->library, SONAME, err);
#define FIND(name) found = found && qr_library_find(&codec->library, #name, &codec->name, err);
    FUNCTIONS(FIND)
#undef FIND
    return found;
}

/* --- a row of the picture --- */

/* A code as it is drawn. */
struct picture {
    const struct qr_code *code;
    const struct qr_style *style;
    unsigned scale; /* pixels of a module */
    unsigned at;    /* pixels before the code, at the left and at the top */
};

static struct picture picture_of(const struct qr_code *code, const struct qr_style *style)
{
    unsigned scale = style->size / qr_size_least(code, style->margin);
    return (struct picture){ code, style, scale, (style->size - scale * code->width) / 2 };
}

/* Sets a byte for each pixel of row `y`: 1 for a dark one. */
static void draw_row(const struct picture *picture, unsigned y, unsigned char *row)
{
    const struct qr_code *code = picture->code;
    unsigned line = y < picture->at ? code->width : (y - picture->at) / picture->scale;
    memset(row, 0, picture->style->size);
    if (line >= code->width)
        return;
    const unsigned char *modules = code->modules + (size_t)line * code->width;
    for (unsigned i = 0; i < code->width; i++)
        memset(row + picture->at + i * picture->scale, modules[i], picture->scale);
}

/* --- the logo --- */

/* The pixels of a logo from (left, top) up to (right, bottom). */
struct part {
    unsigned left, top, right, bottom;
};

/* Sets a pixel to the mean of a part of the logo on the light colour. */
static void blend(unsigned char *out, const struct qr_logo *logo, struct part part,
                  struct colour light)
{
    const unsigned char back[RGB] = { light.red, light.green, light.blue };
    uint64_t sums[RGB] = { 0 };
    uint64_t opacity = 0;
    for (unsigned y = part.top; y < part.bottom; y++) {
        const unsigned char *at = logo->pixels + ((size_t)y * logo->width + part.left) * RGBA;
        for (unsigned x = part.left; x < part.right; x++, at += RGBA) {
            for (unsigned i = 0; i < RGB; i++)
                sums[i] += (uint64_t)at[i] * at[RGB];
            opacity += at[RGB];
        }
    }
    uint64_t whole = (uint64_t)OPAQUE * (part.right - part.left) * (part.bottom - part.top);
    for (unsigned i = 0; i < RGB; i++)
        out[i] = (unsigned char)((sums[i] + (whole - opacity) * back[i] + whole / 2) / whole);
}

static unsigned at_least_one_more(unsigned end, unsigned begin)
{
    return end > begin ? end : begin + 1;
}

/* Where the logo is: in the middle of its square, with half a module of the light colour around
 * it. */
static struct part logo_place(const struct picture *picture, unsigned at, unsigned side)
{
    const struct qr_logo *logo = picture->style->logo;
    unsigned room = side - picture->scale;
    unsigned longer = logo->width > logo->height ? logo->width : logo->height;
    unsigned width = at_least_one_more(logo->width * room / longer, 0);
    unsigned height = at_least_one_more(logo->height * room / longer, 0);
    struct part place = { .left = at + (side - width) / 2, .top = at + (side - height) / 2 };
    place.right = place.left + width;
    place.bottom = place.top + height;
    return place;
}

/* Draws row `y` of the logo, which is scaled to its place. */
static void draw_logo_line(const struct picture *picture, struct part place, unsigned y,
                           unsigned char *row)
{
    const struct qr_logo *logo = picture->style->logo;
    unsigned width = place.right - place.left;
    unsigned height = place.bottom - place.top;
    struct part from = { .top = (y - place.top) * logo->height / height };
    from.bottom = at_least_one_more((y - place.top + 1) * logo->height / height, from.top);
    for (unsigned x = 0; x < width; x++) {
        from.left = x * logo->width / width;
        from.right = at_least_one_more((x + 1) * logo->width / width, from.left);
        blend(row + (size_t)RGB * (place.left + x), logo, from, picture->style->light);
    }
}

/* Makes three bytes of each pixel of row `y`, and draws what the logo has of it. */
static void draw_logo_row(const struct picture *picture, unsigned y, const unsigned char *pixels,
                          unsigned char *row)
{
    const struct qr_style *style = picture->style;
    unsigned modules = qr_logo_modules(picture->code->width);
    unsigned at = picture->at + (picture->code->width - modules) / 2 * picture->scale;
    unsigned side = modules * picture->scale;
    bool has_logo = y >= at && y < at + side;
    for (unsigned x = 0; x < style->size; x++) {
        bool is_free = has_logo && x >= at && x < at + side;
        struct colour colour = pixels[x] && !is_free ? style->dark : style->light;
        memcpy(row + (size_t)RGB * x, (unsigned char[]){ colour.red, colour.green, colour.blue },
               RGB);
    }
    struct part place = logo_place(picture, at, side);
    if (y >= place.top && y < place.bottom)
        draw_logo_line(picture, place, y, row);
}

/* --- the file --- */

/* What writes a file, and the row that it writes. */
struct png_file {
    const struct codec *codec;
    const struct picture *picture;
    png_structp png;
    png_infop info;
    unsigned char pixels[QR_SIZE_MAX];
    unsigned char row[RGB * QR_SIZE_MAX];
};

/* Without a logo a pixel takes a bit, with one the three bytes of its colour. */
static void png_file_begin(struct png_file *file)
{
    const struct codec *codec = file->codec;
    const struct qr_style *style = file->picture->style;
    const png_color map[COLOURS] = {
        { style->light.red, style->light.green, style->light.blue },
        { style->dark.red, style->dark.green, style->dark.blue },
    };
    codec->png_set_IHDR(file->png, file->info, style->size, style->size, style->logo ? 8 : 1,
                        style->logo ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_PALETTE,
                        PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    if (!style->logo)
        codec->png_set_PLTE(file->png, file->info, map, COLOURS);
    codec->png_set_filter(file->png, PNG_FILTER_TYPE_BASE, PNG_FILTER_NONE);
    codec->png_set_compression_level(file->png, style->logo ? QUICK : THOROUGH);
    codec->png_write_info(file->png, file->info);
    codec->png_set_packing(file->png);
}

/* Writes the file to `out`. On an error libpng comes back to setjmp. */
static bool png_file_write(struct png_file *file, FILE *out)
{
    const struct codec *codec = file->codec;
    const struct picture *picture = file->picture;
    if (setjmp(*codec->png_set_longjmp_fn(file->png, longjmp, sizeof(jmp_buf))))
        return false;
    codec->png_init_io(file->png, out);
    png_file_begin(file);
    for (unsigned y = 0; y < picture->style->size; y++) {
        draw_row(picture, y, file->pixels);
        if (picture->style->logo)
            draw_logo_row(picture, y, file->pixels, file->row);
        codec->png_write_row(file->png, picture->style->logo ? file->row : file->pixels);
    }
    codec->png_write_end(file->png, NULL);
    return true;
}

static bool png_write(const struct codec *codec, const struct picture *picture, FILE *out)
{
    struct png_file file = { .codec = codec, .picture = picture };
    file.png = codec->png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    file.info = file.png ? codec->png_create_info_struct(file.png) : NULL;
    bool written = file.info && png_file_write(&file, out);
    codec->png_destroy_write_struct(&file.png, &file.info);
    return written;
}

/* Writes into memory that grows, and copies that into the arena. */
static struct slice draw(const struct codec *codec, const struct picture *picture,
                         struct arena *arena, struct error *err)
{
    char *bytes = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&bytes, &n);
    bool written = out && png_write(codec, picture, out);
    written = out && fclose(out) == 0 && written;
    struct slice file = { NULL, 0 };
    if (written)
        file.at = arena_copy(arena, (struct slice){ bytes, n });
    free(bytes);
    file.len = file.at ? n : 0;
    if (!file.at)
        error_set(err, "out of memory");
    return file;
}

struct slice qr_png(const struct qr_code *code, const struct qr_style *style, struct arena *arena,
                    struct error *err)
{
    const struct picture picture = picture_of(code, style);
    struct codec codec;
    struct slice file = { NULL, 0 };
    if (codec_open(&codec, err))
        file = draw(&codec, &picture, arena, err);
    qr_library_close(&codec.library);
    return file;
}

/* --- reading a logo --- */

static bool decode(const struct codec *codec, struct slice png, struct arena *arena,
                   struct qr_logo *out, struct error *err)
{
    png_image image = { .version = PNG_IMAGE_VERSION };
    if (!codec->png_image_begin_read_from_memory(&image, png.at, png.len))
        return error_set(err, "%s", image.message);
    bool fits = image.width <= QR_LOGO_SIDE_MAX && image.height <= QR_LOGO_SIDE_MAX;
    image.format = PNG_FORMAT_RGBA;
    unsigned char *pixels = fits ? arena_alloc(arena, PNG_IMAGE_SIZE(image)) : NULL;
    *out = (struct qr_logo){ image.width, image.height, pixels, png };
    if (pixels && codec->png_image_finish_read(&image, NULL, pixels, 0, NULL))
        return true;
    if (!fits)
        error_set(err, "it has %u x %u pixels: at most %d x %d are allowed", image.width,
                  image.height, QR_LOGO_SIDE_MAX, QR_LOGO_SIDE_MAX);
    else
        error_set(err, "%s", pixels ? image.message : "out of memory");
    codec->png_image_free(&image);
    return false;
}

bool qr_logo_read(struct slice png, struct arena *arena, struct qr_logo *out, struct error *err)
{
    struct codec codec = { .library = { NULL } };
    bool decoded = false;
    if (png.len > QR_LOGO_BYTES_MAX)
        error_set(err, "it has more than %d bytes", QR_LOGO_BYTES_MAX);
    else if (codec_open(&codec, err))
        decoded = decode(&codec, png, arena, out, err);
    qr_library_close(&codec.library);
    return decoded;
}
