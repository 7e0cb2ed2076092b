/* SPDX-License-Identifier: MIT */
/* Another version of Curt, for a test: opens the shared segment as that version would, takes an id
 * if there is one, and stores one. src/shm/segment.c is compiled here with another version number.
 */
#include <stdio.h>

#include "shm/segment.h"

enum { EXIT_FAILED = 2, EXIT_FOUND = 3 };

int main(int argc, char **argv)
{
    struct error err = { "" };
    struct segment *segment;
    uint64_t id;
    uint64_t left;
    const struct segment_options options = { .path = argc > 1 ? argv[1] : NULL };
    if (segment_open(&options, &segment, &err) != PRIVATE_FILE_OK) {
        fprintf(stderr, "%s\n", err.text);
        return EXIT_FAILED;
    }
    bool found = segment_id_take(segment, "default", &id, &left);
    bool put = segment_id_put(segment, "default", (struct id_range){ 100, 102 });
    segment_close(&segment);
    return found ? EXIT_FOUND : put ? 0 : EXIT_FAILED;
}
