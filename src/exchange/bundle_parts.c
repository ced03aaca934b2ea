#include "exchange/exchange_i.h"

/* What a bundle is made of, as bytes: the text of its manifest, then frames. One writer, one reader: what does not give the same bytes again is refused. */
#define HEAD "jisr-bundle/1\n"

struct str bundle_head_text(struct arena *mem, const struct bundle_head *h)
{
	return str_fmt(mem, HEAD "from " S_FMT "\nto " S_FMT "\nepoch %llu\nid " S_FMT "\ncreated " S_FMT "\n", S_ARG(h->from), S_ARG(h->to), (unsigned long long)h->epoch,
	    S_ARG(id_text(mem, h->id)), S_ARG(time_text(mem, h->created_ms)));
}

int bundle_head_read(struct arena *mem, struct str text, struct bundle_head *h, struct err *err)
{
	struct str rest = str_starts(text, STR(HEAD)) ? str_sub(text, sizeof HEAD - 1, text.n) : (struct str){ 0 };
	*h = (struct bundle_head){ .from = note_value(&rest, "from"), .to = note_value(&rest, "to") };
	bool good = str_u64(note_value(&rest, "epoch"), &h->epoch) == 0 && id_parse(note_value(&rest, "id"), &h->id) == 0 && time_parse(note_value(&rest, "created"), &h->created_ms) == 0;
	return good && h->from.n && h->to.n && str_eq(bundle_head_text(mem, h), text) ? 0 : err_say(err, ERR_FORMAT, N_("This is no bundle of messages."), NULL);
}

void bundle_part_put(struct buf *out, const struct bundle_part *p)
{
	buf_ch(out, p->answer ? 'a' : 'e');
	if (p->answer) {
		buf_u32(out, (uint32_t)(p->ids.n / 16));
		buf_put(out, p->ids.p, p->ids.n);
	} else {
		buf_u64(out, p->seen);
	}
	buf_str(out, p->body);
}

int bundle_part_read(struct str frame, struct bundle_part *p, struct err *err)
{
	struct reader r = reader_of(str_bytes(frame));
	uint8_t kind = get_u8(&r);
	*p = (struct bundle_part){ .answer = kind == 'a' };
	if (p->answer) {
		uint32_t n = get_u32(&r);
		p->ids = n <= ENVELOPES_MAX ? get_bytes(&r, (size_t)n * 16) : (struct bytes){ 0 };
	} else {
		p->seen = get_u64(&r);
	}
	if ((kind != 'a' && kind != 'e') || r.bad || (p->answer && !p->ids.n))
		return err_set(err, ERR_FORMAT, "a frame of a bundle that cannot be read");
	p->body = str_sub(frame, r.at, frame.n);
	return 0;
}
