/* SPDX-License-Identifier: ISC */
/*
 * What filters cost, each in a process of its own on one processor, in turn:
 *
 *     filters [--json] ROUNDS [DOCKER_PROFILE [PEER_PLEDGE]]
 *
 * For some promises and a container's profile: how large the program is, how
 * long its longest path, how long it takes to make, to prove and to install,
 * and what it adds to a call beyond a filter of one instruction.  Compared
 * with libseccomp, if that was there to build with, and with the existing Linux
 * pledge at PEER_PLEDGE.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifdef HAVE_LIBSECCOMP
# include <seccomp.h>
#endif

#include "base/cleanup.h"
#include "base/table.h"
#include "filter/promises.h"
#include "format/expand.h"
#include "format/format.h"
#include "format/from_filter.h"
#include "policy/policy.h"
#include "prove/verify.h"
#include "rows.h"

#define SUBJECTS 8
#define ROUNDS   2000
#define BATCH    500 /* calls in a round */
#define INSTALLS 60
#define COMPILES 200
#define MICRO    1e-3
#define LAST     255 /* no operation: the worker ends */
#define WORKER   "worker"
#define PROMISES "stdio rpath inet tty"

/* Calls that a filter looks at and that cost the kernel little. */
static const struct operation {
	const char *name;
	long nr;
	long args[6];
} operations[] = {
	{ "getppid", SYS_getppid, { 0 } },
	{ "mmap", SYS_mmap,
	    { 0, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0 } },
	{ "ioctl", SYS_ioctl, { -1, FIONREAD, 0 } },
	{ "fcntl", SYS_fcntl, { -1, F_GETFL, 0 } },
	{ "openat", SYS_openat, { AT_FDCWD, (long)"", O_RDONLY, 0 } },
	/* No such socket: making one costs more than any filter. */
	{ "socket", SYS_socket, { AF_INET, SOCK_DGRAM, IPPROTO_TCP } },
	{ "denied", SYS_init_module, { 0 } },
};
#define OPERATIONS ARRAY_SIZE(operations)

struct subject {
	const char *name;
	struct program *program; /* NULL: none, or the peer's own */
	const char *peer;
	pid_t pid;
	int to, from;
	double nanoseconds[OPERATIONS][ROUNDS];
};

static struct subject subjects[SUBJECTS];
static size_t subject_count;
static char own_path[PATH_MAX];
static bool json;
static FILE *people; /* who reads tables: not those who read JSON */

static double
now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static int
compare_doubles(const void *a, const void *b)
{
	double first = *(const double *)a, second = *(const double *)b;

	return (first > second) - (first < second);
}

/* The value that PERCENT of them do not exceed; sorts them. */
static double
percentile(double *values, size_t count, unsigned int percent)
{
	qsort(values, count, sizeof(*values), compare_doubles);
	return values[count * percent / 100];
}

/* --- A process with one filter --- */

static double
time_operation(const struct operation *operation)
{
	const long *args = operation->args;
	double start = now();

	for (int i = 0; i < BATCH; i++) {
		long result = syscall(operation->nr, args[0], args[1], args[2],
		    args[3], args[4], args[5]);

		if (operation->nr == SYS_socket && result >= 0)
			close((int)result);
	}
	return (now() - start) / BATCH;
}

/* Reads which operation to time, writes how long it took, to the end. */
static int
work(void)
{
	unsigned char which;

	while (read(STDIN_FILENO, &which, 1) == 1 && which != LAST) {
		double took =
		    which < OPERATIONS ? time_operation(&operations[which]) : 0;

		if (write(STDOUT_FILENO, &took, sizeof(took)) != sizeof(took))
			return 1;
	}
	return 0;
}

static int
install(struct program *program)
{
	const struct sock_fprog code = { program->length, program->code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return -1;
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &code);
}

static void
become_worker(const struct subject *subject, const int pipes[4])
{
	dup2(pipes[0], STDIN_FILENO);
	dup2(pipes[3], STDOUT_FILENO);
	for (int i = 0; i < 4; i++)
		close(pipes[i]);
	if (subject->peer != NULL) {
		/* Without its files being hidden: that costs no call here. */
		execlp(subject->peer, subject->peer, "-V", "-p", PROMISES,
		    own_path, WORKER, (char *)NULL);
		_exit(127);
	}
	if (subject->program != NULL && install(subject->program) != 0)
		_exit(126);
	_exit(work());
}

