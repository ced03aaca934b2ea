/* Published vectors: FIPS 180, RFC 4231 (HMAC), RFC 5869 (HKDF), RFC 4648 (base64). */
#include "crypto/hash.h"
#include <setjmp.h>
#include <cmocka.h>

static struct arena *mem;

static int mem_open(void **state)
{
	(void)state;
	mem = arena_new((size_t)1 << 22);
	return 0;
}

static int mem_close(void **state)
{
	(void)state;
	arena_free(mem);
	return 0;
}

static struct bytes of_hex(const char *z)
{
	struct bytes b;
	if (hex_read(mem, str_of(z), &b) < 0)
		fail_msg("the test's own hex is wrong: %s", z);
	return b;
}

static void assert_hex(const void *p, size_t n, const char *want)
{
	struct str got = hex(mem, bytes_of(p, n));
	if (!str_is(got, want))
		fail_msg("got %.*s, wanted %s", (int)got.n, got.p, want);
}

static struct bytes repeat(uint8_t byte, size_t n)
{
	uint8_t *p = arena_alloc(mem, n);
	memset(p, byte, n);
	return bytes_of(p, n);
}

static void test_sha256_of_known_texts(void **state)
{
	(void)state;
	struct hash h = sha256((struct bytes){ 0 });
	assert_hex(h.b, 32, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	h = sha256(str_bytes(STR("abc")));
	assert_hex(h.b, 32, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	struct hash two = sha256_2(str_bytes(STR("a")), str_bytes(STR("bc"))), one = sha256_2(str_bytes(STR("abc")), (struct bytes){ 0 });
	assert_true(hash_eq(&h, &two) && hash_eq(&h, &one));
	two = sha256_2(str_bytes(STR("a")), str_bytes(STR("bd")));
	assert_false(hash_eq(&h, &two));
}

/* RFC 4231, cases 1-4, 6, 7 (5 is a shortened MAC). */
static void test_hmac_rfc4231(void **state)
{
	(void)state;
	static const char KEY4[] = "0102030405060708090a0b0c0d0e0f10111213141516171819";
	const struct { struct bytes key, message; const char *mac; } V[] = {
		{ repeat(0x0b, 20), str_bytes(STR("Hi There")), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
		{ str_bytes(STR("Jefe")), str_bytes(STR("what do ya want for nothing?")), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
		{ repeat(0xaa, 20), repeat(0xdd, 50), "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe" },
		{ of_hex(KEY4), repeat(0xcd, 50), "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b" },
		{ repeat(0xaa, 131), str_bytes(STR("Test Using Larger Than Block-Size Key - Hash Key First")),
		    "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54" },
		{ repeat(0xaa, 131), str_bytes(STR("This is a test using a larger than block-size key and a larger than block-size data. "
		    "The key needs to be hashed before being used by the HMAC algorithm.")), "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2" },
	};
	for (size_t i = 0; i < COUNT(V); i++) {
		struct hash h = hmac_sha256(V[i].key, V[i].message);
		assert_hex(h.b, 32, V[i].mac);
	}
}

/* RFC 5869, A.1-A.3. Its infos are bytes; a struct str carries them. */
static void test_hkdf_rfc5869(void **state)
{
	(void)state;
	uint8_t salt2[80], info2[80], key2[80], out[82];
	for (size_t i = 0; i < 80; i++) {
		key2[i] = (uint8_t)i;
		salt2[i] = (uint8_t)(0x60 + i);
		info2[i] = (uint8_t)(0xb0 + i);
	}
	hkdf_sha256(repeat(0x0b, 22), of_hex("000102030405060708090a0b0c"), bytes_str(of_hex("f0f1f2f3f4f5f6f7f8f9")), out, 42);
	assert_hex(out, 42, "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
	hkdf_sha256(bytes_of(key2, 80), bytes_of(salt2, 80), bytes_str(bytes_of(info2, 80)), out, 82);
	assert_hex(out, 82, "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71"
	    "cc30c58179ec3e87c14c01d5c1f3434f1d87");
	hkdf_sha256(repeat(0x0b, 22), (struct bytes){ 0 }, (struct str){ 0 }, out, 42);
	assert_hex(out, 42, "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

static void test_base64_rfc4648(void **state)
{
	(void)state;
	static const char *const V[][2] = { { "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" }, { "foob", "Zm9vYg==" }, { "fooba", "Zm9vYmE=" },
		{ "foobar", "Zm9vYmFy" }, { "\xfb\xff\xbf", "+/+/" } };
	for (size_t i = 0; i < COUNT(V); i++) {
		struct bytes back;
		assert_true(str_is(base64(mem, str_bytes(str_of(V[i][0]))), V[i][1]));
		assert_int_equal(base64_read(mem, str_of(V[i][1]), &back), 0);
		assert_true(str_is(bytes_str(back), V[i][0]));
	}
}

static void test_base64_is_strict_and_canonical(void **state)
{
	(void)state;
	static const char *const BAD[] = { "Zg", "Zg=", "Zg===", "Zm8", "Zh==", "Zm9=", "Z===", "====", "=", "Zg==Zg==", "Zg= =", " Zg==", "Zg==\n", "Zm9v\n", "Zm-v", "Zm_v",
		"Z\xc3\xa9v", "Zm=v", "A=A=" };
	struct bytes back;
	for (size_t i = 0; i < COUNT(BAD); i++)
		if (base64_read(mem, str_of(BAD[i]), &back) == 0)
			fail_msg("accepted: %s", BAD[i]);
	assert_int_equal(base64_read(mem, (struct str){ "Zm9\0", 4 }, &back), -1);
	/* canonical: of the last digits that two padding signs allow, one in 16 is good */
	static const char ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	int good = 0;
	for (size_t i = 0; i < 64; i++)
		good += base64_read(mem, str_fmt(mem, "Z%c==", ALPHABET[i]), &back) == 0;
	assert_int_equal(good, 4);
}

static void test_hex_is_lower_case_only(void **state)
{
	(void)state;
	static const char *const BAD[] = { "0", "0g", "0A", "FF", " 00", "00 ", "0x00", "-1" };
	struct bytes back;
	assert_true(str_is(hex(mem, bytes_of("\x00\x7f\xff", 3)), "007fff"));
	assert_int_equal(hex_read(mem, STR("007fff"), &back), 0);
	assert_memory_equal(back.p, "\x00\x7f\xff", 3);
	assert_int_equal(hex_read(mem, (struct str){ 0 }, &back), 0);
	assert_int_equal(back.n, 0);
	for (size_t i = 0; i < COUNT(BAD); i++)
		if (hex_read(mem, str_of(BAD[i]), &back) == 0)
			fail_msg("accepted: %s", BAD[i]);
}

static void test_equality_and_wiping(void **state)
{
	(void)state;
	uint8_t a[32], b[32];
	memset(a, 5, sizeof a);
	memset(b, 5, sizeof b);
	assert_true(bytes_equal_ct(a, b, sizeof a));
	for (size_t i = 0; i < sizeof a; i++) {
		b[i] ^= 1;
		assert_false(bytes_equal_ct(a, b, sizeof a));
		b[i] ^= 1;
	}
	wipe(a, sizeof a);
	for (size_t i = 0; i < sizeof a; i++)
		assert_int_equal(a[i], 0);
	wipe(NULL, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sha256_of_known_texts),
		cmocka_unit_test(test_hmac_rfc4231),
		cmocka_unit_test(test_hkdf_rfc5869),
		cmocka_unit_test(test_base64_rfc4648),
		cmocka_unit_test(test_base64_is_strict_and_canonical),
		cmocka_unit_test(test_hex_is_lower_case_only),
		cmocka_unit_test(test_equality_and_wiping),
	};
	return cmocka_run_group_tests(tests, mem_open, mem_close);
}
