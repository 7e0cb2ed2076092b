/* SPDX-License-Identifier: MIT */
/* curt.fcgi: the FastCGI program, spawned by a web server or by its own prefork parent. */
#include "app/serve.h"

int main(int argc, char **argv)
{
    return serve_main(argc, argv);
}