static int
start_worker(struct subject *subject)
{
	int pipes[4];

	if (pipe(pipes) != 0 || pipe(pipes + 2) != 0)
		return -1;
	subject->pid = fork();
	if (subject->pid == 0)
		become_worker(subject, pipes);
	close(pipes[0]);
	close(pipes[3]);
	subject->to = pipes[1];
	subject->from = pipes[2];
	fcntl(subject->to, F_SETFD, FD_CLOEXEC);
	fcntl(subject->from, F_SETFD, FD_CLOEXEC);
	return subject->pid > 0 ? 0 : -1;
}

static bool
measure(struct subject *subject, size_t which, size_t round)
{
	const unsigned char word = (unsigned char)which;
	double took;

	if (write(subject->to, &word, 1) != 1 ||
	    read(subject->from, &took, sizeof(took)) != sizeof(took))
		return false;
	subject->nanoseconds[which][round] = took;
	return true;
}

/* All subjects in each round, beginning with another one each time. */
static bool
measure_all(size_t rounds)
{
	for (size_t i = 0; i < subject_count; i++)
		if (start_worker(&subjects[i]) != 0)
			return false;
	for (size_t round = 0; round < rounds; round++)
		for (size_t which = 0; which < OPERATIONS; which++)
			for (size_t i = 0; i < subject_count; i++)
				if (!measure(
				        &subjects[(i + round) % subject_count],
				        which, round))
					return false;
	for (size_t i = 0; i < subject_count; i++) {
		const unsigned char last = LAST;

		/* The others hold its pipe too: closing says nothing. */
		if (write(subjects[i].to, &last, 1) != 1)
			return false;
		close(subjects[i].to);
		close(subjects[i].from);
		waitpid(subjects[i].pid, NULL, 0);
	}
	return true;
}

/* --- Programs --- */

