/* Signed notes and verifier keys: what is accepted is written back as the same bytes. */
#include "crypto/note.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_note(struct arena *mem, struct str raw)
{
	static const uint8_t PUBLIC_KEY[32] = { 0xd7, 0x5a, 0x98, 0x01 };
	struct note note;
	struct str lines[NOTE_SIGNATURES_MAX];
	if (note_parse(mem, raw, &note, NULL) < 0)
		return;
	if (note.n == 0 || note.n > NOTE_SIGNATURES_MAX || !str_ends(note.text, STR("\n")))
		abort();
	for (size_t i = 0; i < note.n; i++) {
		lines[i] = str_join(mem, note.signatures[i].line, STR("\n"));
		for (int alg = NOTE_ED25519; alg <= NOTE_COSIGNATURE; alg += NOTE_COSIGNATURE - NOTE_ED25519) {
			struct note_key key = note_key_make(mem, note.signatures[i].name, (enum note_alg)alg, PUBLIC_KEY);
			key.id = note.signatures[i].id;      /* so that the signature is looked at */
			if (note_verify(&note, &key, NULL) == 0)
				abort();
		}
	}
	if (!str_eq(note_join(mem, note.text, lines, note.n), raw))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	if (n > 1 << 14)
		return 0;
	struct arena *mem = arena_new((size_t)1 << 24);
	struct str raw = { (const char *)data, n };
	struct note_key key;
	check_note(mem, raw);
	if (note_key_parse(mem, raw, &key, NULL) == 0 && !str_eq(note_key_text(mem, &key), raw))
		abort();
	arena_free(mem);
	return 0;
}
