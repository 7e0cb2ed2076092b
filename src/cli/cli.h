/* SPDX-License-Identifier: MIT */
/* The main function of curtctl. */
#pragma once

/* Finds the command, loads the configuration if the command needs it, and runs it. Returns the exit
 * status. */
int cli_main(int argc, char **argv);
