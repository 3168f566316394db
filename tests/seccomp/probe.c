/*
 * Installs a seccomp filter and makes calls: the tests compare what the kernel says with the simulator.
 *
 *   probe FILTER FLAGS <CALLS
 *
 * FILTER is a file of struct sock_filter, FLAGS a number for seccomp(2). Each line of CALLS is "64 NUMBER ARGUMENT" or
 * "32 NUMBER ARGUMENT": a call by the machine's own instruction or by int 0x80, with the argument in all six places.
 * For each the result is printed, a line each, as the kernel returned it.
 */

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct sock_filter filter[BPF_MAXINSNS];

static long call64(long number, long a)
{
	long result = syscall(number, a, a, a, a, a, a);
	return result == -1 ? -errno : result;
}

static long call32(long number, long a)
{
#ifdef __x86_64__
	long result;
	/* The kernel takes the lower halves; rbp is the sixth argument and stays what it is. */
	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(number), "b"(a), "c"(a), "d"(a), "S"(a), "D"(a)
			 : "memory", "r8", "r9", "r10", "r11");
	return (int)result;
#else
	return -ENOSYS - 0 * (number + a);
#endif
}

int main(int argc, char **argv)
{
	char kind[8];
	long number, argument;
	FILE *file = argc == 3 ? fopen(argv[1], "rb") : NULL;
	if (file == NULL) return 2;
	size_t count = fread(filter, sizeof *filter, BPF_MAXINSNS, file);
	fclose(file);
	struct sock_fprog program = { (unsigned short)count, filter };
	/* Buffers are there before the filter is. */
	static char input[1 << 16], output[1 << 16];
	setvbuf(stdin, input, _IOFBF, sizeof input);
	setvbuf(stdout, output, _IOLBF, sizeof output);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return 3;
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, strtoul(argv[2], NULL, 0), &program) != 0) {
		fprintf(stderr, "seccomp: errno %d\n", errno);
		return 4;
	}
	while (scanf("%7s %ld %ld", kind, &number, &argument) == 3) {
		printf("%ld\n", kind[0] == '6' ? call64(number, argument) : call32(number, argument));
	}
	return 0;
}
