/* SPDX-License-Identifier: ISC */
/* Numbers that look random and come again with the same TEST_SEED. */
#ifndef TESTS_RANDOM_H
#define TESTS_RANDOM_H

#include <inttypes.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"

struct random {
	uint64_t state;
};

/* Steele's splitmix64: every state is as good as another. */
static inline uint64_t
random_next(struct random *random)
{
	uint64_t mixed = random->state += UINT64_C(0x9e3779b97f4a7c15);

	mixed = (mixed ^ mixed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94d049bb133111eb);
	return mixed ^ mixed >> 31;
}

/* 0 .. COUNT - 1; 0 for a COUNT of 0. */
static inline uint64_t
random_below(struct random *random, uint64_t count)
{
	return count == 0 ? 0 : random_next(random) % count;
}

/* A new one, or the one that TEST_SEED names; says which. */
static inline uint64_t
random_seed(void)
{
	const char *text = getenv("TEST_SEED");
	uint64_t seed = (uint64_t)time(NULL) << 20 ^ (uint64_t)getpid();

	if (text != NULL)
		seed = strtoull(text, NULL, 10);
	note("TEST_SEED=%" PRIu64, seed);
	/* It is wanted most where the program then dies. */
	fflush(stdout);
	return seed;
}

#endif
