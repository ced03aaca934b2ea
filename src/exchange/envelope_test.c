/* Envelopes and receipts against vectors that were made from the description (tests/vectors/envelope/make.py), not by this program. */
#include "exchange/exchange_i.h"
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#define FOLDER "tests/vectors/envelope/"
static struct arena *mem;
static struct err err;

static int setup(void **state)
{
	(void)state;
	mem = arena_new((size_t)256 << 20);
	err = (struct err){ 0 };
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(mem);
	return 0;
}

static struct str vector(const char *name)
{
	char *text = arena_alloc(mem, 65536);
	FILE *f = fopen(str_fmt(mem, FOLDER "%s", name).p, "r");
	if (!f)
		fail_msg("no vector %s", name);
	size_t n = fread(text, 1, 65536, f);
	fclose(f);
	return (struct str){ text, n };
}

static void good_ones_are_read_and_written_as_they_were(void **state)
{
	(void)state;
	struct envelope a, b;
	struct str first = vector("good-1.text"), second = vector("good-2.text");
	assert_int_equal(envelope_parse(mem, first, &a, &err), 0);
	assert_int_equal(envelope_parse(mem, second, &b, &err), 0);
	assert_true(str_eq(envelope_text(mem, &a), first) && str_eq(envelope_text(mem, &b), second));
	assert_true(str_is(a.from, "camp.sy") && str_is(a.to, "momd.iq") && str_is(a.kind, "share") && !a.handling.n && !a.expires_ms);
	assert_true(str_is(b.handling, "amber") && b.seq == 2 && b.expires_ms == 1798070400000);
	struct hash digest = envelope_digest(first), none = { { 0 } };
	assert_true(hash_eq(&b.prev, &digest) && hash_eq(&a.prev, &none));
	struct hash body = sha256(str_bytes(vector("good-1.body")));
	assert_true(hash_eq(&a.digest, &body) && a.length == vector("good-1.body").n);
}

static void notes_carry_the_signature_of_the_node(void **state)
{
	(void)state;
	struct note_key key;
	struct str text;
	assert_int_equal(note_key_parse(mem, str_trim(vector("vkey")), &key, &err), 0);
	assert_int_equal(note_open(mem, vector("good-1.note"), &key, &text, &err), 0);
	assert_true(str_eq(text, vector("good-1.text")));
}

static void post_is_made_of_frames(void **state)
{
	(void)state;
	struct buf b = buf_new(mem, 65536);
	frame_put(&b, vector("good-1.note"));
	buf_str(&b, vector("good-1.body"));
	frame_put(&b, vector("good-2.note"));
	buf_str(&b, vector("good-2.body"));
	assert_true(str_eq(buf_text(&b), vector("post.bin")));
}

static void receipt_is_read_and_written_as_it_was(void **state)
{
	(void)state;
	struct receipt c;
	struct str from, to, text = vector("good-receipt.text");
	assert_int_equal(receipt_parse(mem, text, &c, &from, &to, &err), 0);
	assert_true(str_eq(receipt_text(mem, &c, from, to), text));
	assert_true(str_is(c.verdict, "held") && str_is(c.why, "parent_missing") && c.index == 7 && !c.proof.n);
}

static void other_spellings_are_refused(void **state)
{
	(void)state;
	DIR *d = opendir(FOLDER);
	size_t n = 0;
	struct envelope e;
	struct receipt c;
	struct str from, to;
	assert_non_null(d);
	for (const struct dirent *x; (x = readdir(d));) {
		if (strncmp(x->d_name, "bad-", 4) != 0)
			continue;
		struct str text = vector(x->d_name);
		if (envelope_parse(mem, text, &e, NULL) == 0 || receipt_parse(mem, text, &c, &from, &to, NULL) == 0)
			fail_msg("%s was taken", x->d_name);
		n++;
	}
	closedir(d);
	assert_true(n >= 20);
}

static void cut_off_anywhere_is_refused(void **state)
{
	(void)state;
	struct envelope e;
	struct receipt c;
	struct str from, to, text = vector("good-1.text"), receipt = vector("good-receipt.text");
	for (size_t i = 0; i < text.n; i++)
		assert_int_equal(envelope_parse(mem, str_sub(text, 0, i), &e, NULL), -1);
	for (size_t i = 0; i < receipt.n; i++)
		assert_int_equal(receipt_parse(mem, str_sub(receipt, 0, i), &c, &from, &to, NULL), -1);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = { T(good_ones_are_read_and_written_as_they_were), T(notes_carry_the_signature_of_the_node), T(post_is_made_of_frames),
		T(receipt_is_read_and_written_as_it_was), T(other_spellings_are_refused), T(cut_off_anywhere_is_refused) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
