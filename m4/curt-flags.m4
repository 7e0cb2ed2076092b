dnl SPDX-License-Identifier: MIT
dnl Flags go to CURT_CPPFLAGS, CURT_CFLAGS and CURT_LDFLAGS, which the Makefile adds to its AM_ variables:
dnl the user's own CFLAGS, CPPFLAGS and LDFLAGS are never edited and come last.

dnl CURT_TRY_FLAGS(VARIABLE, FLAGS, [IF-NOT])
dnl Appends FLAGS to VARIABLE when the compiler and the linker take them without a warning.
AC_DEFUN([CURT_TRY_FLAGS], [
  AC_MSG_CHECKING([whether $CC takes][ $2])
  curt_saved_CFLAGS=$CFLAGS
  CFLAGS=["$CFLAGS -Werror $2"]
  AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <stdlib.h>]], [[return 0;]])],
    [AC_MSG_RESULT([yes])
     AS_VAR_APPEND([$1], [[" $2"]])],
    [AC_MSG_RESULT([no])
     $3])
  CFLAGS=$curt_saved_CFLAGS
])

AC_SUBST([CURT_CPPFLAGS])
AC_SUBST([CURT_CFLAGS])
AC_SUBST([CURT_LDFLAGS])
