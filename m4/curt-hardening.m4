dnl SPDX-License-Identifier: MIT
dnl CURT_HARDENING: the hardening flags the compiler knows, unless --disable-hardening.
dnl _FORTIFY_SOURCE is left out where it would hide finds (sanitizers) or warn (no optimization, the
dnl user's own level). Level 3 is to be had with gcc 12, clang 9 and glibc 2.34; the C library says so of an
dnl older pair, and level 2 is taken.
dnl CET: our objects are marked for shadow stacks and indirect branch tracking (-fcf-protection). A program
dnl is marked if all of its objects are, the C library's own crt1.o too, and Debian 12's and 13's is not.
AC_DEFUN([CURT_HARDENING], [
  AC_ARG_ENABLE([hardening],
    [AS_HELP_STRING([--disable-hardening], [build without stack protection, PIE, RELRO and fortified libc calls])],
    [], [enable_hardening=yes])
  AS_IF([test "x$enable_hardening" = xyes], [
    m4_foreach_w([curt_flag],
      [-fstack-protector-strong -fstack-clash-protection -fcf-protection],
      [CURT_TRY_FLAGS([CURT_CFLAGS], curt_flag)])
    curt_pie=
    CURT_TRY_FLAGS([curt_pie], [-fPIE -pie])
    AS_IF([test -n "$curt_pie"], [
      CURT_CFLAGS="$CURT_CFLAGS -fPIE"
      CURT_LDFLAGS="$CURT_LDFLAGS -pie"
    ])
    CURT_TRY_FLAGS([CURT_LDFLAGS], [-Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack])
    CURT_TRY_FLAGS([CURT_LDFLAGS], [-Wl,--as-needed])
    AS_IF([test "x$enable_sanitizers" != xyes],
      [curt_fortify=
       CURT_TRY_FLAGS([curt_fortify], [-D_FORTIFY_SOURCE=3])
       AS_IF([test -z "$curt_fortify"], [CURT_TRY_FLAGS([curt_fortify], [-D_FORTIFY_SOURCE=2])])
       CURT_CPPFLAGS="$CURT_CPPFLAGS $curt_fortify"])
  ])
])
