/* SPDX-License-Identifier: MIT */
/* assert_between(value, least, most): an unsigned number within a range, under the name that the
 * cmocka at hand has for it. cmocka 2 deprecates assert_in_range, which is all that cmocka 1 has.
 * cmocka.h comes first. */
#pragma once

#ifdef assert_uint_in_range
#define assert_between(value, least, most) assert_uint_in_range(value, least, most)
#else
#define assert_between(value, least, most) assert_in_range(value, least, most)
#endif
