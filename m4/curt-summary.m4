dnl SPDX-License-Identifier: MIT
dnl CURT_SUMMARY: what configure decided.
AC_DEFUN([CURT_SUMMARY], [
  AC_MSG_NOTICE([
  $PACKAGE_NAME $PACKAGE_VERSION
    prefix             $prefix
    MySQL client       $curt_mysql_module
    bots known by      $curt_crawlers
    pages              $curt_pages
    hardening          $enable_hardening
    warnings as errors $enable_werror
    sanitizers         $enable_sanitizers
    fuzzers            $enable_fuzzers
    C tests            $curt_have_CMOCKA
    end-to-end tests   $enable_e2e
])
])
