dnl SPDX-License-Identifier: MIT
dnl CURT_HARDENING: the hardening flags the compiler knows, unless --disable-hardening.
dnl _FORTIFY_SOURCE is left out where it would hide finds (sanitizers) or warn (no optimization, the
dnl user's own level).
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
      [CURT_TRY_FLAGS([CURT_CPPFLAGS], [-D_FORTIFY_SOURCE=2])])
  ])
])
