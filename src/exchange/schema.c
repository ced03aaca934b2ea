#include "exchange/exchange.h"

/* The tables of the line. One row stays for each message that was ever sent or received, without its body. */
static const char *const TABLES[] = {
	"CREATE TABLE partner(name TEXT PRIMARY KEY, kind TEXT NOT NULL, url TEXT NOT NULL, node_key TEXT NOT NULL, log_key TEXT NOT NULL, witness_key TEXT NOT NULL,"
	" certificate BLOB NOT NULL, added INTEGER NOT NULL) STRICT",
	"CREATE INDEX partner_certificate ON partner(certificate)",
	"CREATE TABLE partner_line(partner TEXT PRIMARY KEY, seq_out INTEGER NOT NULL DEFAULT 0, prev_out BLOB, called INTEGER NOT NULL DEFAULT 0, tries INTEGER NOT NULL DEFAULT 0,"
	" head TEXT NOT NULL DEFAULT '', fork INTEGER NOT NULL DEFAULT 0, delivered INTEGER) STRICT",
	"CREATE TABLE outbox(id BLOB PRIMARY KEY, partner TEXT NOT NULL, kind TEXT NOT NULL, purpose TEXT NOT NULL, basis TEXT NOT NULL, handling TEXT NOT NULL, media TEXT NOT NULL,"
	" created INTEGER NOT NULL, expires INTEGER, agreement BLOB, digest BLOB NOT NULL, length INTEGER NOT NULL, wrapped BLOB, sealed BLOB, seq INTEGER, note TEXT,"
	" prev_digest BLOB, state INTEGER NOT NULL DEFAULT 0, tries INTEGER NOT NULL DEFAULT 0, next_try INTEGER NOT NULL DEFAULT 0, verdict TEXT, answered INTEGER) STRICT",
	"CREATE INDEX outbox_due ON outbox(partner, state, seq)",
	"CREATE TABLE inbox(partner TEXT NOT NULL, id BLOB NOT NULL, seq INTEGER NOT NULL, digest BLOB NOT NULL, prev BLOB NOT NULL, verdict TEXT NOT NULL, why TEXT NOT NULL,"
	" entry INTEGER NOT NULL, receipt TEXT, at INTEGER NOT NULL, PRIMARY KEY(partner, id)) STRICT",
	"CREATE INDEX inbox_seq ON inbox(partner, seq)",
	"CREATE TABLE held(partner TEXT NOT NULL, id BLOB NOT NULL, text TEXT NOT NULL, wrapped BLOB NOT NULL, sealed BLOB NOT NULL, at INTEGER NOT NULL,"
	" PRIMARY KEY(partner, id)) STRICT",
	"CREATE TABLE agreement(digest BLOB PRIMARY KEY, partner TEXT NOT NULL, text TEXT NOT NULL, ours TEXT NOT NULL, theirs TEXT NOT NULL, state TEXT NOT NULL,"
	" starts INTEGER NOT NULL, ends INTEGER NOT NULL) STRICT",
	/* next_try: of the line, after a call that failed; trouble: what it last failed of; epoch_in: of the partner, accepted; epoch_seen: waits for people; mends, mended_by: the
	   first of two persons who set the line right */
	"ALTER TABLE partner_line ADD COLUMN next_try INTEGER NOT NULL DEFAULT 0",
	"ALTER TABLE partner_line ADD COLUMN trouble TEXT NOT NULL DEFAULT ''",
	"ALTER TABLE partner_line ADD COLUMN epoch_in INTEGER NOT NULL DEFAULT 0",
	"ALTER TABLE partner_line ADD COLUMN epoch_seen INTEGER NOT NULL DEFAULT 0",
	"ALTER TABLE partner_line ADD COLUMN mends TEXT NOT NULL DEFAULT ''",
	"ALTER TABLE partner_line ADD COLUMN mended_by BLOB",
	"ALTER TABLE inbox ADD COLUMN epoch INTEGER NOT NULL DEFAULT 0",
	"DROP INDEX inbox_seq",
	"CREATE INDEX inbox_place ON inbox(partner, epoch, seq)",
	"ALTER TABLE outbox ADD COLUMN queued INTEGER NOT NULL DEFAULT 0",             /* the order of queueing: ids of one millisecond have none */
	"CREATE INDEX outbox_queued ON outbox(queued)",
	"CREATE INDEX outbox_next ON outbox(partner, state, queued)",
	"ALTER TABLE agreement ADD COLUMN halted INTEGER NOT NULL DEFAULT 0",          /* 1: by us, 2: by the partner */
	"ALTER TABLE partner ADD COLUMN age TEXT NOT NULL DEFAULT ''",
	"CREATE TABLE disclosed(message BLOB PRIMARY KEY, record BLOB NOT NULL) STRICT",               /* the disclosure that a message made */
	"CREATE TABLE notice_open(record BLOB PRIMARY KEY, arrived INTEGER NOT NULL, unit TEXT NOT NULL, alarmed INTEGER NOT NULL DEFAULT 0) STRICT",     /* notice_desk.c */
	"CREATE TABLE notice_seen(record BLOB NOT NULL, unit TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY(record, unit)) STRICT, WITHOUT ROWID",
	"CREATE TABLE notice_line(record BLOB NOT NULL, node TEXT NOT NULL, message BLOB NOT NULL, queued INTEGER NOT NULL, received INTEGER NOT NULL, PRIMARY KEY(record, node)) STRICT,"
	" WITHOUT ROWID",
	"CREATE INDEX notice_line_message ON notice_line(message)",
	"CREATE TABLE notice_told(teller TEXT NOT NULL, what TEXT NOT NULL, other TEXT NOT NULL, at INTEGER NOT NULL, told INTEGER NOT NULL, sent INTEGER NOT NULL) STRICT",
	"CREATE INDEX outbox_notice ON outbox(partner, state, queued) WHERE kind='notice'",
	"CREATE INDEX outbox_waiting ON outbox(partner, created) WHERE state IN (0, 1)",            /* what is counted on every page stays small */
	"CREATE TABLE disclosed_record(disclosure BLOB NOT NULL, record BLOB NOT NULL, node TEXT NOT NULL, PRIMARY KEY(disclosure, record)) STRICT, WITHOUT ROWID",      /* recall.c */
	"CREATE INDEX disclosed_record_of ON disclosed_record(record, node)",
	"CREATE TABLE erasure_owed(record BLOB NOT NULL, node TEXT NOT NULL, asked INTEGER NOT NULL, erased INTEGER NOT NULL, note TEXT NOT NULL, PRIMARY KEY(record, node)) STRICT,"
	" WITHOUT ROWID",
	"CREATE INDEX erasure_owed_asked ON erasure_owed(asked) WHERE erased=0",
	"CREATE TABLE erasure_note_due(record BLOB NOT NULL, node TEXT NOT NULL, cause TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY(record, node)) STRICT, WITHOUT ROWID",
	"CREATE TABLE read_there(record BLOB NOT NULL, node TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY(record, node)) STRICT, WITHOUT ROWID",
	"CREATE TABLE read_here(record BLOB NOT NULL, reader BLOB NOT NULL, PRIMARY KEY(record, reader)) STRICT, WITHOUT ROWID",
	"CREATE TABLE tombstone(mark BLOB PRIMARY KEY, at INTEGER NOT NULL, by_node TEXT NOT NULL) STRICT",
	/* bundles: the one that a message went into last; answers that go with the next one; those that were read */
	"ALTER TABLE outbox ADD COLUMN bundle INTEGER NOT NULL DEFAULT 0",
	"CREATE TABLE bundle_answer(n INTEGER PRIMARY KEY, partner TEXT NOT NULL, ids BLOB NOT NULL, body BLOB NOT NULL, at INTEGER NOT NULL) STRICT",
	"CREATE TABLE bundle_read(id BLOB PRIMARY KEY, partner TEXT NOT NULL, at INTEGER NOT NULL) STRICT",
	"CREATE TABLE agreement_draft(digest BLOB PRIMARY KEY, partner TEXT NOT NULL, text TEXT NOT NULL, theirs INTEGER NOT NULL, sent INTEGER NOT NULL DEFAULT 0, replaces BLOB, by BLOB,"
	" reviewed TEXT NOT NULL DEFAULT '', at INTEGER NOT NULL) STRICT",      /* draft.c */
	"CREATE TABLE agreement_purpose(digest BLOB NOT NULL, purpose TEXT NOT NULL, halted INTEGER NOT NULL, PRIMARY KEY(digest, purpose)) STRICT, WITHOUT ROWID",
	"CREATE TABLE letter_copy(letter BLOB NOT NULL, no INTEGER NOT NULL, disclosure BLOB NOT NULL, at INTEGER NOT NULL, PRIMARY KEY(letter, no)) STRICT, WITHOUT ROWID",
	"ALTER TABLE outbox ADD COLUMN why TEXT NOT NULL DEFAULT ''",                  /* of the verdict: the partner's word (went.c) */
	"CREATE INDEX disclosed_of ON disclosed(record)",
	"ALTER TABLE notice_line DROP COLUMN received",                                /* the outbox says it */
	"ALTER TABLE agreement ADD COLUMN since INTEGER NOT NULL DEFAULT 0",           /* when the second signature was there: of two that start on one day the later one stands */
	"CREATE TABLE channel_onward(record BLOB NOT NULL, made BLOB NOT NULL, at INTEGER NOT NULL, PRIMARY KEY(record, made)) STRICT, WITHOUT ROWID",      /* forward.c */
	"CREATE INDEX channel_onward_made ON channel_onward(made)",
	/* certificate.c: what comes after the pinned one, and when that ends; our own, newest last, and the message by which each partner is told */
	"CREATE TABLE partner_renewal(partner TEXT PRIMARY KEY, certificate BLOB NOT NULL, ends INTEGER NOT NULL) STRICT",
	"CREATE TABLE certificate_own(n INTEGER PRIMARY KEY, pin BLOB NOT NULL, note TEXT NOT NULL, turns INTEGER NOT NULL, turned INTEGER NOT NULL) STRICT",
	"CREATE TABLE certificate_told(partner TEXT PRIMARY KEY, message BLOB NOT NULL) STRICT",
	"CREATE TABLE partner_custody(partner TEXT NOT NULL, purpose TEXT NOT NULL, holder TEXT NOT NULL, order_no TEXT NOT NULL, since INTEGER NOT NULL, sealed INTEGER NOT NULL,"
	" PRIMARY KEY(partner, purpose)) STRICT, WITHOUT ROWID",      /* handed.c */
	"ALTER TABLE letter_copy ADD COLUMN back INTEGER NOT NULL DEFAULT 0",          /* when it came back, or was said to be lost */
	"ALTER TABLE letter_copy ADD COLUMN lost INTEGER NOT NULL DEFAULT 0",
	"CREATE TABLE opened_there(partner TEXT NOT NULL, record BLOB NOT NULL, type TEXT NOT NULL, reason TEXT NOT NULL, at INTEGER NOT NULL, until INTEGER NOT NULL,"
	" PRIMARY KEY(partner, record, at)) STRICT, WITHOUT ROWID",      /* opened.c */
};
const struct migrations EXCHANGE_MIGRATIONS = { "exchange", TABLES, COUNT(TABLES) };
