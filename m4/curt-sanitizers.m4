dnl SPDX-License-Identifier: MIT
dnl CURT_SANITIZERS: --enable-sanitizers builds with ASan and UBSan; whatever they find ends the program.
AC_DEFUN([CURT_SANITIZERS], [
  AC_ARG_ENABLE([sanitizers],
    [AS_HELP_STRING([--enable-sanitizers], [build with the address and undefined-behaviour sanitizers])],
    [], [enable_sanitizers=no])
  AS_IF([test "x$enable_sanitizers" = xyes], [
    curt_sanitizers=
    CURT_TRY_FLAGS([curt_sanitizers], [-fsanitize=address,undefined -fno-sanitize-recover=all],
      [AC_MSG_ERROR([$CC cannot build with sanitizers (gcc: libasan and libubsan; clang: Debian package libclang-rt-dev)])])
    CURT_CFLAGS="$CURT_CFLAGS$curt_sanitizers -fno-omit-frame-pointer"
    CURT_LDFLAGS="$CURT_LDFLAGS$curt_sanitizers"
  ])
])
