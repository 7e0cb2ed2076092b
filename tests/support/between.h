/* SPDX-License-Identifier: MIT */
/* assert_between(value, least, most) asserts that an unsigned number is within a range, with cmocka
 * 1 and 2: cmocka 2 deprecates assert_in_range, and cmocka 1 has nothing else. Include cmocka.h
 * first. */
#pragma once

#ifdef assert_uint_in_range
#define assert_between(value, least, most) assert_uint_in_range(value, least, most)
#else
#define assert_between(value, least, most) assert_in_range(value, least, most)
#endif
