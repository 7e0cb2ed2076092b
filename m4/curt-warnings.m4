dnl SPDX-License-Identifier: MIT
dnl CURT_WARNINGS: the warnings Curt compiles without; errors only with --enable-werror.
AC_DEFUN([CURT_WARNINGS], [
  AC_ARG_ENABLE([werror],
    [AS_HELP_STRING([--enable-werror], [treat compiler warnings as errors])],
    [], [enable_werror=no])
  m4_foreach_w([curt_flag],
    [-Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition
     -Wformat=2 -Wundef -Wpointer-arith -Wwrite-strings -Wvla -Wduplicated-cond -Wlogical-op],
    [CURT_TRY_FLAGS([CURT_CFLAGS], curt_flag)])
  AS_IF([test "x$enable_werror" = xyes], [CURT_CFLAGS="$CURT_CFLAGS -Werror"])
])
