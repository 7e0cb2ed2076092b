dnl SPDX-License-Identifier: MIT
dnl CURT_CRAWLERS: the list of bots to compile in. CRAWLERS_JSON is what script/bootstrap has fetched, or
dnl the file of --with-crawlers, or nothing; in a tarball, src/click/agent_table.c has it already.
AC_DEFUN([CURT_CRAWLERS], [
  AC_ARG_WITH([crawlers],
    [AS_HELP_STRING([--with-crawlers=FILE|no],
      [crawler-user-agents.json, to know bots by @<:@what script/bootstrap fetched@:>@])],
    [], [with_crawlers=auto])
  AC_PATH_PROGS([PYTHON3], [python3], [], [/usr/bin:$PATH])
  CRAWLERS_JSON=
  AS_CASE([$with_crawlers],
    [auto], [
      curt_fetched=`cd "$srcdir" && pwd`/build/crawlers/node_modules/crawler-user-agents/crawler-user-agents.json
      AS_IF([test -r "$curt_fetched" && test -n "$PYTHON3"], [CRAWLERS_JSON=$curt_fetched])],
    [no], [],
    [CRAWLERS_JSON=$with_crawlers
     AS_IF([test ! -r "$CRAWLERS_JSON"], [AC_MSG_ERROR([cannot read $CRAWLERS_JSON])])])

  AS_IF([test -n "$CRAWLERS_JSON"], [curt_crawlers=crawler-user-agents curt_compile_agents=yes],
    [test "x$with_crawlers" != xno && test -e "$srcdir/src/click/agent_table.c"],
      [curt_crawlers="as in the tarball" curt_compile_agents=no],
    [curt_crawlers="generic words only" curt_compile_agents=yes
     AS_IF([test "x$with_crawlers" != xno],
       [AC_MSG_WARN([bots are known by generic words only; script/bootstrap fetches a list (npm package crawler-user-agents)])])])
  AS_IF([test "$curt_compile_agents" = yes && test -z "$PYTHON3"],
    [AC_MSG_ERROR([python3 compiles the list of bots: install the Debian package python3])])
  AC_SUBST([CRAWLERS_JSON])
  AM_CONDITIONAL([COMPILE_AGENTS], [test "$curt_compile_agents" = yes])
])
