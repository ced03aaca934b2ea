#include "crypto/sandbox.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Calls that keys and jobs may make: their sockets, anonymous memory, time, the end. */
static const int QUIET[] = { SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(pread64), SCMP_SYS(close), SCMP_SYS(mmap), SCMP_SYS(munmap), SCMP_SYS(mremap),
	SCMP_SYS(brk), SCMP_SYS(madvise), SCMP_SYS(mprotect), SCMP_SYS(futex), SCMP_SYS(getrandom), SCMP_SYS(clock_gettime), SCMP_SYS(rt_sigreturn),
	SCMP_SYS(rt_sigprocmask), SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(restart_syscall), SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(mlock),
	SCMP_SYS(munlock), SCMP_SYS(sched_yield), SCMP_SYS(sysinfo) /* qsort of much asks how much memory there is */,
#ifdef SANITIZED
	SCMP_SYS(sigaltstack), SCMP_SYS(openat), SCMP_SYS(readlink), SCMP_SYS(newfstatat), SCMP_SYS(lseek), SCMP_SYS(rt_sigaction), SCMP_SYS(prctl),
	SCMP_SYS(getrlimit), SCMP_SYS(prlimit64), SCMP_SYS(clone), SCMP_SYS(wait4), SCMP_SYS(ptrace), SCMP_SYS(fstat), SCMP_SYS(sched_getaffinity),
#endif
};
/* Calls that the node never needs, whatever happens to it. */
static const int NEVER[] = { SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(ptrace), SCMP_SYS(process_vm_readv), SCMP_SYS(process_vm_writev),
	SCMP_SYS(init_module), SCMP_SYS(finit_module), SCMP_SYS(kexec_load), SCMP_SYS(mount), SCMP_SYS(umount2), SCMP_SYS(pivot_root), SCMP_SYS(chroot),
	SCMP_SYS(setns), SCMP_SYS(unshare), SCMP_SYS(bpf), SCMP_SYS(perf_event_open), SCMP_SYS(userfaultfd), SCMP_SYS(keyctl), SCMP_SYS(add_key),
#ifndef SANITIZED
	SCMP_SYS(fork), SCMP_SYS(vfork),
#endif
};

/* A library may start a thread, nobody a process: clone without CLONE_THREAD fails; clone3 hides its flags from the filter, so it is said
   not to exist, and libc takes clone. */
static int forbid_fork(scmp_filter_ctx ctx)
{
#ifdef SANITIZED
	(void)ctx;                                  /* the leak checker clones itself at the end */
	return 0;
#else
	int rc = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1, SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0));
	return rc < 0 ? rc : seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
#endif
}

static int filter(uint32_t otherwise, uint32_t listed, const int *calls, size_t n, struct err *err)
{
	scmp_filter_ctx ctx = seccomp_init(otherwise);
	int rc = ctx ? 0 : -ENOMEM;
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = seccomp_rule_add(ctx, listed, calls[i], 0);
	if (rc == 0 && otherwise == SCMP_ACT_ALLOW)
		rc = forbid_fork(ctx);
	if (rc == 0)
		rc = seccomp_load(ctx);
	seccomp_release(ctx);
	return rc == 0 ? 0 : err_set(err, ERR_FAULT, "seccomp: %s", strerror(-rc));
}

static int landlock_abi(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	return abi > 0 ? (int)abi : 0;
}

struct sandbox_support sandbox_probe(void)
{
	return (struct sandbox_support){ .seccomp = prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0, .landlock_abi = landlock_abi() };
}

