/* SPDX-License-Identifier: ISC */
/*
 * Prints "hello" and its arguments.  "exit=N" among them is its status;
 * "read=PATH" prints a file, too.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int
print_file(const char *path)
{
	char text[4096];
	FILE *file = fopen(path, "r");
	size_t length;

	if (file == NULL) {
		perror(path);
		return 1;
	}
	length = fread(text, 1, sizeof(text), file);
	fwrite(text, 1, length, stdout);
	fclose(file);
	return 0;
}

int
main(int argc, char **argv)
{
	int status = 0;

	fputs("hello", stdout);
	for (int i = 1; i < argc; i++) {
		printf(" %s", argv[i]);
		if (strncmp(argv[i], "exit=", 5) == 0)
			status = (int)strtol(argv[i] + 5, NULL, 10);
	}
	putchar('\n');
	for (int i = 1; i < argc; i++)
		if (strncmp(argv[i], "read=", 5) == 0)
			status |= print_file(argv[i] + 5);
	return status;
}
