/* Signed notes against the published vectors (tests/vectors/tlog) and against hands that change them. */
#include "base/json.h"
#include "crypto/note.h"
#include <setjmp.h>
#include <sodium.h>
#include <stdio.h>
#include <cmocka.h>

static struct arena *mem;

static int mem_open(void **state)
{
	(void)state;
	mem = arena_new((size_t)64 << 20);
	return sodium_init() < 0 ? -1 : 0;
}

static int mem_close(void **state)
{
	(void)state;
	arena_free(mem);
	return 0;
}

static json_t *vectors(const char *path)
{
	enum { MAX = 1 << 18 };
	char *text = arena_alloc(mem, MAX);
	FILE *f = fopen(path, "rb");
	if (!f)
		fail_msg("%s is missing: run from the root of the project", path);
	size_t n = fread(text, 1, MAX, f);
	fclose(f);
	json_t *j = json_read(mem, (struct str){ text, n }, NULL);
	assert_non_null(j);
	return j;
}

/* A signer with a seed of one repeated byte: a test value. */
struct signer { struct note_key key; uint8_t secret[64]; };
static struct signer signer_new(const char *name, enum note_alg alg, uint8_t seed_byte)
{
	struct signer s;
	uint8_t seed[32], public_key[32];
	memset(seed, seed_byte, sizeof seed);
	crypto_sign_seed_keypair(public_key, s.secret, seed);
	s.key = note_key_make(mem, str_of(name), alg, public_key);
	return s;
}

static struct str signed_line(const struct signer *s, struct str text, uint64_t time_s)
{
	uint8_t signature[64];
	struct bytes message = note_message(mem, &s->key, text, time_s);
	crypto_sign_detached(signature, NULL, message.p, message.n, s->secret);
	return note_line(mem, &s->key, signature, time_s);
}

static void test_published_notes_open_or_are_refused(void **state)
{
	(void)state;
	const json_t *notes = json_object_get(vectors("tests/vectors/tlog/notes.json"), "notes"), *v;
	size_t i;
	assert_int_equal(json_array_size(notes), 12);
	json_array_foreach(notes, i, v) {
		struct note_key key;
		struct str text = { 0 };
		struct err err = { 0 };
		if (note_key_parse(mem, json_str(v, "vkey"), &key, &err) < 0)
			fail_msg("%s: the verifier key is refused: %s", json_str(v, "desc").p, err.log);
		bool opened = note_open(mem, json_str(v, "note"), &key, &text, &err) == 0;
		if (opened != json_bool(v, "valid"))
			fail_msg("%s: %s", json_str(v, "desc").p, opened ? "accepted" : err.log);
		if (opened)
			assert_true(str_starts(json_str(v, "note"), text) && str_ends(text, STR("\n")));
		else
			assert_true(err.code == ERR_FORMAT || err.code == ERR_FORBIDDEN);
	}
}

static void test_published_bad_verifier_keys_are_refused(void **state)
{
	(void)state;
	const json_t *bad = json_object_get(vectors("tests/vectors/tlog/notes.json"), "invalid_vkeys"), *v;
	size_t i;
	assert_int_equal(json_array_size(bad), 2);
	json_array_foreach(bad, i, v) {
		struct note_key key;
		struct err err = { 0 };
		if (note_key_parse(mem, str_of(json_string_value(v)), &key, &err) == 0)
			fail_msg("accepted: %s", json_string_value(v));
		assert_int_equal(err.code, ERR_FORMAT);
	}
}

static void test_verifier_key_is_read_as_it_is_written(void **state)
{
	(void)state;
	static const char GOOD[] = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
	static const char *const BAD[] = { "", "PeterNeumann", "PeterNeumann+c74f20a3", "PeterNeumann+c74f20a3+", "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
		"PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
		"Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "PeterNeumanm+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
		"PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TX", "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW\n",
		"PeterNeumann+0c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW" };
	struct note_key key;
	assert_int_equal(note_key_parse(mem, str_of(GOOD), &key, NULL), 0);
	assert_true(str_is(note_key_text(mem, &key), GOOD));
	for (size_t i = 0; i < COUNT(BAD); i++)
		if (note_key_parse(mem, str_of(BAD[i]), &key, NULL) == 0)
			fail_msg("accepted: %s", BAD[i]);
}