/* Rights by the version of Landlock that brought them (the header of Debian 12 ends at 2). What a kernel knows is handled, hence forbidden unless allowed below. */
#define RIGHT_TRUNCATE (1ULL << 14)
#define RIGHT_IOCTL_DEV (1ULL << 15)
#define NET_BIND_TCP (1ULL << 0)
#define SCOPE_ABSTRACT_SOCKET (1ULL << 0)
#define SCOPE_SIGNAL (1ULL << 1)
struct rights { int abi; uint64_t fs, net, scope; };
static const struct rights RIGHTS[] = {
	{ 1, (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1, 0, 0 },
	{ 2, LANDLOCK_ACCESS_FS_REFER, 0, 0 },
	{ 3, RIGHT_TRUNCATE, 0, 0 },
	{ 4, 0, NET_BIND_TCP, 0 },                  /* the listeners are there already; connecting goes to ports that partners name */
	{ 5, RIGHT_IOCTL_DEV, 0, 0 },
	{ 6, 0, 0, SCOPE_ABSTRACT_SOCKET | SCOPE_SIGNAL },
};
struct ruleset { uint64_t fs, net, scope; };      /* struct landlock_ruleset_attr of version 6; older kernels want the rest to be zero */
#define READ_ACCESS (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITE_ACCESS (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG | RIGHT_TRUNCATE)

static struct ruleset handled(int abi)
{
	struct ruleset r = { 0 };
	for (size_t i = 0; i < COUNT(RIGHTS) && RIGHTS[i].abi <= abi; i++)
		r = (struct ruleset){ r.fs | RIGHTS[i].fs, r.net | RIGHTS[i].net, r.scope | RIGHTS[i].scope };
	return r;
}

static void allow_path(int ruleset, const char *path, uint64_t access)
{
	struct landlock_path_beneath_attr rule = { .allowed_access = access, .parent_fd = open(path, O_PATH | O_CLOEXEC) };
	if (rule.parent_fd < 0)
		return;                            /* not on this system: then nothing is allowed there */
	syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
	close(rule.parent_fd);
}

static int landlock(const char *folder, struct err *err)
{
	static const char *const READABLE[] = { "/usr/share/fonts", "/usr/share/fontconfig", "/etc/fonts", "/etc/ssl", "/usr/share/zoneinfo", "/usr/lib", "/dev/urandom" };
	struct ruleset attr = handled(landlock_abi());
	if (attr.fs == 0)
		return 0;                          /* the kernel has none: `jisr doctor` says so */
	int fd = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof attr, 0);
	if (fd < 0)
		return err_set(err, ERR_FAULT, "Landlock: %s", strerror(errno));
	allow_path(fd, folder, (READ_ACCESS | WRITE_ACCESS) & attr.fs);
	for (size_t i = 0; i < COUNT(READABLE); i++)
		allow_path(fd, READABLE[i], strcmp(READABLE[i], "/dev/urandom") == 0 ? (uint64_t)LANDLOCK_ACCESS_FS_READ_FILE : (uint64_t)READ_ACCESS);
	int rc = (int)syscall(SYS_landlock_restrict_self, fd, 0);
	close(fd);
	return rc == 0 ? 0 : err_set(err, ERR_FAULT, "Landlock: %s", strerror(errno));
}

void sandbox_close_others(const int *keep, size_t n)
{
	for (unsigned from = 0;;) {
		unsigned next = UINT_MAX;               /* the lowest one kept from here on */
		for (size_t i = 0; i < n; i++)
			if (keep[i] >= 0 && (unsigned)keep[i] >= from && (unsigned)keep[i] < next)
				next = (unsigned)keep[i];
		if (next > from)
			close_range(from, next - 1, 0);
		if (next == UINT_MAX)
			return;
		from = next + 1;
	}
}

void sandbox_end_with(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(3);
}

int sandbox_enter(enum sandbox kind, const char *folder, struct err *err)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_set(err, ERR_FAULT, "no_new_privs: %s", strerror(errno));
	if (kind != SANDBOX_NODE)
		return filter(SCMP_ACT_KILL_PROCESS, SCMP_ACT_ALLOW, QUIET, COUNT(QUIET), err);
	if (landlock(folder, err) < 0)
		return -1;
	return filter(SCMP_ACT_ALLOW, SCMP_ACT_ERRNO(EPERM), NEVER, COUNT(NEVER), err);
}
