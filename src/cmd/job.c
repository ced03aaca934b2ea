#include "cmd/cmd.h"
#include "crypto/sandbox.h"
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* Wire to the spawner: one message of (index of the job's kind) with the job's socket attached. Wire on that socket: u32 length and input towards the job,
   output until EOF back. */
#define JOB_INPUT_MAX ((size_t)64 << 20)
#define JOB_SECONDS 60u

static int write_all(int fd, const void *p, size_t n)
{
	const uint8_t *at = p;
	while (n) {
		ssize_t done = write(fd, at, n);
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return -1;
		at += done;
		n -= (size_t)done;
	}
	return 0;
}

static int read_all(int fd, void *p, size_t n)
{
	uint8_t *at = p;
	while (n) {
		ssize_t got = read(fd, at, n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return -1;
		at += got;
		n -= (size_t)got;
	}
	return 0;
}

static _Noreturn void job_child(int fd, uint32_t index)
{
	struct arena *mem = arena_new((size_t)512 << 20);
	uint32_t n = 0;
	struct err err = { 0 };
	alarm(JOB_SECONDS);
	if (index >= JOINED_JOBS_N || sandbox_enter(SANDBOX_JOB, NULL, &err) < 0 || read_all(fd, &n, sizeof n) < 0 || n > JOB_INPUT_MAX)
		_exit(3);
	char *input = arena_alloc(mem, n + 1);
	if (read_all(fd, input, n) < 0)
		_exit(3);
	struct str output = JOINED_JOBS[index]->run(mem, (struct str){ input, n });
	_exit(write_all(fd, output.p, output.n) < 0 ? 3 : 0);
}

static int receive_job(int fd, uint32_t *index, int *job)
{
	union { char b[CMSG_SPACE(sizeof(int))]; struct cmsghdr align; } control = { 0 };
	struct iovec io = { index, sizeof *index };
	struct msghdr m = { .msg_iov = &io, .msg_iovlen = 1, .msg_control = control.b, .msg_controllen = sizeof control.b };
	ssize_t n = recvmsg(fd, &m, MSG_CMSG_CLOEXEC);
	struct cmsghdr *c = n == sizeof *index ? CMSG_FIRSTHDR(&m) : NULL;
	if (!c || c->cmsg_type != SCM_RIGHTS)
		return -1;
	memcpy(job, CMSG_DATA(c), sizeof *job);
	return 0;
}

static _Noreturn void spawner_loop(int fd)
{
	uint32_t index;
	int job;
	signal(SIGCHLD, SIG_IGN);
	setenv("TZ", "UTC0", 1);                   /* a job may read no file: a library that asks for local time finds the zone read already */
	tzset();
	while (receive_job(fd, &index, &job) == 0) {
		pid_t spawner = getpid(), pid = fork();
		if (pid == 0) {
			sandbox_end_with(spawner);
			close(fd);
			job_child(job, index);
		}
		close(job);
	}
	_exit(0);
}

int jobs_spawn(int *fd, int *pid, struct err *err)
{
	int pair[2];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_set(err, ERR_FAULT, "no socket pair");
	pid_t parent = getpid();
	*pid = fork();
	if (*pid < 0)
		return err_set(err, ERR_FAULT, "cannot fork");
	if (*pid == 0) {
		sandbox_end_with(parent);
		const int keep[] = { STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO, pair[1] };      /* not the folder's lock, nor what a restart left open */
		sandbox_close_others(keep, COUNT(keep));
		spawner_loop(pair[1]);
	}
	close(pair[1]);
	*fd = pair[0];
	return 0;
}

static int send_job(int spawner, uint32_t index, int job)
{
	union { char b[CMSG_SPACE(sizeof(int))]; struct cmsghdr align; } control = { 0 };
	struct iovec io = { &index, sizeof index };
	struct msghdr m = { .msg_iov = &io, .msg_iovlen = 1, .msg_control = control.b, .msg_controllen = sizeof control.b };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof job);
	memcpy(CMSG_DATA(c), &job, sizeof job);
	return sendmsg(spawner, &m, MSG_NOSIGNAL) == sizeof index ? 0 : -1;
}

int job_start(int spawner, const struct job *job, struct err *err)
{
	int pair[2];
	uint32_t index = 0, n = (uint32_t)job->input.n;
	while (index < JOINED_JOBS_N && JOINED_JOBS[index] != job->kind)
		index++;
	if (index == JOINED_JOBS_N || job->input.n > JOB_INPUT_MAX || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return err_set(err, ERR_FAULT, "a job cannot start");
	int rc = send_job(spawner, index, pair[1]);
	close(pair[1]);
	if (rc == 0)
		rc = write_all(pair[0], &n, sizeof n) < 0 ? -1 : write_all(pair[0], job->input.p, job->input.n);
	if (rc == 0)
		return pair[0];
	close(pair[0]);
	return err_set(err, ERR_FAULT, "a job cannot start");
}
