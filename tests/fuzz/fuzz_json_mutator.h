/* SPDX-License-Identifier: MIT */
/* What a target and the mutator of JSON texts share, and the function that libFuzzer calls. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* How many bytes of an input come before its text; the target's. */
extern const size_t fuzz_json_prefix;

/* libFuzzer calls it in place of its own mutations: changes the input in place, whose memory has
 * `max_size` bytes, and returns its new size. The same seed does the same. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);

/* libFuzzer's own mutation. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
