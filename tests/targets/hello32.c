/* SPDX-License-Identifier: ISC */
/* "hello" for i386, without a C library: seldom installed for that. */

void _start(void);

void
_start(void)
{
	static const char text[] = "hello\n";
	long result;

	__asm__ volatile("int $0x80"
	                 : "=a"(result)
	                 : "a"(4), "b"(1), "c"(text), "d"(sizeof(text) - 1)
	                 : "memory");
	__asm__ volatile("int $0x80" : : "a"(1), "b"(0));
	__builtin_unreachable();
}
