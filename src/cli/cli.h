/* SPDX-License-Identifier: MIT */
/* curtctl, from its command line to its exit status. */
#pragma once

/* Finds the command, loads the configuration where it needs one, runs it. */
int cli_main(int argc, char **argv);
