/* SPDX-License-Identifier: MIT */
/* curt.fcgi and curtctl in one program file for the folder that script/hosting makes: the file has
 * two names, so that statically linked libraries are included once. */
#include <stdbool.h>
#include <stdio.h>

#include "app/serve.h"
#include "cli/cli.h"
#include "runtime/folder.h"

int main(int argc, char **argv)
{
    bool is_curtctl;
    struct error err;
    if (!folder_enter(argv[0], "curtctl", &is_curtctl, &err)) {
        fprintf(stderr, "curt: %s\n", err.text);
        return 1;
    }
    return is_curtctl ? cli_main(argc, argv) : serve_main(argc, argv);
}
