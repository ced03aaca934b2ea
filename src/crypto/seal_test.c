/* Sealed bodies, password sealing, passwords and TOTP: what opens, and that nothing else does. */
#include "crypto/seal.h"
#include <setjmp.h>
#include <sodium.h>
#include <cmocka.h>

#define HEAD_BYTES 29          /* version 1, key id 4, nonce 24 */
#define TAG_BYTES 16

static struct arena *mem;
static const struct source *src;
static const uint8_t KEY[KEY_BYTES] = { 1, 2, 3 }, OTHER_KEY[KEY_BYTES] = { 1, 2, 4 };

static int mem_open(void **state)
{
	(void)state;
	mem = arena_new((size_t)64 << 20);
	src = source_test(mem, 1767225600000, 1, 11);
	return sodium_init() < 0 ? -1 : 0;
}

static int mem_close(void **state)
{
	(void)state;
	arena_free(mem);
	return 0;
}

static void test_what_is_sealed_opens(void **state)
{
	(void)state;
	struct bytes aad = str_bytes(STR("place"));
	for (size_t n = 0; n <= 200; n++) {
		uint8_t plain[200];
		struct bytes back;
		for (size_t i = 0; i < n; i++)
			plain[i] = i % 3 == 0 ? 0x80 : 0;      /* looks like padding */
		struct bytes sealed = seal(mem, src, KEY, aad, bytes_of(plain, n));
		assert_int_equal(sealed.p[0], 1);
		assert_int_equal(sealed.n, HEAD_BYTES + TAG_BYTES + (n / 64 + 1) * 64);
		assert_int_equal(seal_open(mem, KEY, aad, sealed, &back, NULL), 0);
		assert_true(bytes_eq(back, bytes_of(plain, n)));
	}
}

static void test_length_tells_little_and_no_sealing_repeats(void **state)
{
	(void)state;
	struct bytes one = seal(mem, src, KEY, (struct bytes){ 0 }, str_bytes(STR("a"))), two = seal(mem, src, KEY, (struct bytes){ 0 }, str_bytes(STR("a longer name")));
	struct bytes again = seal(mem, src, KEY, (struct bytes){ 0 }, str_bytes(STR("a")));
	assert_int_equal(one.n, two.n);
	assert_false(bytes_eq(one, again));
	assert_memory_not_equal(one.p + 5, again.p + 5, 24);      /* the nonce */
}

static void test_every_flipped_bit_and_every_cut_fails(void **state)
{
	(void)state;
	struct bytes aad = str_bytes(STR("place")), sealed = seal(mem, src, KEY, aad, str_bytes(STR("Invented Person"))), back;
	uint8_t *bent = arena_copy(mem, sealed.p, sealed.n);
	for (size_t i = 0; i < sealed.n; i++) {
		for (int bit = 0; bit < 8; bit++) {
			struct err err = { 0 };
			bent[i] = (uint8_t)(bent[i] ^ 1 << bit);
			if (seal_open(mem, KEY, aad, bytes_of(bent, sealed.n), &back, &err) == 0)
				fail_msg("opened with bit %d of byte %zu flipped", bit, i);
			assert_int_equal(err.code, ERR_FAULT);
			bent[i] = (uint8_t)(bent[i] ^ 1 << bit);
		}
	}
	for (size_t n = 0; n < sealed.n; n++)
		assert_int_equal(seal_open(mem, KEY, aad, bytes_of(arena_copy(mem, sealed.p, n), n), &back, NULL), -1);
	assert_int_equal(seal_open(mem, KEY, aad, bytes_of(bent, sealed.n), &back, NULL), 0);
	assert_int_equal(seal_open(mem, OTHER_KEY, aad, sealed, &back, NULL), -1);
}

static void test_a_body_opens_only_in_its_place(void **state)
{
	(void)state;
	struct id record = { { 1 } }, other = { { 2 } };
	struct bytes handle = str_bytes(STR("0123456789abcdef")), digest = str_bytes(STR("digest")), back;
	struct bytes aad = seal_aad(mem, record, 3, 'P', handle, digest), sealed = seal(mem, src, KEY, aad, str_bytes(STR("x")));
	const struct bytes wrong[] = {
		seal_aad(mem, other, 3, 'P', handle, digest), seal_aad(mem, record, 4, 'P', handle, digest), seal_aad(mem, record, 3, 'X', handle, digest),
		seal_aad(mem, record, 3, 'P', str_bytes(STR("0123456789abcdeg")), digest), seal_aad(mem, record, 3, 'P', handle, str_bytes(STR("Digest"))),
		/* a byte that goes from one part to the next */
		seal_aad(mem, record, 3, 'P', str_bytes(STR("0123456789abcde")), str_bytes(STR("fdigest"))), { 0 },
	};
	assert_int_equal(seal_open(mem, KEY, aad, sealed, &back, NULL), 0);
	for (size_t i = 0; i < COUNT(wrong); i++) {
		struct err err = { 0 };
		if (seal_open(mem, KEY, wrong[i], sealed, &back, &err) == 0)
			fail_msg("opened in wrong place %zu", i);
		assert_int_equal(err.code, ERR_FAULT);
	}
}