/* Loads one argument of some calls: what looking at one costs at least. */
static void
make_minimal(struct program *program)
{
	unsigned int at = 0;

	program->code[at++] =
	    (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 4);
	program->code[at++] = (struct sock_filter)BPF_JUMP(
	    BPF_JMP | BPF_JEQ | BPF_K, arch_native()->audit, 1, 0);
	program->code[at++] = (struct sock_filter)BPF_STMT(
	    BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
	program->code[at++] =
	    (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0);
	program->code[at++] = (struct sock_filter)BPF_JUMP(
	    BPF_JMP | BPF_JEQ | BPF_K, SYS_init_module, 3, 0);
	program->code[at++] =
	    (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 32);
	program->code[at++] = (struct sock_filter)BPF_JUMP(
	    BPF_JMP | BPF_JEQ | BPF_K, 0x5eccc0de, 1, 0);
	program->code[at++] =
	    (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	program->code[at++] = (struct sock_filter)BPF_STMT(
	    BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
	program->length = (unsigned short)at;
}

static void
make_allowing(struct program *program)
{
	program->code[0] =
	    (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	program->length = 1;
}

/* As the kernel finds out which calls need no program (seccomp.c, "cache"). */
static bool
is_cached(const struct program *program, unsigned int nr)
{
	const uint32_t data[] = { nr, arch_native()->audit };
	uint32_t a = 0;

	for (unsigned int at = 0;; at++) {
		const struct sock_filter *one = &program->code[at];
		bool taken;

		switch (one->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			if (one->k > 4)
				return false;
			a = data[one->k / 4];
			continue;
		case BPF_RET | BPF_K:
			return one->k == SECCOMP_RET_ALLOW;
		case BPF_JMP | BPF_JA:
			at += one->k;
			continue;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= one->k;
			continue;
		case BPF_JMP | BPF_JEQ | BPF_K:
			taken = a == one->k;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			taken = a >= one->k;
			break;
		case BPF_JMP | BPF_JGT | BPF_K:
			taken = a > one->k;
			break;
		case BPF_JMP | BPF_JSET | BPF_K:
			taken = (a & one->k) != 0;
			break;
		default:
			return false;
		}
		at += taken ? one->jt : one->jf;
	}
}

static bool
is_plainly_allowed(const struct filter *filter, unsigned int nr)
{
	for (size_t i = 0; i < filter->count; i++)
		if (filter->rules[i].nr == nr)
			return filter->rules[i].condition == NULL &&
			       filter->rules[i].action == SECCOMP_RET_ALLOW;
	return false;
}

static void
print_cached(const struct filter *filter, const struct program *program)
{
	unsigned int plain = 0, cached = 0;

	for (unsigned int nr = 0; nr <= filter->arch->max; nr++) {
		if (!is_plainly_allowed(filter, nr))
			continue;
		plain++;
		cached += is_cached(program, nr);
	}
	fprintf(people,
	    "plainly allowed calls: %u, in the kernel's bitmap: %u\n", plain,
	    cached);
}

#ifdef HAVE_LIBSECCOMP
static bool
add_rule(scmp_filter_ctx context, int nr, const struct entry *entry,
    const struct expanded_rule *rule)
{
	static const enum scmp_compare ops[] = { [CLAUSE_EQ] = SCMP_CMP_EQ,
		[CLAUSE_NE] = SCMP_CMP_NE,
		[CLAUSE_LT] = SCMP_CMP_LT,
		[CLAUSE_LE] = SCMP_CMP_LE,
		[CLAUSE_GT] = SCMP_CMP_GT,
		[CLAUSE_GE] = SCMP_CMP_GE,
		[CLAUSE_MASKED_EQ] = SCMP_CMP_MASKED_EQ };
	struct scmp_arg_cmp args[6];

	for (size_t i = 0; i < rule->count; i++) {
		const struct comparison *one = &rule->comparisons[i];
		bool masked = one->op == CLAUSE_MASKED_EQ;

		args[i] = (struct scmp_arg_cmp){ one->arg, ops[one->op],
			masked ? one->mask : one->value, one->value };
	}
	return seccomp_rule_add_exact_array(context, entry->action, nr,
	           (unsigned int)rule->count, args) == 0;
}

/* What it can say of the rules; "otherwise refused as" it cannot. */
static bool
add_entries(scmp_filter_ctx context, const struct filter_file *file)
{
	const struct ruleset *set = &file->sets[0];
	const struct arch *arch = arch_native();

	for (size_t i = 0; i < set->count; i++) {
		const struct entry *entry = &set->entries[i];
		cleanup_arena struct arena arena = { NULL };
		struct expanded expanded;
		int nr = arch_number(arch, entry->call, strlen(entry->call));
		bool later = false;

		for (size_t j = 0; j < i && !later; j++)
			later = !set->entries[j].inert &&
			        set->entries[j].action != entry->action &&
			        strcmp(set->entries[j].call, entry->call) == 0;
		if (nr < 0 || later || entry->inert ||
		    entry->action == set->fallback ||
		    !entry_applies(entry, arch))
			continue;
		if (entry_expand(file, entry, arch, &arena, &expanded, NULL) <
		    0)
			return false;
		for (size_t j = 0; j < expanded.count; j++)
			if (!add_rule(context, nr, entry, &expanded.rules[j]))
				return false;
	}
	return true;
}

static bool
let_libseccomp_compile(
    const struct filter_file *file, uint32_t optimize, struct program *program)
{
	scmp_filter_ctx context = seccomp_init(file->sets[0].fallback);
	int fd = memfd_create("filter", MFD_CLOEXEC);
	ssize_t length = 0;
	double start = now(), took = 0;

	if (context == NULL || fd == -1)
		return false;
	seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, optimize);
	if (add_entries(context, file) &&
	    seccomp_export_bpf(context, fd) == 0) {
		took = now() - start;
		length = pread(fd, program->code, sizeof(program->code), 0);
	}
	program->length =
	    (unsigned short)(length > 0
	                         ? (size_t)length / sizeof(program->code[0])
	                         : 0);
	fprintf(people, "libseccomp%s compiles in %.0f us\n",
	    optimize == 2 ? ", tree," : "", took * MICRO);
	seccomp_release(context);
	close(fd);
	return program->length > 0;
}
#endif

/* --- Tables --- */

static void
add_subject(const char *name, struct program *program, const char *peer)
{
	subjects[subject_count++] =
	    (struct subject){ .name = name, .program = program, .peer = peer };
}

/* From another process each time: one cannot be taken off. */
static double
time_install(struct program *program)
{
	double took[INSTALLS];
	int pipes[2];

	if (pipe(pipes) != 0)
		return -1;
	for (size_t i = 0; i < INSTALLS; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			double start;

			prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
			start = now();
			install(program);
			start = now() - start;
			if (write(pipes[1], &start, sizeof(start)) < 0)
				_exit(1);
			_exit(0);
		}
		if (read(pipes[0], &took[i], sizeof(took[i])) !=
		    sizeof(took[i]))
			took[i] = -1;
		waitpid(pid, NULL, 0);
	}
	close(pipes[0]);
	close(pipes[1]);
	return percentile(took, INSTALLS, 50) * MICRO;
}

/* The median; of what SUBJECT has more than the second, from the third on. */
static double
find_cost(size_t index, size_t operation, size_t rounds)
{
	static double values[ROUNDS];

	for (size_t i = 0; i < rounds; i++) {
		values[i] = subjects[index].nanoseconds[operation][i];
		if (index > 1)
			values[i] -= subjects[1].nanoseconds[operation][i];
	}
	return percentile(values, rounds, 50);
}

static void
print_subjects(size_t rounds)
{

	fprintf(people, "%-18s %5s %5s %8s", "", "insns", "path", "install");
	for (size_t i = 0; i < OPERATIONS; i++)
		fprintf(people, " %8s", operations[i].name);
	fprintf(people, "\n%-18s %5s %5s %8s", "", "", "", "us");
	for (size_t i = 0; i < OPERATIONS; i++)
		fprintf(people, " %8s", "ns");
	fputc('\n', people);
	for (size_t i = 0; i < subject_count; i++) {
		struct subject *subject = &subjects[i];
		struct program *program = subject->program;

		fprintf(people, "%-18s ", subject->name);
		if (program != NULL)
			fprintf(people, "%5u %5u %8.0f", program->length,
			    program_longest_path(program),
			    time_install(program));
		else
			fprintf(people, "%5s %5s %8s", "-", "-", "-");
		for (size_t j = 0; j < OPERATIONS; j++)
			fprintf(people, i <= 1 ? " %8.1f" : " %+8.1f",
			    find_cost(i, j, rounds));
		fputc('\n', people);
	}
	fputc('\n', people);
}

/* A whole call of one filter, of another's, round by round. */
static void
row_compared(const char *group, const struct subject *subject,
    const struct subject *other, size_t operation, size_t rounds)
{
	static double ratios[ROUNDS];

	for (size_t i = 0; i < rounds; i++)
		ratios[i] = subject->nanoseconds[operation][i] /
		            other->nanoseconds[operation][i];
	row_ratio(group, subject->name, other->name, operations[operation].name,
	    spread_of(ratios, rounds));
}

/* Ratios first: taking a value's spread sorts the rounds. */
static void
print_rows(const char *group, size_t rounds)
{
	for (size_t i = 0; i < subject_count; i++)
		for (size_t j = 0; j < subject_count; j++)
			for (size_t k = 0; k < OPERATIONS; k++)
				if (i != j && strcmp(subjects[i].name,
				                  "seccomp-pledge") == 0)
					row_compared(group, &subjects[i],
					    &subjects[j], k, rounds);
	for (size_t i = 0; i < subject_count; i++)
		for (size_t k = 0; k < OPERATIONS; k++)
			row_value(group, subjects[i].name, operations[k].name,
			    "ns",
			    spread_of(subjects[i].nanoseconds[k], rounds));
}

/* Our program, how long it takes to make, and to prove. */
static bool
compile(const struct filter *filter, struct program *program)
{
	const struct verify_side rules = { .filters = &filter, .count = 1 };
	const struct verify_side made = { .program = program };
	double took[COMPILES], start;
	unsigned long cases;
	struct diag diag = { 0 };

	for (size_t i = 0; i < COMPILES; i++) {
		start = now();
		if (program_compile(&filter, 1, program, &diag) < 0) {
			fprintf(people, "not compiled: %s\n", diag.text);
			return false;
		}
		took[i] = now() - start;
	}
	fprintf(people, "compiled in %.0f us",
	    percentile(took, COMPILES, 50) * MICRO);
	for (size_t i = 0; i < COMPILES / 4; i++) {
		start = now();
		if (verify_equal(&rules, &made, NULL, &cases, &diag) != 0) {
			fprintf(people, ", not proved: %s\n", diag.text);
			return false;
		}
		took[i] = now() - start;
	}
	fprintf(people, ", proved in %.0f us (%lu cases)\n",
	    percentile(took, COMPILES / 4, 50) * MICRO, cases);
	print_cached(filter, program);
	return true;
}

static bool
compare(const struct filter *filter, const struct filter_file *file,
    const char *group, const char *peer, size_t rounds)
{
	static struct program allowing, minimal, ours, linear, tree;

	make_allowing(&allowing);
	make_minimal(&minimal);
	subject_count = 0;
	add_subject("unfiltered", NULL, NULL);
	add_subject("one instruction", &allowing, NULL);
	add_subject("one argument", &minimal, NULL);
	if (!compile(filter, &ours))
		return false;
	add_subject("seccomp-pledge", &ours, NULL);
#ifdef HAVE_LIBSECCOMP
	if (let_libseccomp_compile(file, 1, &linear))
		add_subject("libseccomp", &linear, NULL);
	if (let_libseccomp_compile(file, 2, &tree))
		add_subject("libseccomp, tree", &tree, NULL);
#else
	(void)file;
	(void)linear;
	(void)tree;
#endif
	if (peer != NULL)
		add_subject("PEER_PLEDGE", NULL, peer);
	if (!measure_all(rounds)) {
		fputs("a process under measurement ended early\n", people);
		return false;
	}
	if (json)
		print_rows(group, rounds);
	else
		print_subjects(rounds);
	return true;
}

static bool
compare_promises(const char *peer, size_t rounds)
{
	static struct filter filter;
	static struct run_conditions conditions;
	const struct run_values values = { .pid = 1 };
	struct policy policy = { 0 };
	struct promise_request request = { .when = WHEN_SCOPED | WHEN_PATHS |
		                                   WHEN_TRUNCATE |
		                                   WHEN_PORT_RULES,
		.refusal = SECCOMP_RET_ERRNO | EPERM,
		.conditions = &conditions };
	const struct from_filter from = { .filter = &filter, .name = PROMISES };
	cleanup_filter_file struct filter_file file = { 0 };
	struct diag diag = { 0 };

	run_conditions_make(&conditions, &values);
	if (policy_add_promises(&policy, PROMISES, &diag) < 0)
		return false;
	request.promises = policy.promises;
	policy_free(&policy);
	fprintf(people, "promises %s: ", PROMISES);
	return promises_compile(&request, arch_native(), &filter, &diag) == 0 &&
	       file_from_filter(&from, &file, &diag) == 0 &&
	       compare(&filter, &file, PROMISES, peer, rounds);
}

static bool
compare_profile(const char *path, size_t rounds)
{
	cleanup_filter_file struct filter_file file = { 0 };
	struct ruled_filter *ruled = NULL;
	struct diag diag = { 0 };
	bool done;

	if (format_read_file(path, NULL, &file, &diag) < 0 ||
	    ruleset_compile(
	        &file, &file.sets[0], arch_native(), &ruled, &diag) < 0) {
		fprintf(people, "%s: not compared: %s\n", path, diag.text);
		return true;
	}
	fprintf(people, "Docker's profile: ");
	done = compare(
	    &ruled->filter, &file, "a container's profile", NULL, rounds);
	ruled_filter_free(ruled);
	return done;
}

int
main(int argc, char **argv)
{
	const char *profile, *peer;
	size_t rounds;
	cpu_set_t one;

	json = argc > 1 && strcmp(argv[1], "--json") == 0;
	people = json ? stderr : stdout;
	argc -= json;
	argv += json;
	rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
	profile = argc > 2 && *argv[2] != '\0' ? argv[2] : NULL;
	peer = argc > 3 && *argv[3] != '\0' ? argv[3] : NULL;
	if (argc == 2 && strcmp(argv[1], WORKER) == 0)
		return work();
	if (rounds > ROUNDS)
		rounds = ROUNDS;
	if (rounds < 10) {
		fprintf(stderr,
		    "usage: filters [--json] ROUNDS [DOCKER_PROFILE [PEER_PLEDGE]]\n"
		    "10 rounds or more\n");
		return 2;
	}
	if (realpath("/proc/self/exe", own_path) == NULL)
		return 1;
	CPU_ZERO(&one);
	CPU_SET(0, &one);
	sched_setaffinity(0, sizeof(one), &one);
	setvbuf(people, NULL, _IONBF, 0);
	fprintf(people,
	    "%zu rounds of %d calls, all filters in each, on one processor; "
	    "medians.\nThe first two rows are whole calls, the others what "
	    "is added to the second.\n\n",
	    rounds, BATCH);
	if (!compare_promises(peer, rounds))
		return 1;
	return profile == NULL || compare_profile(profile, rounds) ? 0 : 1;
}
