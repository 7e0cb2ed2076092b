/* SPDX-License-Identifier: MIT */
/* Writing a search tree, a data section and the metadata (MaxMind DB File Format, 2.0). */
#include "support/mmdb.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum {
    NODES_MAX = 2048,
    ENTRIES_MAX = 8,
    DATA_MAX = 1024,
    NOTHING = 1 << 20, /* a record without an entry, until the number of nodes is known */
    DATA = 1 << 21,    /* and with the entry at an offset */
    SEPARATOR = 16,
};

struct tree {
    uint32_t records[NODES_MAX][2];
    uint32_t n;
};

struct bytes {
    unsigned char at[DATA_MAX];
    size_t n;
};

static void put(struct bytes *to, const void *bytes, size_t n)
{
    memcpy(to->at + to->n, bytes, n);
    to->n += n;
}

/* Types are in the upper three bits of the control byte: 2 text, 5 uint16, 6 uint32, 7 map. */
static void put_control(struct bytes *to, unsigned type, size_t size)
{
    const unsigned char control = (unsigned char)(type << 5 | size);
    put(to, &control, 1);
}

static void put_text(struct bytes *to, const char *text)
{
    put_control(to, 2, strlen(text));
    put(to, text, strlen(text));
}

static void put_number(struct bytes *to, const char *name, unsigned type, uint32_t value)
{
    const unsigned char big[4] = { (unsigned char)(value >> 24), (unsigned char)(value >> 16),
                                   (unsigned char)(value >> 8), (unsigned char)value };
    size_t size = type == 5 ? 2 : 4;
    put_text(to, name);
    put_control(to, type, size);
    put(to, big + 4 - size, size);
}

static uint32_t add_node(struct tree *tree)
{
    tree->records[tree->n][0] = tree->records[tree->n][1] = NOTHING;
    return tree->n++;
}

/* The bits of an address in a tree for IPv6; IPv4 is below 96 zeros there. */
static bool bit_of(const struct network *network, unsigned i)
{
    bool mapped = address_is_ipv4(&network->base);
    return !(mapped && i < 96) && (network->base.bytes[i / 8] >> (7 - i % 8)) & 1;
}

static void add_network(struct tree *tree, const struct network *network, uint32_t data)
{
    uint32_t node = 0;
    for (unsigned i = 0; i + 1 < network->prefix; i++) {
        uint32_t *record = &tree->records[node][bit_of(network, i)];
        if (*record == NOTHING)
            *record = add_node(tree);
        node = *record;
    }
    tree->records[node][bit_of(network, network->prefix - 1)] = DATA + data;
}

static void put_entry(struct bytes *to, const char *country, enum country_form form)
{
    static const char *const names[COUNTRY_FORMS] = {
        [COUNTRY_ISO_CODE] = "country",  [COUNTRY_TEXT] = "country",
        [COUNTRY_FLAT] = "country_code", [COUNTRY_NAMED] = "country_code",
        [COUNTRY_NOWHERE] = "network",
    };
    put_control(to, 7, form == COUNTRY_NAMED ? 2 : 1);
    if (form == COUNTRY_NAMED) {
        put_text(to, "country");
        put_text(to, "A name");
    }
    put_text(to, names[form]);
    if (form == COUNTRY_ISO_CODE) {
        put_control(to, 7, 1);
        put_text(to, "iso_code");
    }
    put_text(to, country);
}

static void put_metadata(struct bytes *to, uint32_t nodes)
{
    put(to, "\xab\xcd\xefMaxMind.com", 14);
    put_control(to, 7, 9);
    put_text(to, "languages");
    put(to, "\x00\x04", 2); /* an array of none */
    put_text(to, "description");
    put_control(to, 7, 0);
    put_number(to, "binary_format_major_version", 5, 2);
    put_number(to, "binary_format_minor_version", 5, 0);
    put_text(to, "build_epoch");
    put(to, "\x01\x02\x01", 3); /* a uint64 of one byte */
    put_text(to, "database_type");
    put_text(to, "Test");
    put_number(to, "ip_version", 5, 6);
    put_number(to, "node_count", 6, nodes);
    put_number(to, "record_size", 5, 32);
}

static void write_tree(FILE *file, const struct tree *tree)
{
    for (uint32_t i = 0; i < tree->n; i++) {
        for (unsigned bit = 0; bit < 2; bit++) {
            uint32_t record = tree->records[i][bit];
            if (record == NOTHING)
                record = tree->n;
            else if (record >= DATA)
                record = tree->n + SEPARATOR + record - DATA;
            for (int shift = 24; shift >= 0; shift -= 8)
                fputc((int)(record >> shift & 0xff), file);
        }
    }
}

bool mmdb_write(const char *path, const struct mmdb_entry *entries, size_t n,
                enum country_form form)
{
    static const unsigned char separator[SEPARATOR];
    struct tree tree = { .n = 0 };
    struct bytes data = { .n = 0 };
    char scratch[256];
    add_node(&tree);
    for (size_t i = 0; i < n && i < ENTRIES_MAX; i++) {
        struct network network;
        if (!network_parse(slice_of(entries[i].network), &network))
            return false;
        add_network(&tree, &network, (uint32_t)data.n);
        put_entry(&data, entries[i].country, form);
    }
    put_metadata(&data, tree.n);
    snprintf(scratch, sizeof(scratch), "%s.new", path);
    FILE *file = fopen(scratch, "we");
    if (!file)
        return false;
    write_tree(file, &tree);
    fwrite(separator, 1, sizeof(separator), file);
    fwrite(data.at, 1, data.n, file);
    return fclose(file) == 0 && rename(scratch, path) == 0;
}
