/* SPDX-License-Identifier: ISC */
/* The least that can be started. */
int
main(void)
{
	return 0;
}
