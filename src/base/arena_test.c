#include "base/arena.h"
#include <setjmp.h>
#include <cmocka.h>
#include <sys/wait.h>
#include <unistd.h>

static void test_memory_is_zeroed_aligned_and_apart(void **state)
{
	(void)state;
	struct arena *a = arena_new(1 << 20);
	uint8_t *last = NULL;
	for (size_t n = 1; n < 9000; n = n * 3 + 1) {      /* small ones, and ones with a block of their own */
		uint8_t *p = arena_alloc(a, n);
		assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
		for (size_t i = 0; i < n; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xff, n);
		assert_ptr_not_equal(p, last);
		last = p;
	}
	arena_free(a);
}

static void test_memory_after_reset_is_zeroed_again(void **state)
{
	(void)state;
	struct arena *a = arena_new(1 << 20);
	memset(arena_alloc(a, 100), 0xff, 100);
	memset(arena_alloc(a, 50000), 0xff, 50000);
	arena_reset(a);
	assert_int_equal(arena_used(a), 0);
	uint8_t *p = arena_alloc(a, 100);
	for (size_t i = 0; i < 100; i++)
		assert_int_equal(p[i], 0);
	arena_free(a);
}

struct note { int *counter; int seen; };

static void note_order(void *arg)
{
	struct note *n = arg;
	n->seen = ++*n->counter;
}

static void test_deferred_run_last_first_once(void **state)
{
	(void)state;
	int counter = 0;
	struct note first = { &counter, 0 }, second = { &counter, 0 };
	struct arena *a = arena_new(4096);
	arena_defer(a, note_order, &first);
	arena_defer(a, note_order, &second);
	arena_reset(a);
	assert_int_equal(second.seen, 1);
	assert_int_equal(first.seen, 2);
	arena_free(a);
	assert_int_equal(counter, 2);
}

/* How a child ends that asks an arena of 1,000 bytes for so much. */
static int exit_of_asking(size_t count, size_t size)
{
	pid_t pid = fork();
	if (pid == 0) {
		if (!freopen("/dev/null", "w", stderr))
			_exit(99);
		struct arena *a = arena_new(1000);
		arena_array(a, count, size);
		arena_free(a);
		_exit(0);
	}
	int status = 0;
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void test_bound_and_overflow_end_the_process(void **state)
{
	(void)state;
	assert_int_equal(exit_of_asking(1, 900), 0);
	assert_int_equal(exit_of_asking(1, 1100), 3);
	assert_int_equal(exit_of_asking(SIZE_MAX / 4, 8), 3);
}

static void test_text_helpers(void **state)
{
	(void)state;
	struct arena *a = arena_new(1 << 16);
	assert_true(str_is(str_fmt(a, "%s-%03d", "B", 7), "B-007"));
	assert_true(str_is(str_join(a, STR("ab"), (struct str){ 0 }), "ab"));
	assert_true(str_is(str_lower(a, STR("AbÄ9")), "abÄ9"));
	assert_string_equal(str_z(a, (struct str){ "abc", 2 }), "ab");
	arena_free(a);
	arena_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_memory_is_zeroed_aligned_and_apart),
		cmocka_unit_test(test_memory_after_reset_is_zeroed_again),
		cmocka_unit_test(test_deferred_run_last_first_once),
		cmocka_unit_test(test_bound_and_overflow_end_the_process),
		cmocka_unit_test(test_text_helpers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
