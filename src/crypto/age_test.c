/* age files: the published vectors (tests/vectors/age), our own writing read back, and every byte that somebody could change. */
#include "crypto/age.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <dirent.h>
#include <sodium.h>
#include <zlib.h>
#include <cmocka.h>

#define FILE_MAX ((size_t)20 << 20)
static struct arena *mem;

static struct bytes file_of(const char *name)
{
	char path[512];
	snprintf(path, sizeof path, "tests/vectors/age/%s", name);
	FILE *f = fopen(path, "rb");
	assert_non_null(f);
	uint8_t *p = arena_alloc(mem, 1 << 20);
	size_t n = fread(p, 1, 1 << 20, f);
	fclose(f);
	return bytes_of(p, n);
}

static struct bytes inflated(struct bytes in)
{
	uLongf n = FILE_MAX;
	uint8_t *out = arena_alloc(mem, FILE_MAX);
	assert_int_equal(uncompress(out, &n, in.p, in.n), Z_OK);
	return bytes_of(out, n);
}

struct vector { struct str expect, payload, file_key; uint8_t secret[4][32]; size_t secrets; struct bytes file; };

static struct vector vector_of(const char *name)
{
	struct vector v = { 0 };
	struct bytes all = file_of(name);
	struct str rest = bytes_str(all);
	bool packed = false;
	for (struct str line = str_cut(&rest, '\n'); line.n; line = str_cut(&rest, '\n')) {
		struct str value = line, key = str_cut(&value, ':');
		value = str_trim(value);
		if (str_is(key, "expect"))
			v.expect = value;
		if (str_is(key, "payload"))
			v.payload = value;
		if (str_is(key, "identity"))
			assert_int_equal(age_identity_read(value, v.secret[v.secrets++]), 0);
		packed = packed || (str_is(key, "compressed") && str_is(value, "zlib"));
	}
	v.file = packed ? inflated(str_bytes(rest)) : str_bytes(rest);
	return v;
}

/* What the keys process and the reader do together; gives the words of the vectors. */
static const char *read_file(const struct vector *v, struct bytes *plain)
{
	struct age_header h;
	struct err err = { 0 };
	uint8_t file_key[AGE_FILE_KEY], key[32];
	bool found = false;
	if (age_header_read(mem, v->file, &h, &err) < 0)
		return "header failure";
	for (size_t i = 0; i < h.nshares && !found; i++)
		for (size_t k = 0; k < v->secrets && !found; k++) {
			int rc = age_share_open(v->secret[k], &h.shares[i], file_key);
			if (rc < 0)
				return "header failure";
			found = rc == 0;
		}
	if (!found)
		return "no match";
	size_t rest = v->file.n - h.length, nonce = rest < AGE_NONCE ? rest : AGE_NONCE;
	uint8_t padded[AGE_NONCE] = { 0 };
	memcpy(padded, v->file.p + h.length, nonce);
	if (age_header_check(&h, file_key, bytes_of(padded, AGE_NONCE), key, &err) < 0)
		return "HMAC failure";
	if (nonce < AGE_NONCE)
		return "header failure";
	struct bytes payload = bytes_of(v->file.p + h.length + AGE_NONCE, rest - AGE_NONCE);
	return age_payload_open(mem, key, payload, plain, &err) < 0 ? "payload failure" : "success";
}

static void every_published_file_is_read_as_it_says(void **state)
{
	(void)state;
	DIR *d = opendir("tests/vectors/age");
	size_t n = 0;
	assert_non_null(d);
	for (struct dirent *e = readdir(d); e; e = readdir(d)) {
		struct bytes plain = { 0 };
		if (e->d_name[0] == '.' || strcmp(e->d_name, "README.md") == 0)
			continue;
		mem = arena_new((size_t)256 << 20);
		struct vector v = vector_of(e->d_name);
		const char *said = read_file(&v, &plain);
		if (!str_is(v.expect, said))
			fail_msg("%s: %s, expected " S_FMT, e->d_name, said, S_ARG(v.expect));
		struct hash h = sha256(plain);
		if (str_is(v.expect, "success"))
			assert_true(str_eq(v.payload, hex(mem, bytes_of(h.b, sizeof h.b))));
		arena_free(mem);
		n++;
	}
	closedir(d);
	assert_int_equal(n, 67);
}

