dnl SPDX-License-Identifier: MIT
dnl CURT_FUZZERS: --enable-fuzzers links the fuzz targets with libFuzzer. Without it they link a driver
dnl that replays their corpora in `make check`.
AC_DEFUN([CURT_FUZZERS], [
  AC_ARG_ENABLE([fuzzers],
    [AS_HELP_STRING([--enable-fuzzers], [build the fuzz targets with libFuzzer (needs CC=clang)])],
    [], [enable_fuzzers=no])
  FUZZER_LDFLAGS=
  AS_IF([test "x$enable_fuzzers" = xyes], [
    CURT_TRY_FLAGS([CURT_CFLAGS], [-fsanitize=fuzzer-no-link],
      [AC_MSG_ERROR([--enable-fuzzers needs CC=clang and libFuzzer (Debian packages clang and libclang-rt-dev)])])
    FUZZER_LDFLAGS=-fsanitize=fuzzer
  ])
  AC_SUBST([FUZZER_LDFLAGS])
  AM_CONDITIONAL([FUZZERS], [test "x$enable_fuzzers" = xyes])
])
