/* SPDX-License-Identifier: MIT */
/* Parses the command line of curt.fcgi and runs it as a spawned worker, a prefork parent or a CGI
 * program. */
#include "app/serve.h"

#include <errno.h>
#include <getopt.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "app/worker.h"
#include "click/agent.h"
#include "config.h"
#include "db/migrate.h"
#include "fcgi/cgi.h"
#include "runtime/config.h"
#include "runtime/log.h"
#include "runtime/prefork.h"
#include "runtime/program.h"

enum {
    WORKERS_DEFAULT = 4,
    WORKERS_MAX = 1024,
    EXIT_USAGE = 2,
    LARGE_BYTES =
        128 *
        1024, /* allocations of at least this size are returned to the system when they are freed */
    REFUSAL_TIMEOUT_MS =
        10000, /* for the web server to take the error page of a broken configuration */
    HTTP_BROKEN = 500,
    SPAWNED_FD = 0, /* FCGI_LISTENSOCK_FILENO of the FastCGI specification, 2.2 */
};

struct options {
    const char *config_path;
    const char *listen;
    unsigned workers;
    bool check;
};

/* State of the process; the prefork parent's is copied to its children. */
struct serving {
    const char *config_path;
    struct config *config;
    struct log *log;
    struct program program;
    bool has_program; /* the running program file is known */
};

static void usage(FILE *out)
{
    fprintf(
        out,
        "Usage: curt.fcgi [--config FILE] [--listen unix:PATH|tcp:HOST:PORT [--workers N]]\n"
        "       curt.fcgi [--config FILE] --check\n"
        "\n"
        "Without --listen a web server must start it: with the FastCGI socket as descriptor 0,\n"
        "or as CGI for one request; CGI takes the configuration from the environment alone.\n"
        "\n"
        "  --config FILE   the configuration (default: %s)\n"
        "  --listen WHERE  listen there and keep a pool of workers\n"
        "  --workers N     the number of workers (default: 4)\n"
        "  --check         check that a worker could serve, print what prevents it, and exit\n"
        "  --help          print this text\n"
        "  --version       print the version and the list that bots are recognised by\n",
        config_default_path());
}

static bool parse_workers(const char *text, unsigned *out)
{
    char *end;
    errno = 0;
    unsigned long value = strtoul(text, &end, 10);
    if (errno || *end || end == text || value < 1 || value > WORKERS_MAX) {
        fprintf(stderr, "curt.fcgi: --workers takes a number from 1 to %d\n", WORKERS_MAX);
        return false;
    }
    *out = (unsigned)value;
    return true;
}

/* Reads the command line; -1 to go on, otherwise the exit status. */
static int serve_parse_options(int argc, char **argv, struct options *out)
{
    static const struct option known[] = {
        { "config", required_argument, NULL, 'c' },
        { "listen", required_argument, NULL, 'l' },
        { "workers", required_argument, NULL, 'w' },
        { "check", no_argument, NULL, 'k' },
        { "help", no_argument, NULL, 'h' },
        { "version", no_argument, NULL, 'v' },
        { NULL, 0, NULL, 0 },
    };
    *out = (struct options){ .workers = WORKERS_DEFAULT };
    for (int option; (option = getopt_long(argc, argv, "", known, NULL)) != -1;) {
        if (option == 'c') {
            out->config_path = optarg;
        } else if (option == 'l') {
            out->listen = optarg;
        } else if (option == 'w') {
            if (!parse_workers(optarg, &out->workers))
                return EXIT_USAGE;
        } else if (option == 'k') {
            out->check = true;
        } else if (option == 'h' || option == 'v') {
            if (option == 'h')
                usage(stdout);
            else
                printf("curt.fcgi " PACKAGE_VERSION "\nbots known by: %s\n", agent_list());
            return EXIT_SUCCESS;
        } else {
            usage(stderr);
            return EXIT_USAGE;
        }
    }
    if (optind == argc)
        return -1;
    fprintf(stderr, "curt.fcgi: unexpected argument \"%s\"\n", argv[optind]);
    return EXIT_USAGE;
}

static struct worker_options worker_of(struct serving *serving, int listen_fd)
{
    return (struct worker_options){
        .config = serving->config,
        .log = serving->log,
        .listen_fd = listen_fd,
        .program = serving->has_program ? &serving->program : NULL,
    };
}

/* Serves in a child of the prefork parent. Only the parent executes a newly installed program. */
static int serve_child(void *context, int listen_fd)
{
    struct serving *serving = context;
    const struct worker_options options = worker_of(serving, listen_fd);
    int status = worker_run(&options);
    return status == WORKER_USED_UP ? EXIT_SUCCESS : status; /* the parent starts a new worker */
}

