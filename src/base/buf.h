#ifndef BASE_BUF_H
#define BASE_BUF_H
/* A growing buffer inside an arena, and a bounded reader of hostile bytes.
   buf: always NUL-terminated one past n (not counted). Past its limit it stops growing and `full` stays set.
   reader: failure is sticky; every get after a failure gives zero; the end must be exact (reader_done). */
#include "base/arena.h"

struct buf { struct arena *mem; char *p; size_t n, cap, limit; bool full; };

struct buf buf_new(struct arena *, size_t limit_bytes);
void buf_put(struct buf *, const void *, size_t);
void buf_str(struct buf *, struct str);
void buf_z(struct buf *, const char *);
void buf_ch(struct buf *, char);
void buf_fmt(struct buf *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_u8(struct buf *, uint8_t);
void buf_u16(struct buf *, uint16_t);                  /* big endian, as all of ours */
void buf_u32(struct buf *, uint32_t);
void buf_u64(struct buf *, uint64_t);
void buf_sized(struct buf *, struct bytes);            /* u32 length, then the bytes */
struct str buf_text(const struct buf *);
struct bytes buf_bytes(const struct buf *);

struct reader { const uint8_t *p; size_t n, at; bool bad; };

struct reader reader_of(struct bytes);
uint8_t get_u8(struct reader *);
uint16_t get_u16(struct reader *);
uint32_t get_u32(struct reader *);
uint64_t get_u64(struct reader *);
struct bytes get_bytes(struct reader *, size_t n);
struct bytes get_sized(struct reader *, size_t max);   /* u32 length, then the bytes */
void get_into(struct reader *, void *out, size_t n);
struct str get_line(struct reader *, size_t max);      /* up to and without the LF, which must be there */
bool reader_done(const struct reader *);               /* no failure and nothing left */
#endif
