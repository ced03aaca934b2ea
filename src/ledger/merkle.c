#include "ledger/ledger_i.h"

/* RFC 6962 section 2.1 and RFC 9162 section 2.1. */

struct hash leaf_hash(struct bytes entry)
{
	static const uint8_t ZERO = 0;
	return sha256_2(bytes_of(&ZERO, 1), entry);
}

struct hash node_hash(const struct hash *left, const struct hash *right)
{
	uint8_t b[1 + 2 * HASH_BYTES];
	b[0] = 1;
	memcpy(b + 1, left->b, HASH_BYTES);
	memcpy(b + 1 + HASH_BYTES, right->b, HASH_BYTES);
	return sha256(bytes_of(b, sizeof b));
}

static uint64_t split_of(uint64_t n)      /* the largest power of two below n */
{
	uint64_t k = 1;
	while (k << 1 < n)
		k <<= 1;
	return k;
}

struct hash merkle_root(const struct hash *leaves, size_t n)
{
	if (n == 0)
		return sha256((struct bytes){ 0 });
	if (n == 1)
		return leaves[0];
	size_t k = (size_t)split_of(n);
	struct hash left = merkle_root(leaves, k), right = merkle_root(leaves + k, n - k);
	return node_hash(&left, &right);
}

/* RFC 9162 2.1.3.2 */
int merkle_check_inclusion(uint64_t index, uint64_t size, const struct hash *leaf, const struct hash *proof, size_t n, const struct hash *root)
{
	uint64_t fn = index, sn = size - 1;
	struct hash r = *leaf;
	if (index >= size)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (sn == 0)
			return -1;
		if ((fn & 1) || fn == sn) {
			r = node_hash(&proof[i], &r);
			while (!(fn & 1) && fn) {
				fn >>= 1;
				sn >>= 1;
			}
		} else {
			r = node_hash(&r, &proof[i]);
		}
		fn >>= 1;
		sn >>= 1;
	}
	return sn == 0 && hash_eq(&r, root) ? 0 : -1;
}

/* RFC 9162 2.1.4.2; size1 == 0 is always refused: a witness handles it before. */
int merkle_check_consistency(uint64_t size1, uint64_t size2, const struct hash *root1, const struct hash *root2, const struct hash *proof, size_t n)
{
	if (size1 == 0 || size1 > size2)
		return -1;
	if (size1 == size2)
		return n == 0 && hash_eq(root1, root2) ? 0 : -1;
	bool power = (size1 & (size1 - 1)) == 0;
	if (n == 0 || (power && n < 1))
		return -1;
	size_t at = 0;
	struct hash fr = power ? *root1 : proof[at++], sr = fr;
	uint64_t fn = size1 - 1, sn = size2 - 1;
	while (fn & 1) {
		fn >>= 1;
		sn >>= 1;
	}
	for (; at < n; at++) {
		if (sn == 0)
			return -1;
		if ((fn & 1) || fn == sn) {
			fr = node_hash(&proof[at], &fr);
			sr = node_hash(&proof[at], &sr);
			while (!(fn & 1) && fn) {
				fn >>= 1;
				sn >>= 1;
			}
		} else {
			sr = node_hash(&sr, &proof[at]);
		}
		fn >>= 1;
		sn >>= 1;
	}
	return sn == 0 && hash_eq(&fr, root1) && hash_eq(&sr, root2) ? 0 : -1;
}

/* Where tile n is, or may be put: the one that was not asked for longest gives way. */
static struct tile_seen *tile_slot(struct arena *mem, struct tile_memory *m, uint64_t n)
{
	size_t oldest = 0;
	for (size_t i = 0; i < TILES_REMEMBERED; i++) {
		if (!m->tiles[i])
			m->tiles[i] = NEW(mem, struct tile_seen);
		if (m->tiles[i]->width && m->tiles[i]->n == n)
			return m->tiles[i];
		if (m->tiles[i]->used < m->tiles[oldest]->used)
			oldest = i;
	}
	m->tiles[oldest]->width = 0;
	return m->tiles[oldest];
}

/* A level-0 tile with its lines and inner nodes, as far as the tree goes. */
static const struct tile_seen *tile_remember(struct arena *mem, struct tx *tx, struct tile_memory *m, uint64_t n, struct err *err)
{
	size_t width = m->size - n * TILE_WIDTH < TILE_WIDTH ? (size_t)(m->size - n * TILE_WIDTH) : TILE_WIDTH;
	struct tile_seen *t = tile_slot(mem, m, n);
	t->used = ++m->clock;
	if (t->width)
		return t;
	if (log_lines(mem, tx, n * TILE_WIDTH, width, t->lines, err) < 0)
		return NULL;
	for (size_t i = 0; i < width; i++)
		t->at[0][i] = leaf_hash(str_bytes(t->lines[i]));
	for (unsigned level = 1; level < TILE_HEIGHT; level++)
		for (size_t i = 0; i < width >> level; i++)
			t->at[level][i] = node_hash(&t->at[level - 1][2 * i], &t->at[level - 1][2 * i + 1]);
	t->n = n;
	t->width = width;
	return t;
}