static void test_password_sealing(void **state)
{
	(void)state;
	struct bytes right = str_bytes(STR("four words of a test")), content = str_bytes(STR("content of node.keys")), back;
	struct bytes sealed = seal_password(mem, src, right, content, COST_FULL);
	struct err err = { 0 };
	assert_int_equal(seal_password_open(mem, right, sealed, NULL, &back, NULL), 0);
	assert_true(bytes_eq(back, content));
	assert_int_equal(seal_password_open(mem, str_bytes(STR("four words of a tesu")), sealed, NULL, &back, &err), -1);
	assert_int_equal(err.code, ERR_FORBIDDEN);
	assert_int_equal(seal_password_open(mem, (struct bytes){ 0 }, sealed, NULL, &back, NULL), -1);
	const size_t at[] = { 0, 6, 10, 11, 26, 27, 50, 51, sealed.n - 1 };      /* one in each part: each costs an Argon2id */
	for (size_t i = 0; i < COUNT(at); i++) {
		uint8_t *bent = arena_copy(mem, sealed.p, sealed.n);
		bent[at[i]] ^= 1;
		if (seal_password_open(mem, right, bytes_of(bent, sealed.n), NULL, &back, NULL) == 0)
			fail_msg("opened with byte %zu changed", at[i]);
	}
	for (size_t n = 0; n < 51 + TAG_BYTES; n++) {
		struct err cut = { 0 };
		assert_int_equal(seal_password_open(mem, right, bytes_of(arena_copy(mem, sealed.p, n), n), NULL, &back, &cut), -1);
		assert_int_equal(cut.code, ERR_FORMAT);
	}
}

/* The costs stand in the file: they are used as they stand, and nobody can make us take the machine's memory. */
static void test_the_costs_of_a_lock(void **state)
{
	(void)state;
	struct bytes right = str_bytes(STR("four words of a test")), content = str_bytes(STR("content")), back;
	struct seal_lock cheap, got;
	seal_lock_new(src, right, 1, 8, &cheap);
	struct bytes one = seal_locked(mem, src, &cheap, content), two = seal_locked(mem, src, &cheap, content);
	assert_false(bytes_eq(one, two));
	assert_int_equal(seal_password_open(mem, right, one, &got, &back, NULL), 0);
	assert_true(bytes_eq(back, content) && got.passes == 1 && got.mib == 8);
	assert_memory_equal(got.key, cheap.key, KEY_BYTES);
	uint8_t *greedy = arena_copy(mem, one.p, one.n);
	greedy[7] = 0x7f;                              /* two million GiB */
	struct err err = { 0 };
	assert_int_equal(seal_password_open(mem, right, bytes_of(greedy, one.n), NULL, &back, &err), -1);
	assert_int_equal(err.code, ERR_FORMAT);
}

static void test_account_passwords(void **state)
{
	(void)state;
	struct str hashed = password_hash(mem, str_bytes(STR("a password of a test")), COST_FULL);
	assert_true(str_starts(hashed, STR("$argon2id$v=19$m=65536,t=2,")));
	assert_true(password_check(hashed, str_bytes(STR("a password of a test"))));
	assert_false(password_check(hashed, str_bytes(STR("a password of a tesT"))));
	assert_false(password_check(hashed, (struct bytes){ 0 }));
	assert_false(password_check((struct str){ 0 }, (struct bytes){ 0 }));
	assert_false(password_check(STR("$argon2id$v=19$m=1,t=1,p=1$x$x"), str_bytes(STR("x"))));
	char *long_text = arena_alloc(mem, 4096);
	memset(long_text, '$', 4096);
	assert_false(password_check((struct str){ long_text, 4096 }, str_bytes(STR("x"))));
}

/* RFC 6238, appendix B, SHA-1: its eight digits cut to the last six. */
static void test_totp_rfc6238(void **state)
{
	(void)state;
	static const struct { int64_t at; const char *code; } V[] = { { 59, "287082" }, { 1111111109, "081804" }, { 1111111111, "050471" }, { 1234567890, "005924" },
		{ 2000000000, "279037" }, { 20000000000, "353130" } };
	struct bytes secret = str_bytes(STR("12345678901234567890"));
	for (size_t i = 0; i < COUNT(V); i++) {
		uint64_t step = 0, now = (uint64_t)V[i].at / 30;
		if (!totp_check(secret, V[i].at, str_of(V[i].code), &step))
			fail_msg("%s is refused", V[i].code);
		assert_int_equal(step, now);
		assert_true(totp_check(secret, V[i].at + 30, str_of(V[i].code), &step));      /* a slow hand */
		assert_int_equal(step, now);
		assert_true(totp_check(secret, V[i].at - 30, str_of(V[i].code), &step));
		assert_int_equal(step, now);
		assert_false(totp_check(secret, V[i].at + 90, str_of(V[i].code), &step));
		assert_false(totp_check(secret, V[i].at - 90, str_of(V[i].code), &step));
	}
	uint64_t step;
	static const char *const BAD[] = { "", "28708", "2870820", " 87082", "28708x", "+87082", "287083" };
	for (size_t i = 0; i < COUNT(BAD); i++)
		assert_false(totp_check(secret, 59, str_of(BAD[i]), &step));
	assert_false(totp_check(str_bytes(STR("12345678901234567891")), 59, STR("287082"), &step));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_sealed_opens),
		cmocka_unit_test(test_length_tells_little_and_no_sealing_repeats),
		cmocka_unit_test(test_every_flipped_bit_and_every_cut_fails),
		cmocka_unit_test(test_a_body_opens_only_in_its_place),
		cmocka_unit_test(test_password_sealing),
		cmocka_unit_test(test_the_costs_of_a_lock),
		cmocka_unit_test(test_account_passwords),
		cmocka_unit_test(test_totp_rfc6238),
	};
	return cmocka_run_group_tests(tests, mem_open, mem_close);
}
