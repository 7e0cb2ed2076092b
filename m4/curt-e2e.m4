dnl SPDX-License-Identifier: MIT
dnl CURT_E2E: the Python that can run the end-to-end tests, unless --disable-e2e. The system's own comes
dnl first, since that is where the distribution's packages put pytest.
AC_DEFUN([CURT_E2E], [
  AC_ARG_VAR([PYTHON], [Python 3 with pytest and pymysql, for the end-to-end tests])
  AC_ARG_ENABLE([e2e],
    [AS_HELP_STRING([--disable-e2e], [leave the end-to-end tests out of `make check'])],
    [], [enable_e2e=yes])
  AS_IF([test "x$enable_e2e" = xyes], [
    AC_MSG_CHECKING([for a Python with pytest and pymysql])
    curt_python=
    for curt_candidate in "$PYTHON" /usr/bin/python3 python3; do
      AS_IF([test -z "$curt_python" && test -n "$curt_candidate" &&
             "$curt_candidate" -c 'import pytest, pymysql' >/dev/null 2>&1],
        [curt_python=$curt_candidate])
    done
    AC_MSG_RESULT([${curt_python:-none}])
    PYTHON=$curt_python
    AS_IF([test -z "$curt_python"], [
      enable_e2e=no
      AC_MSG_WARN([the end-to-end tests are left out; for them install the Debian packages python3-pytest and python3-pymysql])
    ])
  ])
  AC_CHECK_PROG([curt_have_python3], [python3], [yes], [no])
  AM_CONDITIONAL([HAVE_PYTHON3], [test "x$curt_have_python3" = xyes])
  AM_CONDITIONAL([E2E], [test "x$enable_e2e" = xyes])
])
