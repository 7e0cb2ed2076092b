dnl SPDX-License-Identifier: MIT
dnl Libraries found by pkg-config, and libunistring, which it does not know.

dnl CURT_DEPEND(VARIABLE, MODULE, DEBIAN-PACKAGE): a library Curt cannot do without.
AC_DEFUN([CURT_DEPEND], [
  PKG_CHECK_MODULES([$1], [$2], [],
    [AC_MSG_ERROR([$2 not found by pkg-config: install the Debian package $3])])
])

dnl CURT_DEPEND_FOR_TESTS(VARIABLE, MODULE, DEBIAN-PACKAGE): a library only the tests need; sets the
dnl conditional HAVE_VARIABLE.
AC_DEFUN([CURT_DEPEND_FOR_TESTS], [
  PKG_CHECK_MODULES([$1], [$2], [curt_have_$1=yes],
    [curt_have_$1=no
     AC_MSG_WARN([$2 not found by pkg-config: the C tests are left out; for them install the Debian package $3])])
  AM_CONDITIONAL([HAVE_$1], [test "x$curt_have_$1" = xyes])
])

dnl CURT_UNISTRING: sets UNISTRING_LIBS.
AC_DEFUN([CURT_UNISTRING], [
  curt_saved_LIBS=$LIBS
  AC_CHECK_HEADER([uninorm.h], [AC_CHECK_LIB([unistring], [u32_casefold], [UNISTRING_LIBS=-lunistring])])
  LIBS=$curt_saved_LIBS
  AS_IF([test -z "$UNISTRING_LIBS"],
    [AC_MSG_ERROR([libunistring not found: install the Debian package libunistring-dev])])
  AC_SUBST([UNISTRING_LIBS])
])