static void what_we_write_is_read_back_at_every_length(void **state)
{
	static const size_t LENGTHS[] = { 0, 1, AGE_CHUNK - 1, AGE_CHUNK, AGE_CHUNK + 1, 2 * AGE_CHUNK, 3 * AGE_CHUNK + 5 };
	(void)state;
	mem = arena_new((size_t)64 << 20);
	for (size_t i = 0; i < COUNT(LENGTHS); i++) {
		struct err err = { 0 };
		struct bytes back = { 0 };
		struct vector v = { .secrets = 1 };
		uint8_t recipient[32], *p = arena_alloc(mem, LENGTHS[i] + 1);
		source_fill(source_system(), v.secret[0], 32);
		source_fill(source_system(), p, LENGTHS[i]);
		crypto_scalarmult_base(recipient, v.secret[0]);
		assert_int_equal(age_seal_all(mem, source_system(), recipient, bytes_of(p, LENGTHS[i]), &v.file, &err), 0);
		assert_string_equal(read_file(&v, &back), "success");
		assert_true(back.n == LENGTHS[i] && memcmp(back.p, p, LENGTHS[i]) == 0);
		v.secret[0][3] ^= 4;
		assert_string_equal(read_file(&v, &back), "no match");
	}
	arena_free(mem);
}

static void no_byte_can_be_changed(void **state)
{
	(void)state;
	mem = arena_new((size_t)64 << 20);
	struct err err = { 0 };
	struct vector v = { .secrets = 1 };
	uint8_t recipient[32];
	source_fill(source_system(), v.secret[0], 32);
	crypto_scalarmult_base(recipient, v.secret[0]);
	struct bytes whole, back;
	assert_int_equal(age_seal_all(mem, source_system(), recipient, str_bytes(STR("a list of families, invented")), &whole, &err), 0);
	for (size_t i = 0; i < whole.n; i++) {
		uint8_t *p = (uint8_t *)(uintptr_t)bytes_dup(mem, whole).p;
		p[i] ^= 1;
		v.file = bytes_of(p, whole.n);
		assert_string_not_equal(read_file(&v, &back), "success");
		v.file = bytes_of(whole.p, i);
		assert_string_not_equal(read_file(&v, &back), "success");
	}
	arena_free(mem);
}

static void keys_are_written_as_age_writes_them(void **state)
{
	(void)state;
	mem = arena_new(1 << 20);
	uint8_t secret[32], recipient[32], back[32];
	assert_int_equal(age_identity_read(STR("AGE-SECRET-KEY-1EGTZVFFV20835NWYV6270LXYVK2VKNX2MMDKWYKLMGR48UAWX40Q2P2LM0"), secret), 0);
	crypto_scalarmult_base(recipient, secret);
	struct str text = age_recipient_text(mem, recipient);
	assert_true(str_starts(text, STR("age1")) && text.n == 62);
	assert_int_equal(age_recipient_read(text, back), 0);
	assert_memory_equal(back, recipient, 32);
	for (size_t i = 0; i < text.n; i++) {
		char *other = str_z(mem, text);
		other[i] = other[i] == 'q' ? 'p' : 'q';
		assert_int_equal(age_recipient_read(str_of(other), back), -1);
	}
	arena_free(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_published_file_is_read_as_it_says), cmocka_unit_test(what_we_write_is_read_back_at_every_length),
		cmocka_unit_test(no_byte_can_be_changed), cmocka_unit_test(keys_are_written_as_age_writes_them) };
	return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
