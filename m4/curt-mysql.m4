dnl SPDX-License-Identifier: MIT
dnl CURT_MYSQL: MariaDB's or Oracle's client library, and where the two differ.
dnl config.h gets HAVE_MY_BOOL, HAVE_DECL_MYSQL_OPT_SSL_MODE (Oracle), and
dnl HAVE_DECL_MYSQL_OPT_SSL_VERIFY_SERVER_CERT and HAVE_DECL_MYSQL_OPT_SSL_ENFORCE (MariaDB).
AC_DEFUN([CURT_MYSQL], [
  AC_ARG_WITH([mysql],
    [AS_HELP_STRING([--with-mysql=auto|mariadb|mysql], [client library to use @<:@auto: the first found@:>@])],
    [], [with_mysql=auto])
  AS_CASE([$with_mysql],
    [auto], [curt_mysql_modules="libmariadb mysqlclient"],
    [mariadb], [curt_mysql_modules=libmariadb],
    [mysql], [curt_mysql_modules=mysqlclient],
    [AC_MSG_ERROR([--with-mysql takes auto, mariadb or mysql, not "$with_mysql"])])

  curt_mysql_module=
  for curt_module in $curt_mysql_modules; do
    AS_IF([test -z "$curt_mysql_module" && $PKG_CONFIG --exists "$curt_module"],
      [curt_mysql_module=$curt_module])
  done
  AS_IF([test -z "$curt_mysql_module"],
    [AC_MSG_ERROR([$curt_mysql_modules not found by pkg-config: install the Debian package libmariadb-dev (or libmysqlclient-dev)])])
  PKG_CHECK_MODULES([MYSQL], [$curt_mysql_module])

  curt_saved_CPPFLAGS=$CPPFLAGS
  CPPFLAGS="$CPPFLAGS $MYSQL_CFLAGS"
  AC_CHECK_TYPES([my_bool], [], [], [[#include <mysql.h>]])
  AC_CHECK_DECLS([MYSQL_OPT_SSL_MODE, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, MYSQL_OPT_SSL_ENFORCE],
    [], [], [[#include <mysql.h>]])
  CPPFLAGS=$curt_saved_CPPFLAGS
])
