#include "ledger/ledger_i.h"

#define PROOF_HEAD "c2sp.org/tlog-proof@v1"
#define PROOF_MAX 64

static struct str proof_text(struct arena *mem, struct str line, uint64_t index, const struct hash *hashes, size_t n, struct str head)
{
	struct buf b = buf_new(mem, (size_t)1 << 20);
	buf_fmt(&b, PROOF_HEAD "\nextra " S_FMT "\nindex %llu\n", S_ARG(base64(mem, str_bytes(line))), (unsigned long long)index);
	for (size_t i = 0; i < n; i++)
		buf_fmt(&b, S_FMT "\n", S_ARG(base64(mem, bytes_of(hashes[i].b, HASH_BYTES))));
	buf_ch(&b, '\n');
	buf_str(&b, head);
	return buf_text(&b);
}

static int head_of(struct arena *mem, struct tx *tx, bool witnessed, struct str *head, struct checkpoint *c, struct err *err)
{
	struct note note;
	*head = ledger_checkpoint(mem, tx, witnessed);
	return !head->n || note_parse(mem, *head, &note, err) < 0 || checkpoint_parse(mem, note.text, c, err) < 0 ? err_set(err, ERR_NOT_FOUND, "the log has no checkpoint yet") : 0;
}

int ledger_prove(struct arena *mem, struct ledger *l, struct tx *tx, uint64_t index, struct str *proof, struct err *err)
{
	struct hash hashes[PROOF_MAX];
	struct checkpoint c;
	size_t n;
	struct str line, head;
	(void)l;
	if ((head_of(mem, tx, true, &head, &c, NULL) < 0 || index >= c.size) && head_of(mem, tx, false, &head, &c, err) < 0)
		return -1;
	if (index >= c.size)
		return err_set(err, ERR_NOT_FOUND, "the log has %llu entries", (unsigned long long)c.size);
	if (inclusion_proof(mem, tx, index, c.size, hashes, &n, err) < 0 || log_line_at(mem, tx, index, &line, err) < 0)
		return -1;
	*proof = proof_text(mem, line, index, hashes, n, head);
	return 0;
}

struct prover { struct arena *mem; struct tx *tx; struct str head; struct tile_memory tiles; };

int ledger_prover(struct arena *mem, struct tx *tx, struct prover **out, struct err *err)
{
	struct prover *p = NEW(mem, struct prover);
	struct checkpoint c;
	*p = (struct prover){ .mem = mem, .tx = tx };
	if (head_of(mem, tx, false, &p->head, &c, err) < 0)
		return -1;
	p->tiles.size = c.size;
	*out = p;
	return 0;
}

int prover_prove(struct prover *p, uint64_t index, struct str *proof, struct err *err)
{
	struct hash hashes[PROOF_MAX];
	size_t n;
	struct str line;
	if (index >= p->tiles.size)
		return err_set(err, ERR_NOT_FOUND, "the log has %llu entries", (unsigned long long)p->tiles.size);
	if (inclusion_proof_near(p->mem, p->tx, &p->tiles, index, hashes, &n, err) < 0 || line_near(p->mem, p->tx, &p->tiles, index, &line, err) < 0)
		return -1;
	*proof = proof_text(p->mem, line, index, hashes, n, p->head);
	return 0;
}

int ledger_consistency(struct arena *mem, struct ledger *l, struct tx *tx, uint64_t old_size, struct hash *proof, size_t *n, struct err *err)
{
	return consistency_proof(mem, tx, old_size, l->closed, proof, n, err);
}

int proof_read(struct arena *mem, struct str file, struct proof_file *out, struct err *err)
{
	struct reader r = reader_of(str_bytes(file));
	struct bytes raw;
	*out = (struct proof_file){ 0 };
	if (!str_is(get_line(&r, 64), PROOF_HEAD))
		return err_set(err, ERR_FORMAT, "this is no tlog-proof");
	struct str line = get_line(&r, 16384);
	if (str_starts(line, STR("extra "))) {
		if (base64_read(mem, str_sub(line, 6, line.n), &out->extra) < 0)
			return err_set(err, ERR_FORMAT, "the proof's extra data cannot be read");
		line = get_line(&r, 128);
	}
	if (!str_starts(line, STR("index ")) || str_u64(str_sub(line, 6, line.n), &out->index) < 0)
		return err_set(err, ERR_FORMAT, "the proof has no index");
	while ((line = get_line(&r, 64)).n && !r.bad) {
		if (out->n == PROOF_MAX || base64_read(mem, line, &raw) < 0 || raw.n != HASH_BYTES)
			return err_set(err, ERR_FORMAT, "the proof has a bad hash");
		memcpy(out->hashes[out->n++].b, raw.p, HASH_BYTES);
	}
	if (r.bad)
		return err_set(err, ERR_FORMAT, "the proof is cut off");
	out->note = str_sub(file, r.at, file.n);
	return 0;
}

int proof_check(struct arena *mem, const struct proof_file *p, const struct hash *leaf, const struct note_key *log, struct err *err)
{
	struct str text;
	struct checkpoint c;
	if (note_open(mem, p->note, log, &text, err) < 0 || checkpoint_parse(mem, text, &c, err) < 0)
		return err_add(err, "the proof's checkpoint");
	if (!str_eq(c.origin, log->name))
		return err_set(err, ERR_FORBIDDEN, "the proof is about another log");
	if (merkle_check_inclusion(p->index, c.size, leaf, p->hashes, p->n, &c.root) < 0)
		return err_set(err, ERR_FORBIDDEN, "entry %llu is not in that tree", (unsigned long long)p->index);
	return 0;
}

int log_check_proof(struct arena *mem, struct str file, const struct note_key *log, struct str *line, struct err *err)
{
	struct proof_file p;
	if (proof_read(mem, file, &p, err) < 0)
		return -1;
	if (!p.extra.n)
		return err_set(err, ERR_FORMAT, "the proof does not carry its entry");
	struct hash leaf = leaf_hash(p.extra);
	*line = bytes_str(p.extra);
	return proof_check(mem, &p, &leaf, log, err);
}

int log_check_inclusion(struct arena *mem, struct str file, uint64_t size, const struct hash *root, struct str *line, struct err *err)
{
	struct proof_file p;
	if (proof_read(mem, file, &p, err) < 0)
		return -1;
	struct hash leaf = leaf_hash(p.extra);
	*line = bytes_str(p.extra);
	return merkle_check_inclusion(p.index, size, &leaf, p.hashes, p.n, root) == 0 ? 0 : err_set(err, ERR_FORBIDDEN, "entry %llu is not in that tree", (unsigned long long)p.index);
}
