/* SPDX-License-Identifier: MIT */
/* curtctl completion: prints a shell function, made from the table of commands, that completes
 * command lines. */
#include <stdio.h>
#include <string.h>

#include "cli/arguments.h"
#include "cli/command.h"

/* Prints the options in "[--schema DIR] ID", each after a space. */
static void print_options(const char *arguments)
{
    struct argument option;
    while (arguments_next(&arguments, &option))
        printf(" --%.*s", SLICE_ARG(option.name));
}

/* Whether command `i` is the first in the table with its first word. */
static bool first_of_its_kind(const struct command *commands, size_t i)
{
    size_t len = strcspn(commands[i].words, " ");
    for (size_t j = 0; j < i; j++) {
        if (strncmp(commands[j].words, commands[i].words, len + 1) == 0 ||
            (strncmp(commands[j].words, commands[i].words, len) == 0 &&
             commands[j].words[len] == '\0'))
            return false;
    }
    return true;
}

static void print_first_words(const struct command *commands, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (first_of_its_kind(commands, i))
            printf(" %.*s", (int)strcspn(commands[i].words, " "), commands[i].words);
    }
}

/* Prints the words that may follow the first word of command `i`. */
static void print_second_words(const struct command *commands, size_t n, size_t i)
{
    size_t len = strcspn(commands[i].words, " ") + 1;
    for (size_t j = 0; j < n; j++) {
        if (strncmp(commands[j].words, commands[i].words, len) == 0)
            printf(" %s", commands[j].words + len);
    }
}

/* Prints what offers the words from which an option's value has to be. */
static void print_choices(const struct command *command, const struct argument *option)
{
    printf("    \"%s --%.*s\"", command->words, SLICE_ARG(option->name));
    if (!strchr(command->words, ' '))
        printf("|\"%s \"*\" --%.*s\"", command->words, SLICE_ARG(option->name));
    fputs(") COMPREPLY=($(compgen -W '", stdout);
    for (size_t i = 0; i < option->value.len; i++)
        putchar(option->value.at[i] == '|' ? ' ' : option->value.at[i]);
    puts("' -- \"$current\")); return ;;");
}

static void print_all_choices(const struct command *commands, size_t n)
{
    struct argument option;
    for (size_t i = 0; i < n; i++) {
        for (const char *rest = commands[i].arguments; arguments_next(&rest, &option);) {
            if (argument_has_choices(&option))
                print_choices(&commands[i], &option);
        }
    }
}

/* Whether the command has a file as its operand: "[FILE|-]". */
static bool takes_file(const char *arguments)
{
    const char *last = strrchr(arguments, ' ');
    last = last ? last + 1 : arguments;
    return strncmp(last + (*last == '['), "FILE", strlen("FILE")) == 0;
}

static void print_cases(const struct command *commands, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        bool two = strchr(commands[i].words, ' ') != NULL;
        if (two && first_of_its_kind(commands, i)) {
            printf("    \"%.*s\") words=\"", (int)strcspn(commands[i].words, " "),
                   commands[i].words);
            print_second_words(commands, n, i);
            puts("\" ;;");
        }
        if (two)
            printf("    \"%s\") words=\"--json --config", commands[i].words);
        else
            printf("    \"%s\"|\"%s \"*) words=\"--json --config", commands[i].words,
                   commands[i].words);
        print_options(commands[i].arguments);
        puts(takes_file(commands[i].arguments) ? "\"; files=yes ;;" : "\" ;;");
    }
}

/* One function for both shells: zsh uses it through bashcompinit. */
static void print_function(void)
{
    size_t n;
    const struct command *commands = cli_commands(&n);
    puts("_curtctl_files()\n"
         "{\n"
         "    local IFS=$'\\n'\n"
         "    compopt -o filenames 2> /dev/null\n"
         "    COMPREPLY=($(compgen -f -- \"$1\"))\n"
         "}\n"
         "_curtctl()\n"
         "{\n"
         "    local current=${COMP_WORDS[COMP_CWORD]} given=() word skip= words files=\n"
         "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
         "        if [ -n \"$skip\" ]; then skip=; continue; fi\n"
         "        case $word in\n"
         "        --config) skip=yes ;;\n"
         "        -*) ;;\n"
         "        *) given+=(\"$word\") ;;\n"
         "        esac\n"
         "    done\n"
         "    local two=\"${given[*]:0:2}\"\n"
         "    case \"$two ${COMP_WORDS[COMP_CWORD-1]}\" in\n"
         "    *\" --config\"|*\" --schema\") _curtctl_files \"$current\"; return ;;\n"
         "    *\" --by\") COMPREPLY=($(compgen -W 'referrer country browser os device' -- "
         "\"$current\")); return ;;");
    print_all_choices(commands, n);
    puts("    esac\n"
         "    case $two in");
    fputs("    \"\") words=\"--help --version --json --config", stdout);
    print_first_words(commands, n);
    puts("\" ;;");
    print_cases(commands, n);
    puts("    *) words=\"--json --config\" ;;\n"
         "    esac\n"
         "    if [ -n \"$files\" ] && [ \"${current:0:1}\" != - ]; then\n"
         "        _curtctl_files \"$current\"; return\n"
         "    fi\n"
         "    COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
         "}");
}

enum cli_status command_completion(const struct invocation *invocation, struct cli_context *context)
{
    const char *shell = invocation->operands[0];
    (void)context;
    bool zsh = strcmp(shell, "zsh") == 0;
    if (!zsh && strcmp(shell, "bash") != 0)
        return cli_fail(CLI_USAGE, "completion: %s is not supported, only bash and zsh are", shell);
    if (zsh)
        puts("#compdef curtctl\nautoload -U +X bashcompinit && bashcompinit");
    print_function();
    puts("complete -o default -F _curtctl curtctl");
    return CLI_OK;
}
