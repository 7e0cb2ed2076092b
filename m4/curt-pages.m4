dnl SPDX-License-Identifier: MIT
dnl CURT_PAGES: the libraries that the pages for browsers are made with. PAGES_MODULES is what script/bootstrap has
dnl fetched, or the folder of --with-pages, or "no". PAGES_FILES is the folder of the files made from them and www/pages/:
dnl in a tarball they are there already.
AC_DEFUN([CURT_PAGES], [
  AC_ARG_WITH([pages],
    [AS_HELP_STRING([--with-pages=DIR|no],
      [node_modules with preact, htm, uplot and world-atlas, for the pages @<:@what script/bootstrap fetched@:>@])],
    [], [with_pages=auto])
  AC_PATH_PROGS([PYTHON3], [python3], [], [/usr/bin:$PATH])
  curt_fetched=`cd "$srcdir" && pwd`/build/pages/node_modules
  PAGES_MODULES=no PAGES_FILES=www/files
  AS_CASE([$with_pages],
    [auto], [AS_IF([test -r "$curt_fetched/preact/package.json" && test -n "$PYTHON3"], [PAGES_MODULES=$curt_fetched])],
    [no], [],
    [PAGES_MODULES=$with_pages
     AS_IF([test ! -r "$PAGES_MODULES/preact/package.json"], [AC_MSG_ERROR([$PAGES_MODULES has no preact])])])

  curt_pages=yes curt_build_pages=yes
  AS_IF([test "$PAGES_MODULES" != no], [],
    [test "x$with_pages" != xno && test -e "$srcdir/src/web/pages_files.c"],
      [curt_pages="as in the tarball" curt_build_pages=no PAGES_FILES='$(srcdir)/www/files'],
    [curt_pages=no
     AS_IF([test "x$with_pages" != xno],
       [AC_MSG_WARN([this build has no pages for browsers; script/bootstrap fetches what they need (npm packages preact, htm, uplot and world-atlas)])])])
  AS_IF([test "$curt_build_pages" = yes && test -z "$PYTHON3"],
    [AC_MSG_ERROR([python3 makes the pages: install the Debian package python3])])
  AC_SUBST([PAGES_MODULES])
  AC_SUBST([PAGES_FILES])
  AM_CONDITIONAL([BUILD_PAGES], [test "$curt_build_pages" = yes])
  AM_CONDITIONAL([HAVE_PAGES_MODULES], [test "$PAGES_MODULES" != no])
])
