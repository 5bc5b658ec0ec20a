/* SPDX-License-Identifier: ISC */
/* A fuzz target without a fuzzer: each file of a directory, as a test. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "target.h"

#define LARGEST 65536

static int
run_file(const char *directory, const char *name)
{
	static uint8_t data[LARGEST];
	FILE *file;
	char path[4096];
	size_t length;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "rb");
	if (file == NULL)
		return -1;
	length = fread(data, 1, sizeof(data), file);
	fclose(file);
	LLVMFuzzerTestOneInput(data, length);
	return 0;
}

int
main(int argc, char **argv)
{
	struct dirent *entry;
	int count = 0, failures = 0;
	DIR *directory = argc == 2 ? opendir(argv[1]) : NULL;

	if (directory == NULL) {
		puts("Bail out! no directory of inputs");
		return 1;
	}
	while ((entry = readdir(directory)) != NULL) {
		int failed;

		if (entry->d_name[0] == '.')
			continue;
		failed = run_file(argv[1], entry->d_name) != 0;
		failures += failed;
		printf("%sok %d - %s\n", failed ? "not " : "", ++count,
		    entry->d_name);
		fflush(stdout);
	}
	closedir(directory);
	printf("1..%d\n", count);
	return failures > 0 || count == 0;
}
