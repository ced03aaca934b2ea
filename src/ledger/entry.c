#include "ledger/ledger_i.h"

/* One entry: keys in the order of DESIGN 5, absent ones left out. Every value is an ASCII word of ours or base64, so nothing needs escaping
   but what the program itself got wrong: that is refused. */
#define TAGS_INLINE 16
#define MAC_BYTES 16

static const char *const WORDS[ACTS] = {
	[ACT_CREATE] = "create", [ACT_AMEND] = "amend", [ACT_MOVE] = "move", [ACT_PROPOSE] = "propose", [ACT_DECIDE] = "decide", [ACT_READ] = "read",
	[ACT_SEARCH] = "search", [ACT_EXPORT] = "export", [ACT_PRINT] = "print", [ACT_SEND] = "send", [ACT_RECEIVE] = "receive", [ACT_RECEIPT] = "receipt",
	[ACT_RECALL] = "recall", [ACT_ERASE] = "erase", [ACT_BREAKGLASS] = "breakglass", [ACT_FREEZE] = "freeze", [ACT_SEAL] = "seal", [ACT_CUSTODY] = "custody",
	[ACT_KEYS] = "keys", [ACT_REFUSE] = "refuse", [ACT_LOGIN] = "login", [ACT_LOGOUT] = "logout", [ACT_ACCOUNT] = "account", [ACT_AGREEMENT] = "agreement",
	[ACT_WITNESS] = "witness", [ACT_MATCH] = "match", [ACT_PUBLISH] = "publish", [ACT_BACKUP] = "backup", [ACT_RESTORE] = "restore", [ACT_SETTING] = "setting",
};

const char *act_word(enum act a)
{
	return WORDS[a < ACTS ? a : ACT_REFUSE];
}

static struct hash keyed(struct arena *mem, const uint8_t salt[32], const uint8_t x[16], const char *label, struct bytes m)
{
	struct buf b = buf_new(mem, m.n + 256);
	buf_z(&b, label);
	buf_u8(&b, 0);
	buf_put(&b, x, 16);
	buf_put(&b, m.p, m.n);
	return hmac_sha256(bytes_of(salt, 32), buf_bytes(&b));
}

struct str entry_tag(struct arena *mem, const uint8_t salt[32], const uint8_t x[16], const char *label, struct bytes m)
{
	struct hash h = keyed(mem, salt, x, label, m);
	return base64(mem, bytes_of(h.b, MAC_BYTES));
}

static bool word_good(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((uint8_t)s.p[i] <= ' ' || (uint8_t)s.p[i] >= 0x7f || s.p[i] == '"' || s.p[i] == '\\')
			return false;
	return true;
}

static void put_word(struct buf *b, bool *bad, const char *key, struct str value)
{
	if (!value.n)
		return;
	*bad = *bad || !word_good(value);
	buf_fmt(b, ",\"%s\":\"", key);
	buf_str(b, value);
	buf_ch(b, '"');
}

static int tag_cmp(const void *a, const void *b)
{
	return memcmp(a, b, MAC_BYTES);
}

/* Up to 16 tags stand in the line; more are a list beside it, and the line has the root over it. */
static void put_tags(struct arena *mem, struct buf *b, const struct entry *e, const uint8_t x[16], struct bytes *list)
{
	uint8_t *tags = arena_array(mem, e->nsubjects + 1, MAC_BYTES);
	for (size_t i = 0; i < e->nsubjects; i++) {
		struct hash h = keyed(mem, e->subjects[i].salt, x, "tag", (struct bytes){ 0 });
		memcpy(tags + i * MAC_BYTES, h.b, MAC_BYTES);
	}
	qsort(tags, e->nsubjects, MAC_BYTES, tag_cmp);
	if (e->nsubjects > TAGS_INLINE) {
		struct hash *leaves = NEW_ARRAY(mem, struct hash, e->nsubjects);
		for (size_t i = 0; i < e->nsubjects; i++)
			leaves[i] = leaf_hash(bytes_of(tags + i * MAC_BYTES, MAC_BYTES));
		struct hash root = merkle_root(leaves, e->nsubjects);
		*list = bytes_of(tags, e->nsubjects * MAC_BYTES);
		buf_fmt(b, ",\"tagroot\":\"" S_FMT "\"", S_ARG(base64(mem, bytes_of(root.b, HASH_BYTES))));
		return;
	}
	for (size_t i = 0; i < e->nsubjects; i++)
		buf_fmt(b, "%s\"" S_FMT "\"", i ? "," : ",\"tags\":[", S_ARG(base64(mem, bytes_of(tags + i * MAC_BYTES, MAC_BYTES))));
	if (e->nsubjects)
		buf_ch(b, ']');
}

int entry_line(struct arena *mem, const struct ledger *l, const struct entry *e, int64_t t_ms, const uint8_t x[16], struct str *line, struct bytes *tags,
    struct err *err)
{
	struct buf b = buf_new(mem, ENTRY_MAX);
	bool bad = false;
	*tags = (struct bytes){ 0 };
	buf_fmt(&b, "{\"v\":1,\"t\":\"" S_FMT "\"", S_ARG(time_text(mem, t_ms)));
	put_word(&b, &bad, "node", l->node);
	put_word(&b, &bad, "x", base64(mem, bytes_of(x, 16)));
	if (!id_none(e->actor))
		put_word(&b, &bad, "actor", entry_tag(mem, l->account_salt, x, "actor", bytes_of(e->actor.b, 16)));
	put_word(&b, &bad, "role", e->role);
	put_word(&b, &bad, "act", str_of(act_word(e->act)));
	put_word(&b, &bad, "type", e->type);
	if (!id_none(e->record) && e->record_salt)
		put_word(&b, &bad, "rec", entry_tag(mem, e->record_salt, x, "rec", bytes_of(e->record.b, 16)));
	if (e->version)
		buf_fmt(&b, ",\"ver\":%llu", (unsigned long long)e->version);
	put_word(&b, &bad, "move", e->move);
	put_word(&b, &bad, "purpose", e->purpose);
	put_word(&b, &bad, "basis", e->basis);
	put_word(&b, &bad, "fields", e->fields);
	uint64_t n = e->nsubjects ? e->nsubjects : e->count;
	if (n)
		buf_fmt(&b, ",\"n\":%llu", (unsigned long long)n);
	put_word(&b, &bad, "to", e->to);
	put_word(&b, &bad, "refused", e->refused);
	put_tags(mem, &b, e, x, tags);
	if (e->body.n && e->record_salt)
		put_word(&b, &bad, "body", entry_tag(mem, e->record_salt, x, "body", e->body));
	buf_ch(&b, '}');
	*line = buf_text(&b);
	return bad || b.full ? err_set(err, ERR_FAULT, "an entry with a value that may not stand in the log") : 0;
}