static bool serve_reload(void *context, struct error *err)
{
    struct serving *serving = context;
    struct config *fresh = config_load(serving->config_path, err);
    if (!fresh)
        return false;
    config_free(&serving->config);
    serving->config = fresh;
    return true;
}

static int serve_pool(struct serving *serving, const struct options *options)
{
    const struct prefork prefork = {
        .listen = options->listen,
        .workers = options->workers,
        .log = serving->log,
        .serve = serve_child,
        .reload = serve_reload,
        .program = serving->has_program ? &serving->program : NULL,
        .context = serving,
    };
    return prefork_run(&prefork);
}

static bool is_spawned(void)
{
    int listening = 0;
    socklen_t size = sizeof(listening);
    return getsockopt(SPAWNED_FD, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) == 0 && listening;
}

static int serve_spawned(struct serving *serving)
{
    struct worker_options options = worker_of(serving, SPAWNED_FD);
    options.follows_program = true;
    if (is_spawned())
        return worker_run(&options);
    usage(stderr);
    return EXIT_USAGE;
}

/* Executes the program again as a fresh worker; the newly installed one when status is
 * WORKER_OUTDATED. A web server takes about a second to replace a worker that ends, and connections
 * waiting in its socket fail meanwhile; execv keeps the socket, and the pid that the web server
 * knows. If it fails, the worker ends. */
static int begin_anew(const struct serving *serving, int status, char **argv)
{
    if (status == WORKER_OUTDATED && is_spawned())
        (void)execv(serving->program.path, argv);
    if (is_spawned())
        (void)execv("/proc/self/exe", argv);
    return EXIT_SUCCESS;
}

/* Keeps a process small that once needed much memory, to flush clicks or to answer a long list:
 * large allocations are returned to the system when freed. Setting the threshold also keeps the C
 * library from raising it after the first such free. */
static void keep_memory_small(void)
{
    mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);
}

/* Serves one request by CGI. The command line is ignored: it may hold the words of the query (RFC
 * 3875, 4.4), which the visitor chooses (CVE-2012-1823). */
static int serve_cgi(void)
{
    struct error err = { "" };
    struct cgi cgi = cgi_open(&(struct cgi_options){
        .in_fd = STDIN_FILENO,
        .out_fd = STDOUT_FILENO,
        .variables = (const char *const *)environ,
        .read_timeout_ms = REFUSAL_TIMEOUT_MS,
    });
    struct config *config = config_load(NULL, &err);
    struct log *log = config ? log_open(&config->log, "curt") : NULL;
    int status = EXIT_FAILURE;
    if (log)
        status = worker_run_once(config, log, &cgi);
    else
        fprintf(stderr, "curt.fcgi: %s\n", config ? "out of memory" : err.text);
    cgi_refuse(&cgi, HTTP_BROKEN);
    log_close(&log);
    config_free(&config);
    return status;
}

/* curt.fcgi --check: checks in the database, within its time-outs, that the tables are of this
 * version or a later one, so that a worker of this program can take over from one of another
 * version; the configuration has been checked when it was read. Prints the problem on standard
 * error. */
static int serve_check(const struct config *config)
{
    struct error err = { "" };
    unsigned newest;
    if (migrate_newest(&config->mysql, &newest, &err) != MIGRATE_OK) {
        fprintf(stderr, "curt.fcgi: %s\n", err.text);
        return EXIT_FAILURE;
    }
    enum tables_age age = tables_age(newest);
    if (age == TABLES_MISSING || age == TABLES_OLDER) {
        fprintf(stderr, "curt.fcgi: the tables are %s: run curtctl db migrate\n",
                age == TABLES_OLDER ? "older than the program" : "missing");
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}

static int serve(struct serving *serving, const struct options *options)
{
    if (options->check)
        return serve_check(serving->config);
    serving->log = log_open(&serving->config->log, "curt");
    if (!serving->log)
        return EXIT_FAILURE;
    int status = options->listen ? serve_pool(serving, options) : serve_spawned(serving);
    log_close(&serving->log);
    return status;
}

int serve_main(int argc, char **argv)
{
    keep_memory_small();
    if (cgi_is_asked())
        return serve_cgi();
    (void)unsetenv(
        "GATEWAY_INTERFACE"); /* mod_fcgid sets it; programs that we execute are not CGI */
    struct options options;
    int status = serve_parse_options(argc, argv, &options);
    if (status >= 0)
        return status;
    struct error err = { "" };
    struct serving serving = { .config_path = options.config_path };
    serving.has_program = program_open(&serving.program, argv);
    serving.config = config_load(options.config_path, &err);
    if (!serving.config) {
        fprintf(stderr, "curt.fcgi: %s\n", err.text);
        return EXIT_FAILURE;
    }
    status = serve(&serving, &options);
    config_free(&serving.config);
    if (status == WORKER_USED_UP || status == WORKER_OUTDATED)
        return begin_anew(&serving, status, argv);
    return status;
}