int line_near(struct arena *mem, struct tx *tx, struct tile_memory *m, uint64_t index, struct str *line, struct err *err)
{
	const struct tile_seen *t = tile_remember(mem, tx, m, index / TILE_WIDTH, err);
	if (t)
		*line = t->lines[index % TILE_WIDTH];
	return t ? 0 : -1;
}

/* One that is full and aligned. */
static int subtree(struct arena *mem, struct tx *tx, struct tile_memory *m, unsigned level, uint64_t start, struct hash *out, struct err *err)
{
	if (!m || level >= TILE_HEIGHT)
		return subtree_hash(mem, tx, level, start, out, err);
	const struct tile_seen *t = tile_remember(mem, tx, m, start / TILE_WIDTH, err);
	if (t)
		*out = t->at[level][(start % TILE_WIDTH) >> level];
	return t ? 0 : -1;
}

static int range(struct arena *mem, struct tx *tx, struct tile_memory *m, uint64_t from, uint64_t to, struct hash *out, struct err *err);

/* What stands beside the way of one entry stands beside those of its neighbours too. */
static int range_known(struct arena *mem, struct tx *tx, struct tile_memory *m, uint64_t from, uint64_t to, struct hash *out, struct err *err)
{
	if (!m || (to - from < TILE_WIDTH && to != m->size))      /* inside a full tile: at hand already */
		return range(mem, tx, m, from, to, out, err);
	struct above_seen *a = &m->above[(from / TILE_WIDTH * 7 + from % TILE_WIDTH + (to - from) / TILE_WIDTH) % ABOVE_REMEMBERED];
	if (a->to != to || a->from != from) {
		if (range(mem, tx, m, from, to, out, err) < 0)
			return -1;
		*a = (struct above_seen){ from, to, *out };
	}
	*out = a->hash;
	return 0;
}

/* The parts of [from, to) that are full aligned subtrees are looked up; the rest is combined as MTH does. `from` is aligned to the split. */
static int range(struct arena *mem, struct tx *tx, struct tile_memory *m, uint64_t from, uint64_t to, struct hash *out, struct err *err)
{
	uint64_t n = to - from;
	unsigned level = 0;
	if (n == 0) {
		*out = sha256((struct bytes){ 0 });
		return 0;
	}
	while ((uint64_t)1 << level < n)
		level++;
	if ((uint64_t)1 << level == n && from % n == 0)
		return subtree(mem, tx, m, level, from, out, err);
	uint64_t k = split_of(n);
	struct hash left, right;
	if (range_known(mem, tx, m, from, from + k, &left, err) < 0 || range_known(mem, tx, m, from + k, to, &right, err) < 0)
		return -1;
	*out = node_hash(&left, &right);
	return 0;
}

int range_hash(struct arena *mem, struct tx *tx, uint64_t from, uint64_t to, struct hash *out, struct err *err)
{
	return range(mem, tx, NULL, from, to, out, err);
}

struct way { struct hash *out; size_t *n; };
static int path(struct arena *mem, struct tx *tx, struct tile_memory *m, uint64_t index, const uint64_t span[2], struct way way, struct err *err)
{
	uint64_t from = span[0], to = span[1];
	if (to - from <= 1)
		return 0;
	uint64_t k = split_of(to - from), half[2] = { from, from + k }, rest[2] = { from + k, to };
	bool left = index < from + k;
	const uint64_t *other = left ? rest : half;
	if (path(mem, tx, m, index, left ? half : rest, way, err) < 0)
		return -1;
	return range_known(mem, tx, m, other[0], other[1], &way.out[(*way.n)++], err);
}

int inclusion_proof(struct arena *mem, struct tx *tx, uint64_t index, uint64_t size, struct hash *out, size_t *n, struct err *err)
{
	const uint64_t span[2] = { 0, size };
	*n = 0;
	return path(mem, tx, NULL, index, span, (struct way){ out, n }, err);
}

int inclusion_proof_near(struct arena *mem, struct tx *tx, struct tile_memory *m, uint64_t index, struct hash *out, size_t *n, struct err *err)
{
	const uint64_t span[2] = { 0, m->size };
	*n = 0;
	return path(mem, tx, m, index, span, (struct way){ out, n }, err);
}

/* RFC 9162 2.1.4.1 */
static int subproof(struct arena *mem, struct tx *tx, uint64_t m, uint64_t from, uint64_t to, bool whole, struct hash *out, size_t *n, struct err *err)
{
	if (m == to - from)
		return whole ? 0 : range_hash(mem, tx, from, to, &out[(*n)++], err);
	uint64_t k = split_of(to - from);
	if (m <= k) {
		if (subproof(mem, tx, m, from, from + k, whole, out, n, err) < 0)
			return -1;
		return range_hash(mem, tx, from + k, to, &out[(*n)++], err);
	}
	if (subproof(mem, tx, m - k, from + k, to, false, out, n, err) < 0)
		return -1;
	return range_hash(mem, tx, from, from + k, &out[(*n)++], err);
}

int consistency_proof(struct arena *mem, struct tx *tx, uint64_t old_size, uint64_t size, struct hash *out, size_t *n, struct err *err)
{
	*n = 0;
	if (old_size == 0 || old_size == size)
		return 0;
	return subproof(mem, tx, old_size, 0, size, true, out, n, err);
}