static void test_published_cosignatures_verify_with_their_time(void **state)
{
	(void)state;
	const json_t *j = vectors("tests/vectors/tlog/witness.json"), *v;
	struct note_key log, witness;
	size_t i, seen = 0;
	assert_int_equal(note_key_parse(mem, json_str(j, "log_vkey"), &log, NULL), 0);
	assert_int_equal(note_key_parse(mem, json_str(j, "witness_vkey"), &witness, NULL), 0);
	json_array_foreach(json_object_get(j, "add_checkpoint_in_order"), i, v) {
		struct note n;
		uint64_t time_s = 0;
		struct str cosigned = json_str(v, "cosigned_checkpoint");
		if (!cosigned.p)
			continue;
		assert_int_equal(note_parse(mem, cosigned, &n, NULL), 0);
		assert_int_equal(n.n, 2);
		assert_int_equal(note_verify(&n, &log, NULL), 1);
		assert_int_equal(note_verify(&n, &witness, &time_s), 1);
		assert_int_equal(time_s, json_int(v, "time", 0));
		seen++;
	}
	assert_true(seen >= 4);
}

static void test_what_is_signed_here_opens(void **state)
{
	(void)state;
	struct signer node = signer_new("camp.sy.example", NOTE_ED25519, 7), other = signer_new("vetting.iq.example", NOTE_ED25519, 8);
	struct str text = STR("first line\n\nafter an empty line: \xd8\xac\xd8\xb3\xd8\xb1\n"), got;
	struct str lines[] = { signed_line(&other, text, 0), signed_line(&node, text, 0) };
	struct str raw = note_join(mem, text, lines, 2);
	assert_int_equal(note_open(mem, raw, &node.key, &got, NULL), 0);
	assert_true(str_eq(got, text));
	assert_int_equal(note_open(mem, raw, &other.key, &got, NULL), 0);
	struct signer stranger = signer_new("camp.sy.example", NOTE_ED25519, 9);      /* the name alone is no key */
	struct err err = { 0 };
	assert_int_equal(note_open(mem, raw, &stranger.key, &got, &err), -1);
	assert_int_equal(err.code, ERR_FORBIDDEN);
}

static void test_every_flipped_bit_is_refused(void **state)
{
	(void)state;
	struct signer node = signer_new("camp.sy.example", NOTE_ED25519, 7);
	struct str text = STR("jisr test\n12\n"), line = signed_line(&node, text, 0), raw = note_join(mem, text, &line, 1), got;
	char *bent = str_z(mem, raw);
	assert_int_equal(note_open(mem, (struct str){ bent, raw.n }, &node.key, &got, NULL), 0);
	for (size_t i = 0; i < raw.n; i++) {
		for (int bit = 0; bit < 8; bit++) {
			bent[i] = (char)(bent[i] ^ (1 << bit));
			if (note_open(mem, (struct str){ bent, raw.n }, &node.key, &got, NULL) == 0)
				fail_msg("accepted with bit %d of byte %zu flipped", bit, i);
			bent[i] = (char)(bent[i] ^ (1 << bit));
		}
	}
	for (size_t n = 0; n < raw.n; n++)
		assert_int_equal(note_open(mem, str_sub(raw, 0, n), &node.key, &got, NULL), -1);
}

static void test_a_bad_signature_of_a_known_key_spoils_the_note(void **state)
{
	(void)state;
	struct signer node = signer_new("camp.sy.example", NOTE_ED25519, 7), unknown = signer_new("nobody.example", NOTE_ED25519, 9);
	struct str text = STR("text\n"), of_other_text = signed_line(&node, STR("other\n"), 0);
	struct str with_bad[] = { signed_line(&node, text, 0), of_other_text }, with_unknown[] = { of_other_text };
	struct note n;
	assert_int_equal(note_parse(mem, note_join(mem, text, with_bad, 2), &n, NULL), 0);
	assert_int_equal(note_verify(&n, &node.key, NULL), -1);
	assert_int_equal(note_parse(mem, note_join(mem, text, with_unknown, 1), &n, NULL), 0);
	assert_int_equal(note_verify(&n, &unknown.key, NULL), 0);
}

