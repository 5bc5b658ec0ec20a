/* SPDX-License-Identifier: ISC */
/*
 * What an older kernel would tell the launcher: pledge-masked is linked with
 * this in place of features_probe(), so that pledge itself needs no hook.
 */
#include "kernel/features.h"

#include <stdio.h>
#include <stdlib.h>

void __real_features_probe(struct features *ret_features);
void __wrap_features_probe(struct features *ret_features);

void
__wrap_features_probe(struct features *ret_features)
{
	const char *words = getenv("PLEDGE_TEST_FEATURES");

	__real_features_probe(ret_features);
	if (words != NULL && features_mask(ret_features, words) < 0) {
		fprintf(stderr, "pledge-masked: cannot mask \"%s\"\n", words);
		exit(1);
	}
}
