#include "base/jpeg.h"
#include "base/buf.h"

enum marker { SOI = 0xd8, EOI = 0xd9, SOS = 0xda, DQT = 0xdb, DHT = 0xc4, DRI = 0xdd, SOF0 = 0xc0, SOF1 = 0xc1, SOF2 = 0xc2, APP0 = 0xe0, APP15 = 0xef, COM = 0xfe, RST0 = 0xd0, RST7 = 0xd7 };

static int wrong(struct err *err)
{
	return err_set(err, ERR_FORMAT, "this is no JPEG photograph that can be kept");
}

static bool is_frame(uint8_t m)
{
	return m == SOF0 || m == SOF1 || m == SOF2;
}

/* Precision 8, one or three components, a size that a phone's camera has. */
static bool frame_fits(struct bytes body)
{
	struct reader r = reader_of(body);
	uint8_t precision = get_u8(&r);
	uint16_t high = get_u16(&r), wide = get_u16(&r);
	uint8_t components = get_u8(&r);
	return !r.bad && precision == 8 && high > 0 && wide > 0 && high <= JPEG_SIDE_MAX && wide <= JPEG_SIDE_MAX && (components == 1 || components == 3) && body.n == 6u + 3u * components;
}

/* The coded picture after a scan's head: up to the next marker that is neither a stuffed byte nor a restart. */
static void scan_copy(struct reader *r, struct buf *b)
{
	size_t from = r->at;
	while (r->at + 1 < r->n) {
		uint8_t next = r->p[r->at + 1];
		if (r->p[r->at] == 0xff && next != 0 && !(next >= RST0 && next <= RST7))
			break;
		r->at += r->p[r->at] == 0xff ? 2 : 1;
	}
	buf_put(b, r->p + from, r->at - from);
}

static uint8_t marker_next(struct reader *r)
{
	if (get_u8(r) != 0xff)
		r->bad = true;
	uint8_t m = get_u8(r);
	while (!r->bad && m == 0xff)             /* fill bytes */
		m = get_u8(r);
	return m;
}

static bool kept(uint8_t m)
{
	return m == DQT || m == DHT || m == DRI || m == SOS || is_frame(m);
}

static void segment_put(struct buf *b, uint8_t m, struct bytes body)
{
	buf_u8(b, 0xff);
	buf_u8(b, m);
	buf_u16(b, (uint16_t)(body.n + 2));
	buf_put(b, body.p, body.n);
}

int jpeg_strip(struct arena *mem, struct bytes in, struct bytes *out, struct err *err)
{
	static const uint8_t BEGIN[] = { 0xff, SOI }, END[] = { 0xff, EOI };
	struct reader r = reader_of(in);
	struct buf b = buf_new(mem, in.n + 16);
	bool frame = false, scan = false;
	if (get_u8(&r) != 0xff || get_u8(&r) != SOI)
		return wrong(err);
	buf_put(&b, BEGIN, sizeof BEGIN);
	for (;;) {
		uint8_t m = marker_next(&r);
		if (r.bad)
			return wrong(err);
		if (m == EOI)
			break;
		uint16_t length = get_u16(&r);
		struct bytes body = length < 2 ? (struct bytes){ 0 } : get_bytes(&r, (size_t)length - 2);
		bool left_out = (m >= APP0 && m <= APP15) || m == COM;
		if (r.bad || length < 2 || (!left_out && !kept(m)) || (is_frame(m) && (frame || !frame_fits(body))) || (m == SOS && !frame))
			return wrong(err);
		frame = frame || is_frame(m);
		scan = scan || m == SOS;
		if (!left_out)
			segment_put(&b, m, body);
		if (m == SOS)
			scan_copy(&r, &b);
	}
	if (!frame || !scan)
		return wrong(err);
	buf_put(&b, END, sizeof END);
	*out = buf_bytes(&b);
	return b.full ? wrong(err) : 0;
}