static void test_cosignature_binds_its_time_and_its_kind(void **state)
{
	(void)state;
	struct signer witness = signer_new("witness.example", NOTE_COSIGNATURE, 5), plain = signer_new("witness.example", NOTE_ED25519, 5);
	struct str text = STR("log.example\n1\nAAAA\n"), line = signed_line(&witness, text, 1767225600);
	uint8_t signature[64];
	struct bytes message = note_message(mem, &witness.key, text, 1767225600);
	uint64_t time_s = 0;
	struct note n;
	assert_true(str_starts(bytes_str(message), STR("cosignature/v1\ntime 1767225600\nlog.example\n")));
	assert_int_equal(note_parse(mem, note_join(mem, text, &line, 1), &n, NULL), 0);
	assert_int_equal(note_verify(&n, &witness.key, &time_s), 1);
	assert_int_equal(time_s, 1767225600);
	assert_int_not_equal(witness.key.id, plain.key.id);
	assert_int_equal(note_verify(&n, &plain.key, NULL), 0);      /* the same key as another algorithm has another id */

	crypto_sign_detached(signature, NULL, message.p, message.n, witness.secret);
	line = note_line(mem, &witness.key, signature, 1767225601);
	assert_int_equal(note_parse(mem, note_join(mem, text, &line, 1), &n, NULL), 0);
	assert_int_equal(note_verify(&n, &witness.key, &time_s), -1);
	assert_int_equal(time_s, 1767225600);
}

static void test_shapes_that_are_no_note(void **state)
{
	(void)state;
	struct signer node = signer_new("n", NOTE_ED25519, 7);
	struct str line = signed_line(&node, STR("t\n"), 0), many[NOTE_SIGNATURES_MAX + 1];
	struct str good = note_join(mem, STR("t\n"), &line, 1);
	struct note n;
	struct err err = { 0 };
	for (size_t i = 0; i < COUNT(many); i++)
		many[i] = line;
	assert_int_equal(note_parse(mem, good, &n, NULL), 0);
	assert_int_equal(note_parse(mem, note_join(mem, STR("t\n"), many, NOTE_SIGNATURES_MAX), &n, NULL), 0);
	assert_int_equal(note_parse(mem, note_join(mem, STR("t\n"), many, NOTE_SIGNATURES_MAX + 1), &n, &err), -1);
	assert_int_equal(err.code, ERR_FORMAT);

	const struct str bad[] = { { 0 }, STR("\n"), STR("\n\n"), STR("t\n\n"), STR("t\n"), note_join(mem, (struct str){ 0 }, &line, 1), note_join(mem, STR("t"), &line, 1),
		str_join(mem, good, STR("\n")), str_join(mem, good, STR("x\n")), note_join(mem, STR("t\xff\n"), &line, 1), note_join(mem, STR("t\r\n"), &line, 1),
		STR("t\n\n\xe2\x80\x94 n AAAAAAA\n"), STR("t\n\n\xe2\x80\x94 n AAAAAA==\n"), STR("t\n\n\xe2\x80\x94 a+b AAAAAAA=\n"), STR("t\n\n\xe2\x80\x94  AAAAAAA=\n") };
	for (size_t i = 0; i < COUNT(bad); i++)
		if (note_parse(mem, bad[i], &n, NULL) == 0)
			fail_msg("accepted: shape %zu", i);
	char *long_text = arena_alloc(mem, NOTE_TEXT_MAX + 1);
	memset(long_text, 'a', NOTE_TEXT_MAX);
	long_text[NOTE_TEXT_MAX - 1] = '\n';
	assert_int_equal(note_parse(mem, note_join(mem, (struct str){ long_text, NOTE_TEXT_MAX }, &line, 1), &n, NULL), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_published_notes_open_or_are_refused),
		cmocka_unit_test(test_published_bad_verifier_keys_are_refused),
		cmocka_unit_test(test_verifier_key_is_read_as_it_is_written),
		cmocka_unit_test(test_published_cosignatures_verify_with_their_time),
		cmocka_unit_test(test_what_is_signed_here_opens),
		cmocka_unit_test(test_every_flipped_bit_is_refused),
		cmocka_unit_test(test_a_bad_signature_of_a_known_key_spoils_the_note),
		cmocka_unit_test(test_cosignature_binds_its_time_and_its_kind),
		cmocka_unit_test(test_shapes_that_are_no_note),
	};
	return cmocka_run_group_tests(tests, mem_open, mem_close);
}
