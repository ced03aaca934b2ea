/* Proof files and checkpoints of strangers: what is read is written back as the same, and nothing unsigned is good. */
#include "ledger/ledger_i.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_proof(struct arena *mem, struct str file)
{
	static const uint8_t PUBLIC_KEY[32] = { 0xd7, 0x5a, 0x98, 0x01 };
	struct proof_file p;
	struct note_key key = note_key_make(mem, STR("fuzz/log"), NOTE_ED25519, PUBLIC_KEY);
	struct hash leaf = leaf_hash(str_bytes(file));
	if (proof_read(mem, file, &p, NULL) < 0)
		return;
	if (p.n > COUNT(p.hashes) || !str_ends(file, p.note))
		abort();
	if (proof_check(mem, &p, &leaf, &key, NULL) == 0)
		abort();
	for (uint64_t size = 0; size < 9; size++)      /* any proof may be tried on any tree */
		if (merkle_check_inclusion(p.index, size, &leaf, p.hashes, p.n, &leaf) == 0 && (size != 1 || p.n))
			abort();
	if (merkle_check_consistency(p.index, p.index / 2, &leaf, &leaf, p.hashes, p.n) == 0 && p.index)
		abort();
	merkle_check_consistency(p.index / 2, p.index, &leaf, &leaf, p.hashes, p.n);
}

static void check_checkpoint(struct arena *mem, struct str text)
{
	struct checkpoint c;
	if (memchr(text.p, 0, text.n))                 /* a signed note holds no control characters: its parser refuses them before */
		return;
	if (checkpoint_parse(mem, text, &c, NULL) == 0 && !str_starts(text, checkpoint_text(mem, c.origin, c.size, &c.root)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	if (n > 1 << 14)
		return 0;
	struct arena *mem = arena_new((size_t)1 << 24);
	struct str raw = { (const char *)data, n };
	check_proof(mem, raw);
	check_checkpoint(mem, raw);
	arena_free(mem);
	return 0;
}
