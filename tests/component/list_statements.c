/* SPDX-License-Identifier: MIT */
/* Prints every statement of the program as JSON lines: its name, its text, the text with examples
 * for its parameters ("example"), and whether it only reads. */
#include <stdio.h>

#include "support/statement_text.h"

static void print_string(const char *text)
{
    putchar('"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            putchar('\\');
        if ((unsigned char)*text < ' ')
            printf("\\u%04x", (unsigned char)*text);
        else
            putchar(*text);
    }
    putchar('"');
}

static void print_member(const char *before, const char *name, const char *value)
{
    printf("%s\"%s\": ", before, name);
    print_string(value);
}

int main(void)
{
    for (unsigned id = 0; id < STATEMENT_COUNT; id++) {
        const struct statement *statement = statement_of((enum statement_id)id);
        char example[4096];
        if (!statement_with_examples((enum statement_id)id, example, sizeof(example))) {
            fprintf(stderr, "%s: the examples do not fit\n", statement->name);
            return 1;
        }
        print_member("{", "name", statement->name);
        print_member(", ", "text", statement->text);
        print_member(", ", "example", example);
        printf(", \"reads\": %s}\n", statement->reads ? "true" : "false");
    }
    return 0;
}
